"""Public data sets are fetched whole, checked and resumed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from endcap.cli.main import run
from endcap.errors import EndcapError, InputError
from endcap.index.datasets.fetch import ATTEMPTS, checksum, copy_dataset, fetch_dataset
from endcap.index.datasets.sources import DATASETS, Dataset, DatasetFile
from endcap.index.judgments.reader import read_judgments
from endcap.index.readers.catalogue import read_products

CONTENT = bytes(range(256)) * 4000  # about 1 MB
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Owner:
    """A real HTTP server that publishes ``files`` and misbehaves as told."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: list[str | None] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    """Answers to give before the first good one."""
    at_most: int | None = None
    """How many bytes are sent before the connection is dropped."""
    knows_ranges: bool = True
    shift: int = 0
    """How far from the bytes asked for a partial answer begins."""


@pytest.fixture
def owner() -> Iterator[Owner]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            owner.ranges.append(self.headers.get("Range"))
            content = owner.files.get(self.path)
            status = owner.status.pop(0) if owner.status else 200 if content is not None else 404
            if status != 200 or content is None:
                self.send_error(status)
                return
            start = int(self.headers["Range"][6:-1]) if self.headers.get("Range") and owner.knows_ranges else 0
            if start and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                start += owner.shift
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # A client may have seen enough.
                self.wfile.write(content[start:][: owner.at_most])

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        owner = Owner(f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield owner
        server.shutdown()


def published(owner: Owner, content: bytes = CONTENT, **changes: object) -> Dataset:
    owner.files["/a.bin"] = content
    file = DatasetFile("a.bin", f"{owner.url}/a.bin", SHA256, len(CONTENT))
    return Dataset("a", "owner", "licence", "contents", "pinned", (replace(file, **changes),))  # type: ignore[arg-type]


def fetched(dataset: Dataset, folder: Path) -> list[int]:
    """Fetch, and the numbers of bytes that were told on the way."""
    told: list[int] = []

    def begin(file: DatasetFile) -> Callable[[int], None]:
        return told.append

    fetch_dataset(dataset, folder, begin, wait_s=0.001)
    return told


def test_a_file_is_fetched_once(owner: Owner, tmp_path: Path) -> None:
    """It arrives whole, progress counts up to its size, and a second fetch only checks it."""
    told = fetched(published(owner), tmp_path / "to" / "a")
    assert (tmp_path / "to" / "a" / "a.bin").read_bytes() == CONTENT
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)
    fetched(published(owner), tmp_path / "to" / "a")
    assert owner.ranges == [None]
    assert [path.name for path in (tmp_path / "to" / "a").iterdir()] == ["a.bin"]


def test_dropped_connections_are_resumed(owner: Owner, tmp_path: Path) -> None:
    """A server that drops every connection after 300 kB is asked for the rest until all is there."""
    owner.at_most = 300_000
    fetched(published(owner), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert owner.ranges == [None, "bytes=300000-", "bytes=600000-", "bytes=900000-"]


def test_a_later_run_continues(owner: Owner, tmp_path: Path) -> None:
    """What an ended run left as .part is not fetched again, not even when all of it is there."""
    for size in (123_457, len(CONTENT)):
        (tmp_path / "a.bin").unlink(missing_ok=True)
        (tmp_path / "a.bin.part").write_bytes(CONTENT[:size])
        fetched(published(owner), tmp_path)
        assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert owner.ranges == ["bytes=123457-"]


def test_a_server_without_ranges_starts_over(owner: Owner, tmp_path: Path) -> None:
    """Where the whole file comes although a part was asked for, it replaces what was there."""
    owner.knows_ranges = False
    (tmp_path / "a.bin.part").write_bytes(b"x" * 1000)
    fetched(published(owner), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("n_bytes", [len(CONTENT), None])
def test_a_part_that_is_too_long_is_thrown_away(owner: Owner, tmp_path: Path, n_bytes: int | None) -> None:
    """A part longer than the file, known by its size or by the server's 416, is fetched anew."""
    (tmp_path / "a.bin.part").write_bytes(CONTENT + b"more")
    fetched(published(owner, n_bytes=n_bytes), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_another_part_than_asked_for_is_refused(owner: Owner, tmp_path: Path) -> None:
    """A partial answer that begins elsewhere is never appended."""
    owner.shift = 7
    (tmp_path / "a.bin.part").write_bytes(CONTENT[:1000])
    with pytest.raises(EndcapError, match="sent another part of"):
        fetched(published(owner), tmp_path)
    assert (tmp_path / "a.bin.part").read_bytes() == CONTENT[:1000]


def test_passing_failures_are_tried_again(owner: Owner, tmp_path: Path) -> None:
    """500, 503 and 429 are given some attempts, then one sentence."""
    owner.status = [500, 503, 429]
    fetched(published(owner), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    (tmp_path / "a.bin").unlink()
    owner.status = [500] * 100
    with pytest.raises(
        EndcapError, match=r"127\.0\.0\.1 answered 500 .* Check the network and try again, or use files"
    ):
        fetched(published(owner), tmp_path)
    assert len(owner.status) == 100 - ATTEMPTS


@pytest.mark.parametrize("status", [404, 403])
def test_a_refusal_is_said_at_once(owner: Owner, tmp_path: Path, status: int) -> None:
    """404 and 403 are not tried again, and leave nothing behind."""
    dataset = published(owner)
    owner.status = [status]
    with pytest.raises(EndcapError, match=f"answered {status} .*a.bin. Use files you have with --from DIR"):
        fetched(dataset, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(owner.ranges) == 1


@pytest.mark.parametrize("content", [b"<html>Please log in</html>", b"", CONTENT[:-1] + b"x", CONTENT * 2])
def test_garbage_is_noticed_and_thrown_away(owner: Owner, tmp_path: Path, content: bytes) -> None:
    """An answer that is not the file, whatever its length, never gets the file's name."""
    with pytest.raises(InputError, match=r"is not what its owner published \(it has sha256:.*thrown away"):
        fetched(published(owner, content), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_port_is_one_sentence(tmp_path: Path, owner: Owner) -> None:
    """A host that can't be reached is said at once, with the ways out."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dataset = published(owner, url=f"http://127.0.0.1:{closed.getsockname()[1]}/a.bin")
        with pytest.raises(
            EndcapError, match=r"127\.0\.0\.1 can't be reached .*refused.*Check the network.*--from DIR"
        ):
            fetched(dataset, tmp_path)
    for url in ("http://no-such-host.invalid/a.bin", "http://[::bad/a.bin", "nonsense"):
        with pytest.raises(EndcapError):
            fetched(published(owner, url=url), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_ones_own_is_never_overwritten(owner: Owner, tmp_path: Path) -> None:
    """A different file under the same name stays, and the message says what to do."""
    (tmp_path / "a.bin").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"is not what its owner published.*Move .*a\.bin away"):
        fetched(published(owner), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == b"mine"


def test_files_are_taken_from_a_folder(owner: Owner, tmp_path: Path) -> None:
    """--from names what is missing, takes what is there, and says of another version what was found and expected."""
    dataset = published(owner)
    source, folder = tmp_path / "source", tmp_path / "to"
    source.mkdir()
    with pytest.raises(InputError, match=r"a\.bin of a is not there"):
        copy_dataset(dataset, source, folder)
    (source / "a.bin").write_bytes(b"another version")
    [warning] = copy_dataset(dataset, source, folder)
    assert f"found {checksum(source / 'a.bin', 'sha256')}, expected {dataset.files[0].checksum}" in warning
    assert (folder / "a.bin").read_bytes() == b"another version"
    (source / "a.bin").write_bytes(CONTENT)
    assert copy_dataset(dataset, source, folder) == []
    assert copy_dataset(dataset, folder, folder) == []
    assert (folder / "a.bin").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["a.bin"]
    assert owner.ranges == []


def test_a_beir_zip_is_unpacked_and_can_be_read(owner: Owner, tmp_path: Path) -> None:
    """corpus, queries and qrels come out of the zip; members that point elsewhere do not."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("sci/corpus.jsonl", '{"_id": "d1", "title": "T", "text": "x"}\n')
        archive.writestr("sci/queries.jsonl", '{"_id": "1", "text": "claim"}\n')
        archive.writestr("sci/qrels/test.tsv", "query-id\tcorpus-id\tscore\n1\td1\t1\n")
        archive.writestr("sci/../../evil.jsonl", "x")
        archive.writestr("sci/qrels/../../../evil.tsv", "x")
    content = packed.getvalue()
    owner.files["/sci.zip"] = content
    digest = "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()
    file = DatasetFile("sci.zip", f"{owner.url}/sci.zip", digest, unpack=True)
    dataset = Dataset("sci", "owner", "licence", "contents", "pinned", (file,))
    folder = tmp_path / "inner" / "sci"
    for _ in range(2):
        fetched(dataset, folder)
    assert owner.ranges == [None]
    assert [product.id for product in read_products(folder)] == ["d1"]
    assert read_judgments(folder).grades == {"claim": {"d1": 1}}
    assert not list(tmp_path.rglob("evil*"))


def test_command_lists_and_fetches(owner: Owner, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list names owner and licence; a fetch through a mirror is checked; failures are one line and exit 2."""
    assert run(["datasets"]) == 0
    listed = capsys.readouterr().out
    for dataset in DATASETS.values():
        assert dataset.name in listed
        assert dataset.owner in listed
        assert dataset.licence in listed
    assert run(["datasets", "--json"]) == 0
    assert [entry["name"] for entry in json.loads(capsys.readouterr().out)] == list(DATASETS)

    owner.files["/wands/product.csv"] = b"not the real one"
    assert run(["datasets", "fetch", "wands", "--to", str(tmp_path / "w"), "--mirror", owner.url]) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("Error: ")
    assert "is not what its owner published" in error
    assert "\n" not in error
    for arguments, said in (
        (["nope"], "data set 'nope' is not known. There are: chorus, esci-us"),
        (["chorus", "--from", str(tmp_path / "none")], "there is no such folder"),
        (["chorus", "--from", str(tmp_path), "--mirror", owner.url], "--from or --mirror"),
        (["chorus", "wands", "--to", str(tmp_path)], "--to and --from are of one data set"),
        (["chorus", "nope"], "data set 'nope' is not known"),
        (["chorus", "--mirror", "ftp://x"], "is not an address"),
        (["chorus", "--mirror", "http://no-such-host.invalid"], "no-such-host.invalid can't be reached"),
    ):
        assert run(["datasets", "fetch", *arguments]) == 2
        assert said in capsys.readouterr().err


def test_several_are_fetched_one_after_the_other(
    owner: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each into its own folder of the home, where recipes look for them."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path))
    for name in ("chorus", "wands"):
        owner.files[f"/{name}/{name}.csv"] = CONTENT
        file = DatasetFile(f"{name}.csv", f"https://nowhere.invalid/{name}.csv", SHA256)
        dataset = Dataset(name, "owner", "licence", "contents", "pinned", (file,))
        monkeypatch.setitem(DATASETS, name, dataset)  # type: ignore[arg-type]
    assert run(["datasets", "fetch", "chorus", "wands", "chorus", "--mirror", owner.url]) == 0
    assert (tmp_path / "datasets" / "wands" / "wands.csv").read_bytes() == CONTENT
    assert (tmp_path / "datasets" / "chorus" / "chorus.csv").read_bytes() == CONTENT
    assert len(owner.ranges) == 2
    assert capsys.readouterr().out.count("Load it with") == 2
