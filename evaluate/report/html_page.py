"""An evaluation as one HTML page that a merchandiser can read: the answer first, then plots, then the searches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from endcap.evaluate.measure_words import GRADE_WORDS, meaning, plain_name, short_meaning, signed, unjudged_words
from endcap.evaluate.report import plots
from endcap.evaluate.report.frame import big_numbers, day, facts, notice, page, table, text
from endcap.evaluate.report.side_by_side import Measured, two_lists
from endcap.evaluate.results import Case, Evaluation, SettingResult
from endcap.evaluate.significance import RESAMPLES, Difference
from endcap.evaluate.systems import BLEND, COSINE, DENSE, ENGINE, HYBRID, HYBRID_COSINE, RULES, STUDENT, label_of
from endcap.evaluate.verdict import headline, left_out_words, p_words, setting_words, verdict

OPENED = 1
"""So many searches of each kind are unfolded in the first part when the page opens."""
ORDERS: Mapping[str, str] = {
    ENGINE: "The engine's order",
    COSINE: "An untaught model alone",
    STUDENT: "The model alone",
    BLEND: "endcap's order",
    RULES: "endcap's order, as searches are answered",
    HYBRID_COSINE: "Hybrid search, an untaught model",
    HYBRID: "Hybrid search, the model",
    DENSE: "endcap's order, with candidates by meaning",
}
"""The orders as the storefront calls them."""


def order_name(name: str) -> str:
    """What people call an order; another system's run by its own name."""
    return ORDERS.get(name) or label_of(name)


def evaluation_page(evaluation: Evaluation) -> str:
    """The page. It is complete in itself: it loads nothing and runs nothing."""
    about = evaluation.about
    # what a shopper sees comes first
    settings = sorted(evaluation.settings, key=lambda setting: setting.window is None)
    body = "\n".join(
        [
            "<h1>Is the first page better?</h1>",
            f'<p class="lead">{_lead(evaluation, settings[0])}</p>',
            *(_first_numbers(settings[0], about.measures[0])),
            '<p class="soft">What was judged has a grade for the search: '
            f"{', '.join(GRADE_WORDS[:-1])} or {GRADE_WORDS[-1]}. "
            "An order is called better or worse only where chance hardly explains it.</p>",
            *(notice(sentence) for setting in settings if (sentence := unjudged_words(setting, about.measures))),
            *(notice(f"{warning.rstrip('.')}.") for warning in about.warnings),
            *(part for place, setting in enumerate(settings) for part in _setting(setting, evaluation, place == 0)),
            '<h2 id="measured">How this was measured</h2>',
            *(part for setting in settings for part in _tables(setting, evaluation)),
            "<h3>What was compared, and with what</h3>",
            _about(evaluation),
        ]
    )
    links = {setting.name: setting_words(setting)[0] for setting in settings} | {"measured": "How this was measured"}
    return page(f"Is the first page better? {about.data_set}", f"{about.data_set}, {day(about.date)}", links, body)


def _lead(evaluation: Evaluation, setting: SettingResult) -> str:
    """The answer in one sentence, as markup."""
    measure = evaluation.about.measures[0]
    effect = setting.effect(setting.shown, ENGINE, measure)
    if effect is None:
        return text(headline(evaluation))
    difference, before, after = effect
    clause = f", {words}," if (words := short_meaning(measure)) else ""
    total = f"{difference.queries:,} search{'es' if difference.queries > 1 else ''}"
    wins, losses, ties = difference.wins, difference.losses, difference.ties
    stays = "stays as it is" if ties == 1 else "stay as they are"
    return (
        f'<b class="{difference.direction}">{text(verdict(difference))}:</b> of {total}, {wins:,} '
        f"gain{'s' if wins == 1 else ''}, {losses:,} lose{'s' if losses == 1 else ''} and {ties:,} {stays}; "
        f"{text(plain_name(measure))}{text(clause)} goes from {before:.3f} to {after:.3f}."
    )


def _first_numbers(setting: SettingResult, measure: str) -> Iterator[str]:
    effect = setting.effect(setting.shown, ENGINE, measure)
    if effect is None:
        return
    difference, before, after = effect
    wins, losses, ties = difference.wins, difference.losses, difference.ties
    sure = f"{signed(difference.low)} to {signed(difference.high)} with 95 % confidence, {p_words(difference.p_value)}"
    yield big_numbers(
        [
            (f"{before:.3f} → {after:.3f}", "", f"{plain_name(measure)}, engine and endcap"),
            (signed(difference.mean), difference.direction, sure),
            (f"{wins:,} : {losses:,}", "", f"searches better : worse ({ties:,} the same)"),
        ]
    )


def _setting(setting: SettingResult, evaluation: Evaluation, opened: bool) -> Iterator[str]:
    about = evaluation.about
    first = about.measures[0]
    name = plain_name(first)
    title, explanation = setting_words(setting)
    yield f'<h2 id="{text(setting.name)}">{text(title)}</h2><p class="soft">{text(explanation)}</p>'
    yield f'<div class="plots"><div><h3>{text(name)} of each order</h3>{_bars(setting, first)}</div>'
    new, old = setting.system(setting.shown).values[first], setting.system(ENGINE).values[first]
    yield "<div><h3>What each search gained or lost</h3>"
    yield plots.differences({query: new[query] - old[query] for query in new})
    if main := setting.difference(setting.shown, ENGINE, first):
        counted = f"{main.wins:,} better, {main.ties:,} the same, {main.losses:,} worse"
        yield f'<p class="small">{counted}: a bar for each.</p>'
    yield "</div></div>"
    if setting.sweep:
        yield f"<h3>{text(name)} with other weights of the model</h3>"
        yield plots.sweep(setting.sweep, about.blend_weight)
        used = "in use" if about.blend == "plain" else "of the plain blend, which the learnt one has replaced"
        yield (
            f'<p class="small">Dashed: the weight {used}, {about.blend_weight:g}. The best weight of this curve is '
            "chosen on the very searches it is measured on, so expect a little less of it elsewhere.</p>"
        )
    yield _cases("Where it got better", "No search got better.", setting.wins, setting, name, opened)
    yield _cases("Where it got worse", "No search got worse.", setting.losses, setting, name, opened)


