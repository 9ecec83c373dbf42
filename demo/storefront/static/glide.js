// Products that change places glide there, so that the eye can follow; a new search is there at once.
import { useLayoutEffect, useRef } from "./vendor/preact-htm.js";

const GLIDE = { duration: 420, easing: "cubic-bezier(.2,.7,.2,1)" };

/** Animate the cards inside `frame` from where they stood with the last page of the same search. */
export function useGlide(frame, page) {
  const before = useRef({ query: null, tops: new Map() });
  useLayoutEffect(() => {
    const tops = new Map();
    const cards = [...frame.current.querySelectorAll(".card")];
    for (const card of cards) tops.set(card.parentNode.parentNode.className + card.dataset.product, card.offsetTop);
    const last = before.current;
    const moving = last.query === page.query && last.number === page.page;
    before.current = { query: page.query, number: page.page, tops };
    if (!moving || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const card of cards) {
      const key = card.parentNode.parentNode.className + card.dataset.product;
      const was = last.tops.get(key);
      if (was === undefined) card.animate([{ opacity: 0 }, { opacity: 1 }], GLIDE);
      else if (was !== tops.get(key)) card.animate([{ transform: `translateY(${was - tops.get(key)}px)` }, { transform: "none" }], GLIDE);
    }
  }, [page]);
}
