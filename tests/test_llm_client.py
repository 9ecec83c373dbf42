"""The client: addresses, keys, waits, retries and the moment to stop, against a real server."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm_server import QUICK, llm_server, quicker

from endcap.distill.llm.backoff import Limits, back_off, retry_after
from endcap.distill.llm.client import Client
from endcap.distill.llm.dialect import Dialect
from endcap.distill.llm.endpoint import Endpoint, Secret, chat_url, endpoint_of
from endcap.distill.llm.errors import EndpointError, RefusedError, UnansweredError
from endcap.distill.llm.reply import Reply
from endcap.distill.recipe.settings import LlmRecipe
from endcap.errors import InputError

KEY = "sk-very-secret-0123456789"
BODY = {"messages": [{"role": "user", "content": '{"query": "lamp", "product": {"title": "lamp"}}'}], "max_tokens": 8}
CERTIFICATES = Path(__file__).parent / "certificates"


def chat(url: str, times: int = 1, limits: Limits = QUICK, key: str = "", **body: Any) -> list[Reply]:
    """So many chats at once."""

    async def work() -> list[Reply]:
        async with Client(Endpoint(chat_url(url), "words", Secret(key), "LLM_TEST_KEY"), limits) as client:
            return await asyncio.gather(*(client.chat(BODY | body) for _ in range(times)))

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("given_url", "posted_to"),
    [
        ("http://localhost:8000", "http://localhost:8000/v1/chat/completions"),
        ("http://localhost:8000/", "http://localhost:8000/v1/chat/completions"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1/chat/completions"),
        ("https://host/openai/v1/", "https://host/openai/v1/chat/completions"),
        ("https://host/v1beta/openai", "https://host/v1beta/openai/chat/completions"),
        ("https://host/api", "https://host/api/v1/chat/completions"),
        ("https://host/v1/chat/completions", "https://host/v1/chat/completions"),
    ],
)
def test_addresses_with_and_without_v1(given_url: str, posted_to: str) -> None:
    assert chat_url(given_url) == posted_to


NO_ADDRESSES = ["", "localhost:8000", "ftp://host", "http://", "http://host:0", "http://host:x", "http://[::"]


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match=r"llm\.url"):
        endpoint_of(LlmRecipe(url=url, model="m"))


@pytest.mark.parametrize("url", [f"http://me:{KEY}@host/v1", f"http://host/v1?key={KEY}"])
def test_a_secret_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(InputError, match=r"key_env") as caught:
        chat_url(url)
    assert KEY not in str(caught.value)


def test_the_key_comes_from_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by repr, not by the error of a server that echoes it; a key that no header can hold is refused unseen."""
    monkeypatch.setenv("LLM_TEST_KEY", f"{KEY}\n")
    with llm_server(key="another") as server:
        endpoint = endpoint_of(server.recipe().llm)
        assert endpoint.key.reveal() == KEY
        client = Client(endpoint)
        assert KEY not in f"{endpoint!r} {endpoint} {client!r} {client.__dict__}"
        with pytest.raises(EndpointError, match=r"the key in LLM_TEST_KEY.*\*\*\*") as caught:
            chat(server.url, key=KEY)
        assert KEY not in repr(caught.value)
        assert server.requests[0][1]["authorization"] == f"Bearer {KEY}"
    monkeypatch.setenv("LLM_TEST_KEY", f"{KEY}\nX: y")
    with pytest.raises(InputError, match="LLM_TEST_KEY") as refused:
        endpoint_of(server.recipe().llm)
    assert KEY not in str(refused.value)


def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of one's own needs none; each request carries its id."""
    monkeypatch.delenv("LLM_TEST_KEY", raising=False)
    with llm_server() as server:
        chat(server.url, times=2)
    headers = [each for _, each, _ in server.requests]
    assert all("authorization" not in each for each in headers)
    assert len({each["x-request-id"] for each in headers}) == 2


@pytest.mark.parametrize(("word", "least_s"), [("429:0.6", 0.6), ("503:0.6", 0.6), ("429:date", 0.5)])
def test_retry_after_holds_back_all_requests(word: str, least_s: float) -> None:
    """Seconds or a date (here 1.5 s ahead, cut to whole seconds): within it nobody asks, then all are answered."""
    with llm_server([word]) as server:
        chat(server.url, limits=quicker(concurrency=1), times=3)
    times = [when for when, _, _ in server.requests]
    assert len(times) == 4
    assert times[1] - times[0] >= least_s


def test_no_more_requests_at_once_than_allowed() -> None:
    with llm_server(delay_s=0.1) as server:
        began = time.monotonic()
        chat(server.url, times=6, limits=quicker(concurrency=2))
        assert time.monotonic() - began >= 0.3
        times = [when for when, _, _ in server.requests]
        assert all(times[i + 2] - times[i] >= 0.09 for i in range(4))


def test_a_request_that_always_fails_is_given_up_with_its_id() -> None:
    """The number of attempts is bounded; fewer where replies come that are paid for."""
    with llm_server(lambda number, body: "500") as server:
        with pytest.raises(UnansweredError, match=r"3 attempts: 500 not now \(request [0-9a-f]{32}\)"):
            chat(server.url, limits=quicker(attempts=3))
        assert len(server.requests) == 3
    with llm_server(lambda number, body: "garbage") as server:
        with pytest.raises(UnansweredError, match="2 attempts: a reply that is no JSON"):
            chat(server.url, limits=quicker(useless=2))
        assert len(server.requests) == 2


