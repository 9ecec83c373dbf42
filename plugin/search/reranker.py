"""The middleware: a search engine's ``search`` with the first page put in a better order."""

from __future__ import annotations

import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.plugin.deadline import Clock, Deadline, time_limits
from endcap.plugin.faults import log_fault
from endcap.plugin.protocols import Scorer, ScorerSource, States
from endcap.plugin.rules.live import LiveRules
from endcap.plugin.rules.rule import ShopRules
from endcap.plugin.search.bodies import plain_body
from endcap.plugin.search.client import RerankedClient
from endcap.plugin.search.dense_support import DenseSupport
from endcap.plugin.search.engine_errors import WindowLimits
from endcap.plugin.search.options import Options
from endcap.plugin.search.page_memory import PageMemory
from endcap.plugin.search.principal import Principal, client_principal, principal_of
from endcap.plugin.search.search_model import SearchModels
from endcap.plugin.search.search_run import SearchRun
from endcap.plugin.search.search_target import search_target
from endcap.plugin.search.shop_run import ShopRun
from endcap.plugin.search.status import Outcomes
from endcap.plugin.search.target import AsyncTarget, ComesLater, completed, target_of
from endcap.plugin.search.workers import SHARED, Workers
from endcap.plugin.states.background import BackgroundStates
from endcap.plugin.states.document_states import NAME
from endcap.plugin.states.memory_states import MemoryStates


