"""What the storefront refuses to other sites, names, paths and bodies, and what a browser may do with its replies."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from storefront_server import JUDGED_BY_EVE, OWN, SCRIPT, Server, error_of, page_of, served

from endcap.storefront.app import MAX_BODY_BYTES, STATIC, make_app
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


@pytest.mark.parametrize(
    "heads",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": ""},
     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/judgments", "/api/judgments/undo", "/api/events"])
def test_no_page_of_another_site_may_write(server: Server, path: str, heads: dict[str, str]) -> None:
    """What a browser says was sent by a page of another site or another port is refused, and nothing is kept."""
    answer = server.post(path, JUDGED_BY_EVE, heads)
    assert error_of(answer) == (403, "forbidden")
    assert "only the storefront's own page" in answer.json["error"]["message"]
    assert server.get("/api/judgments", q="mouse", judge="Eve").json == {}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
@pytest.mark.parametrize("path", ["/api/judgments", "/api/judgments/undo", "/api/events"])
def test_only_json_is_taken(server: Server, path: str, kind: str | None) -> None:
    """What a form or a script of another site can send without asking is refused by its type, whatever is in it."""
    heads = {"Content-Type": kind} if kind else {}
    answer = server.ask("POST", path, json.dumps(JUDGED_BY_EVE).encode(), heads)
    assert error_of(answer) == (415, "bad_request")
    assert server.get("/api/judgments", q="mouse", judge="Eve").json == {}
    asks_first = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    asked = server.ask("OPTIONS", path, heads=asks_first)
    assert asked.status >= 400
    assert not any(name.startswith("access-control") for name in asked.heads)


def test_our_own_page_may_write(demo: Shop, tmp_path: Path) -> None:
    """What a browser says of our own page is taken, and what says nothing of where it comes from."""
    with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        own = {"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
        for n, heads in enumerate((own, {"Sec-Fetch-Site": "none"}, {}), 1):
            given = {**JUDGED_BY_EVE, "product": f"x{n}"}
            assert server.post("/api/judgments", given, heads).json == {"saved": True, "count": n}
        assert server.get("/api/search", {"Sec-Fetch-Site": "same-origin"}, q="mouse").status == 200
        assert error_of(server.get("/api/search", {"Sec-Fetch-Site": "cross-site"}, q="mouse"))[0] == 403
        assert server.get("/?q=mouse", {"Sec-Fetch-Site": "cross-site"}).status == 200, "a link to us may be followed"


def test_a_name_that_nobody_gave_is_refused(demo: Shop, tmp_path: Path) -> None:
    """A page whose name was made to lead here gets nothing; localhost, addresses and allowed names are answered."""
    app = make_app(demo, JudgmentStore(tmp_path / "j.jsonl"), hosts=["shop.example", "My-Host.", "bücher.example"])
    with served(app) as server:
        for host in ("evil.example", "evil.example:8080", "localhost.evil.example", "xshop.example", "", "[evil]:80",
                     "[::1].evil.example", "localhost:evil.example", "localhost:80:80"):  # fmt: skip
            for path in ("/", "/api/shop", "/main.js", "/pictures/x"):
                answer = server.get(path, {"Host": host})
                assert error_of(answer) == (403, "forbidden"), host
                assert "--allow-host" in answer.json["error"]["message"]
            refused = server.post("/api/judgments", JUDGED_BY_EVE, {"Host": host, "Origin": f"http://{host}"})
            assert error_of(refused) == (403, "forbidden")
        for host in ("localhost:8080", "LOCALHOST", "127.0.0.1:9", "[::1]:8080", "10.1.2.3", "shop.example:80",
                     "SHOP.example.", "my-host:8080", "xn--bcher-kva.example"):  # fmt: skip
            assert server.get("/api/shop", {"Host": host}).status == 200, host
            own = {"Host": host, "Origin": f"http://{host}"}
            assert server.post("/api/judgments", JUDGED_BY_EVE, own).status == 200, host
        for path in ("/health", "/ready", "/metrics"):  # asked by what watches over it, by a name of its own
            assert server.get(path, {"Host": "storefront:8080"}).status == 200


def test_a_large_body_is_refused(server: Server) -> None:
    """More than the limit is not read to its end."""
    answer = server.post("/api/judgments", {"query": "x" * MAX_BODY_BYTES})
    assert error_of(answer) == (413, "bad_request")


def test_the_page_and_its_files(server: Server) -> None:
    """The page answers at /, each of its files under /static/ and beside it, with its type, an ETag and our policy."""
    page = server.get("/?q=mouse&page=2")
    assert page.body == (STATIC / "index.html").read_bytes()
    policy = page.heads["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
    files = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.suffix in types]
    assert "main.js" in files
    for name in files:
        for address in (f"/static/{name}", f"/{name}"):
            file = server.get(address)
            assert file.body == (STATIC / name).read_bytes()
            assert file.heads["content-type"] == types[Path(name).suffix]
            assert file.heads["cache-control"] == "no-cache"
            again = server.get(address, heads={"If-None-Match": file.heads["etag"]})
            assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/%2e%2e/app.py", "/static//etc/passwd",
     "/static/%00", "/static/vendor", "/static/", "/pictures/..%2f..%2fapp.py", "/pictures/", "/api", "/api/nothing",
     "/static/vendor/..%5c..%5capp.py"],
)  # fmt: skip
def test_no_path_leads_out_of_the_pages_folder(server: Server, path: str) -> None:
    """What is not one of the page's files is not found, however it is written."""
    assert error_of(server.get(path)) == (404, "not_found")


