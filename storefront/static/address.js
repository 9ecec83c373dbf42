// What the page shows is in its address, and nowhere else: going back goes back, a link shows the same.
import { html, useCallback, useEffect, useState } from "./vendor/preact-htm.js";

export const LISTS = ["brand", "category"];
const START = { view: "compare", q: "", page: 1, size: 10, blend: "model", price: "", columns: "both", product: "", at: "endcap" };
export const VIEWS = { compare: "Compare", window: "Whole window", judge: "Judge", mixed: "Mixed list" };

/** The state that an address stands for; a parameter that can't be read is as if it were missing. */
export function readAddress(search) {
  const parameters = new URLSearchParams(search);
  const state = { ...START };
  for (const name of Object.keys(START)) if (parameters.has(name)) state[name] = parameters.get(name);
  state.page = wholeNumber(parameters.get("page"), 1, 10_000) ?? START.page;
  state.size = wholeNumber(parameters.get("size"), 1, 50) ?? START.size;
  if (!Object.hasOwn(VIEWS, state.view)) state.view = START.view;
  if (state.at !== "engine") state.at = START.at;
  if (state.columns !== "endcap") state.columns = START.columns;
  for (const name of LISTS) state[name] = parameters.getAll(name);
  return state;
}

/** The address of a state; what is as it is at the start is left out. */
export function writeAddress(state) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(START)) if (state[name] !== value) parameters.set(name, state[name]);
  for (const name of LISTS) for (const value of state[name]) parameters.append(name, value);
  const text = parameters.toString();
  return text ? `?${text}` : location.pathname;
}

/** The state, and `go(changes)`: another entry in the history, or (`{replace: true}`) the same one changed. */
export function useAddress() {
  const [state, setState] = useState(() => readAddress(location.search));
  useEffect(() => {
    const back = () => setState(readAddress(location.search));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const go = useCallback((changes, { replace = false } = {}) => {
    // read anew: two changes in one moment must not undo each other
    const next = { ...readAddress(location.search), ...changes };
    history[replace ? "replaceState" : "pushState"](null, "", writeAddress(next));
    setState(next);
  }, []);
  return [state, go];
}

/** A real link to a state: a plain click stays on the page, all else (a new tab, a copy) is the browser's. */
export function Link({ state, go, to, children, onFollow, ...rest }) {
  const follow = (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
    onFollow?.();
  };
  return html`<a href=${writeAddress({ ...state, ...to })} onClick=${follow} ...${rest}>${children}</a>`;
}

/** What narrows nothing down. */
export const UNCHOSEN = { price: "", brand: [], category: [] };

/** How many values a search is narrowed down by. */
export const chosenCount = (state) => state.brand.length + state.category.length + (state.price ? 1 : 0);

/** A new search keeps how things are shown, and forgets what belonged to the old one. */
export const newSearch = (q) => ({ q, page: 1, product: "", ...UNCHOSEN });

function wholeNumber(text, low, high) {
  const number = Number(text);
  return text && Number.isInteger(number) && number >= low && number <= high ? number : null;
}
