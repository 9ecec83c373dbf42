"""The model card: written by the machine from ``model.json``, so that it can't say anything else.

First what somebody reads who decides about a shop; below, under "Details", what its engineers need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from endcap.evaluate.non_inferiority import MIN_QUERIES
from endcap.evaluate.report.figures import SYSTEMS, figure_lines
from endcap.evaluate.report.two_models import check_lines
from endcap.language.detection import LANGUAGES
from endcap.plugin.model.folder import GRAPH, ModelInfo

BY_FOLDS = "by folds"
MEASURE = """Differences are in nDCG@10, which says from 0 to 1 how near the first ten products are to the best order
there could be. Between the brackets lies the true difference 95 times of 100, as far as these queries can tell."""
MADE_BY = {"queries": "queries", "pairs": "queries", "teacher": "teacher", "labels": "labels"}
"""Stages that may have had nothing to do, and the part of the lineage that then is not there."""


def model_card(info: ModelInfo) -> str:
    """The card of a model folder, in Markdown, as far as ``lineage`` says."""
    lineage = info.raw.get("lineage") or {}
    sections = {
        "## What it brings": _brings(lineage),
        "## What it can't": _limits(info, lineage),
        "## Where it comes from, and the licences": _origin(info, lineage),
        "## How to go back": _back(info, lineage),
        "## Details": _facts(info),
        "### Teaching": _teaching(lineage),
        "### Curve": _curve(lineage),
        "### Gate": _gate(lineage),
        "### Time": _latency(lineage),
        "### Files": _files(lineage),
    }
    blocks = [f"# {info.name}", "\n".join(_summary(info, lineage))]
    for heading, lines in sections.items():
        if text := "\n".join(lines).strip():
            blocks += [heading, text]
    return "\n\n".join(blocks) + "\n"


def _summary(info: ModelInfo, lineage: Mapping[str, Any]) -> Iterator[str]:
    languages = [LANGUAGES.get(code, code) for code in info.languages or ()]
    shops = (lineage.get("data") or {}).get("shops") or {}
    taught = {name: _queries(shop, "train", "dev") for name, shop in shops.items()}
    taught = {name: count for name, count in taught.items() if count}
    yield "A model that puts the products which a search engine has found for a query into a better order."
    yield ""
    yield f"- For: searches in {_listed(languages)}" if languages else "- For: searches in any language its base reads"
    if taught:
        queries = ", ".join(f"{name} ({count:,} queries)" for name, count in taught.items())
        yield f"- Taught by: people's judgments of products in {queries}"
    elif not info.raw["trained_on"]:
        yield "- Taught by: nothing; it scores as its base does, zero-shot"
    times = lineage.get("latency")
    if times:
        yield (
            f"- Costs: about {times['query_and_products_ms']:.0f} ms of one CPU thread a search, and no GPU; "
            f"its file has {(info.folder / GRAPH).stat().st_size / 1e6:.1f} MB"
        )


def _brings(lineage: Mapping[str, Any]) -> Iterator[str]:
    """What was gained, in sentences with intervals, and the tables behind them."""
    gate, measured = lineage.get("gate") or {}, lineage.get("measured", ())
    if gate or measured:
        yield MEASURE
        yield ""
    for one in measured:
        yield f"- {one['what']}: {_judged_gain(one)}, {one['queries']} queries ({one['source']})"
    figures = gate.get("figures") or {}
    table = figures.get("end to end") or figures.get("judged pool")
    if table:
        yield f"On {table['all']['queries']} {gate['part']} queries:"
        yield ""
        for system, gain in table["gains"].items():
            name = gate["against"]["name"] if system == "old" else SYSTEMS[system]
            yield f"- beside {name}: {_judged_gain(gain)}"
        yield ""
        yield from figure_lines(figures)
    elif gate and not measured:
        yield from _gains_of_checks(gate)


def _gains_of_checks(gate: Mapping[str, Any]) -> Iterator[str]:
    """Where only the gate's comparisons are known."""
    for check in gate["checks"]:
        if check["name"].startswith("against"):
            told = _judged_gain({**check, "sides": "one-sided 95 %"})
            yield f"- {check['name']} ({gate['against']['name']}): {told}, {check['queries']} queries"


