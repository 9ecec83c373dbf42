// The two orders side by side; on a narrow page, behind tabs.
import { html, useLayoutEffect, useRef, useState } from "./vendor/preact-htm.js";
import { useMedia } from "./answer.js";
import { useGlide } from "./glide.js";
import { Ties } from "./ties.js";
import { ProductCard } from "./product_card.js";
import { measured, ms, signed } from "./words.js";

const HEADS = {
  engine: { name: "The engine's order", what: "It matches words." },
  endcap: { name: "endcap's order", what: "It asks what was meant." },
};

/** `blend` is that of the page's search; the address may be ahead of it. */
export function Columns({ page, state, go, shop, blend, onClick }) {
  const narrow = useMedia("(max-width: 759px)");
  const [tab, setTab] = useState("endcap");
  const [highlight, setHighlight] = useState(null);
  const frame = useRef(null);
  const alone = state.columns === "endcap";
  useGlide(frame, page, state.columns);
  useLayoutEffect(() => setHighlight(null), [page]);
  const shown = alone ? ["endcap"] : ["engine", "endcap"];
  const opened = state.product;
  const at = opened && columnOf(page, opened, shown, state.at);
  const open = (hit, column) => {
    const close = opened === hit.id && at === column;
    if (!close) onClick?.(hit, column);
    go({ product: close ? "" : hit.id, at: column }, { replace: true });
  };
  useLayoutEffect(() => {
    // a link to a product, on this page or from another: it is what is to be seen first
    if (!at) return;
    setTab(at);
    requestAnimationFrame(() => frame.current?.querySelector(".card.open")?.scrollIntoView({ block: "nearest" }));
  }, [page]);
  const tabbed = narrow && !alone;
  return html`<div class=${`columns${alone ? " alone" : ""}`} ref=${frame}>
    ${tabbed && html`<${Tabs} tab=${tab} setTab=${setTab} />`}
    ${shown.map((column) => html`<section key=${column} data-column=${column} class=${`column of-${column}`} hidden=${tabbed && tab !== column}
        ...${tabbed ? { role: "tabpanel", id: `panel-${column}`, "aria-labelledby": `tab-${column}` } : { "aria-labelledby": `head-${column}` }}>
        <${Head} column=${column} page=${page} tabbed=${tabbed} blend=${blend} />
        <ol start=${(page.page - 1) * page.size + 1}>
          ${page.columns[column].map((hit) => html`<${ProductCard} key=${hit.id} ...${{ hit, column, page, state, go, alone }}
              open=${opened === hit.id && at === column} marked=${(highlight ?? opened) === hit.id} grades=${shop.grades}
              onOpen=${(which) => open(which, column)} onHighlight=${setHighlight} />`)}
        </ol>
      </section>`)}
    ${!alone && !narrow && html`<${Ties} frame=${frame} page=${page} marked=${highlight ?? opened} opened=${opened} />`}
  </div>`;
}

/** The column in which an opened product is shown open: the one that the address names, if the product is there. */
function columnOf(page, id, shown, wanted) {
  const holds = (column) => shown.includes(column) && page.columns[column].some((hit) => hit.id === id);
  return holds(wanted) ? wanted : shown.find(holds);
}

const ENDS = { 0: "By words alone, as the engine has it.", 1: "By meaning alone." };

function Head({ column, page, tabbed, blend }) {
  const { name } = HEADS[column];
  const what = (column === "endcap" && ENDS[blend]) || HEADS[column].what;
  const isRanked = column === "engine" || page.rerank.status === "reranked" || page.rerank.status === "partial";
  const took = column === "engine" ? ms(page.took.engine_ms) : `${ms(page.took.added_ms)} more`;
  return html`<header>
    <h2 id=${`head-${column}`} class=${tabbed ? "unseen" : ""}>${name}</h2>
    ${page.measure && html`<${Measure} measure=${page.measure} column=${column} />`}
    <p>${isRanked ? what : "As the engine has it."} <span class="took">${took}</span></p>
  </header>`;
}

/** nDCG of this order: 1 is the best that these products allow. */
function Measure({ measure, column }) {
  const value = measure[column];
  const gain = measure.endcap - measure.engine;
  return html`<p class="measure" title="From 0 to 1, by the grades that people gave: 1 has the best products first">
    <span>${measure.name}</span>
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="ground" width="100" height="6" /><rect class="value" width=${100 * value} height="6" />
    </svg>
    <b>${measured(value)}</b>
    ${column === "endcap" && Math.abs(gain) >= 0.0005 && html`<span class=${gain > 0 ? "up" : "down"}>${signed(gain, 3)}</span>`}
  </p>`;
}

function Tabs({ tab, setTab }) {
  const keys = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tab === "engine" ? "endcap" : "engine";
    setTab(other);
    document.getElementById(`tab-${other}`).focus();
  };
  return html`<div class="tabs" role="tablist" aria-label="Whose order" onKeyDown=${keys}>
    ${["engine", "endcap"].map((column) => html`<button key=${column} type="button" role="tab" id=${`tab-${column}`}
        aria-controls=${`panel-${column}`} aria-selected=${String(tab === column)} tabindex=${tab === column ? 0 : -1}
        onClick=${() => setTab(column)}>${HEADS[column].name}</button>`)}
  </div>`;
}
