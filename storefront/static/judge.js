// Judging: a grade for each product that stands high in either order, by keyboard or by clicking.
import { html, useEffect, useMemo, useRef, useState } from "./vendor/preact-htm.js";
import { useAnswer, useMedia } from "./answer.js";
import { query } from "./api.js";
import { useGrades } from "./grades.js";
import { Failed, Nothing } from "./notices.js";
import { Picture } from "./product_card.js";
import { ProductDetails } from "./product_details.js";
import { count, price } from "./words.js";

const DEPTHS = [10, 20, 50];
const EXPORTS = { quepid: "Quepid (CSV)", "search-relevance": "OpenSearch Search Relevance (JSON)", qrels: "TREC qrels", jsonl: "JSON lines" };

export function Judge({ state, go, shop }) {
  const search = useAnswer("/api/window", { q: state.q });
  const [judge, setJudge] = useState(() => localStorage.getItem("judge") ?? "");
  const { grades, total, trouble, give, undo } = useGrades(state.q, judge);
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const naming = useRef(null);
  const touch = useMedia("(hover: none)");
  const pool = useMemo(() => (search.answer ? pooled(search.answer.hits, state.size, state.q) : []), [search.answer, state.size]);
  useEffect(() => setAt(0), [state.q, state.size]);
  useEffect(() => {
    // the keyboard works at once, without a click into the list first
    if (pool.length && judge) list.current?.focus({ preventScroll: true });
  }, [pool]);
  if (search.trouble && !search.busy) return html`<main id="main"><${Failed} ...${search} go=${go} /></main>`;
  if (!search.answer) return html`<main id="main" aria-busy="true"></main>`;
  if (!pool.length) return html`<main id="main"><${Nothing} state=${state} go=${go} /></main>`;

  const name = (event) => {
    setJudge(event.target.value.trim());
    localStorage.setItem("judge", event.target.value.trim());
  };
  const grade = (index, value) => {
    if (!judge) return naming.current.focus();
    const next = pool.findIndex((hit, place) => place > index && grades[hit.id] === undefined);
    give(pool[index].id, grades[pool[index].id] === value ? null : value);
    return moveTo(next === -1 ? index : next);
  };
  const moveTo = (index) => {
    const place = Math.max(0, Math.min(pool.length - 1, index));
    setAt(place);
    document.getElementById(`judge-${place}`)?.scrollIntoView({ block: "nearest" });
  };
  const back = async () => {
    const undone = await undo();
    const place = pool.findIndex((hit) => hit.id === undone?.product);
    if (place !== -1) moveTo(place);
  };
  // only while the list has the focus, so that no key means a thing while somebody types
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { j: () => moveTo(at + 1), ArrowDown: () => moveTo(at + 1), k: () => moveTo(at - 1), ArrowUp: () => moveTo(at - 1), u: back }[event.key];
    const number = Number(event.key);
    if (act) act();
    else if (/^[0-9]$/.test(event.key) && number < shop.grades.length) grade(at, number);
    else return;
    event.preventDefault();
  };
  const done = pool.filter((hit) => grades[hit.id] !== undefined).length;
  return html`<main id="main" class="judge">
    <div class="summary">
      <h1 class="unseen">Judging ${state.q}</h1>
      <p class="said" role="status" aria-live="polite">${done} of ${pool.length} graded${done === pool.length ? ": this search is done" : ""}.${total !== null ? ` ${count(total)} by you altogether.` : ""}</p>
      <progress max=${pool.length} value=${done} aria-label="Graded"></progress>
    </div>
    <div class="controls">
      <label class="judging">Who judges <input ref=${naming} value=${judge} onChange=${name} autocomplete="nickname" maxlength="60" required
        onKeyDown=${(event) => event.key === "Enter" && (name(event), list.current.focus({ preventScroll: true }))}
        aria-describedby="judge-hint" /></label>
      <div class="switch" role="group" aria-label="How deep">
        ${DEPTHS.map((depth) => html`<button key=${depth} type="button" aria-pressed=${String(state.size === depth)} onClick=${() => go({ size: depth })}>First ${depth}</button>`)}
      </div>
      <button type="button" class="toggle" onClick=${back} disabled=${!judge}>Undo <kbd>u</kbd></button>
    </div>
    <p class="small" id="judge-hint">
      ${!judge ? "Say who judges: the name is kept with each grade." : touch ? "Tap a grade." : html`<kbd>0</kbd>–<kbd>${shop.grades.length - 1}</kbd> to grade, <kbd>j</kbd> and <kbd>k</kbd> to move.`}
      ${" "}These are the first ${state.size} of both orders, shuffled, so that no place gives a hint.
    </p>
    ${trouble && html`<p class="notice warning" role="alert">That was not saved: ${trouble.message}</p>`}
    <p class="unseen" aria-live="polite">${at + 1} of ${pool.length}: ${pool[at]?.title || pool[at]?.id}, ${shop.grades[grades[pool[at]?.id]] ?? "not graded"}</p>
    <div class="judging-list" ref=${list} tabindex="0" role="group" aria-label="Products to grade" onKeyDown=${keys}>
      <ol>
        ${pool.map((hit, index) => html`<${JudgeCard} key=${hit.id} id=${`judge-${index}`} hit=${hit} words=${shop.grades}
            given=${grades[hit.id]} current=${index === at} onGrade=${(value) => (setAt(index), grade(index, value))} onPick=${() => setAt(index)} />`)}
      </ol>
    </div>
    <section class="exports" aria-labelledby="export-head">
      <h2 id="export-head">Take them with you</h2>
      <p class="small">All judgments of this shop, for <code>endcap evaluate</code> and <code>endcap distill</code>, or for another tool.</p>
      <ul>${Object.entries(EXPORTS).map(([format, what]) => html`<li key=${format}><a href=${`/api/judgments/export${query({ format })}`} download>${what}</a></li>`)}</ul>
    </section>
  </main>`;
}

/** A product to grade: what a shopper would see of it, and a button for each grade. */
function JudgeCard({ id, hit, words, given, current, onGrade, onPick }) {
  return html`<li id=${id} data-product=${hit.id} class=${`card judging${current ? " current" : ""}${given === undefined ? "" : " given"}`}
    aria-current=${current ? "true" : undefined} onClick=${onPick}>
    <${Picture} hit=${hit} />
    <div class="what">
      <h2>${hit.title || hit.id}</h2>
      <p class="facts">
        ${hit.brand && html`<span>${hit.brand}</span>`}
        ${hit.category && html`<span>${hit.category}</span>`}
        ${hit.price !== null && html`<span class="price">${price(hit.price)}</span>`}
      </p>
    </div>
    <div class="grades" role="group" aria-label=${`Grade of ${hit.title || hit.id}`}>
      ${words.map((word, grade) => html`<button key=${grade} type="button" class=${`g${grade}`} aria-pressed=${String(given === grade)}
          onClick=${(event) => (event.stopPropagation(), onGrade(grade))}><kbd aria-hidden="true">${grade}</kbd> ${word}</button>`)}
    </div>
    ${current && html`<${ProductDetails} hit=${hit} />`}
  </li>`;
}

/** The hits that are among the first `depth` of either order, shuffled the same way each time. */
function pooled(hits, depth, salt) {
  const high = hits.filter((hit) => hit.rank <= depth || (hit.other_rank ?? Infinity) <= depth);
  return high.map((hit) => [hash(salt + hit.id), hit]).sort(([one], [other]) => one - other).map(([, hit]) => hit);
}

/** FNV-1a, with its bits mixed once more, since ids differ in their last letters only. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
