"""What the tests of the evaluation share: a small shop in which word match is often wrong, and its judgments."""

from __future__ import annotations

import json
from pathlib import Path

from endcap.evaluate.evaluation import END_TO_END, POOL
from endcap.evaluate.measures import Grades
from endcap.evaluate.open_catalogue import Opened
from endcap.evaluate.results import Evaluation, SettingResult
from endcap.evaluate.run import Request, run
from endcap.index.judgments.judgments import Judgments
from endcap.index.product import Product
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore

TITLES = {
    "phone1": "Nokia phone with 6 inch screen",
    "phone2": "Samsung phone, black, 128 GB",
    "case1": "Phone case for Nokia phone, phone cover",
    "case2": "Leather phone case, phone wallet for Samsung phone",
    "film1": "Screen protector film for phone screen",
    "cable1": "USB cable, two metres",
    "cable2": "HDMI cable for monitor",
    "mon1": "27 inch monitor with HDMI",
    "mon2": "Computer display, 24 inch",
    "kettle1": "Electric kettle, 1.7 litres",
    "kettle2": "Kettle descaler, removes lime from any kettle",
    "mug1": "Coffee mug, ceramic",
    "beans1": "Coffee beans, dark roast",
    "beans2": "Decaf coffee beans without caffeine",
    "maker1": "Coffee machine with grinder",
    "shoe1": "Running shoes for women",
    "shoe2": "Leather shoes for men",
    "polish1": "Shoe polish for leather shoes, shoes care",
    "tv1": "Television, 55 inch",
    "stand1": "Monitor stand for any monitor",
}
GRADES = {
    "phone": {"phone1": 3, "phone2": 3, "case1": 1, "case2": 1, "film1": 0},
    "coffee beans": {"beans1": 3, "beans2": 3, "mug1": 0, "maker1": 1},
    "monitor": {"mon1": 3, "mon2": 3, "stand1": 1, "cable2": 0, "tv1": 1},
    "kettle": {"kettle1": 3, "kettle2": 0},
    "leather shoes": {"shoe2": 3, "shoe1": 1, "polish1": 0},
    "hdmi cable": {"cable2": 3, "cable1": 1, "gone": 3},
    "all the same": {"mug1": 2, "tv1": 2},
    "nothing good": {"mug1": 0, "tv1": 0},
    "elsewhere": {"gone1": 3, "gone2": 0},
}
WINDOW = 5


def products() -> list[Product]:
    """The shop's products."""
    return [Product(id, title, brand="Acme", category="Shop > Things") for id, title in TITLES.items()]


def write_catalogue(folder: Path) -> Path:
    """The shop as a JSONL file."""
    path = folder / "shop.jsonl"
    path.write_text("".join(json.dumps(product.to_mapping()) + "\n" for product in products()), encoding="utf-8")
    return path


def write_judgments(folder: Path) -> Path:
    """The judgments as a Quepid CSV file."""
    path = folder / "ratings.csv"
    rows = [f"{query},{id},{grade}" for query, judged in GRADES.items() for id, grade in judged.items()]
    path.write_text("\n".join(["query,docid,rating", *rows]) + "\n", encoding="utf-8")
    return path


def evaluated(opened: Opened, student: Student, states: StateStore, grades: Grades = GRADES, **options) -> Evaluation:
    asked = {"measures": ("nDCG@10", "RR", "P@2"), "settings": (END_TO_END, POOL), "window": WINDOW} | options
    baseline, beside = asked.pop("baseline", None), asked.pop("beside", None)
    judged = Judgments("ratings", grades, "quepid", {"0": 0, "3": 3})
    return run(opened, judged, student, baseline, Request(**asked), states, beside=beside)


def of(evaluation: Evaluation, name: str) -> SettingResult:
    return next(setting for setting in evaluation.settings if setting.name == name)
