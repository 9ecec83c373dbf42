"""The cache: nothing is paid for twice, whatever is killed, by whom, and however full the disk is."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from llm_server import QUICK, Server, llm_server

from endcap.distill.llm.cache import AnswerCache, Spent, answer_key
from endcap.distill.llm.reply import Choice, Reply
from endcap.distill.llm.teacher import EndpointTeacher
from endcap.errors import InputError
from endcap.index.product import Product

REPLY = Reply((Choice("3", (("3", {"3": -0.1, " 3": -3.0}),), "stop"), Choice("größer\n\u202e")), 12, None, 8)
PAIRS = 60
CONCURRENCY = 4
PROGRAM = """
import sys
from endcap.distill.llm.teacher import EndpointTeacher
from endcap.distill.recipe.settings import LlmRecipe, Recipe
from endcap.index.product import Product

llm = LlmRecipe(url=sys.argv[1], model="words", key_env="", concurrency=4, price_in=1.0)
pairs = [(f"lamp {i}", Product(f"p{i}", f"Lamp {i % 7}")) for i in range(60)]
teacher = EndpointTeacher(Recipe("killed", "base", "MIT", llm=llm))
print("begun", flush=True)
found = teacher.probabilities([q for q, _ in pairs], [p for _, p in pairs])
print(found.tobytes().hex(), flush=True)
"""


def test_what_was_put_is_got() -> None:
    """A reply comes back equal, in this and in another opening of the file; its cost is counted by recipe."""
    cache = AnswerCache()
    key = answer_key("a", 1)
    assert cache.get(key) is None
    cache.put(key, REPLY, "r", Spent(1, 12, 3, 0.5))
    cache.add("r", Spent(1, 1, 1, 0.25))
    again = AnswerCache()
    assert again.get(key) == cache.get(key) == REPLY
    assert again.spent("r") == Spent(2, 13, 4, 0.75)
    assert again.spent("other") == Spent()
    assert len(again) == 1


def test_a_key_tells_all_parts_apart() -> None:
    """No part's text can run into another's, and any text has a key."""
    keys = [
        answer_key("a", "b"),
        answer_key("ab", ""),
        answer_key("a", "b", ""),
        answer_key("a\0b"),
        answer_key("a", 1),
    ]
    keys += [answer_key("a", "1"), answer_key("\ud800")]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("change", ["model", "prompt", "query", "product"])
def test_a_change_of_what_decides_the_answer_is_asked_anew(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Model, prompt version, query or product text: each asks again; anything else does not."""
    from endcap.distill.llm import prompts

    monkeypatch.setattr(prompts, "PROMPTS", {**prompts.PROMPTS, "v2": prompts.PROMPTS["v1"]})
    product = Product("p", "Lamp", image="a.jpg")
    with llm_server() as server:
        EndpointTeacher(server.recipe(), limits=QUICK).probabilities(["lamp"], [product])
        same = Product("other id", "Lamp", image="b.jpg", price=3.0)
        EndpointTeacher(server.recipe(price_in=1.0, concurrency=1), limits=QUICK).probabilities(["lamp"], [same])
        assert len(server.requests) == 1
        recipe = server.recipe(
            **{change: {"model": "other", "prompt": "v2"}.get(change)} if change in ("model", "prompt") else {}
        )
        query = "lamps" if change == "query" else "lamp"
        other = Product("p", "Lamp", "Lux") if change == "product" else product
        EndpointTeacher(recipe, limits=QUICK).probabilities([query], [other])
        assert len(server.requests) == 2


def test_equal_pairs_are_asked_once() -> None:
    with llm_server() as server:
        found = EndpointTeacher(server.recipe(), limits=QUICK).probabilities(["a"] * 9, [Product("p", "A")] * 9)
        assert len(server.requests) == 1
    assert (found == found[0]).all()


def run(server: Server, home: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"ENDCAP_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, server.url], stdout=subprocess.PIPE, env=environment, text=True
    )


def test_kill_9_at_any_moment_costs_what_was_under_way(endcap_home: Path) -> None:
    """Killed four times at random moments: answers are asked again only where they were under way, the outcome is that
    of a run that nobody disturbed, and what was spent is counted to the last answer that was kept."""
    rng = random.Random(5)
    with llm_server(delay_s=0.05) as server:
        for kills in range(1, 5):
            process = run(server, endcap_home)
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            # Not by time alone: on a busy machine the process may need a second for its first request.
            seen = len(server.requests)
            while len(server.requests) < seen + rng.randint(1, 12) and process.poll() is None:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
            process.wait()
            cache = AnswerCache()
            assert len(cache) >= len(server.requests) - kills * CONCURRENCY
            assert cache.spent("killed").requests == len(cache)
            cache.close()
        out, _ = run(server, endcap_home).communicate()
        assert len(server.requests) <= PAIRS + 4 * CONCURRENCY
        assert len(AnswerCache()) == PAIRS
        disturbed, before = out.split()[1], len(server.requests)
        assert run(server, endcap_home).communicate()[0].split()[1] == disturbed
        assert len(server.requests) == before
        assert run(server, endcap_home / "another").communicate()[0].split()[1] == disturbed


def test_a_file_that_is_no_cache_is_left_alone(tmp_path: Path) -> None:
    """It may hold what was paid for: the error says where it is, and nothing is written."""
    path = tmp_path / "answers.sqlite"
    path.write_bytes(b"not a database, but somebody's" * 100)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"answers\.sqlite, which can't be used"):
        AnswerCache(path)
    assert path.read_bytes() == before


def test_a_full_disk_stops_the_work(tmp_path: Path) -> None:
    """Answers that can't be kept are not paid for: after the first that fails only those under way come in."""
    program = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({80_000}, resource.RLIM_INFINITY))
{PROGRAM}"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    with llm_server() as server:
        environment = os.environ | {"ENDCAP_HOME": str(tmp_path)}
        command = [sys.executable, "-P", "-c", program, server.url]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert "InputError: The answers that were paid for are kept in" in ended.stderr
        kept = len(AnswerCache(tmp_path / "llm-cache" / "answers.sqlite"))
        assert 0 < kept < len(server.requests) <= kept + 1 + CONCURRENCY
