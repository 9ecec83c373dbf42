"""Lets an LLM write queries as shoppers type them: of different kinds, and of different relevance for a product."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.cache import AnswerCache, answer_key, extra_key
from endcap.distill.llm.cost import Estimate, cost_of, tokens_of
from endcap.distill.llm.errors import RefusedError
from endcap.distill.llm.prompts import product_data, prompt_of, writing_body
from endcap.distill.llm.question_batch import Asker, ask_all
from endcap.distill.llm.reply import Choice
from endcap.distill.recipe.settings import Recipe
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import digest
from endcap.errors import InputError
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.language.small_words import STOP_WORDS
from endcap.language.text import normalised, words_in
from endcap.plugin.model.text import clean
from endcap.progress import Watch, unwatched

RELEVANCES = ("exact", "substitute", "accessory", "unrelated")
"""Queries of different relevance are asked for together, which makes them more different (arXiv 2311.07930)."""

ANSWER_TOKENS = 400
PER_PRODUCT = 10
"""About so many queries come from a product, as long as a model's own answers do not tell better."""
FEWEST = 3.0
"""Fewer are not reckoned with, so that a model that writes none is not asked for all products at once."""

MORE = 1.2
"""So many times the queries are asked for: the leak guard and others will refuse some."""

LONGEST = 120

SENTENCE = 4
"""So many words of a description in a row, half of them small ones, are a piece of a sentence."""

FEWEST_PRODUCTS, LEAST_USEFUL = 20, 0.2
"""After so many products a model that has written queries for a smaller share of them is given up."""


@dataclass(frozen=True, slots=True)
class WrittenQuery:
    """A query, the product it was written for, and how relevant that was meant to be (one of ``RELEVANCES``)."""

    query: str
    product: str
    meant: str


def write_queries(
    recipe: Recipe,
    products: Sequence[Product],
    count: int,
    folder: Path,
    watch: Watch = unwatched,
    *,
    limits: Limits | None = None,
) -> list[tuple[str, str]]:
    """About ``count`` different queries, or a few more, each with the id of the product that it was written for.

    Products are drawn by the recipe's seed until there are enough queries; answers that hold none are passed over. What
    was written, with the relevance that was meant, is kept in ``folder`` as ``llm-queries-….json`` for people to read.
    Raises ``EndpointError`` where the endpoint fails or the cap is reached; answers are kept.
    """
    order = _shuffled(products, recipe.seed)
    written_by_form: dict[str, WrittenQuery] = {}
    done = useful = 0
    writer, title = _Writer(recipe), f"Letting {recipe.llm.model} write queries"
    with closing(AnswerCache()) as cache:
        while len(written_by_form) < count and done < len(order):
            of_one = len(written_by_form) / done if done else PER_PRODUCT
            batch = order[done : done + _products_for(count - len(written_by_form), of_one)]
            done += len(batch)
            answers = ask_all(recipe, cache, batch, writer.write, title=title, watch=watch, limits=limits)
            for query in (written for answer in answers for written in answer):
                written_by_form.setdefault(normal_form(query.query), query)
            useful += sum(bool(answer) for answer in answers)
            if done >= FEWEST_PRODUCTS and useful < LEAST_USEFUL * done:
                raise InputError(
                    f"{recipe.llm.model} wrote queries for {useful} of {done:,} products; the last answer without any "
                    f"began {writer.useless[:200]!r}. Try another model or llm.prompt, or a higher llm.max_tokens."
                )
    written = list(written_by_form.values())
    name = f"llm-queries-{digest(sorted(product.id for product in products))[:12]}.json"
    write_json(folder / name, [asdict(query) for query in written])
    return [(query.query, query.product) for query in written]


def estimate_queries(recipe: Recipe, products: Sequence[Product], count: int) -> Estimate:
    """What ``count`` queries would cost, without asking."""
    writer, order = _Writer(recipe), _shuffled(products, recipe.seed) if count else []
    with closing(AnswerCache()) as cache:
        drawn = [product_data(product) for product in order[: _products_for(count, PER_PRODUCT)]]
        kept = [reply for data in drawn if (reply := cache.get(writer.key(data))) is not None]
        if kept:  # what the model's answers hold
            of_one = sum(len(_forms(reply.choices[0].text)) for reply in kept) / len(kept)
            drawn = [product_data(product) for product in order[: _products_for(count, of_one)]]
        unasked = [data for data in drawn if cache.get(writer.key(data)) is None]
    tokens_in, tokens_out = sum(tokens_of(writer.body(data)) for data in unasked), len(unasked) * writer.most_tokens
    new, cached, cost = len(unasked), len(drawn) - len(unasked), cost_of(recipe.llm, tokens_in, tokens_out)
    return Estimate("products for queries", new, cached, new, tokens_in, tokens_out, cost)


