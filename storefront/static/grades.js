// A judge's grades of one search: shown at once, taken back where the server did not keep them.
import { useEffect, useRef, useState } from "./vendor/preact-htm.js";
import { get, post } from "./api.js";

/** `{grades: {product: grade}, total, trouble, give(product, grade), undo()}`; `total` is null until something is given. */
export function useGrades(query, judge) {
  const [grades, setGrades] = useState({});
  const [total, setTotal] = useState(null);
  const [trouble, setTrouble] = useState(null);
  const whose = useRef("");
  // one at a time, in the order in which they were given: undo must not overtake a grade
  const last = useRef(Promise.resolve());
  whose.current = `${judge}\n${query}`;
  const read = async () => {
    const key = `${judge}\n${query}`;
    if (whose.current !== key) return;
    const kept = await get("/api/judgments", { q: query, judge });
    // what was given while this was under way is newer
    if (whose.current === key) setGrades((now) => ({ ...kept, ...now }));
  };
  const inTurn = (work, takeBack = () => undefined) => {
    last.current = last.current.then(work).then(
      (value) => (setTrouble(null), value),
      async (error) => {
        setTrouble(error);
        // at once, and then as it is kept: who can't write may not be able to read either
        takeBack();
        await read().catch(() => undefined);
      },
    );
    return last.current;
  };
  useEffect(() => {
    setGrades({});
    if (judge && query) inTurn(read);
  }, [query, judge]);
  const give = (product, grade) => {
    const had = grades[product];
    setGrades((before) => withGrade(before, product, grade));
    return inTurn(
      async () => setTotal((await post("/api/judgments", { query, product, grade, judge })).count),
      () => whose.current === `${judge}\n${query}` && setGrades((now) => withGrade(now, product, had)),
    );
  };
  const undo = () =>
    inTurn(async () => {
      const { undone } = await post("/api/judgments/undo", { judge });
      if (undone?.query === query) setGrades((before) => withGrade(before, undone.product, undone.grade));
      return undone;
    });
  return { grades, total, trouble, give, undo };
}

function withGrade(grades, product, grade) {
  const { [product]: _, ...others } = grades;
  return grade === null || grade === undefined ? others : { ...others, [product]: grade };
}
