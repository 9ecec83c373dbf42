"""Tables of counts as reports and spreadsheets write them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click_parts import balanced, numbers

from endcap.errors import InputError
from endcap.index.clicks.judged import judged
from endcap.index.clicks.read import read_clicks
from endcap.index.clicks.store import Limits
from endcap.index.clicks.words import report
from endcap.index.query_log_cells import NO_QUERIES

HEAD = "query;sku;position;impressions;clicks\n"


def test_words_of_reports_are_no_queries(tmp_path: Path) -> None:
    """Sums and gaps of reports are left out and counted, whatever their case."""
    (tmp_path / "c.csv").write_text(HEAD + "shoe;a;1;10;1\n" + "".join(f"{q.title()};a;1;99;9\n" for q in NO_QUERIES))
    found = read_clicks([tmp_path])
    assert list(numbers(found)) == [("shoe", "a", 1)]
    assert "such as '(other)'" in next(iter(found.left_out))
    assert sum(found.left_out.values()) == len(NO_QUERIES)


@pytest.mark.parametrize(("cell", "place"), [("1,4", 1), ("2,61", 3), ("3.2", 3), ("2,0000", 2)])
def test_places_with_a_decimal_comma(tmp_path: Path, cell: str, place: int) -> None:
    """An average place of a European report, with counts as it writes them."""
    (tmp_path / "c.csv").write_text(HEAD + f"shoe;a;{cell};1.290;59,0\n")
    assert numbers(read_clicks([tmp_path])) == {("shoe", "a", place): (1290, 59, 0, 0, 0)}


def test_a_place_that_may_be_two(tmp_path: Path) -> None:
    """What may be a thousand or a little more than one is not guessed."""
    (tmp_path / "c.csv").write_text(HEAD + "shoe;a;1,234;10;1\n")
    with pytest.raises(InputError, match="1 rows without a place"):
        read_clicks([tmp_path])


def test_more_clicks_than_impressions(tmp_path: Path) -> None:
    """The best products are not dropped: clicks are cut, and a warning says how many rows that are."""
    rows = [f"shoe;p{n};{place};100;{60 - 5 * n}\n" for n in range(9) for place in (1, 2)]
    (tmp_path / "c.csv").write_text(HEAD + "".join(rows) + "shoe;best;1;100;250\n")
    found = read_clicks([tmp_path])
    assert numbers(found)["shoe", "best", 1][:2] == (100, 100)
    lines = list(report(found, judged(found.counts), Limits(), known_bias=False))
    assert any(line.startswith("WARNING: 1 of 19 rows have more clicks than impressions") for line in lines)


def test_counts_that_pandas_lacks(tmp_path: Path) -> None:
    """``nan`` is no click, and no reason to drop what was shown."""
    (tmp_path / "c.csv").write_text(HEAD + "shoe;a;1.0;30.0;nan\nshoe;b;2.0;30.0;3.0\n")
    assert {key[1]: n[:2] for key, n in numbers(read_clicks([tmp_path])).items()} == {"a": (30, 0), "b": (30, 3)}


def test_one_table_twice(tmp_path: Path) -> None:
    """A copy in the folder, packed or not, does not double what is known."""
    text = HEAD + "shoe;a;1;10;1\nshoe;b;2;10;2\n"
    (tmp_path / "a.csv").write_text(text)
    once = numbers(read_clicks([tmp_path]))
    (tmp_path / "copy.csv").write_text(text)
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "more.csv").write_text(HEAD + "kettle;a;1;10;1\n")
    found = read_clicks([tmp_path])
    assert {key: n for key, n in numbers(found).items() if key[0] == "shoe"} == once
    assert sum("which is the same table as" in why for why in found.left_out) == 2
    assert (found.rows, sum(found.left_out.values())) == (7, 4)
    assert balanced(found)
