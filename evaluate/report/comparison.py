"""A comparison without judgments, as a table, as JSON and as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from endcap.evaluate.page_changes import Change, Summary, most_changed
from endcap.evaluate.report import plots
from endcap.evaluate.report.frame import big_numbers, day, facts, notice, page, table, text
from endcap.evaluate.report.side_by_side import two_lists
from endcap.evaluate.results import ModelUsed
from endcap.index.query_log import MOST_ODD, OddLine

SCHEMA = 2
ODD_SHOWN = 5
OPENED = 3
"""So many searches are unfolded when the page opens."""


@dataclass(frozen=True, slots=True)
class AboutComparison:
    """Where a comparison comes from."""

    date: str
    version: str
    command: str
    log: str
    log_format: str
    queries_in_log: int
    searches_in_log: int
    odd_lines: tuple[OddLine, ...]
    index: str
    engine: str
    products: int
    student: ModelUsed
    blend_weight: float
    window: int
    deadline_ms: float | None
    """None: there was none."""
    top: int
    rules: str = ""
    """The shop's rules file that was followed, with its checksum; empty: none."""
    dense: int = 0
    """How many candidates by meaning join each search, as the index's settings say."""
    numbers: bool = False
    """Whether candidates by number join it, the same."""
    account: str = ""
    """What became of the log's rows, in a sentence."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """The whole answer of one ``endcap compare``."""

    about: AboutComparison
    summary: Summary
    changes: tuple[Change, ...]
    schema: int = SCHEMA


def comparison_headline(report: ComparisonReport) -> str:
    """The answer in one sentence."""
    summary = report.summary
    if not summary.reranked:
        return f"None of {summary.searches:,} searches was re-ranked: see what became of them."
    others = summary.searches - summary.reranked
    left = f"that were re-ranked ({others:,} were not) " if others else ""
    return (
        f"Re-ranking would change the first page in {_percent(summary.order_changed)} of {summary.reranked:,} searches "
        f"{left}and its first product in {_percent(summary.first_changed)}; in the mean "
        f"{summary.overlap * report.about.top:.1f} of {report.about.top} products stay on it."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share in (0, 1) or 0.01 <= share <= 0.99 else f"{100 * share:.1f} %"


def _searches(change: Change) -> str:
    return f"{change.searches:,} search{'es' if change.searches > 1 else ''}"


def _facts(report: ComparisonReport) -> list[tuple[str, str]]:
    summary, top = report.summary, report.about.top
    return [
        ("different queries compared, of those in the log", f"{summary.queries:,} of {report.about.queries_in_log:,}"),
        (f"first page (top {top}) in another order or with other products", _percent(summary.order_changed)),
        ("first product changes", _percent(summary.first_changed)),
        ("first page shows other products", _percent(summary.set_changed)),
        (f"overlap of the top {top}", f"{summary.overlap:.3f}"),
        ("rank-biased overlap (p = 0.9)", f"{summary.rank_biased_overlap:.3f}"),
        ("places that a shown product moved, in the mean", f"{summary.mean_move:.1f}"),
        ("searches that were re-ranked, which the above is of", f"{summary.reranked:,} of {summary.searches:,}"),
        ("searches that find nothing", f"{summary.nothing_found:,}"),
        ("engine alone, median", f"{summary.engine_ms:.1f} ms"),
        ("re-ranked, median", f"{summary.reranked_ms:.1f} ms"),
        (
            "added by re-ranking, median and 95th percentile",
            f"{summary.added_ms:.1f} ms, {summary.added_ms_p95:.1f} ms",
        ),
    ]


def _odd(lines: Sequence[OddLine]) -> str:
    if not lines:
        return ""
    shown = "; ".join(f"line {odd.line}: {odd.reason}" for odd in lines[:ODD_SHOWN])
    more = f"; and {len(lines) - ODD_SHOWN} more" if len(lines) > ODD_SHOWN else ""
    count = f"{len(lines):,} or more" if len(lines) == MOST_ODD else f"{len(lines):,}"
    return f"{count} lines gave no query: {shown}{more}"


def print_comparison(report: ComparisonReport, count: int, console: Console) -> None:
    """Print the sentence, the numbers, and the ``count`` queries that change most, side by side."""
    console.print(Text(comparison_headline(report), style="bold"))
    for warning in report.about.warnings:
        console.print(Text(f"Warning: {warning}."))
    if report.about.rules:
        console.print(Text(f"Re-ranked by the shop's rules in {report.about.rules}, too."))
    numbers = Table(show_header=False)
    for name, value in _facts(report):
        numbers.add_row(escape(name), value)
    for status, searches in report.summary.statuses.items():
        numbers.add_row(f"searches {escape(status)}", f"{searches:,}")
    console.print(numbers)
    for change in most_changed(report.changes, count):
        lists = Table(
            "",
            "engine's order",
            "re-ranked",
            "moved",
            title=Text(f"{change.query} ({_searches(change)}, overlap {change.overlap:.2f})"),
            title_justify="left",
        )
        for rank in range(max(len(change.before), len(change.after))):
            old = _title(change.before[rank].title or change.before[rank].id) if rank < len(change.before) else ""
            new, moved = "", ""
            if rank < len(change.after):
                product = change.after[rank]
                new = _title(product.title or product.id)
                moved = _moved(rank + 1, product.rank_before)
            lists.add_row(str(rank + 1), Text(old), Text(new), moved)
        console.print(lists)
    about = report.about
    measured = f"Engine {about.engine}; {_model(about)}; {_options(about)}."
    console.print(Text(measured, style="dim"))


def _title(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= 50 else line[:49] + "…"


def _moved(rank: int, before: int | None) -> str:
    if before is None:
        return "new"
    return "" if before == rank else f"{before - rank:+d}"


def comparison_page(report: ComparisonReport, count: int) -> str:
    """The page; it is complete in itself, as an evaluation's."""
    about, summary = report.about, report.summary
    listed = most_changed(report.changes, count)
    body = [
        "<h1>What would re-ranking change?</h1>",
        f'<p class="lead">{text(comparison_headline(report))}</p>',
        big_numbers(
            [
                (_percent(summary.order_changed), "", "of re-ranked searches show another first page"),
                (_percent(summary.first_changed), "", "of re-ranked searches have another first product"),
                (f"{summary.added_ms:.0f} ms", "", "more for a search, in the median"),
            ]
        ),
        notice(
            "Nobody judged these searches: this page shows how much changes, not whether it is better. "
            "Look at the lists below, or have some searches judged and run an evaluation."
        ),
    ]
    body += [notice(f"{warning}.") for warning in about.warnings]
    if left := _left_alone(report):
        body.append(notice(left))
    if odd := _odd(about.odd_lines):
        body.append(notice(f"{odd}."))
    body += [*_plots(report), '<h2 id="searches">The searches</h2>']
    cases = "".join(_case(change, about.top, number < OPENED) for number, change in enumerate(listed))
    most = f"The {len(listed)} that change most" if len(listed) > 1 else "The one that changes most"
    unchanged = '<p class="soft">No first page changes.</p>'
    body.append(f'<h3>{most}</h3><div class="cases">{cases}</div>' if cases else unchanged)
    body.append('<h2 id="measured">How this was measured</h2>')
    body.append(facts(_facts(report)))
    body.append("<h3>What became of the searches</h3>")
    body.append(
        table("What became of the searches", ["", "searches"], [[k, f"{v:,}"] for k, v in summary.statuses.items()])
    )
    body.append("<h3>What was compared, and with what</h3>")
    body.append(_about(report))
    links = {"change": "How much changes", "searches": "The searches", "measured": "How this was measured"}
    return page(f"What would re-ranking change? {about.log}", f"{about.log}, {day(about.date)}", links, "\n".join(body))


