// How much the engine counts and how much the model: as it was learnt, or a weight from 0 to 1.
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const SETTLE_MS = 120;

export function Blend({ state, go, shop }) {
  const own = state.blend === "model";
  const weight = own ? (shop.model.weight ?? 0.5) : Number(state.blend);
  const [at, setAt] = useState(weight);
  const settle = useRef(0);
  useEffect(() => setAt(weight), [weight]);
  // one entry in the history for a whole drag: the first step makes it, the others change it
  const move = (event) => {
    const value = Number(event.target.value);
    setAt(value);
    clearTimeout(settle.current);
    settle.current = setTimeout(() => go({ blend: String(value), product: "" }, { replace: !own }), SETTLE_MS);
  };
  const description = own ? "the model's own blend" : `${Math.round(at * 100)} % meaning, ${Math.round(100 - at * 100)} % engine`;
  return html`<div class=${`blend${own ? " own" : ""}`}>
    <label for="blend">What counts</label>
    <div class="scale">
      <span aria-hidden="true">words</span>
      <input id="blend" type="range" min="0" max="1" step="0.05" value=${at} onInput=${move} aria-valuetext=${description} />
      <span aria-hidden="true">meaning</span>
    </div>
    <button type="button" class="toggle" aria-pressed=${String(own)} onClick=${() => go({ blend: own ? String(at) : "model" })}
      title=${shop.model.blend === "learnt" ? "What was learnt from judged searches" : "The weight that the model was made with"}>
      ${own ? "As the model has it" : `${at.toFixed(2)} · back to the model's own`}
    </button>
  </div>`;
}

/** Both orders, or endcap's alone. */
export function Switch({ state, go }) {
  const both = state.columns === "both";
  return html`<div class="switch" role="group" aria-label="Columns">
    <button type="button" aria-pressed=${String(both)} onClick=${() => go({ columns: "both" })}>Both orders</button>
    <button type="button" aria-pressed=${String(!both)} onClick=${() => go({ columns: "endcap" })}>endcap's only</button>
  </div>`;
}
