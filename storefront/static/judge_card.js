// A product to grade: what a shopper would see of it, and a button for each grade.
import { html } from "./vendor/preact-htm.js";
import { Picture } from "./product_card.js";
import { ProductDetails } from "./product_details.js";
import { price } from "./words.js";

export function JudgeCard({ id, hit, words, given, current, onGrade, onPick }) {
  return html`<li id=${id} data-product=${hit.id} class=${`card judging${current ? " current" : ""}${given === undefined ? "" : " given"}`}
    aria-current=${current ? "true" : undefined} onClick=${onPick}>
    <${Picture} hit=${hit} />
    <div class="what">
      <h2>${hit.title || hit.id}</h2>
      <p class="facts">
        ${hit.brand && html`<span>${hit.brand}</span>`}
        ${hit.category && html`<span>${hit.category}</span>`}
        ${hit.price !== null && html`<span class="price">${price(hit.price)}</span>`}
      </p>
    </div>
    <div class="grades" role="group" aria-label=${`Grade of ${hit.title || hit.id}`}>
      ${words.map((word, grade) => html`<button key=${grade} type="button" class=${`g${grade}`} aria-pressed=${String(given === grade)}
          onClick=${(event) => (event.stopPropagation(), onGrade(grade))}><kbd aria-hidden="true">${grade}</kbd> ${word}</button>`)}
    </div>
    ${current && html`<${ProductDetails} hit=${hit} />`}
  </li>`;
}
