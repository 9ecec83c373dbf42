"""Draws which room imports which, by floors, from the code's own imports: ``python docs/import_graph.py [CHECKOUT]``.

A room is a folder with modules, and stands one floor above the highest room that it imports. Modules of a folder that
import its inner rooms stand on top of it, as ``FOLDER/*``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOMS = ("language", "index", "plugin", "evaluate", "distill", "serve", "storefront", "demo", "cli")
Graph = Mapping[str, set[str]]
"""What each node imports of the others."""


def modules(checkout: Path) -> dict[str, Path]:
    """The modules of the package by their dotted names."""
    ground = {f"endcap.{path.stem}": path for path in (checkout / "endcap").glob("*.py")}
    rooms = {
        ".".join(("endcap", *path.relative_to(checkout).with_suffix("").parts)): path
        for room in ROOMS
        for path in (checkout / room).rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for name, path in (ground | rooms).items()}


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """``(module, name)`` of each import of the package in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("endcap"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("endcap"):
            yield from ((str(node.module), alias.name) for alias in node.names)


def module_graph(checkout: Path) -> dict[str, set[str]]:
    """What each module imports."""
    paths = modules(checkout)
    graph = {}
    for module, path in paths.items():
        targets = (f"{package}.{name}" if f"{package}.{name}" in paths else package for package, name in imported(path))
        graph[module] = {target for target in targets if target in paths and target != module}
    return graph


def room_graph(graph: Graph, checkout: Path) -> dict[str, set[str]]:
    """What each room imports of other rooms. A package's ``__init__`` is its door to users, and stands outside."""
    paths = modules(checkout)
    names = (module for module in graph if paths[module].stem != "__init__")
    inside = {module: room_of(module, graph, paths, checkout) for module in names}
    rooms: dict[str, set[str]] = {room: set() for room in inside.values()}
    for module, room in inside.items():
        rooms[room] |= {inside[target] for target in graph[module] if target in inside} - {room}
    return rooms


def room_of(module: str, graph: Graph, paths: Mapping[str, Path], checkout: Path) -> str:
    """The folder of a module, relative to the checkout, and whether the module stands on top of it."""
    folder = paths[module].parent
    inner = {other for other, path in paths.items() if folder in path.parent.parents}
    on_top = bool(inner & reachable(graph, module))
    return folder.relative_to(checkout).as_posix() + ("/*" if on_top else "")


def circles(graph: Graph) -> list[set[str]]:
    """Nodes that import each other, by however many steps: the graph's strongly connected parts."""
    reach = {node: reachable(graph, node) for node in graph}
    parts = {frozenset(other for other in reach[node] if node in reach[other]) for node in graph if node in reach[node]}
    return [set(part) for part in sorted(parts, key=sorted)]


def reachable(graph: Graph, start: str) -> set[str]:
    """All nodes that a node imports, directly or not."""
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(graph.get(node, ()))
    return seen


def floors(graph: Graph) -> dict[str, int]:
    """The floor of each node: 0 where it imports nothing, else one above the highest that it imports."""
    floor: dict[str, int] = {}
    while len(floor) < len(graph):
        ready = [node for node in graph if node not in floor and graph[node] <= floor.keys()]
        if not ready:
            raise ValueError(f"imports go in a circle: {circles(graph)}")
        floor |= {node: 1 + max((floor[target] for target in graph[node]), default=-1) for node in ready}
    return floor


def drawing(checkout: Path) -> str:
    """The house as text: a line a room, the highest floor first, with the rooms that it imports."""
    graph = room_graph(module_graph(checkout), checkout)
    floor = floors(graph)
    width = max(map(len, graph))
    lines = []
    for room in sorted(graph, key=lambda room: (-floor[room], room)):
        below = ", ".join(sorted(direct(graph, room), key=lambda other: (-floor[other], other)))
        lines.append(f"{floor[room]:>2}  {room:<{width}}  {below and f'-> {below}'}".rstrip())
    return "\n".join(lines) + "\n"


def direct(graph: Graph, room: str) -> set[str]:
    """The rooms that a room imports, without those that it would reach by another of them all the same."""
    return graph[room] - {other for third in graph[room] for other in reachable(graph, third)}


if __name__ == "__main__":
    print(drawing(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)), end="")
