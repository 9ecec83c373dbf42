// The search box, and searches to start from.
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";
import { Link, newSearch } from "./address.js";

export function SearchBox({ state, go, shop, busy }) {
  const [typed, setTyped] = useState(state.q);
  const box = useRef(null);
  useEffect(() => setTyped(state.q), [state.q]);
  useEffect(() => {
    if (!state.q) box.current.focus({ preventScroll: true });
  }, []);
  const search = (event) => {
    event.preventDefault();
    const q = typed.trim();
    // a touch keyboard would cover half of the results
    if (matchMedia("(pointer: coarse)").matches) box.current.blur();
    if (q && q !== state.q) go(newSearch(q));
  };
  const clear = () => {
    setTyped("");
    box.current.focus();
  };
  return html`<form class="search" role="search" action="." onSubmit=${search}>
    <label for="q" class="unseen">Search the shop</label>
    <input id="q" name="q" type="search" ref=${box} value=${typed} onInput=${(event) => setTyped(event.target.value)}
      placeholder=${shop ? "Search as a customer would" : ""} autocomplete="off" list="judged" autocapitalize="off" spellcheck="false"
      enterkeyhint="search" maxlength="1000" />
    ${typed && html`<button type="button" class="clear" onClick=${clear} aria-label="Empty the search box">×</button>`}
    <datalist id="judged">${(shop?.judged ?? []).map((query) => html`<option key=${query} value=${query}></option>`)}</datalist>
    <button class="primary" type="submit">${busy ? "Searching" : "Search"}</button>
  </form>`;
}

/** All example searches with what makes each of them hard. */
export function ExampleSearches({ state, go, examples }) {
  if (!examples.length) return null;
  return html`<section class="telling" aria-labelledby="telling-head">
    <h2 id="telling-head">Searches to start from</h2>
    <ul>
      ${examples.map(
        ({ query, note }) => html`<li key=${query}>
          <${Link} state=${state} go=${go} to=${newSearch(query)}><b>${query}</b><span>${note}</span><//>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** The same in one line, above the results. */
export function Chips({ state, go, examples }) {
  const list = useRef(null);
  useEffect(() => {
    // sideways alone: scrollIntoView would move the page as well
    const chip = list.current?.querySelector("[aria-current]");
    if (!chip) return;
    const end = chip.offsetLeft - list.current.offsetLeft + chip.offsetWidth;
    list.current.scrollLeft = end < 0.8 * list.current.clientWidth ? 0 : end - list.current.clientWidth / 2;
  }, [state.q]);
  if (!examples.length) return null;
  return html`<nav class="chips" ref=${list} aria-label="Searches to start from">
    <ul>
      ${examples.map(
        ({ query, note }) => html`<li key=${query}>
          <${Link} state=${state} go=${go} to=${newSearch(query)} title=${note}
            aria-current=${query === state.q ? "true" : undefined}>${query}<//>
        </li>`,
      )}
    </ul>
  </nav>`;
}
