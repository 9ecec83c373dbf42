"""An evaluation as one HTML page that a merchandiser can read: the answer first, then plots, then the searches."""

from __future__ import annotations

from collections.abc import Iterator

from endcap.evaluate import report_svg
from endcap.evaluate.report_page import facts, legend, page, signed, table, text, two_lists
from endcap.evaluate.results import About, Case, Evaluation, SettingResult
from endcap.evaluate.significance import Difference
from endcap.evaluate.systems import BLEND, ENGINE, LABELS
from endcap.evaluate.verdict import headline, left_out_words, p_words, setting_words

OPENED = 2
"""So many searches are unfolded when the page opens."""


def to_html(evaluation: Evaluation) -> str:
    """The page. It is complete in itself: it loads nothing and runs nothing."""
    about = evaluation.about
    body = "\n".join(
        [
            f"<h1>Is the first page better? {text(about.data_set)}, {text(about.date[:10])}</h1>",
            f'<p class="lead">{text(headline(evaluation))}</p>',
            *(f'<p class="warn">{text(warning)}</p>' for warning in about.warnings),
            _how_to_read(about),
            *(_setting(setting, about) for setting in evaluation.settings),
            _about(evaluation),
        ]
    )
    return page(f"Is the first page better? {about.data_set}", body)


def _how_to_read(about: About) -> str:
    return (
        '<p class="quiet">People graded products for each search from 0 (wrong) to 3 (exactly what was meant). '
        f"{text(about.measures[0])} says how well an order puts good products first: 1 is the best order there is, "
        "0 shows nothing useful. A difference is called better or worse only if its 95 % interval leaves out 0 and p "
        "is below 0.05.</p>"
    )


def _setting(setting: SettingResult, about: About) -> str:
    return "\n".join(_setting_parts(setting, about))


def _setting_parts(setting: SettingResult, about: About) -> Iterator[str]:
    first = about.measures[0]
    title, explained = setting_words(setting)
    yield f"<h2>{text(title)}</h2><p>{text(explained)}</p>"
    if main := setting.difference(BLEND, ENGINE, first):
        yield _numbers(main, setting)
    yield f"<h3>{text(first)} of each order, over {len(setting.queries)} searches</h3>"
    yield report_svg.bars(setting.systems, first, setting.ceiling[first])
    yield (
        '<p class="quiet">Thin lines: 95 % interval of each mean. It is wide because searches differ from each '
        "other; whether two orders differ is settled search by search, in the table of differences below.</p>"
    )
    if setting.ceiling[first] < 0.9995:
        yield f'<p class="quiet">Dashed: {setting.ceiling[first]:.3f}, the best that {_limit(setting)} allows.</p>'
    new, old = setting.system(BLEND).values[first], setting.system(ENGINE).values[first]
    yield f"<h3>Each search: {text(LABELS[BLEND])} against the {text(LABELS[ENGINE])}</h3>"
    yield report_svg.differences({query: new[query] - old[query] for query in new})
    if main:
        yield f'<p class="quiet">{main.wins} searches better, {main.losses} worse, {main.ties} the same.</p>'
    if setting.sweep:
        yield f"<h3>{text(first)} with other weights of the student</h3>"
        yield report_svg.sweep(setting.sweep, about.blend_weight)
        used = "in use" if about.blend == "plain" else "of the plain blend, which the learnt one has replaced"
        yield (
            f'<p class="quiet">Dashed: the weight {used}, {about.blend_weight:g}. The best weight of this curve is '
            "chosen on the very searches it is measured on, so expect a little less of it elsewhere.</p>"
        )
    yield "<h3>All measures</h3>"
    yield table(
        ["order", *(text(name) for name in about.measures), f"not judged in the first {setting.cutoff}"],
        [
            [
                text(system.label),
                *(f"{system.means[name]:.3f}" for name in about.measures),
                f"{100 * system.unjudged:.1f} %",
            ]
            for system in setting.systems
        ],
    )
    yield f"<h3>Differences in {text(first)}</h3>"
    yield table(
        ["", "difference", "95 % interval", "p", "better", "worse", "same"],
        [_difference(found) for found in setting.differences if found.measure == first],
    )
    yield _cases("Where it got worse", "No search got worse.", setting.losses)
    yield _cases("Where it got better", "No search got better.", setting.wins)


