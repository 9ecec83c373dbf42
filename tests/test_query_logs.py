"""Query logs as their owners export them: what is read, what is merged, what is rejected, and that nothing is lost."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.query_log import QueryLog, read_query_log
from endcap.index.query_log_cells import count_of


def read(tmp_path: Path, name: str, content: str | bytes, *columns: str) -> QueryLog:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    log = read_query_log(path, *columns)
    assert log.rows == len(log.counts) + log.merged + log.rejected
    assert log.rejected == len(log.odd)
    return log


BODY = json.dumps({"query": {"bool": {"must": [{"multi_match": {"query": "phone", "fields": ["title"]}}],
                                      "filter": [{"match": {"brand": "Acme"}}]}}})  # fmt: skip
SLOW = (
    "[2026-01-05T10:00:00,123][WARN ][index.search.slowlog.query] [node-1] [shop][0] took[1.2s], took_millis[1200], "
    f"total_hits[10+ hits], stats[], search_type[QUERY_THEN_FETCH], total_shards[1], source[{BODY}], id[a-1], "
)
GA4 = """# ----------------------------------------
# Site search
# 20260101-20260131
# ----------------------------------------

Search term,Event count,Total users
,"1,300",900,Grand total
phone,"1,234",800
USB cable,56,40
(not set),10,9
"""
ADOBE = """#=================================================================
# Internal search
# Report suite: Shop
#=================================================================
,Occurrences
Internal Search Term (v5),1290
phone,1234
USB cable,56
"""
SEARCH_CONSOLE = "Top queries,Clicks,Impressions,CTR,Position\nphone,120,1234,9.7%,3.2\nUSB cable,3,56,5.4%,8\n"
PHONE_CABLE = {"phone": 1234, "USB cable": 56}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ga4.csv", GA4),
        ("adobe.csv", ADOBE),
        ("Queries.csv", SEARCH_CONSOLE),
        ("Suchanfragen.csv", SEARCH_CONSOLE.replace("Top queries", "Häufigste Suchanfragen")
         .replace("Impressions", "Impressionen")),
        ("gsc.json", json.dumps({"rows": [{"keys": ["phone"], "clicks": 2, "impressions": 1234.0},
                                          {"keys": ["USB cable"], "clicks": 0, "impressions": 56}]})),
        ("ga4.json", json.dumps({"rows": [
            {"dimensionValues": [{"value": query}], "metricValues": [{"value": str(n)}, {"value": "7"}]}
            for query, n in PHONE_CABLE.items()]})),
        ("algolia.json", json.dumps({"searches": [{"search": "phone", "count": 1234, "nbHits": 0},
                                                  {"search": "USB cable", "count": 56, "nbHits": 4}]})),
        ("algolia.csv", "search,nbHits,count\nphone,0,1234\nUSB cable,4,56\n"),
        ("aggregated.json", json.dumps({"aggregations": {"q": {"buckets": [
            {"key": "phone", "doc_count": 1234}, {"key": "USB cable", "doc_count": 56}]}}})),
        ("excel.csv", "sep=;\r\nSuchbegriff;Anzahl\r\nphone;1.234\r\nUSB cable;56\r\n"),
        ("excel.txt", "Search Term\tSearches\nphone\t1,234\nUSB cable\t56\n".encode("utf-16")),
        ("pairs.txt", "phone\t1234\nUSB cable\t56\n"),
        ("uniq.txt", "   1234 phone\n     56 USB cable\n"),
        ("mac.csv", "query,count\rphone,1234\rUSB cable,56\r"),
        ("hits.csv", "query,hits,count\nphone,0,1234\nUSB cable,9,56\n"),
    ],
)  # fmt: skip
def test_counted_exports(tmp_path: Path, name: str, content: str | bytes) -> None:
    """How often each was searched is read from the owner's own layout, and totals are no queries."""
    assert dict(read(tmp_path, name, content).counts) == PHONE_CABLE


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("slow.log", f"{SLOW}\n{SLOW}\n"),
        ("slow_ecs.json", "".join(json.dumps({"elasticsearch.slowlog.source": BODY, "took": 3}) + "\n" for _ in "ab")),
        ("slow.jsonl", "".join(json.dumps({"type": "index_search_slowlog", "source": BODY}) + "\n" for _ in "ab")),
        ("ubi.csv", 'query,user_query\n"{""match_all"": {}}",phone\n"{""match_all"": {}}",phone\n'),
        ("ubi.jsonl", "".join(json.dumps({"query": BODY, "user_query": "phone"}) + "\n" for _ in "ab")),
        ("bodies.csv", 'time,query\n1,"' + BODY.replace('"', '""') + '"\n2,phone\n'),
    ],
)
def test_logs_of_bodies(tmp_path: Path, name: str, content: str) -> None:
    """Of a body counts what it searches for, not what it filters by."""
    assert dict(read(tmp_path, name, content).counts) == {"phone": 2}


