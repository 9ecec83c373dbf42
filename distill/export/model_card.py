"""The model card: written by the machine from ``model.json``, so that it can't say anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from endcap.evaluate.report.two_models import check_lines
from endcap.plugin.model.folder import GRAPH, ModelInfo


def model_card(info: ModelInfo) -> str:
    """The card of a model folder, in Markdown: what it is, then where it comes from, as far as ``lineage`` says."""
    lineage = info.raw.get("lineage") or {}
    sections = {
        "Data": _data(lineage),
        "Teaching": _teaching(lineage),
        "Curve": _curve(lineage),
        "Gate": _gate(lineage),
        "Time": _latency(lineage),
        "Limits": _limits(info, lineage),
        "Licences of what went in": _licenses(info, lineage),
    }
    blocks = [f"# {info.name}", "\n".join(_facts(info))]
    for heading, lines in sections.items():
        if text := "\n".join(lines):
            blocks += [f"## {heading}", text]
    return "\n\n".join(blocks) + "\n"


def _facts(info: ModelInfo) -> Iterator[str]:
    base = info.raw["base"]
    trained = ", ".join(info.raw["trained_on"])
    if not trained:
        shops = info.raw.get("lineage", {}).get("data", {}).get("shops", {})
        trained = ", ".join(shops) or "nothing: it scores as its base does, zero-shot"
    size = (info.folder / GRAPH).stat().st_size / 1e6
    state = f"{info.state_bytes} bytes" if info.state_bytes else "4 bytes a token"
    tower = "one tower for query and product; score = cosine" if info.shape == "bi-encoder" else "score = logit"
    yield f"- Shape: {info.shape} ({tower} x {info.score_scale:g} + {info.score_offset:g})"
    yield f"- Base: {base['name']}, licence {base['license']}"
    yield f"- Weights: {info.precision}, graph of {size:.1f} MB"
    yield f"- Trained on: {trained}"
    yield f"- Reads of a product: {', '.join(info.text.fields)}, at most {info.text.max_product_tokens} tokens"
    yield f"- A product's state: {state} ({info.state_dtype})"
    learnt = "learnt, where there is time for it; else " if info.learnt is not None else ""
    yield f"- Default blend: {learnt}weight {info.blend_weight:g} on the student; window {info.window}"
    yield f"- Checksum: {info.checksum}"


def _data(lineage: Mapping[str, Any]) -> Iterator[str]:
    data = lineage.get("data")
    if not data:
        return
    yield "| shop | products | judged queries: train, dev, test | judgments |"
    yield "|---|---|---|---|"
    for name, shop in data["shops"].items():
        queries = ", ".join(str(shop["queries"].get(part, 0)) for part in ("train", "dev", "test"))
        yield f"| {name} | {shop['products']:,} | {queries} | {sum(shop['judgments'].values()):,} |"
    yield ""
    if data.get("refused_queries"):
        yield f"{data['refused_queries']} queries were kept out of training, being too like test queries."
        yield ""
    generated, pairs = lineage.get("queries"), lineage.get("labels", {}).get("generated", {})
    if generated:
        kinds = ", ".join(f"{name} {count:,}" for name, count in generated["sources"].items())
        yield f"Generated: {generated['queries']:,} queries ({kinds}), {pairs.get('pairs', 0):,} labelled pairs."
        yield ""
    if data.get("sources"):
        yield "Files, by checksum of their content:"
        yield ""
        yield from (f"- `{name}` {checksum}" for name, checksum in data["sources"].items())
        yield ""
    stages = lineage.get("stages", {})
    yield "Results of the stages: " + ", ".join(f"{name} {result[:12]}" for name, result in stages.items())


def _teaching(lineage: Mapping[str, Any]) -> Iterator[str]:
    teacher, student = lineage.get("teacher"), lineage.get("student")
    if not teacher and not student:
        return
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
            yield f"- Student's {kind} lists: {part.get('lists', 0):,} of {part.get('pairs', 0):,} pairs"
        if student.get("dev") is not None:
            zero = student.get("dev_zero_shot")
            before = f" (zero-shot {zero:.4f})" if zero is not None else ""
            yield f"- Student's nDCG@10 on {student.get('dev_queries', 0)} dev queries: {student['dev']:.4f}{before}"
        for seed, course in student.get("courses", {}).items():
            points = ", ".join(f"{value:.4f} at {step}" for step, value in course.get("dev", []))
            yield f"- Seed {seed}: {course.get('steps', '?')} steps, dev nDCG@10 {points or 'not measured'}"
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
        yield from (f"- {line.strip()}" for line in check_lines({**check, "worst": []}, gate["measure"]))
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


def _limits(info: ModelInfo, lineage: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"Language: as its base's. Of a product it reads the first {info.text.max_product_tokens} tokens, of a query "
        f"{info.text.max_query_tokens}."
    )
    if lineage.get("data"):
        yield f"It was taught and measured on {', '.join(lineage['data']['shops'])}; in other shops it may rank worse."
    yield "What it was not measured on, it may rank worse than the engine does: measure first, with `endcap evaluate`"
    yield "or `endcap compare`."


def _licenses(info: ModelInfo, lineage: Mapping[str, Any]) -> Iterator[str]:
    base = info.raw["base"]
    licenses = lineage.get("licenses") or {f"base {base['name']}": base["license"]}
    yield from (f"- {name}: {license}" for name, license in licenses.items())
