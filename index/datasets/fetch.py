"""Fetches public data sets: resumed where it broke off, checked before it counts, whole or not there at all."""

import hashlib
import http.client
import os
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from endcap import __version__
from endcap.errors import EndcapError, InputError
from endcap.files import sync_folder, whole_file
from endcap.index.datasets.sources import Dataset, DatasetFile
from endcap.progress import Advance

BLOCK_BYTES = 1 << 18
TIMEOUT_S = 30
ATTEMPTS = 5
ARCHIVES = ".archives"
"""The folder, within that of a data set, that keeps the zip files which were unpacked."""

_BEIR_MEMBER = re.compile(r"[\w.-]+/(corpus\.jsonl|queries\.jsonl|qrels/\w+\.tsv)")
_AGAIN = (408, 429, 500, 502, 503, 504)


def fetch_dataset(
    dataset: Dataset, folder: Path, advance: Callable[[DatasetFile], Advance], wait_s: float = 1.0
) -> None:
    """Put every file of a data set into ``folder``; those that are there already are only checked.

    ``advance`` gets the bytes that are there of the file at hand.

    Raises ``EndcapError`` where a host can't be reached or does not have the file, ``InputError`` where a file is not
    what its owner published. What has arrived of a file is kept as ``NAME.part`` and continued by the next call.
    """
    for file in dataset.files:
        target = _target(folder, file)
        with _errors_named(target):
            if target.exists():
                _check(target, file, f"Move {target} away, or fetch to another folder.")
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                _download(file, target, advance(file), wait_s)
            _unpack(target, folder, file)


def copy_dataset(dataset: Dataset, source: Path, folder: Path) -> list[str]:
    """Copy every file of a data set from a folder that has it; returns a sentence for each that is another version.

    Who names files of their own means these files, so what differs from the pinned version is taken, and said.
    Raises ``InputError`` naming what is missing, before anything is copied.
    """
    paths = {
        file: next((p for p in (source / file.name, _target(source, file)) if p.is_file()), None)
        for file in dataset.files
    }
    missing = [file.name for file, path in paths.items() if path is None]
    if missing:
        raise InputError(f"{source}: {', '.join(missing)} of {dataset.name} is not there. Put it there, or fetch it.")
    differing = []
    for file, path in paths.items():
        assert path is not None
        target = _target(folder, file)
        with _errors_named(path):
            if (own := checksum(path, file.checksum.partition(":")[0])) != file.checksum:
                differing.append(
                    f"{path} is not the version that {dataset.name} is pinned to: found {own}, expected "
                    f"{file.checksum}. It was taken as it is; numbers measured on it may differ from published ones."
                )
            if not (target.exists() and target.samefile(path)):
                target.parent.mkdir(parents=True, exist_ok=True)
                with path.open("rb") as original, whole_file(target) as copy:
                    shutil.copyfileobj(original, copy, BLOCK_BYTES)
            _unpack(target, folder, file, again=True)
    return differing


