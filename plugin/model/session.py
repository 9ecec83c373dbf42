"""An ONNX Runtime session and a tokenizer over a model folder, with threads that fit the machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from tokenizers import Encoding, Tokenizer

from endcap.errors import ModelError
from endcap.plugin.faults import without_panic
from endcap.plugin.model.cpu import available_cpus
from endcap.plugin.model.folder import GRAPH, TOKENIZER, ModelInfo

T = TypeVar("T")
R = TypeVar("R")


class Session:
    """Runs a model's graph. One run uses one thread, so that many runs side by side fill the cores without waiting."""

    def __init__(self, info: ModelInfo, threads: int | None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.threads = threads or available_cpus()
        self.tokenizer = _tokenizer(info)
        try:
            self._session = onnxruntime.InferenceSession(
                str(info.folder / GRAPH), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime raises a dozen types of its own, none of them public
            raise ModelError(f"{info.folder / GRAPH} is no graph that ONNX Runtime can load: {error}") from error
        self._inputs = {node.name for node in self._session.get_inputs()}
        outputs = self._session.get_outputs()
        self._outputs = [node.name for node in outputs]
        last = outputs[0].shape[-1] if outputs[0].shape else None
        self.width: int | None = last if isinstance(last, int) else None
        """Numbers in the first output's last dimension, where the graph says it."""
        self._pools: dict[tuple[str, int], tuple[ThreadPoolExecutor, threading.Semaphore]] = {}

    def run(self, ids: np.ndarray, mask: np.ndarray, types: np.ndarray | None = None) -> np.ndarray:
        """The graph's first output for int64 (batch, tokens) inputs."""
        feed = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in self._inputs:
            feed["token_type_ids"] = np.zeros_like(ids) if types is None else types
        output: np.ndarray = self._session.run(self._outputs[:1], feed)[0]
        return output

    def encode(self, *texts: str, add_special_tokens: bool = True) -> Encoding:
        """The tokens of a text, or of a pair of texts. Raises ``ModelError`` where the tokenizer can't read it."""
        return without_panic(lambda: self.tokenizer.encode(*texts, add_special_tokens=add_special_tokens))

    def begin(self, work: Callable[[], object]) -> bool:
        """Start work in the background; False where the threads have enough to do: work must never queue without end.

        Whoever needs its result does it, if it was not started or failed.
        """
        pool, free = self._pool("begin")
        if not free.acquire(blocking=False):
            return False
        try:
            pool.submit(work).add_done_callback(lambda _: free.release())
        except BaseException:
            free.release()
            raise
        return True

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """``work`` over items, on this session's threads, results in order; never more in flight than threads."""
        if self.threads == 1:
            yield from map(work, items)
            return
        pool, pending = self._pool("map")[0], list[Any]()
        try:
            for item in items:
                pending.append(_submit(pool, work, item))
                if len(pending) >= self.threads:
                    yield pending.pop(0).result()
            while pending:
                yield pending.pop(0).result()
        finally:
            for future in pending:
                future.cancel()

    def _pool(self, purpose: str) -> tuple[ThreadPoolExecutor, threading.Semaphore]:
        """The threads for a purpose, and a count of how much more of it may begin: one waits for each that is done."""
        # By process: after a fork the parent's threads are not there, and work given to them would never be done.
        key = purpose, os.getpid()
        if key not in self._pools:
            pool = ThreadPoolExecutor(self.threads, thread_name_prefix=f"endcap-{purpose}")
            self._pools.setdefault(key, (pool, threading.Semaphore(2 * self.threads)))
        return self._pools[key]


def _submit(pool: ThreadPoolExecutor, work: Callable[[T], R], item: T) -> Future[R]:
    try:
        return pool.submit(work, item)
    except RuntimeError:  # once the main thread has ended pools take no work, but other threads may go on searching
        future: Future[R] = Future()
        future.set_result(work(item))
        return future


def _tokenizer(info: ModelInfo) -> Tokenizer:
    try:
        tokenizer = without_panic(lambda: Tokenizer.from_file(str(info.folder / TOKENIZER)))
    except Exception as error:  # the library raises plain Exception
        raise ModelError(f"{info.folder / TOKENIZER} is no tokenizer: {error}. Export the model again.") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
