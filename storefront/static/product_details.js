// What the shop says of a product beyond its title.
import { html } from "./vendor/preact-htm.js";
import { useAnswer } from "./answer.js";

export function ProductDetails({ hit }) {
  const { answer: product } = useAnswer("/api/product", { id: hit.id });
  if (!product) return null;
  const attributes = Object.entries(product.attributes);
  return html`${product.description && html`<p class="description">${product.description}</p>`}
    ${attributes.length > 0 && html`<dl class="attributes">${attributes.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}`;
}
