"""The demo shop in other languages: the same facts and grades, all words translated."""

from __future__ import annotations

import re

import pytest

from endcap.demo.catalogue import items
from endcap.demo.judge import grade
from endcap.demo.queries import demo_queries
from endcap.demo.translation import ToldShop, languages, translation
from endcap.errors import InputError

TRANSLATED = languages()[1:]


@pytest.mark.parametrize("language", TRANSLATED)
def test_facts_and_grades_are_those_of_the_english_shop(language: str) -> None:
    """Only words differ: each product has its English facts, and each search the grades of the English one."""
    by_id = {item.product.id: item for item in items()}
    told = ToldShop(language)
    assert len(told.items) > 1_000
    assert all(item.facts == by_id[item.product.id].facts for item in told.items)
    assert all(item.product.price == by_id[item.product.id].product.price for item in told.items)
    english = {query.text: query for query in demo_queries()}
    meant = {text: english[original] for original, text in translation(language).queries.items()}
    for query in told.queries[::7]:
        assert [grade(query, item) for item in told.items] == [grade(meant[query.text], item) for item in told.items]


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_search_can_be_answered(language: str) -> None:
    """Some product of the translated departments is what each of them means."""
    told = ToldShop(language)
    grades = told.judgments().grades
    assert len(grades) >= 60
    assert all(max(judged.values()) == 3 for judged in grades.values())


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_english_word_is_left(language: str) -> None:
    """Titles hold no word of the English shop's texts but names, and what both languages say."""
    told = translation(language)
    said = [*told.values.values(), *told.nouns.values()]
    both = {word.lower() for text in said for word in re.findall(r"[^\W\d_]+", text)} | {"bar"}  # 15 bar
    english = {word for text in told.values for word in re.findall(r"[^\W\d_]{3,}", text.lower())}
    names = {
        word.lower()
        for item in items()
        for text in (
            item.product.brand,
            item.facts["model"],
            item.facts.get("for brand", ""),
            item.facts.get("for model", ""),
        )
        for word in re.findall(r"[^\W\d_]+", text)
    }
    for item in ToldShop(language).items:
        left = set(re.findall(r"[^\W\d_]{3,}", item.product.title.lower())) & english - both - names
        assert not left, (item.product.title, left)


def test_an_unknown_language_is_refused() -> None:
    """The message says which there are."""
    with pytest.raises(InputError, match="de, es, fr"):
        _ = ToldShop("xx").items