def checksum(path: Path, kind: str) -> str:
    """The checksum of a file, ``KIND:HEX``; kinds are sha256, md5 and git-blob (SHA-1 of a header and the content)."""
    if kind == "git-blob":
        digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    else:
        digest = hashlib.new(kind, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return f"{kind}:{digest.hexdigest()}"


def _target(folder: Path, file: DatasetFile) -> Path:
    return folder / ARCHIVES / file.name if file.unpack else folder / file.name


def _check(path: Path, file: DatasetFile, remedy: str) -> None:
    own = checksum(path, file.checksum.partition(":")[0])
    if own != file.checksum:
        raise InputError(
            f"{path}: is not what its owner published (it has {own}, {file.checksum} was expected). {remedy}"
        )


def _download(file: DatasetFile, target: Path, advance: Advance, wait_s: float) -> None:
    part = target.with_name(target.name + ".part")
    if file.n_bytes is not None and part.exists() and part.stat().st_size > file.n_bytes:
        part.unlink()
    failures, arrived = 0, False
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if file.n_bytes is None or before != file.n_bytes:
                _continue(file, part, advance)
            break
        except _Broken as broken:
            # What arrived is kept, and each piece that arrives earns new attempts.
            moved = part.exists() and part.stat().st_size > before
            arrived = arrived or moved
            failures = 1 if moved else failures + 1
            if failures >= ATTEMPTS or (broken.unreachable and not arrived):
                raise EndcapError(
                    f"{broken} Check the network and try again, or use files you have with --from DIR."
                ) from broken
            time.sleep(wait_s * 2 ** (failures - 1))
    try:
        _check(part, file, f"It was thrown away. It came from {file.url}: look there, or use --from DIR.")
    except InputError:
        part.unlink()
        raise
    part.replace(target)
    sync_folder(target.parent)


class _Broken(Exception):
    """The transfer failed in a way that may pass; where the host is ``unreachable``, only if it was reached before."""

    def __init__(self, message: str, unreachable: bool = False) -> None:
        super().__init__(message)
        self.unreachable = unreachable


def _continue(file: DatasetFile, part: Path, advance: Advance) -> None:
    """One request for what is missing of a file."""
    start = part.stat().st_size if part.exists() else 0
    try:
        host = urlsplit(file.url).hostname
        request = urllib.request.Request(file.url, headers={"User-Agent": f"endcap/{__version__}"})
    except ValueError as error:
        raise EndcapError(f"{file.url} is not an address that can be fetched ({error}).") from error
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
            resumed = reply.status == 206 and reply.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            if reply.status == 206 and not resumed:
                raise EndcapError(f"{host} sent another part of {file.url} than was asked for. Use --from DIR.")
            _write(reply, part, start if resumed else 0, file, advance)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:
            part.unlink()
            raise _Broken(f"{host} has less of {file.url} than we do.") from error
        if error.code in _AGAIN:
            raise _Broken(f"{host} answered {error.code} {error.reason} for {file.url}.") from error
        raise EndcapError(
            f"{host} answered {error.code} {error.reason} for {file.url}. Use files you have with --from DIR."
        ) from error
    except urllib.error.URLError as error:
        timed_out = isinstance(error.reason, TimeoutError)
        raise _Broken(f"{host} can't be reached ({error.reason}).", unreachable=not timed_out) from error
    except (http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        raise _Broken(f"{host} broke off while sending {file.url} ({str(error) or type(error).__name__}).") from error


def _write(reply: http.client.HTTPResponse, part: Path, start: int, file: DatasetFile, advance: Advance) -> None:
    promised = reply.headers.get("Content-Length", "")
    size = start
    with part.open("r+b" if start else "wb") as out:
        out.seek(start)
        try:
            while block := reply.read(BLOCK_BYTES):
                out.write(block)
                size += len(block)
                advance(size)
                if file.n_bytes is not None and size > file.n_bytes:
                    return  # More than there should be: the checksum will say so.
        finally:
            out.flush()
            os.fsync(out.fileno())
    if promised.isdigit() and size - start < int(promised):
        raise http.client.IncompleteRead(b"", int(promised) - (size - start))


def _unpack(archive: Path, folder: Path, file: DatasetFile, again: bool = False) -> None:
    """The members of a BEIR zip, without the folder around them; ``again`` also those that are there."""
    if not file.unpack:
        return
    try:
        with zipfile.ZipFile(archive) as zipped:
            for name in zipped.namelist():
                match = _BEIR_MEMBER.fullmatch(name)
                if match and (again or not (folder / match[1]).exists()):
                    (folder / match[1]).parent.mkdir(parents=True, exist_ok=True)
                    with zipped.open(name) as member, whole_file(folder / match[1]) as out:
                        shutil.copyfileobj(member, out, BLOCK_BYTES)
    except (zipfile.BadZipFile, EOFError) as error:
        raise InputError(f"{archive}: the zip file is damaged ({error}). Fetch it again.") from error


@contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{error.filename or path}: {error.strerror or error}.") from error
