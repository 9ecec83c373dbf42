// What is shown in place of results, or above them: each state in plain words.
import { html } from "./vendor/preact-htm.js";
import { chosenCount, UNCHOSEN } from "./address.js";

const TROUBLES = {
  engine_unreachable: "The search engine does not answer",
  engine_refused: "The search engine does not take this search",
  unreachable: "The storefront does not answer",
  bad_request: "This address asks for something that can't be",
  not_found: "There is no such thing here",
  forbidden: "This page may not ask that of the storefront",
  overloaded: "Too many are searching at once",
  internal: "The storefront could not do that",
};

/** `level` is "h1" where nothing else stands on the page. */
export function Notice({ mood = "note", head, text, detail, level = "h2", children }) {
  return html`<div class=${`notice ${mood}`} role=${mood === "note" ? "status" : "alert"}>
    <${level}>${head}<//>
    ${text && html`<p>${text}</p>`}
    ${detail && html`<p class="detail">${detail}</p>`}
    ${children}
  </div>`;
}

export function Failed({ trouble, again, go }) {
  const retry = trouble.kind !== "bad_request" && trouble.kind !== "not_found";
  const fresh = { page: 1, size: 10, blend: "model", product: "", ...UNCHOSEN };
  return html`<${Notice} mood="warning" level="h1" head=${TROUBLES[trouble.kind] ?? TROUBLES.internal} text=${trouble.message}>
    ${retry
      ? html`<button type="button" class="primary" onClick=${again}>Try again</button>`
      : html`<button type="button" class="primary" onClick=${() => go(fresh)}>Search with nothing else set</button>`}
  <//>`;
}

export function Nothing({ state, go, level = "h1" }) {
  const narrowed = chosenCount(state) > 0;
  if (state.page > 1) {
    return html`<${Notice} level=${level} head="There is no such page" text="The search has fewer results than that.">
      <button type="button" class="primary" onClick=${() => go({ page: 1 })}>To the first page</button>
    <//>`;
  }
  const text = narrowed
    ? "Nothing matches with all that was chosen."
    : "No product has any of these words. endcap orders what the engine finds, so there is nothing to order.";
  return html`<${Notice} level=${level} head=${`Nothing found for “${state.q}”`} text=${text}>
    ${narrowed && html`<button type="button" class="primary" onClick=${() => go(UNCHOSEN)}>Show everything again</button>`}
  <//>`;
}

/** Grey shapes where products will be: only for a first search that takes its time. */
export function Waiting() {
  const rows = [1, 2, 3, 4, 5, 6].map((row) => html`<li key=${row}><i></i><b></b><u></u></li>`);
  return html`<div class="waiting" role="status"><span class="unseen">Searching</span><ol aria-hidden="true">${rows}</ol><ol aria-hidden="true">${rows}</ol></div>`;
}
