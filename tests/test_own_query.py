"""A shop's own query: what it says is what is searched, by every command, and what reports name."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from evaluation_parts import GRADES, evaluated, products, write_catalogue
from hypothesis import given
from hypothesis import strategies as st

from endcap.cli.main import run
from endcap.cli.storefront_shop import open_shown_shop
from endcap.errors import EngineError, InputError
from endcap.evaluate.judged_pool import pool_candidates
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.systems import ENGINE, RULES, Shop, search
from endcap.evaluate.verdict import headline
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.own_query import OwnQuery, check_whole, own_query, search_body
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings, load_settings, save_settings
from endcap.plugin.model.registry import resolve
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.storefront.search_page import search_shop
from endcap.storefront.search_request import SearchRequest

HIDDEN = "phone1"
CLAUSE = {
    "bool": {
        "must": [{"multi_match": {"query": "{{query}}", "fields": ["title^2", "description"]}}],
        "must_not": [{"ids": {"values": [HIDDEN]}}],
    }
}
BODY = {"query": CLAUSE, "size": 1, "_source": False, "aggs": {"no": {"terms": {"field": "no"}}}}


def written(folder: Path, content: Any, name: str = "query.json") -> str:
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(folder / name)


def read(folder: Path, content: Any) -> OwnQuery:
    own = own_query(written(folder, content))
    assert own is not None
    return own


@pytest.fixture
def small(endcap_home: Path) -> str:
    """The name of an index of the embedded engine."""
    EmbeddedEngine("small").load(products())
    save_settings(IndexSettings("small"))
    return "small"


def test_all_four_commands_send_it(small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A product that the shop's query leaves out is found by none of them; each names the query, and '' is endcap's."""
    file, json_file = written(tmp_path, BODY), tmp_path / "report.json"
    judgments, log = tmp_path / "judgments.csv", tmp_path / "searches.log"
    lines = [f"{query},{id},{grade}" for query, of_query in GRADES.items() for id, grade in of_query.items()]
    judgments.write_text("\n".join(["query,docid,rating", *lines]), encoding="utf-8")
    log.write_text("phone\n", encoding="utf-8")
    evaluate = ["evaluate", small, "--judgments", str(judgments), "--dense", "0", "--json", str(json_file)]
    values = {}
    for body in ("", file):
        assert run([*evaluate, "--body", body]) == 0
        about, end_to_end = (report := json.loads(json_file.read_text()))["about"], report["settings"][0]
        values[body] = [system["values"]["P@10"]["phone"] for system in end_to_end["systems"]]
        assert ("query.json (sha256" in about["engine"], "tuned" in about["engine"]) == (bool(body), not body)
        assert ("what query.json decides" in about["rules"]) is bool(body)
        assert run(["compare", "--queries", str(log), "--index", small, "--body", body, "--json", str(json_file)]) == 0
        page = json.loads(json_file.read_text())
        assert (HIDDEN in str(page["changes"])) is not bool(body)
        assert ("query.json" in page["about"]["engine"]) is bool(body)
        capsys.readouterr()
        title = next(product.title for product in products() if product.id == HIDDEN)
        assert run(["search", "phone", "--index", small, "--explain", "--body", body]) == 0
        said = capsys.readouterr().out
        assert (title in said, "own query query.json" in said) == (not body, bool(body))
        parts = (IndexSettings(small), None, small, Reading(), resolve(None), None, None, body)
        with closing(open_shown_shop(*parts)) as shop:
            replies = search_shop(shop, SearchRequest("phone"))
            ids = {hit["_id"] for column in replies.columns for hit in column}
        assert (HIDDEN in ids) is not bool(body)
        assert len(ids) > 1
    assert values[""][0] > values[file][0]


def test_it_is_kept_with_the_index(small: str, endcap_home: Path, tmp_path: Path) -> None:
    """``endcap index --body`` keeps it, a later load keeps it too, and it is used without being named again."""
    file, catalogue = written(tmp_path, BODY), write_catalogue(tmp_path)
    load = ["index", str(catalogue), "--name", "kept", "--no-states"]
    assert run([*load, "--body", file]) == run(load) == 0
    assert load_settings("kept").body == file
    opened = open_catalogue("kept")
    assert "own query query.json" in opened.engine
    assert HIDDEN not in {product.id for product in search(opened.shop, opened.shop.body("phone"), 10)[0]}
    assert "tuned multi-field BM25" in open_catalogue("kept", body="").engine
    assert run([*load, "--body", ""]) == 0
    assert load_settings("kept").body == ""


