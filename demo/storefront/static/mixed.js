// One list drawn from both orders in turn: what is clicked says which order is liked better.
import { html, useState } from "./vendor/preact-htm.js";
import { useAnswer } from "./answer.js";
import { clicked } from "./events.js";
import { Failed, Notice, Nothing } from "./notices.js";
import { Picture } from "./product_card.js";
import { count, price } from "./words.js";

const TEAMS = { engine: "the engine's", endcap: "endcap's", both: "both" };

export function Mixed({ state, go, shop }) {
  const found = useAnswer("/api/interleaved", { q: state.q, page: state.page });
  const told = useAnswer("/api/interleaving", {});
  const [picked, setPicked] = useState(new Set());
  const [shown, setShown] = useState(false);
  if (found.trouble && !found.busy) return html`<main id="main"><${Failed} ...${found} go=${go} /></main>`;
  if (!found.answer) return html`<main id="main" aria-busy="true"></main>`;
  const { hits } = found.answer;
  if (!hits.length) return html`<main id="main"><${Nothing} state=${state} go=${go} /></main>`;
  const pick = (hit, index) => {
    setPicked(new Set([...picked, hit.id]));
    clicked(shop, found.answer, { ...hit, rank: hit.rank ?? index + 1 }, "mixed", hit.team ? { team: hit.team } : {});
    setTimeout(told.again, 300);
  };
  return html`<main id="main" class="mixed">
    <div class="summary">
      <h1 class="unseen">Both orders of ${state.q} in one list</h1>
      <p class="said" role="status">${hits.length} products, drawn from both orders in turn. Click what you would look at.</p>
    </div>
    ${told.answer && html`<${Score} score=${told.answer} />`}
    <div class="controls">
      <button type="button" class="toggle" aria-pressed=${String(shown)} onClick=${() => setShown(!shown)}>${shown ? "Hide whose is whose" : "Show whose is whose"}</button>
    </div>
    <ol class="tiles">
      ${hits.map((hit, index) => html`<li key=${hit.id} class=${`tile${picked.has(hit.id) ? " picked" : ""}`}>
          <button type="button" aria-pressed=${String(picked.has(hit.id))} onClick=${() => pick(hit, index)}>
            <${Picture} hit=${hit} />
            <b>${hit.title || hit.id}</b>
            <span>${hit.brand} <span class="price">${price(hit.price)}</span></span>
            ${shown && hit.team && html`<i class=${`team of-${hit.team}`}>${TEAMS[hit.team] ?? hit.team}</i>`}
          </button>
        </li>`)}
    </ol>
  </main>`;
}

function Score({ score }) {
  const clear = score.decided ? `Enough was seen: ${score.decided === "engine" ? "the engine's order" : "endcap's order"} is liked better.` : "Not enough was seen to say which order is liked better.";
  return html`<${Notice} head=${score.queries ? clear : "No clicks yet"}
    text=${`${count(score.queries)} searches with clicks: endcap's order won ${count(score.wins)}, the engine's ${count(score.losses)}, ${count(score.ties)} tied.`}
    detail=${score.simulated ? "These clicks are simulated: no person made them." : null} />`;
}