def test_every_answer_says_what_a_browser_may_do(server: Server) -> None:
    """Types are not guessed, nobody is told where a visitor came from, and the API's answers are no pages."""
    for path in ("/", "/api/shop", "/api/search?q=mouse", "/api/nothing", "/main.js", "/health", "/metrics"):
        heads = server.get(path).heads
        assert heads["x-content-type-options"] == "nosniff"
        assert heads["referrer-policy"] == "no-referrer"
        assert "default-src" in heads["content-security-policy"]
    assert error_of(server.ask("DELETE", "/api/judgments")) == (405, "bad_request")
    assert server.ask("HEAD", "/").body == b""


def test_a_title_that_is_a_script_is_data(own: Shop, tmp_path: Path) -> None:
    """A product with signs of markup comes back as JSON, in a reply that no browser takes for a page."""
    with served(make_app(own, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        answer = server.get("/api/search", q="script")
        assert answer.heads["content-type"] == "application/json"
        assert answer.heads["x-content-type-options"] == "nosniff"
        titles = {hit["id"]: hit["title"] for hit in answer.json["columns"]["endcap"]}
        assert titles["a1"] == SCRIPT
        assert page_of(server, "<script>", brand="Acme")["total"] == 1
        assert SCRIPT.encode() not in server.get("/?q=%3Cscript%3E").body


def test_own_pictures_come_from_beside_the_catalogue_alone(own: Shop, tmp_path: Path) -> None:
    """A picture in the catalogue's folder is shown; one outside of it, of another site or of another kind is not."""
    with served(make_app(own, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        pictures = {hit["id"]: hit["picture"] for hit in page_of(server, "mouse script")["columns"]["engine"]}
        assert pictures == {"a1": "/pictures/a1", "a2": None, "a/3 ü": None, "a4": None}
        shown = server.get("/pictures/a1")
        assert (shown.status, shown.heads["content-type"]) == (200, "image/svg+xml")
        assert "sandbox" in shown.heads["content-security-policy"]
        for id in ("a2", "a/3 ü", "a4"):
            assert server.get(f"/pictures/{quote(id, safe='')}").status == 404
        assert server.get("/api/product", id="a/3 ü").json["title"] == OWN[2].title
        (tmp_path / "own" / "pics" / "a1.svg").unlink()
        (tmp_path / "own" / "pics" / "a1.svg").symlink_to(tmp_path / "outside.svg")
        assert server.get("/pictures/a1").status == 404
