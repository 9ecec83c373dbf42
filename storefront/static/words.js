// The page's words for what the API says in keys and numbers.

const whole = new Intl.NumberFormat("en");
const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const count = (number) => whole.format(number);
export const price = (number) => (number === null || number === undefined ? "" : money.format(number));
export const ms = (number) => (number === null || number === undefined ? "–" : `${number.toFixed(number < 10 ? 1 : 0)} ms`);
export const measured = (number) => number.toFixed(3);
export const places = (number) => `${number} ${number === 1 ? "place" : "places"}`;
export const signed = (number, digits = 2) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(digits)}`;
export const score = (number) => (number === null || number === undefined ? "none" : number.toFixed(2).replace("-", "−"));

/** How far a product of endcap's column has come: "up", "down", "same" or "new" (outside of the engine's window). */
export function way(hit, column) {
  if (hit.other_rank === null) return "new";
  const up = column === "endcap" ? hit.other_rank - hit.rank : hit.rank - hit.other_rank;
  return up > 0 ? "up" : up < 0 ? "down" : "same";
}

export const STAGES = {
  query_ms: "reading the query first",
  number_ms: "looking for a number's other spellings",
  engine_ms: "the engine's search",
  language_ms: "noticing the language",
  states_ms: "looking up what was read in advance",
  encode_ms: "reading products it had not seen",
  score_ms: "scoring",
  blend_ms: "blending the two orders",
  page_ms: "fetching the page",
};

const REASONS = {
  deadline: "there was no time left",
  busy: "so many searches came at once that this one could not have been ordered in time",
  no_product_text: "nothing that it can read was found in these products; check how the index's fields are named",
  sorted: "the results are sorted by something other than relevance",
  size_zero: "no results were asked for",
  one_hit: "one product has only one order",
  empty_window: "nothing was found",
  search_after: "the search goes on from an earlier one",
  scroll: "the search goes on from an earlier one",
  no_query_text: "no words were searched for",
  several_query_texts: "several texts were searched for at once",
  query_syntax: "the operators in the search were not understood",
  rules_decide: "a number in the search's own rules orders the products",
  rules_unknown: "what the search's own rules do could not be told",
  beyond_window: "this page lies behind the products that endcap looks at",
  url_query: "the search was asked for in the address",
  language: "it is in a language that the student was not taught",
  not_kept: "a part of the search would come out otherwise if more products were asked for",
  cut_window: "something cuts off what the engine finds",
  no_scores: "the engine gave no scores",
  plain_blend: "there was no time to compare the words of all products, so they are ordered by scores alone",
  nearest: "the engine found less than a page, so products that are near in meaning are shown, too",
  unknown_model: "the model that was asked for is not loaded",
  bad_request: "it was asked in a way that it does not understand",
  engine_error: "the engine refused the search",
  cancelled: "nobody waited for it any more",
  model_error: "the model failed",
  bad_text: "the words are not valid text",
  window_error: "the engine refused to give so many products at once",
  page_error: "the engine did not give the page's products",
  shards_failed: "a part of the index did not answer when more products were asked for",
  internal_error: "endcap made a mistake",
};

/** What to say of how a search was re-ranked, where endcap would have looked at so many: null where all went well. */
export function outcome(rerank, windowSize) {
  const reason = REASONS[rerank.reason] ?? rerank.reason;
  const note = (head, text) => ({ mood: "note", head, text, detail: rerank.detail });
  switch (rerank.status) {
    case "reranked":
      if (rerank.reason === "nearest") return note("Nearest in meaning", rerank.detail ?? reason);
      if (rerank.reason !== "out_of_step") return null;
      return { mood: "note", head: "The shop has changed meanwhile", text: "A product may be missing here, or shown twice." };
    case "partial":
      if (rerank.reason === "no_product_text" && rerank.scored === windowSize) {
        return note("Re-ranked without titles", "Most of these products have no title that endcap can read; check how the index's fields are named.");
      }
      return note("Partly re-ranked", `${rerank.scored ?? 0} of ${windowSize} products were looked at: ${reason}. The others keep what the engine thinks of them.`);
    case "skipped":
      return note("Left as it was", `Both columns are in the engine's order: ${reason}.`);
  }
  const text = `Both columns show the engine's own order: ${reason}. Shoppers see a full page all the same.`;
  return { mood: "warning", head: "Not re-ranked", text, detail: rerank.detail };
}
