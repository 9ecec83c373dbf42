"""Ratings of other scales become grades by a stated mapping; what lies between two grades stays a decimal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.evaluate.run import relevant_grade
from endcap.index.judgments.judgments import Judgments
from endcap.index.judgments.reader import read_judgments
from endcap.index.judgments.scales import parse_scale


def read(folder: Path, grades: str, *ratings: str) -> Judgments:
    path = folder / "rated.csv"
    path.write_text("query,docid,rating\n" + "".join(f"lamp,{n},{rating}\n" for n, rating in enumerate(ratings)))
    return read_judgments(path, grades=grades)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("1-5", {"1": 0, "2": 0.75, "3": 1.5, "4": 2.25, "5": 3}),
        ("5-1", {"5": 0, "4": 0.75, "3": 1.5, "2": 2.25, "1": 3}),
        ("0-10", {"0": 0, "1": 0.3, "2": 0.6, "5": 1.5, "6": 1.8, "9": 2.7, "10": 3}),
        ("0..1", {"0": 0, '"0,8"': 2.4, "0.1": 0.3, "0.34": 1.02, "1": 3, "1.0": 3}),
        ("-2..2", {"-2": 0, "-1": 0.75, "0": 1.5, "1": 2.25, "2": 3}),
        ("-2-2", {"-2": 0, "2": 3}),
        ("0-3", {"0": 0, "2.4": 2.4, "0.3333333333333333": 0.333333333}),
        ("1-4", {"1": 0, "2": 1, "3": 2, "4": 3}),
        ("0 to 100", {"0": 0, "100": 3, "49": 1.47}),
        ("", {"0": 0, "2.4": 2.4, "3.0": 3}),
        ("Exact=3,Substitute=2, Other = 0", {"Exact": 3, "substitute": 2, "OTHER": 0}),
        ("4=3,2=1.5,0=0", {"4": 3, "2.0": 1.5, "0": 0}),
    ],
)
def test_ratings_become_grades(scale: str, expected: dict[str, int], tmp_path: Path) -> None:
    found = read(tmp_path, scale, *expected)
    assert [found.grades["lamp"][str(n)] for n in range(len(expected))] == list(expected.values())


def test_the_mapping_is_stated() -> None:
    assert parse_scale("1-5").mapping == {"1": 0, "2": 0.75, "3": 1.5, "4": 2.25, "5": 3}
    assert parse_scale("0-1").mapping == {"0": 0, "1": 3}
    assert parse_scale("0-100").mapping == {"0": 0, "100": 3}


def test_a_mean_of_raters_is_kept_as_votes(tmp_path: Path) -> None:
    """2.4 is .6 of a 2 and .4 of a 3; a whole grade has none."""
    found = read(tmp_path, "0-3", "2.4", "2")
    assert found.votes == {"lamp": {"0": (0, 0, 0.6, 0.4)}}


@pytest.mark.parametrize(
    ("scale", "rating", "says"),
    [
        ("1-5", "6", "out of the range 1 to 5"),
        ("1-5", "Exact", "is no number"),
        ("1-5", "inf", "out of the range"),
        ("Exact=3", "Good", "the label 'Good' is not one of Exact: add it to --grades"),
        ("1-1", "1", "the range has no width"),
        ("Exact=4", "Exact", "'Exact=4' is no label with its grade"),
        ("high", "1", "a range from worst to best"),
        ("a=1,a=2", "a", "'a' has two grades"),
    ],
)
def test_what_is_no_rating_of_the_scale_is_refused(scale: str, rating: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        read(tmp_path, scale, rating)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6), st.lists(st.floats(0, 1), min_size=2))
def test_a_better_rating_has_no_worse_grade(low: float, width: float, places: list[float]) -> None:
    scale = parse_scale(f"{low:.4f}..{low + width:.4f}")
    low, high = round(low, 4), round(low + width, 4)
    grades = [scale.grade("", min(max(low + place * (high - low), low), high)) for place in sorted(places)]
    assert grades == sorted(grades)
    assert all(0 <= grade <= 3 for grade in grades)


def test_decimals_from_0_to_1_need_their_range(tmp_path: Path) -> None:
    """0.8 is nearly the best of 0 to 1 and hardly relevant of 0 to 3: nobody can tell which was meant."""
    with pytest.raises(InputError, match=r"all ratings are decimals from 0 to 1.*say --grades 0-1"):
        read(tmp_path, "", "0.8", "0", "1")
    assert read(tmp_path, "0-3", "0.8", "0").grades["lamp"]["0"] == 0.8


def test_raters_of_another_scale_are_votes(tmp_path: Path) -> None:
    """Each person's decimal is parts of votes; the grade is the median, of two middle ones the lower."""
    path = tmp_path / "book.csv"
    path.write_text("query,docid,ann,bob\nlamp,1,5,4\nlamp,2,1,\n")
    found = read_judgments(path, grades="1-5")
    assert found.grades == {"lamp": {"1": 2.25, "2": 0}}
    assert found.votes == {"lamp": {"1": (0, 0, 0.75, 1.25)}}


def test_yes_and_no_count_grade_1_as_relevant(endcap_home: Path) -> None:
    """By itself, and it is said; what was asked for stays."""
    grades = {"lamp": {"1": 1, "2": 0}}
    assert relevant_grade(grades, None)[0] == 1
    assert "as --relevant 1 says" in relevant_grade(grades, None)[1][0]
    assert relevant_grade(grades, 2) == (2, [])
    assert relevant_grade({"lamp": {"1": 3}}, None) == (2, [])


@pytest.mark.parametrize(
    ("scale", "ratings", "grades"),
    [
        ("0-100", ("75%", "0 %", "100%", "37,5%"), (2.25, 0, 3, 1.125)),
        ("0-1", ("75%", "0.5"), (2.25, 1.5)),
        ("1-5", ("★★★☆☆", "★", "⭐⭐⭐⭐⭐"), (1.5, 0, 3)),
        ("1-5", ("3/5", "5 out of 5", "4 of 5 stars"), (1.5, 3, 2.25)),
        ("1-5", ("5 - Perfect", "Bad (1)", "3: so so"), (3, 0, 1.5)),
        ("", ("3 - Exact", "Irrelevant (0)", "2: good"), (3, 0, 2)),
        ("★★★=3,★=1", ("★★★", "★"), (3, 1)),
        ("\U0001f44d=3,\U0001f44e=0", ("\U0001f44d", "\U0001f44e"), (3, 0)),
    ],
)
def test_ratings_in_other_clothes(
    scale: str, ratings: tuple[str, ...], grades: tuple[float, ...], tmp_path: Path
) -> None:
    """Shares, stars, parts of the best, words beside the number."""
    quoted = (f'"{rating}"' for rating in ratings)
    assert tuple(read(tmp_path, scale, *quoted).grades["lamp"].values()) == grades


@pytest.mark.parametrize("rating", ["75%", "2%", "★★", "2/3", "2 - 3", "3 (2 people)", "2nd", "-1 - bad"])
def test_what_needs_a_scale_is_no_grade_without_one(rating: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--grades (0-100|1-5)"):
        read(tmp_path, "", rating)


def test_nothing_in_many_words_is_no_rating(tmp_path: Path) -> None:
    found = read(tmp_path, "", "3", "n/a", "N.A.", "-", "?", "#N/A", "unrated", "--", "None")
    assert (found.n_judgments, found.left_out) == (1, {"without a rating": 8})