def queries_in_answer(text: str) -> list[tuple[str, str]]:
    """Relevance and query of all that can be read in an answer: JSON, JSON among words, or JSON that was cut."""
    start, end = text.find("{"), text.rfind("}")
    try:
        data: Any = json.loads(text[start : end + 1]) if start >= 0 else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, Mapping):
        lists_by_name = re.findall(r'"(\w+)"\s*:\s*\[([^\]]*)', text)
        data = {name: re.findall(r'"((?:[^"\\\n]|\\.)*)"', items) for name, items in lists_by_name}
    queries = list[tuple[str, str]]()
    for relevance in RELEVANCES:
        items = data.get(relevance)
        for item in items if isinstance(items, list) else [items]:
            query = _query(item.get("query") if isinstance(item, Mapping) else item)
            if query:
                queries.append((relevance, query))
    return queries


def _forms(text: str) -> set[str]:
    return {normal_form(query) for _, query in queries_in_answer(text)}


def is_copied(query: str, product: Product) -> bool:
    """Whether nobody types a query so: a category's path, a list that says a word again, or a piece of a sentence.

    Such a piece has four words that follow one another in the description and not in the title, two of them small ones.
    """
    words, title, description = map(_words, (query, product.title, product.description))
    parts = [set(_words(part)) for part in query.split(",")]
    if CATEGORY_SEPARATOR.strip() in query or sum(map(len, parts)) > len(set[str]().union(*parts)):
        return True
    runs = [words[i : i + SENTENCE] for i in range(len(words) - SENTENCE + 1)]
    copied = (run for run in runs if _has_run(description, run) and not _has_run(title, run))
    return any(2 * sum(word in STOP_WORDS for word in run) >= SENTENCE for run in copied)


def _words(text: str) -> list[str]:
    return words_in(normalised(text))


def _has_run(words: Sequence[str], run: Sequence[str]) -> bool:
    return any(words[i : i + len(run)] == run for i in range(len(words) - len(run) + 1))


def _query(item: Any) -> str:
    """A query as a shopper could have typed it; empty where it is none."""
    if not isinstance(item, str) or len(item) > LONGEST:
        return ""
    query = clean(item.encode("utf-8", "replace").decode(), LONGEST).strip(" \"'`.,;:")
    return query if len(query) > 1 and normal_form(query) else ""


def _shuffled(products: Sequence[Product], seed: int) -> list[Product]:
    order = sorted(products, key=lambda product: product.id)
    random.Random(seed).shuffle(order)
    return order


def _products_for(count: int, of_one: float) -> int:
    """How many products are asked for, where one gives ``of_one`` queries."""
    return max(1, round(count * MORE / max(of_one, FEWEST)))


class _Writer:
    def __init__(self, recipe: Recipe) -> None:
        self._llm, self._prompt = recipe.llm, prompt_of(recipe.llm.prompt)
        self.useless = ""
        """An answer in which no query could be read."""
        # What a model thinks before it answers comes on top.
        self.most_tokens = ANSWER_TOKENS + (self._llm.max_tokens if self._llm.max_tokens > 16 else 0)

    async def write(self, asker: Asker, product: Product) -> list[WrittenQuery]:
        data = product_data(product)
        try:
            reply = await asker.ask(self.key(data), self.body(data), _has_queries)
        except RefusedError as error:
            self.useless = str(error)
            return []
        if not _has_queries(reply.choices[0]):
            self.useless = reply.choices[0].text
        written = queries_in_answer(reply.choices[0].text)
        return [WrittenQuery(query, product.id, meant) for meant, query in written if not is_copied(query, product)]

    def body(self, product: str) -> dict[str, Any]:
        return writing_body(self._prompt, product) | {
            "max_tokens": self.most_tokens,
            "temperature": 1,
            **self._llm.extra,
        }

    def key(self, product: str) -> bytes:
        return answer_key("write queries", self._llm.model, self._llm.prompt, "", product, *extra_key(self._llm))


def _has_queries(choice: Choice) -> bool:
    return bool(queries_in_answer(choice.text))