def _bars(setting: SettingResult, measure: str) -> str:
    limit = setting.ceiling[measure]
    rows = [
        plots.Bar(
            order_name(system.name),
            system.means[measure],
            f"{system.means[measure]:.3f}",
            system.intervals[measure],
            system.name,
        )
        for system in setting.systems
    ]
    dashed = f" Dashed: {limit:.3f}, the best that {_limit(setting)} allows." if limit < 0.9995 else ""
    return (
        f"{plots.bars(rows, limit)}"
        f'<p class="small">Over {len(setting.queries):,} searches. Thin lines: 95 % interval of each mean, wide '
        "because searches differ from each other; whether two orders differ is settled search by search, in the table "
        f"of differences.{dashed}</p>"
    )


def _limit(setting: SettingResult) -> str:
    return "the catalogue" if setting.window is None else f"a window of {setting.window} hits"


def _cases(title: str, none: str, cases: tuple[Case, ...], setting: SettingResult, name: str, opened: bool) -> str:
    if not cases:
        return f'<h3>{title}</h3><p class="soft">{none}</p>'
    listed = "".join(_case(case, setting.cutoff, name, opened and number < OPENED) for number, case in enumerate(cases))
    count = f", the {len(cases)} biggest changes" if len(cases) > 1 else ""
    return f'<h3>{title}{count}</h3><div class="cases">{listed}</div>'


def _case(case: Case, size: int, name: str, opened: bool) -> str:
    kind = "better" if case.change > 0 else "worse"
    lists = two_lists(case.page_before, case.page_after, size, Measured(name, case.before, case.after))
    return (
        f"<details{' open' if opened else ''}><summary><q>{text(case.query)}</q>"
        f'<span>{case.before:.3f} → {case.after:.3f} <b class="{kind}">{signed(case.change)}</b></span></summary>'
        f"{lists}</details>"
    )


def _tables(setting: SettingResult, evaluation: Evaluation) -> Iterator[str]:
    measures = evaluation.about.measures
    where = setting_words(setting)[0]
    where = where[0].lower() + where[1:]
    yield f"<h3>All measures, {text(where)}</h3>"
    yield table(
        f"All measures, {where}",
        ["", *map(plain_name, measures), f"nobody judged, of the first {setting.cutoff}"],
        [
            [
                order_name(system.name),
                *(f"{system.means[name]:.3f}" for name in measures),
                f"{100 * system.unjudged:.1f} %",
            ]
            for system in setting.systems
        ],
        ours=order_name(setting.shown),
    )
    yield f"<h3>Differences in {text(plain_name(measures[0]))}, {text(where)}</h3>"
    yield table(
        f"Differences, {where}",
        ["", "difference", "95 % interval", "p", "better", "worse", "same"],
        [_difference(difference) for difference in setting.differences if difference.measure == measures[0]],
        ours=_pair(setting.shown, ENGINE),
    )


def _pair(better: str, base: str) -> str:
    base_name = order_name(base)[0].lower() + order_name(base)[1:]
    return f"{order_name(better)} against {base_name}"


def _difference(difference: Difference) -> list[str]:
    return [
        _pair(difference.better, difference.base),
        signed(difference.mean),
        f"{signed(difference.low)} to {signed(difference.high)}",
        p_words(difference.p_value).removeprefix("p = ").removeprefix("p "),
        str(difference.wins),
        str(difference.losses),
        str(difference.ties),
    ]


def _about(evaluation: Evaluation) -> str:
    about = evaluation.about
    student, baseline = about.student, about.baseline
    return facts(
        [
            ("Data set", f"{about.data_set}: {about.queries:,} judged queries, {about.judged_pairs:,} judged products"),
            ("Catalogue", f"{about.catalogue}, {about.products:,} products"),
            ("Judgments", f"{about.judgments}; grades from {about.grades_from}"),
            *((plain_name(name), line[0].upper() + line[1:]) for name in about.measures if (line := meaning(name))),
            ("Gain in nDCG", f"{about.gains_in_words}, discount 1 / log2(rank + 1), ideal from all judged products"),
            ("Relevant", f"from grade {about.relevant_grade} on, unless the measure's name says otherwise"),
            ("Interval, p", f"paired bootstrap over queries, {RESAMPLES:,} times; sign-flip test; seed {about.seed}"),
            *(("Left out", words) for setting in evaluation.settings if (words := left_out_words(setting))),
            ("Engine", about.engine),
            ("Model", f"{student.name}, checksum {student.checksum}; reads {', '.join(student.fields)}"),
            ("Untaught model", f"{baseline.name}, checksum {baseline.checksum}" if baseline else "not measured"),
            *([("Beside it", f"{about.beside.name}, checksum {about.beside.checksum}")] if about.beside else []),
            ("endcap's order", about.blend_in_words),
            ("Rules and signals", about.rules or "none"),
            ("Date", about.date),
            ("Command", about.command),
            ("endcap", about.version),
        ]
    )  # fmt: skip