def test_a_server_that_is_not_there() -> None:
    """Refused connections are retried for as long as patience lasts, then the error says so."""
    with llm_server() as server:
        pass
    with pytest.raises(EndpointError, match=r"nothing but failures.*can't be reached"):
        chat(server.url, limits=quicker(attempts=1000, patience_s=0.3))


def test_a_request_that_is_too_long_is_refused_at_once() -> None:
    with llm_server(["long"]) as server:
        with pytest.raises(RefusedError, match="maximum context length"):
            chat(server.url)
        assert len(server.requests) == 1


def test_certificates_are_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that no authority signed ends the work at once; with its authority in SSL_CERT_FILE it is good."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem", CERTIFICATES / "server.key")
    with llm_server(tls=context) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        with pytest.raises(EndpointError, match=r"can't be trusted.*SSL_CERT_FILE"):
            chat(url)
        assert not server.requests
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))
        assert chat(url)[0].choices[0].text == "3"


@given(
    st.text() | st.floats().map(str) | st.integers().map(str) | st.datetimes().map(lambda d: d.strftime("%a, %d %b %Y"))
)
def test_any_retry_after_is_survived(header: str) -> None:
    """A wait of at least 0 seconds, or None."""
    found = retry_after(header)
    assert found is None or 0 <= found < float("inf")


def test_retry_after_is_read() -> None:
    """Seconds, and all three forms of dates in HTTP; one in the past is no wait."""
    now = datetime(2026, 11, 25, 2, 0, 0, tzinfo=UTC)
    assert retry_after("120") == 120
    assert retry_after("Wed, 25 Nov 2026 02:01:30 GMT", now) == 90
    assert retry_after("Wednesday, 25-Nov-26 02:01:30 GMT", now) == 90
    assert retry_after("Wed Nov 25 02:01:30 2026", now) == 90
    assert retry_after("Wed, 25 Nov 2026 01:00:00 GMT", now) == 0
    assert retry_after("soon") is None
    assert retry_after(None) is None


def test_waits_grow_to_a_bound_and_differ() -> None:
    limits = Limits(wait_s=1, longest_wait_s=60)
    for attempt in range(100):
        assert 0 < back_off(attempt, limits) <= min(60, 2**attempt)
    assert len({back_off(3, limits) for _ in range(20)}) > 10


@given(
    st.text(),
    st.none() | st.text(),
    st.dictionaries(st.sampled_from(["n", "max_tokens", "logprobs", "top_logprobs"]), st.integers(0, 20)),
)
def test_any_refusal_is_survived(message: str, parameter: str | None, body: dict[str, Any]) -> None:
    """What is learnt from a refusal is said differently, or it is not learnt from; learning ends."""
    dialect = Dialect()
    for _ in range(10):
        said = dialect.adapted(body)
        if not dialect.learn(said, message, parameter):
            break
        assert dialect.adapted(body) != said
    else:
        pytest.fail("it learns for ever")


def test_what_vendors_say_is_learnt_from() -> None:
    """Real messages of refusals, and what the next request is like."""
    body = {"max_tokens": 8, "logprobs": True, "top_logprobs": 10, "temperature": 1, "n": 5}
    dialect = Dialect()
    for message, gone in [
        ("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
         {"max_tokens"}),
        ("Invalid value for 'top_logprobs': must be less than or equal to 5.", set()),
        ("logprobs is not supported for this model", {"logprobs", "top_logprobs"}),
        ("Unsupported value: 'temperature' does not support 1 with this model.", {"temperature"}),
        ("n > 1 is not supported", {"n"}),
    ]:  # fmt: skip
        before = dialect.adapted(body)
        assert dialect.learn(before, message)
        after = dialect.adapted(body)
        assert set(before) - set(after) == gone
    assert after == {"max_completion_tokens": 8}


def test_who_is_told_to_wait_is_not_given_up_soon() -> None:
    """Under a tight rate limit a request may be told to wait more often than it has attempts, but not for ever."""
    with llm_server(["429:0.05"] * 5) as server:
        chat(server.url, limits=quicker(attempts=2))
        assert len(server.requests) == 6
    with llm_server(lambda number, body: "429:0.01") as server:
        with pytest.raises(UnansweredError, match="16 attempts: 429"):
            chat(server.url, limits=quicker(attempts=2, failures=1000))
        assert len(server.requests) == 16


def test_refusals_in_a_row_end_the_work() -> None:
    """A request that the endpoint never takes is not sent a thousand times."""

    async def work(url: str) -> None:
        async with Client(Endpoint(chat_url(url), "words"), quicker(failures=5)) as client:
            for _ in range(10):
                with contextlib.suppress(RefusedError):
                    await client.chat(BODY)

    with llm_server(lambda number, body: "long") as server:
        with pytest.raises(EndpointError, match=r"refuses 5 requests in a row.*maximum context"):
            asyncio.run(work(server.url))
        assert len(server.requests) == 5
