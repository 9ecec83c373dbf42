// One list drawn from both orders in turn: what is clicked says which order is liked better.
import { html, useEffect, useState } from "./vendor/preact-htm.js";
import { useAnswer } from "./answer.js";
import { clientId, reportClick } from "./events.js";
import { Failed, Nothing } from "./notices.js";
import { Picture } from "./product_card.js";
import { Paging } from "./paging.js";
import { count, price } from "./words.js";

const TEAMS = { engine: "the engine's", endcap: "endcap's", both: "both" };

export function Mixed({ state, go, shop }) {
  const list = useAnswer("/api/interleaved", { q: state.q, page: state.page, client: clientId() });
  const tally = useAnswer("/api/interleaving", {});
  const [clicks, setClicks] = useState(new Set());
  useEffect(() => {
    // a search is over after a while, also where nobody clicks on
    const timer = setInterval(tally.again, 15_000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    setClicks(new Set());
    if (list.answer) tally.again();
  }, [list.answer?.query_id]);
  const [shown, setShown] = useState(false);
  if (list.trouble && !list.busy) return html`<main id="main"><${Failed} ...${list} go=${go} /></main>`;
  if (!list.answer) return html`<main id="main" aria-busy="true"></main>`;
  const { hits } = list.answer;
  if (!hits.length) return html`<main id="main"><${Nothing} state=${state} go=${go} /></main>`;
  const pick = (hit) => {
    setClicks(new Set([...clicks, hit.id]));
    reportClick(shop, list.answer, hit, "mixed", hit.team ? { team: hit.team } : {});
    setTimeout(tally.again, 300);
  };
  return html`<main id="main" class="mixed">
    <div class="summary">
      <h1 class="unseen">Both orders of ${state.q} in one list</h1>
      <p class="said" role="status">${hits.length} products, drawn from both orders in turn. ${shop.ubi ? "Click what you would look at." : "What you click is not kept: this storefront was not started to."}</p>
    </div>
    ${tally.answer && html`<${Score} score=${tally.answer} />`}
    <div class="controls">
      <button type="button" class="toggle" aria-pressed=${String(shown)} onClick=${() => setShown(!shown)}>${shown ? "Hide whose is whose" : "Show whose is whose"}</button>
    </div>
    <ol class="tiles">
      ${hits.map((hit) => html`<li key=${hit.id} class=${`tile${clicks.has(hit.id) ? " picked" : ""}`}>
          <button type="button" aria-pressed=${String(clicks.has(hit.id))} onClick=${() => pick(hit)}>
            <${Picture} hit=${hit} />
            <b>${hit.title || hit.id}</b>
            <span class="facts"><span>${hit.brand}</span> <span class="price">${price(hit.price)}</span></span>
            ${shown && hit.team && html`<i class=${`team of-${hit.team}`}>${TEAMS[hit.team] ?? hit.team}</i>`}
          </button>
        </li>`)}
    </ol>
    <${Paging} state=${state} go=${go} page=${list.answer} sizes=${false} />
  </main>`;
}

/** What all clicks say so far. The evidence is a bet against "both are liked the same": at `needed` times the stake, it is won. */
function Score({ score }) {
  const liked = score.decided === "engine" ? "the engine's order" : "endcap's order";
  const share = Math.max(0, Math.min(1, Math.log(score.e_value) / Math.log(score.needed)));
  const clear = score.decided
    ? `Enough was seen: ${liked} is liked better.`
    : score.queries
      ? "Not enough was seen yet to say which order is liked better."
      : "No search with clicks is complete yet.";
  const counts = { "endcap won": score.wins, "The engine won": score.losses, Tied: score.ties, "Still open": score.open };
  return html`<section class="tally" aria-label="What the clicks say so far">
    <p>${clear}${score.open ? " A click counts once its search is over: with the next search, or after two minutes." : ""}${score.simulated ? html` <strong>These clicks are simulated: no person made them.</strong>` : ""}</p>
    <dl>
      ${Object.entries(counts).map(([name, number]) => html`<div key=${name}><dt>${name}</dt><dd>${count(number)}</dd></div>`)}
      <div class="evidence">
        <dt>Evidence, of ${count(score.needed)} needed</dt>
        <dd>
          ${score.e_value.toFixed(1)}
          <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="ground" width="100" height="6" /><rect class="value" width=${100 * share} height="6" />
          </svg>
        </dd>
      </div>
    </dl>
  </section>`;
}
