"""Is an LMDB data file of states safe to map? Read in plain Python and numpy, before LMDB maps it.

LMDB trusts its file: a truncated one ends the process by SIGBUS, a garbled page can end it by SIGSEGV or an assertion.
So everything that LMDB follows without looking is checked here first: both meta pages, then the trees of states and of
free pages from their roots down, level by level. On each page number, type, pointers and sizes of the nodes have to
agree, and the nodes have to fill it exactly. No page may be used twice, and the counts have to be those of the meta
page. What the nodes hold is not read: a checksum with each state covers that (``store.py``).

The format is that of LMDB 0.9 (data version 1), little-endian, 64 bits; see ``mdb.c`` of openldap.org's LMDB.
Offsets in bytes:

    page   0 number u64, 8 pad u16, 10 flags u16, 12 lower u16, 14 upper u16 (or 12 overflow pages u32), 16 pointers u16
    node   0 low u16, 2 high u16, 4 flags u16, 6 key size u16, 8 key, then the value (or its overflow page u64)
    meta   16 magic u32, 20 version u32, 40 tree of free pages, 88 main tree, 136 last page u64, 144 transaction u64
    tree   0 page size u32, 4 flags u16, 6 depth u16, 8 branch, 16 leaf, 24 overflow pages, 32 entries, 40 root (u64)
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

MAGIC, DATA_VERSION = 0xBEEFC0DE, 1
BRANCH, LEAF, OVERFLOW, META = 1, 2, 4, 8
VALUE_ON_OVERFLOW_PAGES = 1
PAGE_HEADER, NODE_HEADER = 16, 8
NO_ROOT = 2**64 - 1
MAX_DEPTH = 32
WINDOW_PAGES = 2048
"""Pages read at once: 8 MiB, so that the check of a large file needs little memory."""

UNWRITTEN_PAGES = 1 << 20
"""The last page of the meta page may lie this far beyond the file: pages given up before they were ever written."""


class BrokenFile(Exception):
    """The file is not what LMDB would need; the message says where."""


@dataclass(frozen=True, slots=True)
class _Tree:
    flags: int
    depth: int
    branch_pages: int
    leaf_pages: int
    overflow_pages: int
    entries: int
    root: int


@dataclass(frozen=True, slots=True)
class _Meta:
    page_size: int
    free: _Tree
    main: _Tree
    last_page: int
    transaction: int


@dataclass(frozen=True, slots=True)
class _Nodes:
    """The nodes of some pages of one type, in one row each: where they begin in the file, and their headers."""

    at: Integers
    low: Integers
    high: Integers
    flags: Integers
    key_bytes: Integers


def check_file(path: Path, key_bytes: int) -> None:
    """Raise ``BrokenFile`` unless ``path`` is an LMDB file of one tree with keys of ``key_bytes`` bytes, safe to map.

    An empty file is right: LMDB begins it anew. Raises ``OSError`` where the file can't be read.
    """
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size:
            _FileCheck(file.fileno(), size).run(key_bytes)


class _FileCheck:
    def __init__(self, fd: int, size: int) -> None:
        self.fd = fd
        self.meta = _newest_meta(fd, size)
        self.page_size = self.meta.page_size
        self.end = min(size // self.page_size, self.meta.last_page + 1)
        """The first page number that can't be reached."""
        self.used: list[Integers] = []

    def run(self, key_bytes: int) -> None:
        _check(self.meta.main.flags == 0, "the main tree is not a plain one")
        _check(self.meta.free.flags in (0, 8), "the tree of free pages has odd flags")
        for _ in self.walk(self.meta.main, key_bytes, fewest_children=2):
            pass
        free = [
            self.free_list(leaves, row, run)
            for leaves, runs in self.walk(self.meta.free, 8, fewest_children=1)
            for row, run in enumerate(runs.tolist())
        ]
        used = np.concatenate([*self.used, *free, np.array([0, 1])])
        _check(len(np.unique(used)) == len(used), "a page is used twice")

    def walk(self, tree: _Tree, key_bytes: int, fewest_children: int) -> Iterator[tuple[_Nodes, Integers]]:
        """Check a tree's pages, root first; gives the nodes of its leaves, and ``overflow_runs`` of them."""
        if tree.root == NO_ROOT:
            _check(tree.depth == 0 and tree.entries == 0, "a tree without a root is not empty")
            return
        _check(1 <= tree.depth <= MAX_DEPTH, f"a tree is {tree.depth} levels deep")
        level = self.reachable(np.array([min(tree.root, 2**62)], dtype=np.int64))
        branch_pages = 0
        for _ in range(tree.depth - 1):
            branch_pages += len(level)
            _check(branch_pages <= tree.branch_pages, "a tree has more branches than it says")
            children = []
            for nodes, counts in self.nodes(level, BRANCH, key_bytes):
                _check(int(counts.min()) >= fewest_children, "a branch has too few children")
                children.append(nodes.low | nodes.high << 16 | nodes.flags << 32)
            level = self.reachable(np.concatenate(children))
        _check(branch_pages == tree.branch_pages, "a tree has fewer branches than it says")
        _check(len(level) == tree.leaf_pages, f"a tree has {len(level)} leaves and says {tree.leaf_pages}")
        entries = overflow = 0
        for nodes, _ in self.nodes(level, LEAF, key_bytes):
            entries += len(nodes.at)
            runs, pages = self.overflow_runs(nodes)
            overflow += pages
            yield nodes, runs
        _check(entries == tree.entries, f"a tree has {entries} entries and says {tree.entries}")
        _check(overflow == tree.overflow_pages, "a tree's overflow pages are not as many as it says")

    def reachable(self, pages: Integers) -> Integers:
        """The page numbers sorted, once it is sure that they are in the file."""
        _check(bool(((pages >= 2) & (pages < self.end)).all()), "a page beyond the end of the file is referred to")
        self.used.append(pages)
        return np.sort(pages)

    def nodes(self, pages: Integers, kind: int, key_bytes: int) -> Iterator[tuple[_Nodes, Integers]]:
        """The nodes of these pages (sorted numbers) and how many each page has, a window of the file at a time."""
        starts = np.unique(pages // WINDOW_PAGES) * WINDOW_PAGES
        for start in starts.tolist():
            window = pages[np.searchsorted(pages, start) : np.searchsorted(pages, start + WINDOW_PAGES)]
            first, last = int(window[0]), int(window[-1])
            raw = os.pread(self.fd, (last - first + 1) * self.page_size, first * self.page_size)
            _check(len(raw) == (last - first + 1) * self.page_size, "the file ends too early")
            yield self.nodes_of_window(raw, first, window, kind, key_bytes)

    def nodes_of_window(
        self, raw: bytes, first: int, pages: Integers, kind: int, key_bytes: int
    ) -> tuple[_Nodes, Integers]:
        """The nodes of these pages, which lie in ``raw`` behind page ``first``, and how many each page has."""
        # 1. The pages' headers.
        half = self.page_size // 2
        words = np.frombuffer(raw, dtype="<u2")
        page_at = (pages - first) * half  # in words of two bytes, as everything below
        _check(bool((np.frombuffer(raw, dtype="<u8")[page_at // 4] == pages).all()), "a page has another page's number")
        _check(bool((words[page_at + 5] == kind).all()), "a page is of the wrong type")
        lower, upper = words[page_at + 6].astype(np.int64), words[page_at + 7].astype(np.int64)
        counts = (lower - PAGE_HEADER) // 2
        smallest = NODE_HEADER + 2 + (key_bytes if kind == LEAF else 0)
        fits = (lower % 2 == 0) & (counts >= 1) & (counts * smallest <= self.page_size - PAGE_HEADER)
        _check(bool((fits & (lower <= upper) & (upper <= self.page_size)).all()), "a page's bounds are impossible")

        # 2. The nodes' pointers and headers.
        row = np.repeat(np.arange(len(pages)), counts)
        column = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        pointer = words[page_at[row] + PAGE_HEADER // 2 + column].astype(np.int64)
        inside = (pointer % 2 == 0) & (pointer >= upper[row]) & (pointer <= self.page_size - NODE_HEADER)
        _check(bool(inside.all()), "a node lies outside of its page")
        node_at = page_at[row] + pointer // 2
        low, high, flags, key = (words[node_at + i].astype(np.int64) for i in range(4))

        # 3. The nodes' sizes. The first key of a branch is left empty.
        no_key = (column == 0) if kind == BRANCH else np.zeros(len(column), dtype=bool)
        _check(bool(((key == key_bytes) | (no_key & (key == 0))).all()), "a key has the wrong size")
        size = NODE_HEADER + key
        if kind == LEAF:
            _check(bool((flags <= VALUE_ON_OVERFLOW_PAGES).all()), "a node has odd flags")
            size = size + np.where(flags == VALUE_ON_OVERFLOW_PAGES, 8, low | high << 16)
        # 4. In the order in which they lie, a page's nodes have to follow each other from `upper` to the page's end.
        begin = row * self.page_size + pointer
        order = np.argsort(begin)
        stop = (begin + (size + 1) // 2 * 2)[order]
        is_last = np.append(np.diff(row[order]) > 0, True)
        expected = np.where(is_last, (row[order] + 1) * self.page_size, np.append(begin[order][1:], 0))
        is_first = np.append(True, is_last[:-1])
        packed = (stop == expected).all() and (pointer[order][is_first] == upper).all()
        _check(bool(packed), "the nodes of a page do not fit together")
        return _Nodes(node_at * 2 + first * self.page_size, low, high, flags, key), counts

    def overflow_runs(self, nodes: _Nodes) -> tuple[Integers, int]:
        """The page on which each node's value begins (0: the leaf holds it), and how many pages these values take.

        A value that was replaced by a shorter one keeps its pages.
        """
        runs = np.zeros(len(nodes.at), dtype=np.int64)
        total = 0
        for row in np.flatnonzero(nodes.flags == VALUE_ON_OVERFLOW_PAGES).tolist():
            at = int(nodes.at[row] + NODE_HEADER + nodes.key_bytes[row])
            page = int.from_bytes(os.pread(self.fd, 8, at), "little")
            _check(2 <= page < self.end, "an overflow page lies beyond the end of the file")
            number, _, flags, pages = struct.unpack("<QHHI", os.pread(self.fd, PAGE_HEADER, page * self.page_size))
            _check(number == page and flags == OVERFLOW, "an overflow page is not what it should be")
            value_bytes = int(nodes.low[row] | nodes.high[row] << 16)
            _check(PAGE_HEADER + value_bytes <= pages * self.page_size, "a value is longer than its overflow pages")
            _check(page + pages <= self.end, "overflow pages lie beyond the end of the file")
            self.used.append(np.arange(page, page + pages))
            runs[row] = page
            total += pages
        return runs, total

    def free_list(self, nodes: _Nodes, row: int, run: int) -> Integers:
        """The page numbers of one entry of the tree of free pages."""
        length = int(nodes.low[row] | nodes.high[row] << 16)
        in_leaf = int(nodes.at[row] + NODE_HEADER + nodes.key_bytes[row])
        data = os.pread(self.fd, length, run * self.page_size + PAGE_HEADER if run else in_leaf)
        _check(len(data) == length and length >= 8 and length % 8 == 0, "a list of free pages has an odd size")
        numbers = np.frombuffer(data, dtype="<u8")
        count = int(numbers[0])
        _check(count < len(numbers), "a list of free pages is longer than its entry")
        pages = numbers[1 : count + 1].astype(np.int64)
        last = self.meta.last_page
        is_descending = (pages >= 2).all() and (pages <= last).all() and (np.diff(pages) < 0).all()
        _check(bool(is_descending), "a list of free pages is out of order")
        return pages


def _newest_meta(fd: int, size: int) -> _Meta:
    first = _meta(os.pread(fd, 152, 0), 0)
    _check(size >= 2 * first.page_size, "the file is shorter than its two meta pages")
    second = _meta(os.pread(fd, 152, first.page_size), 1)
    _check(first.page_size == second.page_size, "the two meta pages have different page sizes")
    _check(abs(first.transaction - second.transaction) <= 1, "the two meta pages do not follow each other")
    newest = first if first.transaction >= second.transaction else second
    _check(newest.last_page + 1 <= size // newest.page_size + UNWRITTEN_PAGES, "the file is far too short")
    return newest


def _meta(raw: bytes, number: int) -> _Meta:
    _check(len(raw) == 152, "the file is shorter than a meta page")
    page_number, _, flags, _ = struct.unpack_from("<QHHI", raw, 0)
    magic, version = struct.unpack_from("<II", raw, 16)
    _check(magic == MAGIC and flags == META and page_number == number, "it is not an LMDB file")
    _check(version == DATA_VERSION, f"its LMDB data version is {version}, not {DATA_VERSION}")
    page_size = struct.unpack_from("<I", raw, 40)[0]
    _check(512 <= page_size <= 32768 and page_size & (page_size - 1) == 0, f"a page size of {page_size} is impossible")
    trees = [_Tree(*struct.unpack_from("<HHQQQQQ", raw, at + 4)) for at in (40, 88)]
    last_page, transaction = struct.unpack_from("<QQ", raw, 136)
    _check(transaction == 0 or transaction % 2 == number, "a meta page has the other one's transaction")
    return _Meta(page_size, trees[0], trees[1], last_page, transaction)


def _check(condition: bool, fault: str) -> None:
    if not condition:
        raise BrokenFile(fault)
