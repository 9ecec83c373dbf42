// The page: what the address says, from the server, on the screen.
import { html, render, useEffect } from "./vendor/preact-htm.js";
import { Link, newSearch, useAddress, VIEWS } from "./address.js";
import { useAnswer } from "./answer.js";
import { Compare, useSearch } from "./compare.js";
import { Judge } from "./judge.js";
import { Failed } from "./notices.js";
import { Chips, ExampleSearches, SearchBox } from "./search_box.js";
import { Mixed } from "./mixed.js";
import { WholeWindow } from "./window_table.js";
import { count } from "./words.js";

function Storefront() {
  const [state, go] = useAddress();
  const { answer: shop, trouble, again } = useAnswer("/api/shop", {});
  const search = useSearch(state);
  useEffect(() => {
    document.title = [state.q && `“${state.q}”`, VIEWS[state.view], shop?.name, "endcap"].filter(Boolean).join(" · ");
  }, [state.q, state.view, shop]);
  return html`<a class="skip" href="#main">To the results</a>
    <${Top} state=${state} go=${go} shop=${shop} busy=${search.busy} />
    ${shop
      ? html`<${View} ...${{ state, go, shop, search }} />`
      : html`<main id="main">${trouble && html`<${Failed} trouble=${trouble} again=${again} go=${go} />`}</main>`}
    <${Foot} shop=${shop} />`;
}

function Top({ state, go, shop, busy }) {
  const views = Object.entries(VIEWS).filter(([view]) => view !== "mixed" || shop?.interleaving);
  return html`<header class="top">
    <div class="line">
      <${Link} class="name" state=${state} go=${go} to=${{ ...newSearch(""), view: "compare" }}>endcap<span>${shop?.name}</span><//>
      <nav aria-label="Views">
        ${views.map(([view, name]) => html`<${Link} key=${view} state=${state} go=${go} to=${{ view, page: 1, size: 10, product: "" }}
            aria-current=${state.view === view ? "page" : undefined}>${name}<//>`)}
      </nav>
    </div>
    <${SearchBox} state=${state} go=${go} shop=${shop} busy=${busy} />
    ${state.q && shop && html`<${Chips} state=${state} go=${go} examples=${shop.telling} />`}
  </header>`;
}

function View({ state, go, shop, search }) {
  if (!state.q) {
    return html`<main id="main" class="start">
      <h1 class="lead">${LEADS[state.view]}</h1>
      <${ExampleSearches} state=${state} go=${go} examples=${shop.telling} />
    </main>`;
  }
  if (state.view === "window") return html`<${WholeWindow} state=${state} go=${go} shop=${shop} />`;
  if (state.view === "judge") return html`<${Judge} state=${state} go=${go} shop=${shop} />`;
  if (state.view === "mixed" && shop.interleaving) return html`<${Mixed} state=${state} go=${go} shop=${shop} />`;
  return html`<${Compare} state=${state} go=${go} shop=${shop} search=${search} />`;
}

const LEADS = {
  compare: "The engine matches words. endcap asks what was meant. Search for something, and see both first pages side by side.",
  window: "All the products of a search that endcap looks at, with the place that each has in both orders.",
  judge: "Say which products are right for a search. From your grades, endcap evaluate tells in numbers which order is better.",
  mixed: "One list, drawn from both orders in turn. What people click says which order they like.",
};

function Foot({ shop }) {
  if (!shop) return null;
  const { engine, model } = shop;
  const where = engine.kind === "embedded" ? "the embedded engine" : `OpenSearch${engine.url ? ` at ${engine.url}` : ""}`;
  return html`<footer>
    <p>${count(shop.products)} products in ${where}, searched by ${shop.searched_by}. Model ${model.name}, which looks at the engine's best ${model.window}.${shop.decided_by.length > 0 && ` Its order also follows ${shop.decided_by.join(", ")}.`}</p>
  </footer>`;
}

render(html`<${Storefront} />`, document.getElementById("storefront"));
