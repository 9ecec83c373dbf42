// One product in one column: its place, what it is, how far it has come, and (when opened) why.
import { html } from "./vendor/preact-htm.js";
import { Movement } from "./movement.js";
import { Reasons } from "./reasons.js";
import { price } from "./words.js";

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
  const dots = [1, 2, 3].map((step) => html`<i class=${step <= grade ? "full" : ""}></i>`);
  return html`<span class=${`grade g${grade}`}><span class="dots" aria-hidden="true">${dots}</span>${grades[grade] ?? grade}</span>`;
}
