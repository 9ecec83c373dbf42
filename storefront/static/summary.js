// What a search gave, in one sentence; and where its time went.
import { html } from "./vendor/preact-htm.js";
import { count, ms, STAGES, way } from "./words.js";

export function Summary({ page }) {
  return html`<div class="summary">
    <h1 class="unseen">Results for ${page.query}</h1>
    <p class="said" role="status" aria-live="polite">${sentence(page)}</p>
    <${Times} took=${page.took} />
  </div>`;
}

function sentence(page) {
  if (!page.total) return page.columns.endcap.length ? "No product matches; those shown are near in meaning." : "No product matches.";
  const matches = `${count(page.total)} ${page.total === 1 ? "product matches" : "products match"}.`;
  if (page.rerank.status !== "reranked") return matches;
  const hits = page.columns.endcap;
  if (!hits.length) return matches;
  if ((page.page - 1) * page.size >= page.window) return `${matches} This page lies behind the ${page.window} that endcap looks at, and is in the engine's order.`;
  const moved = hits.filter((hit) => way(hit, "endcap") !== "same").length;
  const scored = Math.min(page.rerank.scored ?? page.window, page.total);
  const some = moved === hits.length && moved > 1 ? `all ${moved}` : `${moved} of the ${hits.length}`;
  const here = moved === 0 ? "none of those shown here moved" : `${some} shown here moved`;
  return `${matches} endcap looked at ${scored < page.total ? `the engine's best ${scored}` : "all of them"}; ${here}.`;
}

/** Each part's time, to scale. */
function Times({ took }) {
  const stages = Object.entries(took.stages).filter(([, time]) => time > 0);
  const sum = stages.reduce((total, [, time]) => total + time, 0) || 1;
  let at = 0;
  const parts = stages.map(([name, time]) => {
    const part = { name, time, x: at, width: (100 * time) / sum };
    at += part.width;
    return part;
  });
  return html`<details class="times">
    <summary>${ms(took.engine_ms)} engine, ${ms(took.added_ms)} endcap</summary>
    <svg viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">
      ${parts.map((part) => html`<rect key=${part.name} class=${part.name} x=${part.x} width=${Math.max(0, part.width - 0.3)} height="5" />`)}
    </svg>
    <dl>${parts.map((part) => html`<div key=${part.name}><dt class=${part.name}>${STAGES[part.name] ?? part.name}</dt><dd>${ms(part.time)}</dd></div>`)}</dl>
  </details>`;
}