def test_the_pool_is_ordered_by_the_whole_body(small: str, tmp_path: Path) -> None:
    """What the body filters, by ``post_filter`` too, is not matched; it comes last, with the score 0."""
    body = {"query": CLAUSE, "post_filter": {"bool": {"must_not": [{"ids": {"values": ["phone2"]}}]}}}
    shop = Shop(EmbeddedEngine(small), own=read(tmp_path, body))
    pool = pool_candidates(shop, {"phone": dict.fromkeys(("phone1", "phone2", "case1", "none"), 1)})["phone"]
    scores = dict(zip([product.id for product in pool.products], pool.engine_scores, strict=True))
    assert scores["case1"] > 0
    assert scores["phone1"] == scores["phone2"] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"query": {"match": {"title": {{query}}}}}', "stands in quotes"),
        ('{"query": {"match": {"a": "{{query}}"}}, "query": {}}', "'query' stands twice"),
        ({"query": {"match": {"title": "{{keywords}}"}}}, "'{{keywords}}'"),
        ([], "list"),
        ({"multi_match": {"query": "{{query}}"}}, "no 'query'"),
        ({"query": {"match": {"title": "lamp"}}}, "no place for the words"),
        ({"query": {"match": {"title": "{{query}} {{shop}}"}}}, "'{{shop}}'"),
        ({"query": {"match_all": {}}, "suggest": {"text": "{{query}}"}}, "no place"),
        ({"id": "t", "params": {"q": "lamp"}}, "no place"),
        ({"id": "t"}, "'params'"),
        ({"query": {"match": {"title": "{{query}}"}}, "search_after": [1]}, "search_after"),
        ({"query": {"match": {"title": "{{query}}"}}, "ext": {"rerank": {}}}, "ext.rerank"),
    ],
)
def test_what_is_no_own_query_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    """With what is wrong, before anything is searched."""
    with pytest.raises(InputError, match=said.replace("{", r"\{")):
        own_query(written(tmp_path, content))


def test_a_file_that_is_not_there_and_a_sort(small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one by the command line too; a sort gives no scores, so there is nothing to measure."""
    assert run(["search", "phone", "--index", small, "--body", str(tmp_path / "no.json")]) != 0
    assert "is not there" in capsys.readouterr().err
    shop = Shop(EmbeddedEngine(small), own=read(tmp_path, {"query": CLAUSE, "sort": [{"price": "asc"}]}))
    with pytest.raises(InputError, match="'sort' without _score"):
        search(shop, shop.body("phone"), 10)
    with pytest.raises(EngineError, match="a cluster has"):
        search_body(shop.engine, read(tmp_path, {"id": "t", "params": {"q": "{{query}}"}}), "phone")


@given(st.text(max_size=40))
def test_any_words_go_in_as_they_are(text: str) -> None:
    """No word is JSON, a place, or a regular expression's group; names of fields stay."""
    own = OwnQuery("q", {"query": {"match": {"{{query}}": "a {{ query }} {{{query}}} %SearchText% #$query##"}}})
    words = text.encode("utf-8", "replace").decode()
    assert own.body(None, text) == {"query": {"match": {"{{query}}": f"a {words} {words} {words} {words}"}}}


def test_the_headline_is_what_runs(small: str, tmp_path: Path) -> None:
    """With an own query, the first sentence is of the middleware's own answers; a report names what decides."""
    body = {"query": CLAUSE}
    opened = open_catalogue(small, body=written(tmp_path, body))
    with closing(StateStore.open()) as states:
        result = evaluated(opened, Student.load(), states)
    whole = next(setting for setting in result.settings if setting.window is not None)
    assert whole.shown == RULES
    effect = whole.effect(RULES, ENGINE, result.about.measures[0])
    assert effect is not None
    assert f"from {effect[1]:.3f} to {effect[2]:.3f}" in headline(result)


def test_what_is_not_whole_is_not_measured(tmp_path: Path) -> None:
    """Shards that failed and a time that was too short are errors that name the query and the reason."""
    own = read(tmp_path, BODY)
    failure = {"reason": {"type": "script_exception", "caused_by": {"reason": "no such value"}}}
    with pytest.raises(EngineError, match=r"1 of 2 shards failed in a search by query\.json: no such value"):
        check_whole({"_shards": {"total": 2, "failed": 1, "failures": [failure]}}, own)
    with pytest.raises(EngineError, match="'timeout' is too short"):
        check_whole({"_shards": {"total": 2, "failed": 0}, "timed_out": True}, None)
    check_whole({"_shards": {"total": 2, "failed": 0}, "timed_out": False}, own)
