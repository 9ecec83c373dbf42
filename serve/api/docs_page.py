"""The specification as a page for people, which loads nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 14px/1.5 ui-monospace, monospace; background: #8882; border-radius: 4px; padding: .1em .3em; }
pre { padding: 1rem; overflow-x: auto; } h2 { margin-top: 2.5rem; }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; } :root { color-scheme: light dark; }
"""
EXAMPLES = {
    "/rerank": {"query": "usb c charger", "texts": ["Garden hose 20 m", "USB-C charger 20 W"]},
    "/v1/rerank": {
        "model": "endcap",
        "query": "usb c charger",
        "documents": [{"title": "Garden hose 20 m"}, {"title": "USB-C charger 20 W", "brand": "Acme"}],
        "top_n": 1,
        "return_documents": True,
    },
    "/v2/rerank": {
        "model": "endcap",
        "query": "usb c charger",
        "documents": ["Garden hose 20 m", "USB-C charger 20 W"],
    },
    "/v1/embeddings": {"model": "endcap", "input": ["usb c charger"], "input_type": "query"},
}
"""A body for each path that takes one."""


def docs_page(specification: Mapping[str, Any]) -> str:
    """The page."""
    about = specification["info"]
    parts = "".join(
        part
        for path, methods in specification["paths"].items()
        for method, operation in methods.items()
        for part in _operation(path, method, operation)
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(about["title"])}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style><h1>{escape(about['title'])} {escape(about['version'])}</h1>"
        f"<p>{escape(about['description'])} For programs: <a href='openapi.json'>openapi.json</a>.</p>"
        f"<p>Where keys are in use, send <code>Authorization: Bearer KEY</code>.</p>{parts}</html>"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['summary'])}.</p>"
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        yield "<table><tr><th>field<th>is<th></tr>"
        for name, field in schema["properties"].items():
            needed = "needed" if name in schema["required"] else ""
            words = " ".join(filter(None, (needed, field.get("description", ""))))
            yield f"<tr><td><code>{escape(name)}</code><td>{escape(_kind(field))}<td>{escape(words)}</tr>"
        yield "</table>"
    if path in EXAMPLES:
        yield f"<pre>{escape(json.dumps(EXAMPLES[path], indent=2))}</pre>"
    yield "<table>"
    for status, response in operation["responses"].items():
        yield f"<tr><td>{escape(status)}<td>{escape(response['description'])}</tr>"
    yield "</table>"


def _kind(field: Mapping[str, Any]) -> str:
    """A schema's type in a word."""
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_kind(each) for each in field["anyOf"]))
    if "enum" in field:
        return ", ".join(str(value) for value in field["enum"] if value is not None)
    kinds = field.get("type", "any")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{kind} of {_kind(field['items'])}" if "items" in field else kind
