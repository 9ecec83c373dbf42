// What the results can be narrowed by: the engine's counts, over all that matches.
import { html, useEffect, useState } from "./vendor/preact-htm.js";
import { chosenCount, UNCHOSEN } from "./address.js";
import { count } from "./words.js";

const HEADS = { brand: "Brand", category: "Category", price: "Price" };
const SHOWN = 6;

export function Facets({ state, go, facets }) {
  return html`<div class="facets" role="group" aria-label="Narrow the results">
    ${Object.entries(facets).map(([name, values]) =>
      name === "price"
        ? html`<${Prices} key=${name} state=${state} go=${go} values=${values} />`
        : html`<${Values} key=${name} name=${name} state=${state} go=${go} values=${values} />`,
    )}
    ${chosenCount(state) > 0 && html`<button type="button" class="quiet" onClick=${() => go({ ...UNCHOSEN, page: 1 })}>Show everything again</button>`}
  </div>`;
}

function Values({ name, state, go, values }) {
  const [all, setAll] = useState(false);
  // a value that was chosen stays in sight, also where it is rare or (with another filter) gone
  const gone = state[name].filter((value) => !values.some((option) => option.value === value));
  const every = [...values, ...gone.map((value) => ({ value, count: 0 }))];
  const shown = every.filter((option, number) => all || number < SHOWN || state[name].includes(option.value));
  if (!every.length) return null;
  const toggle = (value) => {
    const others = state[name].filter((other) => other !== value);
    go({ [name]: others.length < state[name].length ? others : [...others, value], page: 1, product: "" });
  };
  return html`<fieldset>
    <legend>${HEADS[name] ?? name}</legend>
    ${shown.map((option) => html`<${Choice} key=${option.value} type="checkbox" name=${name} value=${option.value} count=${option.count}
        label=${name === "category" ? leaf(option.value) : option.value} hint=${option.value}
        checked=${state[name].includes(option.value)} onChange=${() => toggle(option.value)} />`)}
    ${every.length > SHOWN &&
    html`<button type="button" class="quiet" aria-expanded=${String(all)} onClick=${() => setAll(!all)}>
      ${all ? "Fewer" : `${every.length - SHOWN} more`}
    </button>`}
  </fieldset>`;
}

function Prices({ state, go, values }) {
  const choose = (value) => go({ price: value, page: 1, product: "" });
  const known = values.some((option) => option.value === state.price);
  if (!values.length && !state.price) return null;
  return html`<fieldset>
    <legend>Price</legend>
    <${Choice} type="radio" name="price" label="Any price" checked=${!state.price} onChange=${() => choose("")} />
    ${state.price && !known &&
    html`<${Choice} type="radio" name="price" label=${range(state.price)} count=${0} checked onChange=${() => undefined} />`}
    ${values.map((option) => html`<${Choice} key=${option.value} type="radio" name="price" label=${range(option.value)} count=${option.count}
        value=${option.value} checked=${option.value === state.price} onChange=${() => choose(option.value)} />`)}
    <${OwnRange} price=${state.price} choose=${choose} />
  </fieldset>`;
}

/** A range of one's own; either end may be left open. */
function OwnRange({ price, choose }) {
  const [ends, setEnds] = useState(["", ""]);
  useEffect(() => setEnds([...price.split("-"), ""].slice(0, 2)), [price]);
  const set = (event) => {
    event.preventDefault();
    const [low, high] = ends;
    const upper = event.target.elements[1];
    upper.setCustomValidity(low && high && Number(high) <= Number(low) ? "The second price should be the higher one." : "");
    if (upper.reportValidity()) choose(low || high ? `${decimal(low)}-${decimal(high)}` : "");
  };
  const end = (at, name, word) => html`<label><span class="unseen">${name}</span><span aria-hidden="true">${word}</span>
    <input type="number" min="0" max="999999999" step="any" inputmode="decimal" value=${ends[at]}
      onInput=${(event) => (event.target.form.elements[1].setCustomValidity(""), setEnds(at ? [ends[0], event.target.value] : [event.target.value, ends[1]]))} />
  </label>`;
  return html`<form class="range" onSubmit=${set} aria-label="A price range of your own">
    ${end(0, "Lowest price", "from")} ${end(1, "Price below", "to")}
    <button type="submit" class="toggle">Set</button>
  </form>`;
}

/** A number as the API reads it: no exponent, six decimals at most. */
const decimal = (text) => (text === "" ? "" : String(Number(Number(text).toFixed(6))));

function Choice({ label, hint, count: number, ...input }) {
  return html`<label class="choice" title=${hint}>
    <input ...${input} /><span>${label}</span>${number !== undefined && html`<small>${count(number)}</small>`}
  </label>`;
}

const leaf = (path) => path.split(" > ").pop();

function range(value) {
  const [low, high] = value.split("-");
  if (!low || low === "0") return `up to ${high}`;
  return high ? `${low} to ${high}` : `${low} and more`;
}
