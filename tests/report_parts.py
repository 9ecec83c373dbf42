"""What the tests of reports share: hand-made results, and a page whose tags and text are checked."""

from __future__ import annotations

import html.parser
from dataclasses import replace

from endcap.evaluate.results import About, Case, Evaluation, ModelUsed, SettingResult, Shown, SweepPoint, SystemResult
from endcap.evaluate.significance import paired_difference

EVIL = '<script>alert("x")</script>&\'"'
QUERIES = [f"query {i}" for i in range(20)]
VOID = {"meta", "link", "br", "img", "hr", "input"}


def system(name: str, value: float) -> SystemResult:
    values = dict.fromkeys(QUERIES, value)
    return SystemResult(
        name, f"the {name}", {"nDCG@10": value}, {"nDCG@10": (value - 0.1, value + 0.1)}, 0.25, {"nDCG@10": values}
    )


def evaluation(before: float = 0.5, after: float = 0.6, evil: str = "fine") -> Evaluation:
    """Hand-made results of one setting with one case."""
    product = Shown("p1", f"Title {evil}", 3, 2, 1)
    unknown = Shown("p2", evil, None, None, 2)
    case = Case(f"query {evil}", 0.9, 0.1, (product,), (product, unknown), (product,))
    old, new = system("engine", before), system("blend", after)
    student = ModelUsed(f"model {evil}", "ab" * 32, evil, ("title",))
    about = About(
        "2026-01-02T03:04:05+00:00", "0.1.0", f"endcap evaluate {evil}", f"set {evil}", evil, 20, evil, "3 → 3", 20, 40,
        f"engine {evil}", student, None, 0.5, ("nDCG@10",), "exponential", "2^grade - 1", 2, 7, (f"note {evil}",),
    )  # fmt: skip
    setting = SettingResult(
        "end-to-end", 100, tuple(QUERIES), {f"reason {evil}": ("x",)}, 0, 10, (old, new), {"nDCG@10": 0.9},
        (paired_difference(
            new.values["nDCG@10"], old.values["nDCG@10"], names=("blend", "engine"), measure="nDCG@10"
        ),),
        (case,), (replace(case, before=0.1, after=0.9),), (SweepPoint(0.0, 100, before), SweepPoint(1.0, 100, after)),
    )  # fmt: skip
    return Evaluation(about, (setting,))


class Checker(html.parser.HTMLParser):
    """Collects tags and text, and fails where tags are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.said.append(data)


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker


ALONE = "nDCG(judged_only=True)@10"


def doubtful(before: float, after: float) -> Evaluation:
    """Results end to end in which endcap's order shows 5 points more products that nobody judged."""
    made = evaluation(0.6, 0.5)
    [setting] = made.settings
    systems = tuple(
        replace(
            one,
            unjudged=0.25 if one.name == "engine" else 0.3,
            means=one.means | {ALONE: value},
            intervals=one.intervals | {ALONE: (value, value)},
            values=one.values | {ALONE: dict.fromkeys(QUERIES, value)},
        )
        for one, value in zip(setting.systems, (before, after), strict=True)
    )
    old, new = (one.values[ALONE] for one in systems)
    alone = paired_difference(new, old, names=("blend", "engine"), measure=ALONE)
    setting = replace(
        setting, systems=systems, differences=(*setting.differences, alone), ceiling=setting.ceiling | {ALONE: 1.0}
    )
    return replace(made, about=replace(made.about, measures=("nDCG@10", ALONE)), settings=(setting,))
