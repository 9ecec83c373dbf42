"""Query logs of any length: read a row at a time, in the encoding that is named or found out; odd rows are told."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index import query_log, query_log_lines
from endcap.index.query_log import QueryLog, read_query_log
from endcap.index.readers import files


def written(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def accounted(log: QueryLog) -> QueryLog:
    assert log.rows == len(log.counts) + log.merged + log.rejected
    return log


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("log.csv", "{n},kettle {q},3\n"),
        ("log.txt", "kettle {q}\n"),
        ("log.jsonl", '{{"query": "kettle {q}", "n": 3}}\n'),
        ("log.json", '{{"query": "kettle {q}"}},\n'),
    ],
)
def test_a_long_log_takes_little_memory(tmp_path: Path, name: str, row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the rows of the same queries take no more of it, a JSON list among them."""
    monkeypatch.setattr(query_log, "MOST_WHOLE", 10_000)
    monkeypatch.setattr(files, "CHUNK_BYTES", 4_096)
    monkeypatch.setattr(query_log_lines, "CHUNK_BYTES", 4_096)
    peaks = []
    for rows in (2_000, 8_000):
        text = "".join(row.format(n=n, q=n % 50) for n in range(rows))
        text = {"log.csv": "time,query,count\n" + text, "log.json": f"[{text[:-2]}]"}.get(name, text)
        path = written(tmp_path, name, text)
        tracemalloc.start()
        log = accounted(read_query_log(path))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (log.rows, len(log.counts), log.rejected) == (rows, 50, 0)
    assert peaks[1] < peaks[0] + 150_000


def test_odd_rows_are_counted_and_the_first_are_kept(tmp_path: Path) -> None:
    """However many there are, the account has their number."""
    log = accounted(read_query_log(written(tmp_path, "log.txt", "lamp\n" + "?\n" * 3_000)))
    assert (len(log.odd), log.rejected) == (query_log.MOST_ODD, 3_000)
    assert log.account().endswith("; and 2,995 more)")


def test_the_encoding_that_is_named(tmp_path: Path) -> None:
    """One that can't be found out is given; one that is none, or another than the file's, is refused."""
    path = written(tmp_path, "log.csv", "query,count\nчайник,3\nлампа,2\n".encode("cp1251"))
    log = read_query_log(path, encoding="windows-1251")
    assert log.counts == {"чайник": 3, "лампа": 2}
    assert "csv in " in log.account()
    with pytest.raises(InputError, match="'klingon' is not known"):
        read_query_log(path, encoding="klingon")
    with pytest.raises(InputError, match="the file is not ascii"):
        read_query_log(path, encoding="ascii")
    path = written(tmp_path, "excel.csv", '"query"\t"count"\r\n"café"\t"3"\r\n'.encode("utf-16"))
    assert read_query_log(path).counts == read_query_log(path, encoding="utf-16").counts == {"café": 3}


def test_a_comment_may_name_the_columns(tmp_path: Path) -> None:
    """Where the row below it has as many columns; words in a comment that are none name nothing."""
    for name in ("log.csv", "log.txt", "log"):
        path = written(tmp_path, name, "# query,count\nphone,12\nlamp,3\n")
        assert read_query_log(path).counts == {"phone": 12, "lamp": 3}
    path = written(tmp_path, "log.tsv", "# 2026-01\n#term\tsearches\nphone\t12\n")
    assert read_query_log(path).counts == {"phone": 12}
    path = written(tmp_path, "log.csv", "# query, the column below\nsearch term,users,count\nphone,9,12\n")
    assert read_query_log(path).counts == {"phone": 12}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hash.txt", "#query\nphone\n"),
        ("counts.json", '{"phone": 1, "lamp": 0}'),
        ("kibana.csv", '"search_term: Descending",Count\nphone,1\n'),
        ("lens.csv", '"Top 10 values of search_term.keyword","Count of records"\nphone,1\n'),
        ("shopify.csv", "Original search query,Total searches\nphone,1\n"),
        ("gsc_it.csv", "Query principali,Clic,Impressioni,CTR,Posizione\nphone,9,1,1%,3\n"),
        ("gsc_pt.csv", "Principais consultas,Cliques,Impressões,CTR,Posição\nphone,9,1,1%,3\n"),
        ("gsc_nl.csv", "Populairste zoekopdrachten,Klikken,Vertoningen,CTR,Positie\nphone,9,1,1%,3\n"),
    ],
)
def test_more_names(tmp_path: Path, name: str, text: str) -> None:
    """As Kibana's tables, Shopify, Search Console in other languages and a mapping of counts have them."""
    assert accounted(read_query_log(written(tmp_path, name, text))).counts == {"phone": 1}


