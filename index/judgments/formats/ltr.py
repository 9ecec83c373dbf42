"""Training files of LTR (RankLib, SVMrank, LETOR): ``3 qid:1 1:0.5 2:7 # 7555 Rambo``."""

import re
from collections.abc import Sequence
from pathlib import Path

from endcap.index.judgments.format_record import COMMENTS, JudgmentFormat, Rating, Ratings, each
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.query_texts import BESIDE, find_query_texts, plain_lines, query_text
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.record import Place

_ROW = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s+qid:(\S+)([^#]*)(?:#(.*))?$")
_QUERY = re.compile(r"\s*#\s*qid:(\S+?):\s*(.*?)(?:\*\d+(?:\.\d+)?)?\s*$")
"""How Elasticsearch's LTR plugin writes queries before the rows, perhaps with a weight: ``# qid:1: rambo*1``."""
_DOCID = re.compile(r"\s*(?:doc_?id\s*[=:]\s*)?(\S+)", re.IGNORECASE)


def ltr(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """The grade and the product's id, the first word behind ``#``; features are left out. Queries' texts stand in
    comments ``# qid:1: words``, else in a file beside it."""
    texts = {m[1]: m[2] for _, line in plain_lines(text_source(path)) if (m := _QUERY.match(line)) and m[2]}
    if queries is not None or not texts or any((path.parent / name).is_file() for name in BESIDE):
        texts = {**find_query_texts([path.parent], path, queries), **texts} if not texts or queries else texts

    def rating(item: tuple[Place, str]) -> Rating | None:
        place, line = item
        row = _ROW.match(line)
        if row is None:
            if not line.lstrip().startswith("#"):
                detail = f"a row should be as in '3 qid:1 1:0.5 # product-id'; it is {line[:80]!r}."
                raise RowError(place, "no row of LTR", detail)
            found.left_out["lines of the queries' texts" if _QUERY.match(line) else COMMENTS] += 1
            return None
        product = _DOCID.match(row[4] or "")
        if product is None:
            detail = "no product's id behind '#'. Write it there: '3 qid:1 1:0.5 # product-id'."
            raise RowError(place, "without a product's id", detail)
        return Rating(place, query_text(place, row[2], texts), product[1], row[1])

    found = Ratings((), query_ids=texts, notes=["features are not read"])
    found.rows = each(plain_lines(text_source(path)), rating)
    return found


def _fits(start: bytes) -> bool:
    lines = start.decode(errors="replace").split("\n")
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return bool(_ROW.match(first)) or (not first and any(map(_QUERY.match, lines)))


FORMATS = (JudgmentFormat("ltr", ltr, "lines such as '3 qid:1 1:0.5 # product-id'", 82, by_head=_fits),)