def _judged_gain(gain: Mapping[str, Any]) -> str:
    """A difference in words: what its interval leaves out is said, and nothing else."""
    word = "better" if gain["low"] > 0 else "worse" if gain["high"] < 0 else "level, as far as can be told"
    interval = f"[{gain['low']:+.3f}, {gain['high']:+.3f}]"
    return f"{word}, {gain['mean']:+.3f} {interval} ({gain.get('sides', '95 %')})"


def _limits(info: ModelInfo, lineage: Mapping[str, Any]) -> Iterator[str]:
    shops = (lineage.get("data") or {}).get("shops") or {}
    gate = lineage.get("gate") or {}
    if info.languages:
        known = _listed([LANGUAGES.get(code, code) for code in info.languages])
        yield f"- Searches in other languages than {known} keep the engine's order."
    elsewhere = f"It was taught and measured on {', '.join(shops)}; in other shops" if shops else "In a shop"
    yield f"- {elsewhere} it may rank worse than the engine does: measure first, with `endcap evaluate`."
    yield (
        f"- It reads the first {info.text.max_product_tokens} tokens of a product ({', '.join(info.text.fields)}) and "
        f"{info.text.max_query_tokens} of a query: no pictures, no prices."
    )
    visible = [check["visible"] for check in gate.get("checks", ()) if check["name"].startswith("against")]
    if visible and all(visible):
        yield f"- What is smaller than {max(visible):.3f} nDCG@10 would most likely go unseen with so many queries."
    queries = sum(gate.get("queries", {}).values())
    if gate and queries < MIN_QUERIES:
        yield f"- {queries} queries prove nothing: judge at least {MIN_QUERIES}."
    if BY_FOLDS in gate.get("part", ""):
        yield "- Each query was measured by a student that was not taught by it; the model itself was taught by all."


def _origin(info: ModelInfo, lineage: Mapping[str, Any]) -> Iterator[str]:
    data = lineage.get("data") or {}
    if data.get("shops"):
        yield "| shop | products | judged queries: train, dev, test | judgments |"
        yield "|---|---|---|---|"
        for name, shop in data["shops"].items():
            queries = ", ".join(str(_queries(shop, part)) for part in ("train", "dev", "test"))
            yield f"| {name} | {shop['products']:,} | {queries} | {sum(shop['judgments'].values()):,} |"
        yield ""
    base = info.raw["base"]
    licenses = lineage.get("licenses") or {f"base {base['name']}": base["license"]}
    yield from (f"- {name}: {license}" for name, license in licenses.items())
    if "not said" in licenses.values():
        yield ""
        yield "Where a licence is not said, the recipe's `[licenses]` can say it. Ask before you pass the model on."


def _back(info: ModelInfo, lineage: Mapping[str, Any]) -> Iterator[str]:
    if lineage.get("gate"):
        yield f"- Where it was promoted: `endcap models rollback {info.name}` puts the model before it back into use."
        yield f"- `endcap models list {info.name} --history` says who promoted what, when and why."
    yield "- `--model shipped` is the model that comes with endcap, whatever was promoted."


def _queries(shop: Mapping[str, Any], *parts: str) -> int:
    return sum(shop["queries"].get(part, 0) for part in parts)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def _facts(info: ModelInfo) -> Iterator[str]:
    base = info.raw["base"]
    size = (info.folder / GRAPH).stat().st_size / 1e6
    state = f"{info.state_bytes} bytes" if info.state_bytes else "4 bytes a token"
    tower = "one tower for query and product; score = cosine" if info.shape == "bi-encoder" else "score = logit"
    yield f"- Shape: {info.shape} ({tower} x {info.score_scale:g} + {info.score_offset:g})"
    yield f"- Base: {base['name']}, licence {base['license']}"
    yield f"- Weights: {info.precision}, graph of {size:.1f} MB"
    if info.raw["trained_on"]:
        yield f"- Trained on: {', '.join(info.raw['trained_on'])}"
    yield f"- A product's state: {state} ({info.state_dtype})"
    learnt = "learnt, where there is time for it; else " if info.learnt is not None else ""
    yield f"- Default blend: {learnt}weight {info.blend_weight:g} on the student; window {info.window}"
    yield f"- Checksum: {info.checksum}"


