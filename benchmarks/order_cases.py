"""How many cases of a table of searches (``tests/order_cases.csv``) each way to order has right, by kind.

python benchmarks/order_cases.py
python benchmarks/order_cases.py --table my_cases.csv --model FOLDER --wrong
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from endcap.evaluate.order_cases import CaseWindow, case_windows, read_cases, table_products
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.plugin import Student
from endcap.plugin.blend.learnt import LearntBlend, Term
from endcap.plugin.states.store import StateStore

TABLE = Path(__file__).parent.parent / "tests" / "order_cases.csv"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, default=TABLE, help="the cases (default: those of the tests)")
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped one)")
    parser.add_argument("--others", type=int, help="so many other products beside the two (default: a window of 100)")
    parser.add_argument("--wrong", action="store_true", help="list the cases that the model's blend has wrong")
    args = parser.parse_args()
    student = Student.load(args.model)
    windows = measured(args.table, student, args.others)
    w = student.info.blend_weight
    plain = (Term("student", (w,)), Term("engine", (1 - w,)))
    blends = {
        "engine": LearntBlend((Term("engine", (1.0,)),)),
        f"the two scores, {w}": LearntBlend(plain),
        f"plain, {w}, with what is exact": LearntBlend.plain(w),
    }
    if student.info.learnt is not None:
        blends["model's learnt blend"] = student.info.learnt.with_exact()
    print_table(windows, blends)
    if args.wrong:
        for window in windows:
            if window.margin(list(blends.values())[-1]) <= 0:
                print(f"{window.case.query}: {window.case.first.title} | {window.case.second.title}")


def measured(table: Path, student: Student, others: int | None = None) -> list[CaseWindow]:
    cases = read_cases(table)
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine("cases", Path(folder))
        engine.load(table_products(cases))
        with closing(StateStore.open(Path(folder) / "states")) as store:
            return case_windows(cases, Shop(engine), StudentWithStates(student, store), others=others)


def print_table(windows: list[CaseWindow], blends: Mapping[str, LearntBlend]) -> None:
    counts = Counter(window.case.kind for window in windows) + Counter(window.case.language for window in windows)
    print(f"| | cases | {' | '.join(blends)} |\n|---|---|{'---|' * len(blends)}")
    for name, count in [*counts.items(), ("all", len(windows))]:
        of_name = [each for each in windows if name in (each.case.kind, each.case.language, "all")]
        right = (sum(each.margin(blend) > 0 for each in of_name) for blend in blends.values())
        print(f"| {name} | {count} | {' | '.join(map(str, right))} |")


if __name__ == "__main__":
    main()
