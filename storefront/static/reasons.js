// Why a product is where it is: both scores, and what each feature adds, as bars.
import { html, useState } from "./vendor/preact-htm.js";
import { Link } from "./address.js";
import { ProductDetails } from "./product_details.js";
import { score, signed } from "./words.js";

const SHOWN = 6;

export function Reasons({ id, hit, column, page, state, go }) {
  // the API gives the reasons with endcap's column: a product of the engine's has those of its twin, if that is here
  const reasons = column === "endcap" ? (hit.reasons ?? []) : page.columns.endcap.find((twin) => twin.id === hit.id)?.reasons;
  return html`<div class="why" id=${id}>
    <${ProductDetails} hit=${hit} />
    <h4>${column === "engine" ? "Why it is here, and what endcap sees in it" : "Why it is here"}</h4>
    <dl class="scores">
      <div><dt>Engine's score</dt><dd>${score(hit.engine_score)}</dd></div>
      <div><dt>Model's score</dt><dd>${score(hit.student_score)}</dd></div>
    </dl>
    ${hit.rules && html`<p class="small">The shop's rules: ${hit.rules.map(({ rule, action }) => `${rule} (${action})`).join(", ")}.</p>`}
    ${column === "engine" && html`<p class="small">The engine orders by how well the words match.</p>`}
    ${reasons ? html`<${Parts} reasons=${reasons} />` : html`<${Elsewhere} hit=${hit} state=${state} go=${go} />`}
  </div>`;
}

function Elsewhere({ hit, state, go }) {
  if (hit.other_rank === null) return html`<p class="small">endcap did not look at it.</p>`;
  const target = { page: Math.ceil(hit.other_rank / state.size), product: hit.id, at: "endcap" };
  return html`<p class="small">
    What endcap saw in it stands <${Link} state=${state} go=${go} to=${target}>at its place ${hit.other_rank}, on page ${target.page}<//>.
  </p>`;
}

function Parts({ reasons }) {
  const [all, setAll] = useState(false);
  if (!reasons.length) return html`<p class="small">endcap did not look at it: it stands where the engine had it.</p>`;
  const sorted = [...reasons].sort((one, other) => Math.abs(other.adds) - Math.abs(one.adds));
  const widest = Math.abs(sorted[0].adds) || 1;
  const lowers = sorted.some((reason) => reason.adds < -0.005);
  const shown = all ? sorted : sorted.slice(0, SHOWN);
  const sum = reasons.reduce((total, reason) => total + reason.adds, 0);
  return html`<table class="parts">
      <caption class="unseen">What each feature adds</caption>
      <thead class="unseen"><tr><th scope="col">Feature</th><th scope="col">Bar</th><th scope="col">Adds</th></tr></thead>
      <tbody>
        ${shown.map((reason) => html`<tr key=${reason.feature} title=${reason.meaning}>
            <th scope="row">${reason.words || reason.meaning || reason.feature}</th>
            <td><${Bar} share=${reason.adds / widest} both=${lowers} /></td>
            <td class="number">${signed(reason.adds)}</td>
          </tr>`)}
      </tbody>
      <tfoot><tr><th scope="row">Together</th><td></td><td class="number">${signed(sum)}</td></tr></tfoot>
    </table>
    ${sorted.length > SHOWN &&
    html`<button type="button" class="quiet" aria-expanded=${String(all)} onClick=${() => setAll(!all)}>
      ${all ? "The main ones" : `${sorted.length - SHOWN} more`}
    </button>`}`;
}

/** A bar to the right for what lifts, to the left for what lowers, from the middle where there are both. `share` is from -1 to 1. */
function Bar({ share, both }) {
  const [zero, most] = both ? [50, 50] : [0, 100];
  const width = Math.min(most, most * Math.abs(share));
  return html`<svg class=${`bar ${share < 0 ? "lowers" : "lifts"}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="zero" x=${zero} y="0" width="0.5" height="8" />
    <rect class="value" x=${share < 0 ? Math.max(0, zero - width) : zero} y="1" width=${width} height="6" />
  </svg>`;
}
