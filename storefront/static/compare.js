// The main page: a search in both orders.
import { html } from "./vendor/preact-htm.js";
import { chosenCount } from "./address.js";
import { useAnswer, useLasting, useMedia } from "./answer.js";
import { Blend, Switch } from "./blend.js";
import { Columns } from "./columns.js";
import { clientId, reportClick } from "./events.js";
import { Facets } from "./facets.js";
import { Failed, Notice, Nothing, Waiting } from "./notices.js";
import { Paging } from "./paging.js";
import { Summary } from "./summary.js";
import { outcome } from "./words.js";

/** The part of the state that is the server's question. */
export function searchParameters({ q, page, size, blend, brand, category, price }) {
  return q ? { q, page, size, blend, brand, category, price } : null;
}

export function Compare({ state, go, shop, search }) {
  const { answer: page, trouble, busy, again, of } = search;
  const slow = useLasting(busy, 250);
  const narrow = useMedia("(max-width: 999px)");
  if (trouble && !busy) return html`<main id="main"><${Failed} trouble=${trouble} again=${again} go=${go} /></main>`;
  if (!page) return html`<main id="main" aria-busy="true">${slow && html`<${Waiting} />`}</main>`;
  const notice = outcome(page.rerank, Math.min(page.window, page.total));
  const facets = html`<${Facets} state=${state} go=${go} facets=${page.facets} />`;
  const empty = !page.columns.endcap.length && !page.columns.engine.length;
  const chosen = chosenCount(state);
  const bare = !chosen && !Object.values(page.facets).some((values) => values.length);
  return html`<div class=${`results${slow ? " waits" : ""}${bare ? " bare" : ""}`} aria-busy=${String(busy)}>
    ${bare ? null : narrow
      ? html`<details class="aside"><summary>Narrow down${chosen ? `, ${chosen} chosen` : ""}</summary>${facets}</details>`
      : html`<aside aria-label="Narrow down">${facets}</aside>`}
    <main id="main">
      <${Summary} page=${page} />
      ${empty
        ? html`<${Nothing} state=${state} go=${go} level="h2" />`
        : html`${notice && html`<${Notice} ...${notice} />`}
            <div class="controls"><${Blend} state=${state} go=${go} shop=${shop} /><${Switch} state=${state} go=${go} /></div>
            <${Columns} page=${page} state=${state} go=${go} shop=${shop} blend=${JSON.parse(of)[1].blend} onClick=${(hit, column) => reportClick(shop, page, hit, column)} />
            <${Paging} state=${state} go=${go} page=${page} />`}
    </main>
  </div>`;
}

export function useSearch(state) {
  const parameters = state.view === "compare" ? searchParameters(state) : null;
  return useAnswer("/api/search", parameters && { ...parameters, client: clientId() });
}
