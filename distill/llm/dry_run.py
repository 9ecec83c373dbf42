"""A dry run of the LLM before the stages use it: what all would cost, and a few answers beside people's grades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from endcap.distill.llm.agreement import JudgedPair, measure_agreement, sample_pairs
from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.cost import Estimate, cost_of
from endcap.distill.llm.query_writer import estimate_queries
from endcap.distill.llm.teacher import EndpointTeacher, prompt_pairs
from endcap.distill.recipe.settings import Recipe
from endcap.distill.teacher.member_classes import asks_llm
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TRAIN, Data, read_data
from endcap.index.judgments.judgments import GRADES
from endcap.progress import Watch, unwatched

SHOWN = 8
"""So many answers are shown one by one."""
RAW, RAW_CHARS = 5, 600
"""Of so many the raw replies are shown, those without a grade first, and of each so many characters from its end."""


def judged_pairs(data: Data) -> list[JudgedPair]:
    """All judged pairs of train and dev."""
    return [
        JudgedPair(judged.shop, judged.query, data.products[judged.shop][product], grade)
        for judged in (*data.part(TRAIN), *data.part(DEV))
        for product, grade in judged.grades.items()
    ]


def cost_estimates(recipe: Recipe, work: Work, pairs: int) -> Iterator[Estimate]:
    """What a check of so many pairs would cost, then what each stage that asks would, and all together.

    The pairs to be labelled are not known before they are made: they are reckoned as long as judged ones.
    """
    data = read_data(work)
    judged, teacher = judged_pairs(data), EndpointTeacher(recipe)
    products = [list(data.products.get(shop.name, {}).values()) for shop in recipe.shops]
    if pairs:
        yield _pairs_estimate(teacher, sample_pairs(judged, pairs, recipe.seed), "this check")
    stages = list[Estimate]()
    if asks_llm(recipe.teacher):
        stages.append(_pairs_estimate(teacher, judged, "teacher: judged pairs"))
        stages.append(_scaled_estimate(recipe, teacher, judged, recipe.labels.count, "labels: generated pairs"))
    if "llm" in recipe.queries.sources:
        share = -(-recipe.queries.count // len(recipe.queries.sources))
        stages += [estimate_queries(recipe, of_shop, share) for of_shop in products]
    yield from stages
    counts = ("uncached", "cached", "requests", "tokens_in", "tokens_out", "cost")
    totals = {name: sum(getattr(stage, name) for stage in stages) for name in counts}
    yield Estimate("all stages", **totals, certain=all(stage.certain for stage in stages))


def _pairs_estimate(teacher: EndpointTeacher, judged: list[JudgedPair], subject: str) -> Estimate:
    return teacher.estimate([pair.query for pair in judged], [pair.product for pair in judged], subject)


def _scaled_estimate(
    recipe: Recipe, teacher: EndpointTeacher, judged: list[JudgedPair], count: int, subject: str
) -> Estimate:
    """Of ``count`` pairs that are as long as judged ones are on average."""
    measured = judged[:1_000]
    tokens = [teacher.tokens(pair.query, pair.product) for pair in measured]
    requests, answers, certain = teacher.requests_per_pair(
        prompt_pairs([pair.query for pair in judged], [pair.product for pair in judged])
    )
    tokens_in = round(requests * count * sum(tokens) / len(tokens)) if tokens else 0
    tokens_out = answers * count * recipe.llm.max_tokens
    cost = cost_of(recipe.llm, tokens_in, tokens_out)
    return Estimate(subject, count, 0, requests * count, tokens_in, tokens_out, cost, certain or not count)


def check_agreement(
    recipe: Recipe, work: Work, pairs: int, watch: Watch = unwatched, limits: Limits | None = None
) -> Iterator[str]:
    """Ask for so many judged pairs; some of the answers, the agreement and what was spent so far, as lines.

    Writes ``agreement.json`` and ``agreement.txt`` into ``WORK/llm/``. Raises ``EndpointError`` where the endpoint
    fails, and ``InputError`` where ``llm.check_pairs`` pairs show that the model agrees less than the recipe wants, or
    where too many answers are no grades.
    """
    sampled = sample_pairs(judged_pairs(read_data(work)), pairs, recipe.seed)
    teacher = EndpointTeacher(recipe, watch=watch, limits=limits)
    gradings = teacher.gradings([pair.query for pair in sampled], [pair.product for pair in sampled])
    yield ""
    yield "people  model  " + "".join(f"p({grade})  " for grade in GRADES) + "query | product"
    for pair, grading in islice(zip(sampled, gradings, strict=True), SHOWN):
        p = grading.probabilities
        grade = f"{'-':>7}  " if p is None else f"{p.argmax():>7}  "
        shares = "no grade".ljust(6 * len(GRADES)) if p is None else "".join(f"{share:.2f}  " for share in p)
        yield f"{pair.grade:>6g}{grade}{shares}{pair.query} | {pair.product.title[:60]}"
    yield ""
    yield "replies as they came, those that gave no grade first:"
    for grading in sorted(gradings, key=lambda grading: grading.probabilities is not None)[:RAW]:
        grade = "no grade" if grading.probabilities is None else f"read as {grading.probabilities.argmax()}"
        yield f"  {grade}: {_shown(grading.answers)}"
    agreement = measure_agreement(recipe.llm, sampled, gradings, recipe.seed)
    agreement.write(work.stage("llm"))
    yield ""
    yield agreement.table()
    spent = teacher.cache.spent(recipe.name)
    money = f", {spent.cost:,.4f}" if spent.cost else ""
    yield (
        f"spent on {recipe.name} so far: {spent.requests:,} requests, {spent.tokens_in:,} tokens in, "
        f"{spent.tokens_out:,} out{money}"
    )
    if len(sampled) >= recipe.llm.check_pairs or agreement.is_unreadable:
        agreement.require(recipe.llm)
    else:
        yield f"{len(sampled)} pairs give an impression; the teacher stage decides by {recipe.llm.check_pairs}"


def _shown(answers: Sequence[str]) -> str:
    """Raw replies to one pair as one line; each other than the first only where it differs."""
    different = list(dict.fromkeys(answers))
    return " | ".join(repr(a) if len(a) <= RAW_CHARS else "…" + repr(a[-RAW_CHARS:]) for a in different)
