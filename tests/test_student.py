"""The student that comes with the package, as it is served."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from endcap.errors import EndcapError, InputError
from endcap.index.product import Product
from endcap.plugin import Student

SHOE = Product(id="1", title="Norvik trail running shoe", brand="Norvik", attributes={"colour": "red"})


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


def test_it_knows_a_shoe_from_a_kettle(student: Student) -> None:
    """The shipped model ranks as a language model does: meaning, not words."""
    products = ["Electric kettle 1.7 l", "Norvik trail running shoe", "Stand for a kettle"]
    scores = student.score("sneakers for jogging", products)
    assert scores.dtype == np.float32
    assert scores.shape == (3,)
    assert scores.argmax() == 1


def test_items_in_any_mix_score_alike(student: Student) -> None:
    """A product scores the same as itself, as a mapping, and as a state that was read in advance (to float16)."""
    [state] = student.encode([SHOE])
    scores = student.score("red shoe", [SHOE, SHOE.to_mapping(), state, student.text(SHOE)])
    assert np.ptp(scores) == 0
    assert len(state) == student.info.state_bytes


def test_a_state_does_not_depend_on_its_neighbours(student: Student) -> None:
    """Encoded alone or among others, by one thread or two, a product has the same bytes."""
    texts = [f"product {'word ' * n}" for n in range(40)]
    together = Student.load(threads=2).encode(texts)
    assert together == [student.encode([text])[0] for text in texts]


def test_short_products_come_first(student: Student) -> None:
    """Micro-batches let a caller stop at its deadline with as many products done as can be."""
    order = [
        position
        for batch in student.encode_batches(["a long title of many words " * 5, "short"])
        for position, _ in batch
    ]
    assert order == [1, 0]


def test_any_iterable_of_products_is_scored(student: Student) -> None:
    """A generator, a tuple and an array of texts score as a list does."""
    titles = ["red shoe", "kettle"]
    scores = student.score("shoe", titles)
    for items in (tuple(titles), (title for title in titles), np.array(titles)):
        assert student.score("shoe", items).tolist() == scores.tolist()


def test_what_is_no_list_of_products_is_said(student: Student) -> None:
    """One product alone, and a mapping of foreign names, are refused with what to do; neither gets a silent score."""
    for alone in (SHOE, SHOE.to_mapping(), "shoe", b"x", 5, None):
        with pytest.raises(InputError, match="Put it in a list"):
            student.score("shoe", alone)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"Product 1 has none of the fields id, title.*it has name, maker"):
        student.score("shoe", [SHOE, {"name": "Red shoe", "maker": "Norvik"}])


@pytest.mark.parametrize("odd", ["", " ", "\x00", "😀" * 1000, "a" * 1_000_000, "\ud800", "كتاب", {}, {"title": None}])
def test_odd_text_has_a_finite_score(student: Student, odd: object) -> None:
    """No product and no query breaks scoring."""
    assert np.isfinite(student.score("shoe", [odd])).all()  # type: ignore[list-item]
    if isinstance(odd, str):
        assert np.isfinite(student.score(odd, ["shoe"])).all()


def test_no_products_no_scores(student: Student) -> None:
    """An empty list is not an error."""
    assert student.score("shoe", []).shape == (0,)
    assert student.encode([]) == []


def test_wrong_arguments_are_named(student: Student) -> None:
    """What is no query, no list and no product gets an error that says what it was."""
    with pytest.raises(InputError, match="int 7"):
        student.score(7, ["shoe"])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="in a list"):
        student.score("shoe", "shoe")
    with pytest.raises(InputError, match="Product 1 is a int"):
        student.score("shoe", ["shoe", 7])  # type: ignore[list-item]
    with pytest.raises(InputError, match="5 bytes"):
        student.score("shoe", [b"12345"])


def test_keys_follow_model_and_text(student: Student) -> None:
    """Another text, another key; the same text, the same key in every process."""
    assert student.key("a") != student.key("b")
    code = "from endcap.plugin import Student; print(Student.load().key('a').hex())"
    out = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == student.key("a").hex()


def test_threads_share_a_student(student: Student) -> None:
    """Eight threads at once get what one gets."""
    expected = student.score("red shoe", [SHOE, "kettle"])
    wrong: list[object] = []

    def work() -> None:
        for _ in range(10):
            if not np.array_equal(student.score("red shoe", [SHOE, "kettle"]), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_prepared_query_scores_the_same(student: Student) -> None:
    """Encoded in the background, remembered or computed when it is needed: one query, one score."""
    [state] = student.encode([SHOE])
    fresh = Student.load()
    fresh.prepare("prepared query")
    prepared, again = fresh.score("prepared query", [state]), fresh.score("prepared query", [state])
    assert prepared == again == student.score("prepared query", [state])


def test_queries_that_are_never_scored_do_not_pile_up() -> None:
    """A thousand searches that were given up leave no work behind, and a process that ends does not wait for it."""
    code = (
        "from endcap.plugin import Student; s = Student.load();"
        "print(sum(s._model._session.begin(lambda: s._model._query_vector(str(i))) for i in range(1000)))"
    )
    began = subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=60, capture_output=True)
    assert int(began.stdout) < 500


@pytest.mark.skipif(not hasattr(os, "fork"), reason="allowed in CI: no fork on this platform")
def test_a_student_loaded_before_a_fork_works_after_it() -> None:
    """A server that loads its model and then forks its workers gets answers from each of them."""
    code = (
        "import os; from endcap.plugin import Student; s = Student.load(threads=2); s.encode(['a', 'b', 'c']);"
        "s.prepare('q'); s.score('q', ['a']);"
        "pid = os.fork();"
        "s.prepare('other'); s.encode(['d', 'e', 'f']); s.score('other', ['a']);"
        "os._exit(0) if pid == 0 else None;"
        "assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=60)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="allowed in CI: no fork on this platform")
def test_a_forked_worker_ends_as_it_should() -> None:
    """A worker of a server that loaded its model before it forked ends with its own status, not hung or crashed."""
    code = (
        "import os, signal, sys; from endcap.plugin import Student; s = Student.load(); s.score('q', ['a']);"
        "pid = os.fork();"
        "pid or (signal.alarm(20), s.score('other', ['b', 'c']), sys.exit(7));"
        "assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=60)


def test_nothing_is_reported_to_anybody(tmp_path: Path) -> None:
    """ONNX Runtime leaves no identifier behind, and has no thread that sends what it was used for."""
    environment = {name: value for name, value in os.environ.items() if "ORT_" not in name and name != "CI"}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment |= {"ENDCAP_HOME": str(tmp_path / "endcap")}
    code = "from endcap.plugin import Student; Student.load().score('a', ['b'])"
    subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=60, env=environment)
    assert not [path for path in tmp_path.rglob("*") if "icrosoft" in str(path) or "onnx" in str(path)]


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_may_go_on_after_the_main_one(threads: int) -> None:
    """A thread that still searches when the main thread has ended gets its scores."""
    code = (
        "import threading, time; from endcap.plugin import Student;"
        f"s = Student.load(threads={threads}); s.encode(['a', 'b']); main = threading.main_thread();"
        "work = lambda: (main.join(), time.sleep(0.2), print(len(s.score('q', ['c', 'd', 'e']))));"
        "threading.Thread(target=work).start()"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.strip() == "3", done.stderr


def test_it_is_small_and_needs_no_torch() -> None:
    """Loaded and having scored, a process holds under 400 MB, and no training library."""
    # Not getrusage's ru_maxrss: Linux hands the parent's down to a child, and the parent may hold torch.
    code = (
        "import sys; from endcap.plugin import Student; Student.load().score('a', ['b'] * 100);"
        "assert not {'torch', 'transformers', 'onnx'} & set(sys.modules);"
        "print(open('/proc/self/status').read())"
    )
    if sys.platform != "linux":
        pytest.skip("needs Linux, which says how much memory a process took at most")
    out = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    peak_kb = int(out.stdout.partition("VmHWM:")[2].split()[0])
    assert peak_kb < 400 * 1024


def test_errors_are_endcaps_own() -> None:
    """Whoever catches EndcapError catches a broken model folder."""
    with pytest.raises(EndcapError, match=r"no model\.json"):
        Student.load("/nowhere")