def test_a_search_consoles_zip(tmp_path: Path) -> None:
    """The one file of queries in a packed export is found; where there are two, they are named."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Queries.csv", SEARCH_CONSOLE)
        archive.writestr("Pages.csv", "Top pages,Clicks,Impressions\nhttps://shop/a,1,2\n")
    assert dict(read_query_log(path).counts) == PHONE_CABLE
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("More.csv", SEARCH_CONSOLE)
    with pytest.raises(InputError, match=r"More\.csv, Queries\.csv"):
        read_query_log(path)


def test_a_stray_quote_costs_no_row(tmp_path: Path) -> None:
    """Neither one that is never closed, nor one that another row's quote would close; a real line break is one row."""
    content = 'query,count\n"27"" tv",3\n"usb cable,2\n6" pipe,4\nlamp,5\n"phone,6\ndesk",7\nsofa,1\n'
    log = read(tmp_path, "my.csv", content)
    assert {"usb cable": 2, "lamp": 5, "sofa": 1, '27" tv': 3, '6" pipe': 4}.items() <= log.counts.items()
    assert sum(log.counts.values()) == 28
    log = read(tmp_path, "noted.csv", 'query,note\nphone,"two\nlines"\nlamp,one\n')
    assert (dict(log.counts), log.rows) == ({"phone": 1, "lamp": 1}, 2)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        *(
            (text, 1234)
            for text in ("1,234", "1.234", "1 234", "1'234", "1\u00a0234", "1234.0", " 1234 ", 1234, 1234.0)
        ),
        *((("1,29,999", 129999)), ("1.2K", 1200), ("3M", 3000000), ("12,345,678", 12345678), ("0", 0)),
        *((text, text) for text in ("1,5", "1.5", "many", "", "9.7%", "1,23,4", "-", "nan", "inf", None, True)),
    ],
)
def test_counts(written: Any, count: Any) -> None:
    """However a whole number is written; what is none stays as it is."""
    assert count_of(written) == count


APACHE = '192.0.2.7 - - [05/Jan/2026:10:00:00 +0000] "GET /search?q=phone HTTP/1.1" 200 512 "-" "Mozilla/5.0"'


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("access.log", APACHE),
        ("access.txt", f"shop.example {APACHE}"),
        ("iis.log", "2026-01-05 10:00:00 W3SVC1 GET /search q=phone 80"),
        ("syslog", "Jan  5 10:00:00 shop app[12]: searched phone"),
        ("page.txt", "<p>phone</p>"),
        ("urls.txt", "https://shop.example/search?q=phone"),
    ],
)
def test_what_is_no_query_log_is_refused(tmp_path: Path, name: str, line: str) -> None:
    """With what stands there; some such lines among queries are rejected one by one."""
    with pytest.raises(InputError, match="no query") as raised:
        read(tmp_path, name, f"{line}\n" * 3 + "lamp\n")
    assert line[:20] in str(raised.value)
    log = read(tmp_path, name, f"lamp\n{line}\nsofa\n")
    assert (list(log.counts), [odd.line for odd in log.odd]) == (["lamp", "sofa"], [2])


def test_columns_by_name(tmp_path: Path) -> None:
    """Names of one's own are given; one that is not there is refused with those that are."""
    content = "zeit;Was gesucht;wie oft;count\n1;phone;3;9\n2;lamp;1;9\n"
    assert dict(read(tmp_path, "my.csv", content, "was gesucht", "wie oft").counts) == {"phone": 3, "lamp": 1}
    rows = '{"asked": "phone", "n2": "1,234"}\n'
    assert dict(read(tmp_path, "my.jsonl", rows, "asked", "n2").counts) == {"phone": 1234}
    for columns in (("nothing",), ("Was gesucht", "nothing")):
        with pytest.raises(InputError, match=r"'nothing'.*Was gesucht"):
            read(tmp_path, "my.csv", content, *columns)
    with pytest.raises(InputError, match="the columns are zeit, Was gesucht"):
        read(tmp_path, "my.csv", content)