def _limit(setting: SettingResult) -> str:
    return "the catalogue" if setting.window is None else f"a window of {setting.window} hits"


def _numbers(main: Difference, setting: SettingResult) -> str:
    kind = ("better" if main.mean > 0 else "worse") if main.clear else ""
    before, after = setting.system(ENGINE).means[main.measure], setting.system(BLEND).means[main.measure]
    cells = [
        (f"{before:.3f} → {after:.3f}", f"{main.measure}, before and after"),
        (signed(main.mean), f"{signed(main.low)} to {signed(main.high)} with 95 % confidence, {p_words(main.p_value)}"),
        (f"{main.wins} : {main.losses}", f"searches better : worse ({main.ties} the same)"),
    ]
    return (
        '<div class="numbers">'
        + "".join(f'<div><b class="{kind}">{text(b)}</b><span>{text(s)}</span></div>' for b, s in cells)
        + "</div>"
    )


def _difference(found: Difference) -> list[str]:
    return [
        f"{text(LABELS[found.better])} − {text(LABELS[found.base])}",
        signed(found.mean),
        f"{signed(found.low)} to {signed(found.high)}",
        text(p_words(found.p_value).removeprefix("p = ").removeprefix("p ")),
        str(found.wins),
        str(found.losses),
        str(found.ties),
    ]


def _cases(title: str, none: str, found: tuple[Case, ...]) -> str:
    if not found:
        return f'<h3>{title}</h3><p class="quiet">{none}</p>'
    listed = "".join(_case(case, number < OPENED) for number, case in enumerate(found))
    return f"<h3>{title}{f', the {len(found)} biggest changes' if len(found) > 1 else ''}</h3>{legend()}{listed}"


def _case(case: Case, opened: bool) -> str:
    kind = "better" if case.change > 0 else "worse"
    return (
        f"<details{' open' if opened else ''}><summary><q>{text(case.query)}</q>"
        f'<span>{case.before:.3f} → {case.after:.3f} <b class="{kind}">{signed(case.change)}</b></span></summary>'
        f'<div class="inside">{two_lists(case.page_before, case.page_after)}</div></details>'
    )


def _about(evaluation: Evaluation) -> str:
    about = evaluation.about
    student, baseline = about.student, about.baseline
    pairs = [
        ("Data set", f"{about.data_set}: {about.queries} judged queries, {about.judged_pairs} judged products"),
        ("Catalogue", f"{about.catalogue}, {about.products:,} products"),
        ("Judgments", f"{about.judgments}; grades from {about.grades_from}"),
        ("Engine", about.engine),
        ("Student", f"{student.name}, checksum {student.checksum}; reads {', '.join(student.fields)}"),
        ("Zero-shot cosine", f"{baseline.name}, checksum {baseline.checksum}" if baseline else "not measured"),
        ("Blend", about.blend_in_words),
        ("Gain in nDCG", f"{about.gains_in_words}, discount 1 / log2(rank + 1), ideal from all judged products"),
        ("Yes/no measures", f"relevant from grade {about.relevant_grade} on, unless the measure's name says otherwise"),
        ("Interval, p", f"paired bootstrap over queries (10,000 resamples), paired sign-flip test; seed {about.seed}"),
        *(("Not judged", _unjudged(setting)) for setting in evaluation.settings),
        *(("Left out", words) for setting in evaluation.settings if (words := left_out_words(setting))),
        ("Date", about.date),
        ("Command", about.command),
        ("endcap", about.version),
    ]
    return f"<h2>How this was measured</h2>{facts(pairs)}"


def _unjudged(setting: SettingResult) -> str:
    shares = ", ".join(f"{system.label} {100 * system.unjudged:.1f} %" for system in setting.systems)
    return f"{setting.name}, first {setting.cutoff}: {shares}"
