"""What a search of the storefront asks, read from the parameters of its address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from endcap.errors import InputError
from endcap.storefront.facets import MAX_VALUE, Chosen, Price

if TYPE_CHECKING:
    from multidict import MultiMapping

    Parameters = MultiMapping[str]

MAX_QUERY = 1000
"""Characters of a query."""
MAX_SIZE = 50
MAX_DEPTH = 10_000
"""As deep as engines let anybody page."""
MAX_CHOSEN = 50
"""Values of a facet that may be chosen."""
MODEL = "model"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search: its words, the page (from 1) and its size, the weight (None: the model's blend), what is chosen."""

    query: str
    page: int = 1
    size: int = 10
    weight: float | None = None
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def start(self) -> int:
        """How many products come before the page."""
        return (self.page - 1) * self.size

    @property
    def stop(self) -> int:
        """The place of the page's last product."""
        return self.page * self.size


def read_search_request(parameters: Parameters) -> SearchRequest:
    """The search that an address asks for; ``InputError`` names the parameter that can't be read."""
    size = _whole(parameters.get("size", "10"), "size", MAX_SIZE)
    page = _whole(parameters.get("page", "1"), "page", MAX_DEPTH)
    if page * size > MAX_DEPTH:
        raise InputError(f"page {page} of {size} ends beyond place {MAX_DEPTH:,}, the deepest that can be shown.")
    price = parameters.get("price", "")
    return SearchRequest(
        query=_query(parameters),
        page=page,
        size=size,
        weight=_weight(parameters.get("blend", MODEL)),
        chosen=Chosen(
            _values(parameters, "brand"), _values(parameters, "category"), Price.read(price) if price else None
        ),
    )


def _query(parameters: Parameters) -> str:
    query = parameters.get("q", "").strip()
    if not query:
        raise InputError("q is missing or empty; give the words to search for, as in q=kettle.")
    if len(query) > MAX_QUERY:
        raise InputError(f"q has {len(query):,} characters; at most {MAX_QUERY:,} are searched for.")
    return query


def _whole(text: str, name: str, most: int) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise InputError(f"{name} is {text!r:.80}; give a whole number from 1 to {most:,}.")
    return int(text)


def _weight(text: str) -> float | None:
    if text == MODEL:
        return None
    if not re.fullmatch(r"[01]|0?\.\d{1,9}|1\.0{1,9}", text, re.ASCII):
        raise InputError(f"blend is {text!r:.80}; give 'model', or a number from 0 (the engine's) to 1 (the model's).")
    return float(text)


def _values(parameters: Parameters, name: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(parameters.getall(name, ())))
    if len(values) > MAX_CHOSEN:
        raise InputError(f"{name} is given {len(values)} times; at most {MAX_CHOSEN} can be chosen.")
    for value in values:
        if not value or len(value) > MAX_VALUE:
            raise InputError(f"{name} is {value!r:.80}; give one to {MAX_VALUE:,} characters.")
    return values
