"""The public catalogues as their owners publish them: how each is known, and how its records become products."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from endcap.index.fields import FieldMap
from endcap.index.product import CATEGORY_SEPARATOR, Product, words

Values = Mapping[str, Any]


class OwnersFormat(NamedTuple):
    """A catalogue's format: ``product`` makes a product of a record; one of ``marks`` (sets of names) gives it away.

    ``option`` is the field that ``format="NAME:VALUE"`` selects by, if there is one.
    """

    product: Callable[[Values], Product]
    marks: tuple[frozenset[str], ...]
    option: str = ""


_ICECAT_TYPE = "attr_t_product_type"
_ICECAT = FieldMap.parse(
    f"brand=supplier,description=short_description,image=img_500x500,category={_ICECAT_TYPE},price="
)


def icecat(record: Values) -> Product:
    """A product of the Icecat catalogue as the Chorus project publishes it.

    ``attr_t_x`` (text), ``attr_n_x`` (number) and ``attr_b_x`` (yes or no) become attributes named ``x``. ``price`` is
    left out: it does not come from Icecat and has other owners.
    """
    attributes: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for name, value in record.items():
        readable = _icecat_attribute(name)
        if not readable:
            rest[name] = value
        elif text := words(value):
            attributes[readable] = f"{attributes[readable]}, {text}" if readable in attributes else text
    rest.pop("price", None)
    return _ICECAT.product({**rest, "attributes": attributes})


@lru_cache(maxsize=10_000)
def _icecat_attribute(name: str) -> str:
    """The readable name of an attribute; "" where the field is none."""
    match = re.fullmatch(r"attr_[tnb]_(.+)", name, re.DOTALL)
    if match is None or name == _ICECAT_TYPE:
        return ""
    return re.sub(r"[_\s]+", " ", match[1]).strip() or match[1]


_OPENSEARCH = FieldMap.parse("id=asin|_id,description=text,attributes.color=color,attributes=")


def opensearch_ecommerce(record: Values) -> Product:
    """A product of the e-commerce sample of the OpenSearch project; bullet points go before the description."""
    rest = {name: value for name, value in record.items() if name not in ("bullet_points", "description")}
    if rest.get("_id") == rest.get("asin"):
        rest.pop("_id", None)
    return _OPENSEARCH.product({**rest, "text": _paragraphs(record, "bullet_points", "description")})


_ESCI = FieldMap.parse(
    "id=product_id,title=product_title,description=text,brand=product_brand,attributes.color=product_color,attributes="
)


def esci(record: Values) -> Product:
    """A product of the Shopping Queries Data Set; bullet points go before the description."""
    parts = ("product_bullet_point", "product_description")
    rest = {name: value for name, value in record.items() if name not in parts}
    return _ESCI.product({**rest, "text": _paragraphs(record, *parts)})


_WANDS = FieldMap.parse(
    "id=product_id,title=product_name,description=product_description,category=path|product_class,attributes=features"
)


def wands(record: Values) -> Product:
    """A product of WANDS: its features ``a:b|c:d`` are attributes, its category hierarchy ``a / b`` is the category."""
    own = ("product_features", "category hierarchy", "category_hierarchy")
    rest = {name: value for name, value in record.items() if name not in own}
    hierarchy = words(record.get(own[1]) or record.get(own[2]))
    path = CATEGORY_SEPARATOR.join(filter(None, (part.strip() for part in re.split(r"\s*/\s+|\s+/\s*", hierarchy))))
    features = []
    for feature in words(record.get("product_features")).split("|"):
        name, _, value = feature.partition(":")
        features.append({"name": name.strip(), "value": value.strip()})
    return _WANDS.product({**rest, "path": path, "features": features})


_BEIR = FieldMap.parse("id=_id,description=text")


def beir(record: Values) -> Product:
    """A passage of a BEIR corpus as a product."""
    return _BEIR.product(record)


def _paragraphs(record: Values, *names: str) -> str:
    return "\n".join(filter(None, (words(record.get(name), "\n").strip() for name in names)))


OWNERS: Mapping[str, OwnersFormat] = {
    "icecat": OwnersFormat(
        icecat,
        (
            frozenset({"id", "title", "supplier", "short_description"}),
            frozenset({"id", "title", "supplier", "img_500x500"}),
        ),
    ),
    "opensearch-ecommerce": OwnersFormat(
        opensearch_ecommerce,
        (frozenset({"asin", "title", "bullet_points"}), frozenset({"asin", "title", "is_book"})),
    ),
    "esci": OwnersFormat(esci, (frozenset({"product_id", "product_title"}),), option="product_locale"),
    "wands": OwnersFormat(wands, (frozenset({"product_id", "product_name", "product_class"}),)),
    "beir": OwnersFormat(beir, (frozenset({"_id", "title", "text"}),)),
}

JUDGMENT_MARKS: tuple[frozenset[str], ...] = (
    frozenset({"query", "docid", "rating"}),
    frozenset({"query", "rating"}),
    frozenset({"query", "ratings"}),
    frozenset({"query", "docid"}),
    frozenset({"query_id", "esci_label"}),
    frozenset({"judgmentRatings"}),
    frozenset({"query_id", "query"}),
    frozenset({"query_id", "source"}),
    frozenset({"query_id", "product_id", "label"}),
    frozenset({"query-id", "corpus-id"}),
)
"""Names that say that a file beside a catalogue holds queries or judgments, not products."""