def _files(lineage: Mapping[str, Any]) -> Iterator[str]:
    data, stages = lineage.get("data") or {}, lineage.get("stages", {})
    for name, checksum in (data.get("sources") or {}).items():
        yield f"- `{name}` {checksum}"
    made = {name: result for name, result in stages.items() if name not in MADE_BY or lineage.get(MADE_BY[name])}
    if made:
        yield ""
        yield "Results of the stages: " + ", ".join(f"{name} {result[:12]}" for name, result in made.items())


def _teaching(lineage: Mapping[str, Any]) -> Iterator[str]:
    teacher, student = lineage.get("teacher"), lineage.get("student")
    data, generated = lineage.get("data") or {}, lineage.get("queries")
    if data.get("refused_queries"):
        yield f"- {data['refused_queries']} queries were kept out of training, being too like test queries."
    if generated:
        kinds = ", ".join(f"{name} {count:,}" for name, count in generated["sources"].items())
        pairs = lineage.get("labels", {}).get("generated", {}).get("pairs", 0)
        yield f"- Generated: {generated['queries']:,} queries ({kinds}), {pairs:,} labelled pairs."
    if teacher:
        members = ", ".join(
            f"{member['name']} ({member['base']})" if member.get("base") else member["name"]
            for member in teacher["members"]
        )
        yield f"- Teacher: {members}; {teacher.get('folds', '?')} folds"
        measured = teacher.get("nDCG@10") or {}
        values = [f"{part} {measured[part]:.4f}" for part in ("train", "dev") if isinstance(measured.get(part), float)]
        if values:
            yield f"- Teacher's nDCG@10 on queries that it has not seen: {', '.join(values)}"
        ece = teacher.get("ece") or {}
        if isinstance(ece.get("after"), float):
            temperature = teacher.get("temperature", 1.0)
            yield f"- Teacher's calibration error: {ece['after']:.3f} (temperature {temperature:.2f})"
    if student:
        for kind in ("gold", "generated"):
            part = student.get(kind) or {}
            if part.get("lists"):
                yield f"- Student's {kind} lists: {part['lists']:,} of {part.get('pairs', 0):,} pairs"
        if student.get("dev") is not None:
            zero = student.get("dev_zero_shot")
            before = f" (zero-shot {zero:.4f})" if zero is not None else ""
            yield f"- Student's nDCG@10 on {student.get('dev_queries', 0)} dev queries: {student['dev']:.4f}{before}"
        for seed, course in student.get("courses", {}).items():
            points = ", ".join(f"{value:.4f} at {step}" for step, value in course.get("dev", []))
            yield f"- Seed {seed}: {course.get('steps', '?')} steps" + (f", dev nDCG@10 {points}" if points else "")
    parity = lineage.get("parity")
    if parity:
        yield f"- fp32 graph against torch: scores differ by at most {parity['max']:.1e}"


def _curve(lineage: Mapping[str, Any]) -> Iterator[str]:
    curve = lineage.get("curve")
    if not curve:
        return
    yield f"| generated pairs | {curve['measure']} on {curve['queries']} test queries |"
    yield "|---|---|"
    for name, line in curve.get("lines", {}).items():
        yield f"| {name} | {line['mean']:.4f} |"
    for point in curve.get("points", []):
        yield f"| {point['amount']:,} | {point['mean']:.4f} |"


def _gate(lineage: Mapping[str, Any]) -> Iterator[str]:
    gate = lineage.get("gate")
    if not gate:
        return
    queries, verdict = sum(gate["queries"].values()), "Passed" if gate["passed"] else "Refused"
    yield f"{verdict} on {queries} {gate['part']} queries, against {gate['against']['name']}."
    yield ""
    for check in gate["checks"]:
        for n, line in enumerate(check_lines({**check, "worst": []}, gate["measure"])):
            yield f"{'  ' * (n > 0)}- {line.strip()}"
    yield from (f"- {warning}" for warning in gate["warnings"])


def _latency(lineage: Mapping[str, Any]) -> Iterator[str]:
    times = lineage.get("latency")
    if not times:
        return
    yield (
        f"On {times['cpu']}, {times['threads']} thread: a new query with {times['products']} products read in advance "
        f"{times['query_and_products_ms']:.1f} ms, of which the query {times['query_and_1_product_ms']:.1f} ms; "
        f"to read a product {times['read_a_product_ms']:.1f} ms."
    )