def test_an_empty_log(tmp_path: Path) -> None:
    for name in ("a.csv", "a.txt", "a.jsonl"):
        with pytest.raises(InputError, match="is empty"):
            read_query_log(written(tmp_path, name, "\n"))


def test_a_line_of_any_length_is_one_row(tmp_path: Path) -> None:
    """It is rejected with the reason, whatever the layout, and costs no other row."""
    long = "x" * (1 << 21)
    for name, text, line in (
        ("a.txt", f"lamp\n{long}\nsofa\n", 2),
        ("a.csv", f"query,note\nlamp,1\nkettle,{long}\nsofa,2\n", 3),
        ("a.jsonl", f'{{"query": "lamp"}}\n{{"query": "{long}"}}\n{{"query": "sofa"}}\n', 2),
    ):
        log = accounted(read_query_log(written(tmp_path, name, text)))
        assert set(log.counts) == {"lamp", "sofa"}
        assert [(odd.line, odd.reason) for odd in log.odd] == [(line, "it is over 1 MiB")]


def test_an_old_macs_lines_and_a_packed_files_end(tmp_path: Path) -> None:
    """Lines may end with CR alone; a packed file that breaks off is an error."""
    assert read_query_log(written(tmp_path, "a.csv", "query,count\rphone,2\rlamp,1\r")).counts == {
        "phone": 2,
        "lamp": 1,
    }
    packed = gzip.compress(b"".join(b"kettle %d\n" % n for n in range(9_000)))
    with pytest.raises(InputError, match="breaks off or is damaged"):
        read_query_log(written(tmp_path, "a.txt.gz", packed[: len(packed) // 2]))


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 16])
def test_the_encoding_is_found_whatever_the_pieces(tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of several bytes may lie in two pieces."""
    monkeypatch.setattr(query_log_lines, "CHUNK_BYTES", chunk)
    for encoding in ("utf-8", "cp1252"):
        log = read_query_log(written(tmp_path, "log.txt", "kettle\ncafé\n5 € mug\n".encode(encoding)))
        assert set(log.counts) == {"kettle", "café", "5 € mug"}


TEXTS = st.text(st.sampled_from('ab 1",é\\{}[]'), max_size=9)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(TEXTS, st.integers(), st.none(), st.dictionaries(st.sampled_from(["query", "n"]), TEXTS))),
       st.sampled_from([None, 0, 1, 4]))  # fmt: skip
def test_a_list_is_the_same_whole_and_in_pieces(tmp_path: Path, records: list[object], indent: int | None) -> None:
    """What is read of a long list is what is read of it at once."""
    path = written(tmp_path, "log.json", json.dumps(records, indent=indent))
    found = []
    for most in (1 << 24, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(query_log, "MOST_WHOLE", most)
            try:
                found.append(dict(accounted(read_query_log(path)).counts))
            except InputError:
                found.append({})
    assert found[0] == found[1]


def test_adobes_total_is_no_query_and_its_searches_are_counts(tmp_path: Path) -> None:
    """The first row that repeats its column's name is the sum of all, under another metric's name, too."""
    text = 'Internal Search Term,Internal Searches\nInternal Search Term,"12,345"\nred kettle,500\n'
    log = accounted(read_query_log(written(tmp_path, "adobe.csv", text)))
    assert log.counts == {"red kettle": 500}
    log = accounted(read_query_log(written(tmp_path, "own.csv", "query,count\nquery,3\n")))
    assert log.counts == {"query": 3}
