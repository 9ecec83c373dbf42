// How far a product has moved, and the way to its twin in the other column.
import { html } from "./vendor/preact-htm.js";
import { Link } from "./address.js";
import { places, way } from "./words.js";

const SIGNS = { up: "▲", down: "▼", same: "=", new: "+" };

export function Movement({ hit, column, page, state, go, onHighlight }) {
  const direction = way(hit, column);
  const other = column === "engine" ? "endcap" : "engine";
  return html`<p class=${`moved ${direction}`}>
    <span class="how"><span aria-hidden="true">${SIGNS[direction]}</span> ${how(hit, direction, column)}</span>
    ${(direction === "up" || direction === "down") && html`<${Twin} ...${{ hit, other, page, state, go, onHighlight }} />`}
  </p>`;
}

function how(hit, direction, column) {
  if (direction === "same") return "same place";
  if (direction === "new") return column === "engine" ? "not among those endcap looked at" : "not among the engine's best";
  const far = places(Math.abs(hit.rank - hit.other_rank));
  return column === "engine" ? `goes ${direction} ${far}` : `moved ${direction} ${far}`;
}

/** To the twin: on this page it is shown and gets the focus; elsewhere, a link to its page. */
function Twin({ hit, other, page, state, go, onHighlight }) {
  const place = hit.other_rank;
  const word = other === "endcap" ? "to" : "from";
  const otherPage = Math.ceil(place / page.size);
  if (otherPage === page.page) {
    const show = () => showTwin(other, place, hit.id, onHighlight);
    return html`<button type="button" class="twin" onClick=${show}>${word} ${place}<span class="unseen">: show it there</span></button>`;
  }
  return html`<${Link} class="twin" state=${state} go=${go} to=${{ page: otherPage, product: hit.id, at: other }}>${word} ${place}, on page ${otherPage}<//>`;
}

function showTwin(column, place, id, onHighlight) {
  // on a phone the other column is behind a tab
  document.getElementById(`tab-${column}`)?.click();
  requestAnimationFrame(() => {
    const card = document.getElementById(`${column}-${place}`);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    card?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    card?.querySelector(".title").focus({ preventScroll: true });
    onHighlight(id);
  });
}
