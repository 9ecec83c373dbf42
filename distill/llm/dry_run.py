"""A dry run of the LLM before the stages use it: what all would cost, and a few answers beside people's grades."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from endcap.distill.labels.logit import GRADES
from endcap.distill.llm.agreement import JudgedPair, measure, sample
from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.cost import Estimate, cost_of
from endcap.distill.llm.query_writer import estimate_queries
from endcap.distill.llm.teacher import EndpointTeacher
from endcap.distill.recipe.settings import Recipe
from endcap.distill.teacher.members import asks_llm
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TRAIN, Data, read_data
from endcap.progress import Watch, unwatched

SHOWN = 8
"""So many answers are shown one by one."""


def judged_pairs(data: Data) -> list[JudgedPair]:
    """All judged pairs of train and dev."""
    return [
        JudgedPair(each.shop, each.query, data.products[each.shop][product], grade)
        for each in (*data.part(TRAIN), *data.part(DEV))
        for product, grade in each.grades.items()
    ]


def estimates(recipe: Recipe, work: Work, pairs: int) -> Iterator[Estimate]:
    """What a check of so many pairs would cost, then what each stage that asks would, and all together.

    The pairs to be labelled are not known before they are made: they are reckoned as long as judged ones.
    """
    data = read_data(work)
    judged, teacher = judged_pairs(data), EndpointTeacher(recipe)
    products = [(shop, list(data.products.get(shop.name, {}).values())) for shop in recipe.shops]
    if pairs:
        yield _of(teacher, sample(judged, pairs, recipe.seed), "this check")
    every = list[Estimate]()
    if asks_llm(recipe.teacher):
        every.append(_of(teacher, judged, "teacher: judged pairs"))
        every.append(_scaled(recipe, teacher, judged, recipe.labels.count, "labels: generated pairs"))
    if "llm" in recipe.queries.sources:
        share = -(-recipe.queries.count // len(recipe.queries.sources))
        every += [estimate_queries(recipe, found, share) for _, found in products]
    yield from every
    yield Estimate(
        "all stages",
        asked=sum(each.asked for each in every),
        cached=sum(each.cached for each in every),
        requests=sum(each.requests for each in every),
        tokens_in=sum(each.tokens_in for each in every),
        tokens_out=sum(each.tokens_out for each in every),
        cost=sum(each.cost for each in every),
        sure=all(each.sure for each in every),
    )


def _of(teacher: EndpointTeacher, judged: list[JudgedPair], what: str) -> Estimate:
    return teacher.estimate([each.query for each in judged], [each.product for each in judged], what)


def _scaled(recipe: Recipe, teacher: EndpointTeacher, judged: list[JudgedPair], count: int, what: str) -> Estimate:
    """Of ``count`` pairs that are as long as judged ones are on average."""
    some = judged[:1_000]
    tokens = [teacher.tokens(each.query, each.product) for each in some]
    requests, answers, sure = teacher.times([each.query for each in judged], [each.product for each in judged])
    tokens_in = round(requests * count * sum(tokens) / len(tokens)) if tokens else 0
    tokens_out = answers * count * recipe.llm.max_tokens
    cost = cost_of(recipe.llm, tokens_in, tokens_out)
    return Estimate(what, count, 0, requests * count, tokens_in, tokens_out, cost, sure or not count)


def check(
    recipe: Recipe, work: Work, pairs: int, watch: Watch = unwatched, limits: Limits | None = None
) -> Iterator[str]:
    """Ask for so many judged pairs; some of the answers, the agreement and what was spent so far, as lines.

    Writes ``agreement.json`` and ``agreement.txt`` into ``WORK/llm/``. Raises ``EndpointError`` where the endpoint
    fails, and ``InputError`` where ``llm.check_pairs`` pairs show that the model agrees less than the recipe wants.
    """
    chosen = sample(judged_pairs(read_data(work)), pairs, recipe.seed)
    teacher = EndpointTeacher(recipe, watch=watch, limits=limits)
    found = teacher.gradings([each.query for each in chosen], [each.product for each in chosen])
    yield ""
    yield "people  model  " + "".join(f"p({grade})  " for grade in GRADES) + "query | product"
    for each, grading in islice(zip(chosen, found, strict=True), SHOWN):
        p = grading.probabilities
        said = "    -   no grade: " + repr(grading.answers[0][:60]) if p is None else f"{p.argmax():>7}  "
        shares = "" if p is None else "".join(f"{share:.2f}  " for share in p)
        yield f"{each.grade:>6}{said}{shares}{each.query} | {each.product.title[:60]}"
    agreement = measure(recipe.llm, chosen, found, recipe.seed)
    agreement.write(work.stage("llm"))
    yield ""
    yield agreement.table()
    spent = teacher.cache.spent(recipe.name)
    money = f", {spent.cost:,.4f}" if spent.cost else ""
    yield (
        f"spent on {recipe.name} so far: {spent.requests:,} requests, {spent.tokens_in:,} tokens in, "
        f"{spent.tokens_out:,} out{money}"
    )
    if len(chosen) >= recipe.llm.check_pairs:
        agreement.require(recipe.llm)
    else:
        yield f"{len(chosen)} pairs give an impression; the teacher stage decides by {recipe.llm.check_pairs}"
