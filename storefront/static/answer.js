// One question to the server at a time: the answer to the last one is shown.
import { useEffect, useRef, useState } from "./vendor/preact-htm.js";
import { get } from "./api.js";

/**
 * `{answer, trouble, busy, again}` for a path and its parameters (null: ask nothing).
 *
 * The old answer stays until the new one is whole, so that no half of it is ever seen; answers to earlier questions are
 * dropped, whenever they come.
 */
export function useAnswer(path, parameters) {
  const [shown, setShown] = useState({ answer: null, trouble: null, of: null });
  const [round, setRound] = useState(0);
  const question = parameters && JSON.stringify([path, parameters, round]);
  const latest = useRef(null);
  latest.current = question;
  useEffect(() => {
    if (!question) {
      setShown({ answer: null, trouble: null, of: null });
      return undefined;
    }
    const giveUp = new AbortController();
    const show = (what) => latest.current === question && setShown({ answer: null, trouble: null, of: question, ...what });
    get(path, parameters, giveUp.signal).then(
      (answer) => show({ answer }),
      (trouble) => trouble.name === "AbortError" || show({ trouble }),
    );
    return () => giveUp.abort();
  }, [question]);
  return { ...shown, busy: Boolean(question) && shown.of !== question, again: () => setRound((number) => number + 1) };
}

/** True once something has lasted longer than `ms`: what is quick needs no sign that it is being waited for. */
export function useLasting(is, ms) {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (!is) return undefined;
    const timer = setTimeout(() => setLasting(true), ms);
    return () => clearTimeout(timer);
  }, [is]);
  return is && lasting;
}

/** Whether a media query holds now. */
export function useMedia(condition) {
  const [holds, setHolds] = useState(() => matchMedia(condition).matches);
  useEffect(() => {
    const media = matchMedia(condition);
    const changed = () => setHolds(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, [condition]);
  return holds;
}
