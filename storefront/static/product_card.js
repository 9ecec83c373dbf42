// One product in one column: its place, what it is, how far it has come, and (when opened) why.
import { html } from "./vendor/preact-htm.js";
import { Link } from "./address.js";
import { Reasons } from "./reasons.js";
import { places, price, way } from "./words.js";

export function ProductCard({ hit, column, page, open, marked, onOpen, onHighlight, state, go, grades, alone }) {
  const id = `${column}-${hit.rank}`;
  const highlight = () => onHighlight(hit.id);
  const release = () => onHighlight(null);
  return html`<li id=${id} class=${`card ${column}${marked ? " marked" : ""}${open ? " open" : ""}`} data-product=${hit.id}
    onMouseEnter=${highlight} onMouseLeave=${release} onFocusIn=${highlight} onFocusOut=${release}>
    <span class=${`rank${hit.rank > 99 ? " long" : ""}`}><span class="unseen">Place </span>${hit.rank}</span>
    <${Picture} hit=${hit} />
    <div class="what">
      <h3>
        <button type="button" class="title" aria-expanded=${String(open)} aria-controls=${open ? `${id}-why` : undefined}
          onClick=${() => onOpen(hit)}>${hit.title || hit.id}</button>
      </h3>
      <p class="facts">
        ${hit.brand && html`<span>${hit.brand}</span>`}
        ${hit.price !== null && html`<span class="price">${price(hit.price)}</span>`}
        <${Grade} grade=${hit.grade} grades=${grades} />
      </p>
      ${!alone && html`<${Movement} hit=${hit} column=${column} page=${page} state=${state} go=${go} onHighlight=${onHighlight} />`}
    </div>
    ${open && html`<${Reasons} id=${`${id}-why`} ...${{ hit, column, page, state, go }} />`}
  </li>`;
}

export function Picture({ hit }) {
  return hit.picture
    ? html`<img class="picture" src=${hit.picture} alt="" width="72" height="72" loading="lazy" decoding="async" />`
    : html`<span class="picture none" aria-hidden="true">${(hit.title || hit.id).slice(0, 1)}</span>`;
}

/** What people say of this product for this search, where they have said something. */
export function Grade({ grade, grades }) {
  if (grade === null || grade === undefined) return null;
  const near = Math.max(0, Math.ceil(grade - 0.5));  // a rating of a finer scale lies between two
  const dots = [1, 2, 3].map((step) => html`<i class=${step <= near ? "full" : ""}></i>`);
  const words = near === grade ? grades[grade] : `${grades[near]} (${grade.toFixed(2)})`;
  return html`<span class=${`grade g${near}`}><span class="dots" aria-hidden="true">${dots}</span>${words ?? grade}</span>`;
}

const SIGNS = { up: "▲", down: "▼", same: "=", new: "+" };

/** How far a product has moved, and the way to its twin in the other column. */
function Movement({ hit, column, page, state, go, onHighlight }) {
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
