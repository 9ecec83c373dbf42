// The way to the other pages of a search.
import { html } from "./vendor/preact-htm.js";
import { Link } from "./address.js";

const SIZES = [10, 20, 50];

export function Paging({ state, go, page, sizes = true }) {
  if (page.total <= SIZES[0]) return null;
  const to = (number) => ({ state, go, to: { page: number, product: "" }, onFollow: toTheTop });
  return html`<nav class="paging" aria-label="Pages">
    ${page.page > 1 ? html`<${Link} ...${to(page.page - 1)} rel="prev">Previous<//>` : html`<span>Previous</span>`}
    <ol>
      ${numbers(page.page, page.pages).map((number, at) =>
        number === null
          ? html`<li key=${`gap ${at}`} aria-hidden="true">…</li>`
          : html`<li key=${number}>
              <${Link} ...${to(number)} aria-label=${`Page ${number}`} aria-current=${number === page.page ? "page" : undefined}>${number}<//>
            </li>`,
      )}
    </ol>
    ${page.page < page.pages ? html`<${Link} ...${to(page.page + 1)} rel="next">Next<//>` : html`<span>Next</span>`}
    ${sizes && html`<ul class="sizes">
      ${SIZES.map((size) => html`<li key=${size}>
          <${Link} state=${state} go=${go} to=${{ size, page: 1, product: "" }} aria-label=${`${size} on a page`}
            aria-current=${size === page.size ? "true" : undefined}>${size}<//>
        </li>`)}
      <li>on a page</li>
    </ul>`}
  </nav>`;
}

/** To where the new page begins, with the keyboard as well: what was pressed stands below it. */
function toTheTop() {
  scrollTo({ top: 0 });
  const main = document.getElementById("main");
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
}

/** The first, the last, and those around this one; null where some are left out. */
function numbers(here, last) {
  const wanted = [1, here - 1, here, here + 1, last].filter((number) => number >= 1 && number <= last);
  const sorted = [...new Set(wanted)].sort((one, other) => one - other);
  return sorted.flatMap((number, at) => (at && number - sorted[at - 1] > 1 ? [null, number] : [number]));
}
