"""Several processes at the proxy's one port: real ones, killed, stopped, and told to end under load."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from child_process import environment
from opensearch_server import free_ports
from opensearchpy import OpenSearch
from prometheus_client.parser import text_string_to_metric_families
from serve_parts import until
from serve_replicas import Replica, load, replicas

from endcap.errors import EndcapError
from endcap.serve.metrics import Metrics
from endcap.serve.settings import ServeSettings
from endcap.serve.workers.channel import Channel
from endcap.serve.workers.merged import Merged, families_of
from endcap.serve.workers.serving import workers_of
from endcap.serve.workers.team import Team

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="allowed in CI: several processes are for Linux")
ERRORS = ("ConnectionResetError", "RemoteDisconnected", "BrokenPipeError")


@pytest.fixture(scope="module")
def pair(opensearch: str) -> Iterator[Replica]:
    """A proxy of two processes."""
    with replicas(opensearch, 1, "--workers", "2") as (replica,):
        yield replica


def children(replica: Replica) -> list[int]:
    assert replica.child is not None
    tasks = Path(f"/proc/{replica.child.pid}/task").iterdir()
    return sorted(int(pid) for task in tasks for pid in (task / "children").read_text().split())


def busy_s(pid: int) -> float:
    """The processor's time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def counted(replica: Replica, name: str) -> float:
    families = text_string_to_metric_families(replica.asked("/metrics"))
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


def test_searches_are_spread_and_add_up(pair: Replica, shop: tuple[OpenSearch, str]) -> None:
    """Both processes work, one port tells all that was counted, and the places for searches are those of the whole."""
    before = {pid: busy_s(pid) for pid in children(pair)}
    counts = counted(pair, "endcap_http_requests_total")
    with load(lambda: pair.ports[:1], shop[1], clients=8) as seen:
        until(lambda: seen.total() > 150)
    assert set(seen) == {"200 5 reranked"}
    assert counted(pair, "endcap_http_requests_total") - counts == seen.total()
    spent = [busy_s(pid) - before[pid] for pid in before]
    assert min(spent) > 0.1 * sum(spent) > 0
    assert counted(pair, "endcap_search_slots") == 32
    assert counted(pair, "endcap_workers") == 2


def test_one_is_killed_under_load(pair: Replica, shop: tuple[OpenSearch, str]) -> None:
    """Only the searches that are in it are lost, one a client; another begins, and no counter falls."""
    first = children(pair)
    with load(lambda: pair.ports[:1], shop[1], clients=6) as seen:
        until(lambda: seen.total() > 50)
        counts, restarts = counted(pair, "endcap_http_requests_total"), counted(pair, "endcap_worker_restarts_total")
        os.kill(first[0], signal.SIGKILL)
        while counted(pair, "endcap_workers") < 2 or first[0] in children(pair):
            now = counted(pair, "endcap_http_requests_total")
            assert now >= counts
            counts = now
            assert pair.is_ready()
            time.sleep(0.05)
        enough = seen.total() + 50
        until(lambda: seen.total() > enough)
    lost = {words: count for words, count in seen.items() if words != "200 5 reranked"}
    assert all(words.startswith(ERRORS) for words in lost)
    assert sum(lost.values()) <= 6
    assert counted(pair, "endcap_worker_restarts_total") == restarts + 1


def test_one_that_is_told_to_end_loses_nothing(pair: Replica, shop: tuple[OpenSearch, str]) -> None:
    """SIGTERM to one process: it drains, and another takes its place."""
    until(lambda: len(children(pair)) == counted(pair, "endcap_workers") == 2)  # the one before has been replaced
    first = children(pair)
    with load(lambda: pair.ports[:1], shop[1], clients=6) as seen:
        until(lambda: seen.total() > 30)
        os.kill(first[1], signal.SIGTERM)
        until(lambda: first[1] not in children(pair) and counted(pair, "endcap_workers") == 2)
    assert set(seen) == {"200 5 reranked"}


