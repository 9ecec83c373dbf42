// All the products of one search that endcap looks at, one a line, with both places.
import { html, useState } from "./vendor/preact-htm.js";
import { Link } from "./address.js";
import { useAnswer, useLasting } from "./answer.js";
import { searchParameters } from "./compare.js";
import { Failed, Notice, Nothing, Waiting } from "./notices.js";
import { Grade, Picture } from "./product_card.js";
import { count, outcome, price, score, way } from "./words.js";

const ORDERS = {
  endcap: { name: "endcap", by: (hit) => hit.rank },
  engine: { name: "Engine", by: (hit) => hit.other_rank ?? Infinity },
};

export function WholeWindow({ state, go, shop }) {
  const { answer, trouble, busy, again } = useAnswer("/api/window", searchParameters({ ...state, page: "", size: "" }));
  const slow = useLasting(busy, 250);
  const [order, setOrder] = useState("endcap");
  if (trouble && !busy) return html`<main id="main"><${Failed} trouble=${trouble} again=${again} go=${go} /></main>`;
  if (!answer) return html`<main id="main" aria-busy="true">${slow && html`<${Waiting} />`}</main>`;
  if (!answer.hits.length) return html`<main id="main"><${Nothing} state=${state} go=${go} /></main>`;
  const hits = [...answer.hits].sort((one, other) => ORDERS[order].by(one) - ORDERS[order].by(other));
  const notice = outcome(answer.rerank, Math.min(answer.window, answer.total));
  return html`<main id="main" class=${`whole${slow ? " waits" : ""}`} aria-busy=${String(busy)}>
    <div class="summary">
      <h1 class="unseen">All results for ${answer.query}</h1>
      <p class="said" role="status" aria-live="polite">${count(hits.length)} of ${count(answer.total)} products that match, with both places.</p>
    </div>
    ${notice && html`<${Notice} ...${notice} />`}
    <div class="scroll" tabindex="0" role="region" aria-label="The whole window">
      <table>
        <thead>
          <tr>
            ${Object.entries(ORDERS).map(([key, { name }]) => html`<th key=${key} scope="col" class="number" aria-sort=${order === key ? "ascending" : undefined}>
                <button type="button" onClick=${() => setOrder(key)}>${name}</button>
              </th>`)}
            <th scope="col" class="number">Moved</th>
            <th scope="col" class="pictured"><span class="unseen">Picture</span></th>
            <th scope="col">Product</th>
            <th scope="col">Brand</th>
            <th scope="col" class="number">Price</th>
            <th scope="col" class="number">Engine's score</th>
            <th scope="col" class="number">Model's score</th>
            <th scope="col">Grade</th>
          </tr>
        </thead>
        <tbody>${hits.map((hit) => html`<${Row} key=${hit.id} ...${{ hit, state, go, shop }} />`)}</tbody>
      </table>
    </div>
  </main>`;
}

function Row({ hit, state, go, shop }) {
  const direction = way(hit, "endcap");
  const far = hit.other_rank === null ? "new" : Math.abs(hit.rank - hit.other_rank);
  const sign = { up: "▲", down: "▼", same: "", new: "" }[direction];
  const target = { view: "compare", page: Math.ceil(hit.rank / state.size), product: hit.id, at: "endcap" };
  return html`<tr>
    <td class="number strong">${hit.rank}</td>
    <td class="number">${hit.other_rank ?? "–"}</td>
    <td class=${`number moved ${direction}`}>
      <span class="unseen">${direction} </span>${direction === "same" ? "" : html`<span aria-hidden="true">${sign}</span> ${far}`}
    </td>
    <td class="pictured"><${Picture} hit=${hit} /></td>
    <th scope="row"><${Link} state=${state} go=${go} to=${target}>${hit.title || hit.id}<//></th>
    <td>${hit.brand}</td>
    <td class="number">${price(hit.price)}</td>
    <td class="number">${score(hit.engine_score)}</td>
    <td class="number">${score(hit.student_score)}</td>
    <td><${Grade} grade=${hit.grade} grades=${shop.grades} /></td>
  </tr>`;
}
