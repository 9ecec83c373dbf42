// Lines between the columns that tie each product to itself: what rises, what falls, what comes from elsewhere.
import { html, useLayoutEffect, useState } from "./vendor/preact-htm.js";
import { way } from "./words.js";

/** Where on a card its line ends: the middle of one that is not opened. */
const MIDDLE = 46;

export function Ties({ frame, page, marked, opened }) {
  const [drawing, setDrawing] = useState({ width: 0, height: 0, ties: [] });
  useLayoutEffect(() => {
    const draw = () => setDrawing(measure(frame.current, page));
    draw();
    const watch = new ResizeObserver(draw);
    watch.observe(frame.current);
    for (const list of frame.current.querySelectorAll("ol")) watch.observe(list);
    return () => watch.disconnect();
  }, [page, opened]);
  return html`<svg class="ties" width=${drawing.width} height=${drawing.height} aria-hidden="true">
    ${drawing.ties.map((tie) => html`<path key=${tie.key} class=${`${tie.way}${tie.stub ? " stub" : ""}${tie.id === marked ? " marked" : ""}`} d=${tie.path} />`)}
  </svg>`;
}

function measure(frame, page) {
  const left = frame.querySelector(".of-engine ol");
  const right = frame.querySelector(".of-endcap ol");
  const x1 = left.offsetLeft + left.offsetWidth;
  const x2 = right.offsetLeft;
  const middles = (list) => new Map([...list.children].map((card) => [card.dataset.product, card.offsetTop + MIDDLE]));
  const [from, to] = [middles(left), middles(right)];
  const ties = [];
  for (const hit of page.columns.endcap) {
    const [y1, y2] = [from.get(hit.id), to.get(hit.id)];
    const direction = way(hit, "endcap");
    const path = y1 === undefined ? stub(x2, y2, -1, direction === "up" ? 1 : -1) : curve(x1, y1, x2, y2);
    ties.push({ key: `${hit.id} right`, id: hit.id, way: direction, path, stub: y1 === undefined });
  }
  for (const hit of page.columns.engine) {
    if (to.has(hit.id)) continue;
    const direction = way(hit, "engine");
    ties.push({ key: `${hit.id} left`, id: hit.id, way: direction, path: stub(x1, from.get(hit.id), 1, direction === "down" ? 1 : -1), stub: true });
  }
  return { width: frame.offsetWidth, height: frame.offsetHeight, ties };
}

function curve(x1, y1, x2, y2) {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

/** A short end for what is on another page: it bends towards where the product is. */
function stub(x, y, side, down) {
  return `M${x} ${y}q${side * 16} 0 ${side * 20} ${down * 20}`;
}
