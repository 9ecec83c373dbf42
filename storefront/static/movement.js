// How far a product has moved, and the way to its twin in the other column.
import { html } from "./vendor/preact-htm.js";
import { Link } from "./address.js";
import { places, way } from "./words.js";

const SIGNS = { up: "▲", down: "▼", same: "=", new: "+" };

export function Movement({ hit, column, page, state, go, onMark }) {
  const moved = way(hit, column);
  const other = column === "engine" ? "endcap" : "engine";
  return html`<p class=${`moved ${moved}`}>
    <span class="how"><span aria-hidden="true">${SIGNS[moved]}</span> ${how(hit, moved, column)}</span>
    ${moved === "same" ? null : html`<${Twin} ...${{ hit, other, page, state, go, onMark }} />`}
  </p>`;
}

function how(hit, moved, column) {
  if (moved === "same") return "same place";
  if (moved === "new") return column === "engine" ? "not among those endcap looked at" : "not among the engine's best";
  const far = places(Math.abs(hit.rank - hit.other_rank));
  return column === "engine" ? `goes ${moved} ${far}` : `moved ${moved} ${far}`;
}

/** To the twin: on this page it is shown and gets the focus; elsewhere, a link to its page. */
function Twin({ hit, other, page, state, go, onMark }) {
  const place = hit.other_rank;
  if (place === null) return null;
  const word = other === "endcap" ? "to" : "from";
  const there = Math.ceil(place / page.size);
  if (there === page.page) {
    const show = () => showTwin(other, place, hit.id, onMark);
    return html`<button type="button" class="twin" onClick=${show}>${word} ${place}<span class="unseen">: show it there</span></button>`;
  }
  return html`<${Link} class="twin" state=${state} go=${go} to=${{ page: there, product: hit.id, at: other }}>${word} ${place}, on page ${there}<//>`;
}

function showTwin(column, place, id, onMark) {
  // on a phone the other column is behind a tab
  document.getElementById(`tab-${column}`)?.click();
  requestAnimationFrame(() => {
    const card = document.getElementById(`${column}-${place}`);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    card?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    card?.querySelector(".title").focus({ preventScroll: true });
    onMark(id);
  });
}
