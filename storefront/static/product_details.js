// What the shop says of a product beyond its title.
import { html } from "./vendor/preact-htm.js";
import { useAnswer } from "./answer.js";

export function ProductDetails({ hit }) {
  const { answer: product } = useAnswer("/api/product", { id: hit.id });
  if (!product) return null;
  return html`${product.description && html`<p class="description">${product.description}</p>`}
    ${product.attributes && html`<${Attributes} attributes=${product.attributes} />`}`;
}

function Attributes({ attributes }) {
  const entries = Object.entries(attributes);
  if (!entries.length) return null;
  return html`<dl class="attributes">${entries.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
