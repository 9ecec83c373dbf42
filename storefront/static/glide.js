// Products that change places glide there, so that the eye can follow; a new search is there at once.
import { useLayoutEffect, useRef } from "./vendor/preact-htm.js";

const GLIDE = { duration: 420, easing: "cubic-bezier(.2,.7,.2,1)" };

/** Animate the cards inside `frame` from where they stood with the last answer to the same search. */
export function useGlide(frame, page, columns) {
  const before = useRef(null);
  useLayoutEffect(() => {
    const spots = new Map();
    const cards = [...frame.current.querySelectorAll(".card")];
    const key = (card) => `${card.closest(".column").dataset.column} ${card.dataset.product}`;
    for (const card of cards) spots.set(key(card), [card.offsetLeft, card.offsetTop]);
    const last = before.current;
    before.current = { query: page.query, number: page.page, columns, spots };
    const same = last && last.query === page.query && last.number === page.page && last.columns === columns;
    if (!same || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const card of cards) {
      const was = last.spots.get(key(card));
      if (!was) {
        card.animate([{ opacity: 0 }, { opacity: 1 }], GLIDE);
        continue;
      }
      const [x, y] = [was[0] - card.offsetLeft, was[1] - card.offsetTop];
      if (x || y) card.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], GLIDE);
    }
  }, [page, columns]);
}