def test_a_word_of_the_head_among_the_rows_loses_no_row(tmp_path: Path) -> None:
    """A query that is called like a column is no head of a table."""
    with pytest.raises(InputError, match="no column is called"):
        read(tmp_path, "my.csv", "phone,3\nlamp,2\nsearch,1\n")
    assert len(read(tmp_path, "my.txt", "phone\nlamp\nquery, count\nsofa\n").counts) == 4


def test_the_account(tmp_path: Path) -> None:
    """One sentence: rows = queries + merged + rejected, with the first of those that were rejected."""
    said = read(tmp_path, "my.txt", "phone\nPhone\n\nlamp\n" + "?\n" * 9).account()
    assert said.startswith("my.txt (read as text): 13 rows = 2 queries + 1 merged + 10 rejected (line 3: empty; ")
    assert said.endswith("; and 5 more)")


CELLS = st.text(st.sampled_from('ab 1",;\t\n\r#{}[]:\\é\u2028\0'), max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CELLS, max_size=12), st.sampled_from(["", "query,count\n", "query;n\n", "search term\n"]),
       st.sampled_from(["a.log", "a.csv", "a.tsv", "a.jsonl", "a.json", "a.zip"]))  # fmt: skip
def test_any_rows(tmp_path: Path, cells: list[str], head: str, name: str) -> None:
    """Whatever stands there is read or refused, and each row is accounted for."""
    try:
        read(tmp_path, name, head + "\n".join(cells))
    except InputError:
        return


QUERIES = st.lists(st.text(st.sampled_from("abcdefg"), min_size=1, max_size=6), min_size=1, max_size=12, unique=True)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUERIES, st.data())
def test_quotes_anywhere(tmp_path: Path, queries: list[str], data: st.DataObject) -> None:
    """A quote before, within or after a query costs no row: each has its line, and the count of its own."""
    lines = []
    for place, query in enumerate(queries):
        at = data.draw(st.integers(-1, len(query)))
        lines.append((query if at < 0 else f'{query[:at]}"{query[at:]}') + f",{10**place}")
    log = read(tmp_path, "my.csv", "query,count\n" + "\n".join(lines) + "\n")
    assert log.searches == sum(10**place for place in range(len(queries)))
    assert log.rows == len(queries)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("name", ["log.csv", "log.txt"])
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    """What Windows and Excel write is read as what it is."""
    path = tmp_path / name
    path.write_bytes(("query,count\n" * name.endswith("csv") + "café\nkettle\n5 € mug\n").encode(encoding))
    log = read_query_log(path)
    assert set(log.counts) == {"café", "kettle", "5 € mug"}
    assert ("cp1252" in log.account()) == (encoding == "cp1252")


def test_a_damaged_line_does_not_change_the_encoding(tmp_path: Path) -> None:
    """In a file of UTF-8 a line that is not is rejected, and the others keep their signs; the same with signs that no
    encoding explains."""
    path = tmp_path / "log.txt"
    path.write_bytes("café\nkettle\n".encode() + b"m\xfcsli\n")
    log = read_query_log(path)
    assert (set(log.counts), len(log.odd)) == ({"café", "kettle"}, 1)
    path.write_bytes(b"kettle\nm\x81sli\n")
    assert read_query_log(path).odd[0].reason == "not valid UTF-8"


def test_a_comment_is_no_head_of_a_table(tmp_path: Path) -> None:
    text = '# ----\n# Search terms\n# Account: x\nSearch term,Event count\nred shoes,"1,234"\nkettle,20\n'
    assert read(tmp_path, "ga.csv", text).counts == {"red shoes": 1234, "kettle": 20}


def test_a_slow_log_is_known_whatever_its_logger_is_called(tmp_path: Path) -> None:
    line = SLOW.replace("index.search.slowlog.query", "i.s.s.query              ")
    assert read(tmp_path, "slow.log", f"{line}\n").counts == {"phone": 1}


def test_what_reports_write_for_no_search_is_no_query(tmp_path: Path) -> None:
    text = "search term,count\nTotal,30\n<empty search>,5\nUnspecified,4\ntotal,3\nphone,2\n"
    assert read(tmp_path, "a.csv", text).counts == {"total": 3, "phone": 2}
    assert read(tmp_path, "a.json", '{"searches": [{"search": "<empty search>"}, {"search": "phone"}]}').counts == {
        "phone": 1
    }