class Reranker:
    """Searches through an engine or a client, and orders a window's candidates by the student's and its scores.

    ``engine_or_client`` is an endcap engine, an ``opensearchpy.OpenSearch`` or an ``AsyncOpenSearch``; with the last
    one, ``search`` gives an awaitable. Safe to share between threads or tasks; the client's ``pool_maxsize`` should
    be as many as there are. ``student`` is a ``Student``, or a ``LiveStudent`` that follows what is promoted.

    ``window`` (candidates) and ``blend_weight`` (0 the engine's order, 1 the student's) are the model's own where None.
    ``fields`` says how the index names the fields of a product: a ``FieldMap`` or ``{"title": "name"}``; where None,
    as the engine knows them, or by ``Product``'s own names. So many products as ``dense`` says, the nearest to the
    query's vector, join each window, where the index holds vectors (docs/candidates.md). With ``numbers``, a model's
    number that the engine does not find is searched for in its other spellings. ``states`` is the store of
    what was read in advance; where None, the one that ``endcap index`` and ``endcap warm`` fill. ``"index"``: the hits
    bring their states, written by ``--vectors`` (docs/states.md), and this process needs no store. ``languages`` are
    those that the student knows (ISO 639-1), the model's own where None: a search in another one is skipped. With
    "any", none is looked for. ``rules`` is the path of the shop's rules file (``docs/rules.md``),
    which is read again when it changes, or ``ShopRules``. ``tiers`` and ``keep_first`` are those of ``ext.rerank``,
    for all searches that don't name their own. ``principal`` says who asks, by a search's parameters, for no page is
    cut from another caller's window; without it, credentials and headers tell it.
    A search takes at most ``budget_ms`` beside the engine's own time, and ``deadline_ms`` from call to reply; 100 ms
    beside the engine where neither is given (docs/middleware.md). ``workers`` are the threads that searches compute in,
    those of the whole process where None.
    Raises ``InputError`` where an argument is not what it should be. ``outcomes`` counts how searches went.
    """

    def __init__(
        self,
        engine_or_client: Any,
        student: Scorer | ScorerSource,
        window: int | None = None,
        deadline_ms: float | None = None,
        blend_weight: float | None = None,
        fields: FieldMap | Mapping[str, Any] | None = None,
        states: States | Literal["index"] | None = None,
        *,
        dense: int = 0,
        numbers: bool = False,
        languages: str | Sequence[str] | None = None,
        rules: ShopRules | LiveRules | str | Path | None = None,
        tiers: Any = None,
        keep_first: int = 0,
        budget_ms: float | None = None,
        workers: Workers | None = None,
        principal: Principal = principal_of,
        memory: PageMemory | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._client, self._target = engine_or_client, target_of(engine_or_client)
        self.deadline_ms, self.budget_ms = time_limits(deadline_ms, budget_ms)
        if workers is not None and not isinstance(workers, Workers):
            raise InputError(f"workers is {workers!r}; give Workers(threads=...), or leave it out.")
        self._workers = SHARED if workers is None else workers
        in_index = states == "index"
        if (
            states is not None
            and not in_index
            and not (callable(getattr(states, "get", None)) and callable(getattr(states, "put", None)))
        ):
            raise InputError(
                f'states is {states!r}; give a store, as StateStore.open(folder) gives, "index", or leave it out.'
            )
        self.student, self.outcomes = student, Outcomes()
        own = getattr(engine_or_client, "fields", None)
        field_map = fields if fields is not None or not isinstance(own, FieldMap) else own
        self.rules = rules if rules is None or isinstance(rules, LiveRules) else LiveRules(rules)
        paths = (f"{NAME}.model", f"{NAME}.key", f"{NAME}.state") if in_index else ()
        self._models = SearchModels(
            student,
            window,
            blend_weight,
            field_map,
            dense,
            languages,
            tiers=tiers,
            keep_first=keep_first,
            numbers=numbers,
            more_paths=paths,
        )
        self._dense_support, self._limits = DenseSupport(), WindowLimits()
        self._principal, self._client_principal = principal, client_principal(engine_or_client)
        self._clock, self._memory = clock, PageMemory() if memory is None else memory
        self._background = BackgroundStates(MemoryStates() if isinstance(states, str) else states)
        weakref.finalize(self, self._background.close)

    @property
    def options(self) -> Options:
        """Window and blend weight of the search that would begin now."""
        return self._models.current().options

    def search(self, index: Any = None, body: Any = None, **params: Any) -> Any:
        """The reply to a ``_search`` body, re-ranked, with ``ext.rerank`` saying what was done and why.

        ``index``, ``body`` and ``params`` are those of the client's ``search``; the body may carry ``ext.rerank``.
        Raises what the engine raises, and nothing else, unless ``ext.rerank.allow_rerank_failures`` is false.
        """
        body = plain_body(body, self._client)
        if not isinstance(self._target, AsyncTarget):
            try:
                return completed(self._reply(index, body, params))
            except ComesLater:  # known by what comes back: a function may be wrapped in another
                self._target = AsyncTarget(self._client)
        return self._reply(index, body, params)

    @classmethod
    def wrap(cls, client: Any, student: Scorer | ScorerSource | None = None, **settings: Any) -> RerankedClient:
        """A client that stands where this one stood: its searches are re-ranked, all else is passed on.

        ``student`` is the shipped one where None, ``settings`` are the other arguments of ``Reranker``.
        """
        if student is None:
            from endcap.plugin.model.student import Student

            student = Student.load()
        return RerankedClient(cls(client, student, **settings), client)

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until the products that searches had no time for are read; False where that takes longer."""
        return self._background.wait(timeout_s)

    def close(self) -> None:
        """End the background work. The engine, the student and the states are the caller's, and stay open."""
        self._background.close()

    def _asking(self, params: Mapping[str, Any]) -> str:
        """Who asks; somebody who has never asked before where the caller's function fails."""
        try:
            return str(self._principal(params))
        except Exception as error:  # of a search it decides which pages fit, and no more
            log_fault("the function that says who asks has failed", error)
            return token_hex(16)

    async def _reply(self, index: Any, body: Any, params: Mapping[str, Any]) -> Any:
        deadline = Deadline.start(self.deadline_ms, self._clock, self.budget_ms)
        model, target = self._models.current(), search_target(self._target, deadline, self._workers)
        shop = ShopRun(self.rules, target, model, self._background.remembered, index, deadline)
        run = SearchRun(
            target,
            model,
            self._memory,
            self._background,
            self._dense_support,
            self.outcomes,
            index,
            deadline,
            shop,
            self._workers,
            self._limits,
            f"{self._client_principal} {self._asking(params)}",
        )
        return await run.reply(body, params)
