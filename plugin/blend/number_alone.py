"""Whether a query asks for nothing but a number, where no thing of that number is found in the window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.number_forms import is_sure
from endcap.plugin.blend.own_number import VARIANT, AskedNumber, brand_in, brands_of
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.query_words import QueryWords

FEW_WORDS = 3
"""Of a query that is a brand, a series and a number: "apple iphone 12"."""


def is_number_alone(query: QueryWords, products: Sequence[DocumentWords]) -> bool:
    """Whether a query in whose words no single number is found is one all the same: "canvas-914", "15 33 07"."""
    words = query.text.split()
    brand = brand_in(words, brands_of(products)).split()
    said = "".join(word for word in words if word not in brand)
    return said.isdigit() or any(is_sure(number) and len(number) >= len(said) for number in query.models)


def may_be_number_alone(query: QueryWords) -> bool:
    """Whether a query may ask for nothing but a number, where no product's words are at hand that could tell: one with
    a sure number, or with any number and few words."""
    asked = AskedNumber.of(query, ())
    sure = asked is not None and asked.sure
    return sure or is_number_alone(query, ()) or (bool(query.models) and len(query.words) <= FEW_WORDS)


def scores_of_others(
    student: FloatArray,
    query: QueryWords,
    asked: AskedNumber | None,
    products: Sequence[DocumentWords],
    levels: FloatArray | None,
) -> FloatArray:
    """The student's scores (n,), NaN for each product that carries the number that is asked for; all NaN where no thing
    of that number is found. Of what does not carry it, the student knows what is like the thing: behind a laptop other
    laptops, rather than chargers for them."""
    if asked is None or levels is None or levels.max(initial=0.0) < VARIANT:
        return np.full(len(products), np.nan)
    numbers = frozenset(filter(is_sure, query.models))  # of "Verrix-X12", "x12" as well
    carried = [
        level > 0 or asked.is_carried_by(each) or not numbers.isdisjoint(each.models)
        for each, level in zip(products, levels, strict=True)
    ]
    return np.where(carried, np.nan, student)