def _left_alone(report: ComparisonReport) -> str:
    """What to know where searches were not re-ranked, or not wholly, for want of time or by a fault; else nothing."""
    searches = report.summary.statuses.items()
    statuses = {status: n for status, n in searches if status.startswith(("fallback", "partial"))}
    if not statuses:
        return ""
    listed = ", ".join(f"{status} in {n:,}" for status, n in statuses.items())
    return (
        f"{sum(statuses.values()):,} of {report.summary.searches:,} searches were not wholly re-ranked ({listed}; "
        f"{_deadline(report.about)}). On a machine that is less busy more may change."
    )


def _deadline(about: AboutComparison) -> str:
    return "no deadline" if about.deadline_ms is None else f"deadline {about.deadline_ms:g} ms"


def _plots(report: ComparisonReport) -> list[str]:
    summary = report.summary
    rows = [
        ("Another first product", summary.first_changed),
        ("Another order, or other products", summary.order_changed),
        ("Other products", summary.set_changed),
    ]
    stays = {change.query: change.overlap for change in report.changes if change.is_reranked}
    return [
        '<h2 id="change">How much changes</h2>',
        '<div class="plots"><div><h3>On the first page, in so many searches</h3>',
        plots.bars([plots.Bar(label, share, _percent(share), kind="blend") for label, share in rows]),
        f'<p class="small">Of {summary.reranked:,} searches that were re-ranked; the first page has '
        f"{report.about.top} products.</p></div>",
        "<div><h3>How much of each first page stays</h3>",
        plots.shares(stays),
        '<p class="small">A bar for each query: the share of its products that both orders show.</p></div></div>',
    ]


def _model(about: AboutComparison) -> str:
    return f"{about.student.name}, checksum {about.student.checksum}"


def _options(about: AboutComparison) -> str:
    options = f"window {about.window}, student's weight {about.blend_weight:g}, {_deadline(about)}"
    options += f", {about.dense} candidates by meaning" if about.dense else ""
    return options + (", candidates by number" if about.numbers else "")


def _about(report: ComparisonReport) -> str:
    about, summary = report.about, report.summary
    log = (
        f"{about.log} (read as {about.log_format}): {about.queries_in_log:,} different queries in "
        f"{about.searches_in_log:,} searches, {summary.queries:,} of them compared"
    )
    return facts(
        [
            ("Queries", log),
            *([("Rows of the log", about.account)] if about.account else []),
            ("Index", f"{about.index}, {about.products:,} products"),
            ("Engine", about.engine),
            ("Model", _model(about)),
            ("Shop's rules", about.rules or "none"),
            ("Re-ranking", _options(about)),
            ("Date", about.date),
            ("Command", about.command),
            ("endcap", about.version),
        ]
    )


def _case(change: Change, size: int, opened: bool) -> str:
    return (
        f"<details{' open' if opened else ''}><summary><q>{text(change.query)}</q>"
        f'<span class="soft">{_searches(change)}, {_percent(change.overlap)} of the page stays</span></summary>'
        f"{two_lists(change.before, change.after, size, judged=False)}</details>"
    )
