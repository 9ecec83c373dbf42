"""Reading in advance by Ray Data (``endcap.plugin.states.ray_encoder``), with real workers and the shipped student."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import child_process
import model_parts
import pytest
import ray

from endcap.cli.main import run as endcap
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin.model.folder import default_folder
from endcap.plugin.model.student import Student
from endcap.plugin.states.fill import TextEncoder, fill
from endcap.plugin.states.ray_encoder import BLOCK_TEXTS, ray_encoder
from endcap.plugin.states.store import StateStore

KILLED = """
import itertools, sys
from pathlib import Path
import test_ray_encoder
from endcap.plugin.states.fill import fill
from endcap.plugin.states.ray_encoder import ray_encoder
from endcap.plugin.states.store import StateStore
from endcap.plugin.model.student import Student
student, store = Student.load(), StateStore.open(Path(sys.argv[1]))
with ray_encoder(student, None, 2) as encoder:
    products = test_ray_encoder.products(6 * test_ray_encoder.BLOCK_TEXTS)
    fill(store, student, products, lambda n: print(n, flush=True), encoder=encoder)
"""


def products(count: int) -> list[Product]:
    """Some of them long, some of the same text."""
    texts = [n % (count - 5) for n in range(count)]
    return [Product(id=str(id), title=f"lamp {n} " + "of brass " * (n % 7)) for id, n in enumerate(texts)]


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture(scope="module")
def encoder(student: Student) -> Iterator[TextEncoder]:
    with ray_encoder(student, default_folder(), 2) as other:
        assert other is not None
        yield other
    assert not ray.is_initialized()


def test_two_workers_make_the_states_that_one_process_makes(
    tmp_path: Path, student: Student, encoder: TextEncoder
) -> None:
    """To the byte, for long and short texts, in the order asked for; a second go reads nothing."""
    shop = products(2 * BLOCK_TEXTS + 9)
    store = StateStore.open(tmp_path)
    told: list[int] = []
    report = fill(store, student, shop, told.append, encoder=encoder)
    assert (report.read, report.encoded, report.already) == (len(shop), len(shop) - 5, 5)
    assert told[-1] == len(shop)
    some = shop[::40]
    assert store.get([student.key(student.text(p)) for p in some]) == student.encode(some)
    again = fill(store, student, shop, encoder=encoder)
    assert (again.encoded, again.already) == (0, len(shop))
    store.close()


def test_a_worker_with_another_model_is_an_error_that_says_so(
    tmp_path: Path, student: Student, encoder: TextEncoder
) -> None:
    """A node's folder that differs, or is missing, gives no state at all."""
    with ray_encoder(student, model_parts.worst(tmp_path / "other"), 1) as other:
        assert other is not None
        with pytest.raises(InputError, match=r"The model on .* is another one: checksum"):
            list(other.encode(["lamp"]))
    with ray_encoder(student, tmp_path / "nowhere", 1) as other:
        assert other is not None
        with pytest.raises(InputError, match=r"can't load the model.*nowhere"):
            list(other.encode(["lamp"]))


def test_the_command_spreads_its_reading(
    tmp_path: Path, encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`endcap index --spread` reads all products in advance."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "home"))
    (tmp_path / "shop.csv").write_text("id,title\n" + "".join(f"{i},lamp {i}\n" for i in range(30)))
    assert endcap(["index", str(tmp_path / "shop.csv"), "--spread"]) == 0
    assert "Read 30 products in advance" in capsys.readouterr().out


def test_killed_what_was_read_is_kept(tmp_path: Path, student: Student, encoder: TextEncoder) -> None:
    """SIGKILL in the middle of a chunk: the states that had come are there, and the next run reads the rest alone."""
    environment = child_process.environment() | {"ENDCAP_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-P", "-c", KILLED, str(tmp_path / "states")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stdout is not None
        while int(run.stdout.readline() or 10**9) < 3 * BLOCK_TEXTS:
            pass
        os.killpg(run.pid, signal.SIGKILL)
    shop = products(6 * BLOCK_TEXTS)
    store = StateStore.open(tmp_path / "states")
    report = fill(store, student, shop, encoder=encoder)
    assert report.already >= 2 * BLOCK_TEXTS
    assert report.encoded > 0
    assert report.encoded + report.already == len(shop)
    store.close()