def test_the_switch_is_for_all(pair: Replica, shop: tuple[OpenSearch, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned at the one health port, it counts for every process."""
    subprocess.run(["curl", "-sS", "-X", "DELETE", f"http://127.0.0.1:{pair.ports[1]}/rerank"], check=True)
    try:
        time.sleep(0.7)
        with load(lambda: pair.ports[:1], shop[1], clients=8) as seen:
            until(lambda: seen.total() > 40)
        assert set(seen) == {"200 5 skipped; reason=switched_off"}
    finally:
        subprocess.run(["curl", "-sS", "-X", "PUT", f"http://127.0.0.1:{pair.ports[1]}/rerank"], check=True)


def test_sigterm_in_full_flow(shop: tuple[OpenSearch, str], opensearch: str) -> None:
    """All of them drain in a bounded time, and no request is lost."""
    with replicas(opensearch, 1, "--workers", "2") as (replica,):
        ports, pids = [replica.ports[0]], children(replica)
        with load(lambda: list(ports), shop[1]) as seen:
            until(lambda: seen.total() > 20)
            watch = threading.Thread(target=lambda: (until(lambda: not replica.is_ready()), ports.clear()))
            watch.start()
            assert replica.end() < 10
            watch.join()
        assert set(seen) == {"200 5 reranked"}
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_who_watches_is_killed(opensearch: str) -> None:
    """The processes that answer do not stay behind."""
    with replicas(opensearch, 1, "--workers", "2") as (replica,):
        pids = children(replica)
        assert replica.child is not None
        replica.child.kill()
        replica.child.wait()
        until(lambda: not any(is_running(pid) for pid in pids))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_can_not_start_says_why(opensearch: str, tmp_path: Path) -> None:
    """A model that is not there: the process ends with the sentence that one process says."""
    port, health = free_ports(2)
    words = ["serve", "--opensearch-url", opensearch, "--port", str(port), "--health-port", str(health)]
    words += ["--workers", "2", "--model", str(tmp_path / "none")]
    program = [sys.executable, "-m", "endcap.cli.main", *words]
    ended = subprocess.run(program, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("Error:") == 1
    assert "none" in ended.stderr


def test_a_crash_loop_ends(opensearch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that end whenever they begin are an error in the end, not a loop for ever."""
    monkeypatch.setattr("endcap.serve.workers.team.FIRST_REST_S", 0.01)
    monkeypatch.setattr("endcap.serve.workers.process.MODULE", "endcap.no_such_module")
    with socket.create_server(("127.0.0.1", 0)) as bound:
        team = Team(ServeSettings(opensearch_url=opensearch), bound, 2)
        with pytest.raises(EndcapError, match="again and again"):
            until(team.look, 60)
        team.close()


def test_one_place_in_vain_leaves_the_others(opensearch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one process answers, another that can't start is tried again and again, more and more seldom."""
    monkeypatch.setattr("endcap.serve.workers.team.FIRST_REST_S", 0.01)
    monkeypatch.setattr("endcap.serve.workers.team.MAX_REST_S", 0.05)
    settings = ServeSettings(opensearch_url=opensearch, drain_delay_s=0)
    with socket.create_server(("127.0.0.1", 0)) as bound, closing(Team(settings, bound, 2)) as team:
        until(lambda: team.look() or team.has_started, 120)
        monkeypatch.setattr("endcap.serve.workers.process.MODULE", "endcap.no_such_module")
        first, other = team.processes
        first.signal(signal.SIGKILL)
        until(lambda: team.look() or team.restarts > 9, 120)
        assert other.is_started
        assert team.problem() == "" or not other.report["reached"]
        monkeypatch.setattr("subprocess.Popen", none_left)
        time.sleep(0.2)
        until(lambda: team.look() or len(team.processes) == 1)
        team.look()


def none_left(*args: object, **options: object) -> object:
    raise BlockingIOError(11, "Resource temporarily unavailable")


def test_one_that_hangs_is_replaced(opensearch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that says nothing for too long is ended, and another begins; one that just stood still is not."""
    monkeypatch.setattr("endcap.serve.workers.process.STUCK_S", 3.0)
    monkeypatch.setattr("endcap.serve.workers.process.ANSWER_S", 0.3)
    settings = ServeSettings(opensearch_url=opensearch, drain_delay_s=0)
    with socket.create_server(("127.0.0.1", 0)) as bound, closing(Team(settings, bound, 2)) as team:
        until(lambda: team.look() or team.has_started, 120)
        first, other = team.processes
        first.signal(signal.SIGSTOP)
        time.sleep(1)
        team.look()
        first.signal(signal.SIGCONT)
        until(lambda: team.look() or first._heard_s > time.monotonic() - 0.5)
        assert team.restarts == 0
        first.signal(signal.SIGSTOP)
        until(lambda: team.look() or team.restarts == 1)
        assert team.problem() == "" or not other.report["reached"]
        until(lambda: team.look() or len([each for each in team.processes if each.is_started]) == 2, 120)
        assert {each.pid for each in team.processes} & {first.pid, other.pid} == {other.pid}


def test_counters_do_not_fall_where_a_process_ends() -> None:
    """Counters and histograms of one that has ended stay; gauges are of those there are, each in its own way."""
    first, second, merged = Metrics(), Metrics(), Merged()
    for metrics, number in ((first, 3), (second, 4)):
        metrics.requests.labels("search", "200").inc(number)
        metrics.seconds.labels("search").observe(number)
        metrics.in_flight.set(number)
        metrics.upstream.set(number == 3)
    both = [*families_of(first.collect()), *families_of(second.collect())]
    assert values(merged.text(both)) == {"requests": 7, "seconds": 7, "in_flight": 7, "up": 0}
    merged.ended(families_of(first.collect()))
    assert values(merged.text(families_of(second.collect()))) == {"requests": 7, "seconds": 7, "in_flight": 4, "up": 0}
    merged.ended(families_of(second.collect()))
    assert values(merged.text([])) == {"requests": 7, "seconds": 7}


def values(text: bytes) -> dict[str, float]:
    names = {
        "endcap_http_requests_total": "requests",
        "endcap_request_seconds_sum": "seconds",
        "endcap_searches_in_flight": "in_flight",
        "endcap_upstream_up": "up",
    }
    families = text_string_to_metric_families(text.decode())
    return {names[s.name]: s.value for family in families for s in family.samples if s.name in names}


def test_a_message_that_is_late_is_not_lost() -> None:
    """Half a message in time, and the rest later: it is whole, and the next one is the next."""
    ours, theirs = socket.socketpair()
    one, other = Channel(ours), Channel(theirs)
    other.end.sendall(b"\0\0\0\3a")
    assert one.receive(0.01) is None
    other.end.sendall(b"bc")
    other.send(b"")
    assert [one.receive(1), one.receive(1)] == [b"abc", b""]
    other.close()
    with pytest.raises(EOFError):
        one.receive(1)
    one.close()


@pytest.mark.parametrize(("cpus", "asked", "searches", "count"), [(1, 0, 32, 1), (2, 0, 32, 1), (4, 0, 32, 2)])
def test_how_many_answer(cpus: int, asked: int, searches: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the processors, unless the settings say so; on other systems one."""
    monkeypatch.setattr("endcap.serve.workers.serving.available_cpus", lambda: cpus)
    settings = ServeSettings(workers=asked, max_searches=searches)
    assert workers_of(settings) == count
    assert workers_of(ServeSettings(workers=3)) == 3
    assert workers_of(ServeSettings(workers=3, max_searches=2)) == 2
    monkeypatch.setattr(sys, "platform", "darwin")
    assert workers_of(ServeSettings(workers=3)) == 1
