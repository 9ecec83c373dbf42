"""The page has plain words for all that the API says in keys."""

from __future__ import annotations

import re
from pathlib import Path

from endcap.plugin.blend.features import MEANINGS, SHOP_WORDS

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "storefront" / "static"


def keys_of(file: str, constant: str) -> set[str]:
    """The keys of an object in one of the page's modules."""
    match = re.search(rf"const {constant} = {{\n(.*?)\n}};", (STATIC / file).read_text(), re.DOTALL)
    assert match is not None, f"{file} has no {constant}"
    return set(re.findall(r"^  (\w+):", match[1], re.MULTILINE))


def test_every_feature_has_words() -> None:
    """A feature that the model may name is named on the page, and none that is gone."""
    assert set(SHOP_WORDS) == set(MEANINGS)
    assert all(SHOP_WORDS.values())


def test_every_reason_has_words() -> None:
    """What docs/middleware.md lists as reasons, the page can say."""
    table = (ROOT / "docs" / "middleware.md").read_text().split("| status | reason | |")[1].split("\n\n")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("|")]
    reasons = {name for row in rows for name in re.findall(r"`(\w+)`", row)} - {"out_of_step"}
    assert len(reasons) > 15
    assert keys_of("words.js", "REASONS") == reasons


def test_every_stage_has_words() -> None:
    """The stages whose times are told are those that docs/middleware.md describes."""
    text = (ROOT / "docs" / "middleware.md").read_text()
    described = set(re.findall(r"`(\w+_ms)`", text.split("`ext.rerank.stages`")[1].split("\n\n")[0]))
    assert keys_of("words.js", "STAGES") == described


def test_the_pages_files_are_short_and_nothing_in_them_comes_from_elsewhere() -> None:
    """No module has 200 lines; none names another host, or has inline styles or scripts, which the policy bars."""
    every = [path for path in STATIC.rglob("*") if "vendor" not in path.parts]
    files = [path for path in every if path.suffix in (".js", ".css", ".html")]
    assert len(files) > 20
    for path in files:
        text = path.read_text()
        assert len(text.splitlines()) < 200, path.name
        assert not re.search(r"""(?:https?:)?//[\w-]+\.\w""", text), path.name
        assert not re.search(r"\sstyle=|innerHTML|javascript:|\son[a-z]+=", text), path.name
