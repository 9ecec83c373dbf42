"""An evaluation as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from endcap.evaluate.measure_words import plain_name, unjudged_words
from endcap.evaluate.results import Case, Evaluation, SettingResult, Shown
from endcap.evaluate.systems import ENGINE, LABELS
from endcap.evaluate.verdict import headline, left_out_words, p_words, setting_words


def print_evaluation(evaluation: Evaluation, console: Console) -> None:
    """Print the whole answer: the sentence, a table for each setting, what lost, and how it was measured."""
    about = evaluation.about
    console.print(Text(headline(evaluation), style="bold"))
    for warning in about.warnings:
        console.print(Text(f"Note: {warning}", style="yellow"))
    for setting in evaluation.settings:
        console.print(Group(*_setting(setting, evaluation)))
    console.print(
        Text(
            f"\nBlend: {about.blend_in_words}. {_decided(about.rules)}"
            "Ceiling: the best order of what the engine found. +/-/=: searches better, worse, the same.\n"
            f"Judgments: {about.judgments}. {about.grades_from}.\n"
            f"Gain: {about.gains_in_words}. Yes/no measures: relevant from grade {about.relevant_grade} on.\n"
            f"Interval: paired bootstrap, 95 %. p: paired sign-flip test. Seed {about.seed}.\n"
            f"Student {about.student.name} ({about.student.checksum[:12]}); "
            f"engine {about.engine}.",
            style="dim",
        )
    )


def _decided(rules: str) -> str:
    return f"Order 'rules', which the first sentence is about: {rules}. " if rules else ""


def _setting(setting: SettingResult, evaluation: Evaluation) -> list[RenderableType]:
    measures = evaluation.about.measures
    first = measures[0]
    window = "" if setting.window is None else f", window {setting.window}"
    shown: list[RenderableType] = [Text(f"\n{setting_words(setting)[0]} ({setting.name}{window})", style="bold")]
    left_out = left_out_words(setting).removeprefix(f"{setting.name}: ")
    count = len(setting.queries)
    shown.append(Text(f"{count} quer{'y' if count == 1 else 'ies'}.{f' Left out: {left_out}.' if left_out else ''}"))
    shown += [Text(line) for line in (*_fewer(setting, measures), unjudged_words(setting, measures)) if line]
    table = Table("order", *(escape(plain_name(name)) for name in measures), f"unjudged@{setting.cutoff}")
    for column in table.columns[1:]:
        column.justify = "right"
    for system in setting.systems:
        means = (f"{system.means[name]:.4f}" for name in measures)
        table.add_row(system.name, *means, f"{100 * system.unjudged:.1f} %")
    if setting.ceiling[first] < 0.9995:
        table.add_row("ceiling", *(f"{setting.ceiling[name]:.4f}" for name in measures), "", style="dim")
    shown.append(table)
    differences = Table(f"difference in {escape(first)}", "mean", "95 % interval", "p", "+/-/=")
    for difference in setting.differences:
        if difference.measure == first:
            differences.add_row(
                f"{difference.better} - {difference.base}",
                f"{difference.mean:+.4f}",
                f"{difference.low:+.4f} to {difference.high:+.4f}",
                p_words(difference.p_value).removeprefix("p = ").removeprefix("p "),
                f"{difference.wins}/{difference.losses}/{difference.ties}",
                style="bold" if (difference.better, difference.base) == (setting.shown, ENGINE) else "",
            )
    shown.append(differences)
    if setting.sweep:
        shown.append(_sweep(setting, first))
    if setting.losses:
        shown.append(Text(f"\nBiggest losses of {LABELS[setting.shown]} against the {LABELS[ENGINE]}:", style="bold"))
        shown += [_loss(case) for case in setting.losses]
    return shown


def _fewer(setting: SettingResult, measures: Sequence[str]) -> list[str]:
    """A line for the measures whose mean is over fewer queries: those without a product relevant enough for them."""
    by_count: dict[int, list[str]] = {}
    for name in measures:
        by_count.setdefault(len(setting.systems[0].values[name]), []).append(name)
    return [
        f"{', '.join(names)}: over {count} of them, the others have no product that counts as relevant."
        for count, names in by_count.items()
        if count < len(setting.queries)
    ]


def _sweep(setting: SettingResult, measure: str) -> Table:
    windows = list(dict.fromkeys(point.window for point in setting.sweep))
    value = {(point.window, point.weight): point.value for point in setting.sweep}
    names = ("pool" if window is None else f"window {window}" for window in windows)
    table = Table("weight", *names, title=f"{escape(measure)} with other weights of the student", title_justify="left")
    best = {window: max(value[key] for key in value if key[0] == window) for window in windows}
    for weight in dict.fromkeys(point.weight for point in setting.sweep):
        cells = (Text(f"{value[w, weight]:.4f}", style="bold" * (value[w, weight] == best[w])) for w in windows)
        table.add_row(f"{weight:g}", *cells)
    return table


def _loss(case: Case) -> RenderableType:
    moved = (Padding(Text(_move(product), style="dim"), (0, 0, 0, 10)) for product in case.moved)
    return Group(Text(f"  {case.change:+.3f}  {case.query}"), *moved)


def _move(product: Shown) -> str:
    grade = "unjudged" if product.grade is None else f"grade {product.grade:.3g}"
    title = product.title.strip() or product.id
    short = title if len(title) <= 60 else title[:59] + "…"
    return f"{short} ({grade}): {product.rank_before or 'nowhere'} → {product.rank_after or 'nowhere'}"
