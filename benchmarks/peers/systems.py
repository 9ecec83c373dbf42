"""What is measured: each system's own way to score 100 products for a query, to encode a query, to read products."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from folders import FLASHRANK_FILE, FLASHRANK_NAME, Folders

from endcap.index.product import Product
from endcap.plugin.model.student import Student

Scores = Callable[[str], Any]
QUERIES = (f"wireless headphones with noise cancelling {n}" for n in itertools.count(100))
"""Never the same query twice: the student remembers the vectors of recent ones."""


@dataclass(frozen=True, slots=True)
class System:
    """``run`` does the work once, for a query that no system has seen."""

    name: str
    label: str
    run: Scores
    repeats: int = 1
    """Runs within one measurement, for what is over in milliseconds."""


def rerankers(folders: Folders, texts: list[str], products: list[Product]) -> list[System]:
    """Everybody's 100 products; the torch cross-encoder, with which all are compared, comes first."""
    int8, fp32 = (Student.load(path, threads=1) for path in (folders.endcap_int8, folders.endcap_fp32))
    ids, exact = int8.encode(texts), fp32.encode(texts)
    # The student has read the products in advance.
    student = Student.load(folders.student, threads=1)
    states = student.encode(products)
    return [
        System("torch", "sentence-transformers, torch fp32", _sentence_transformers(folders, texts, "torch")),
        System("st_int8", "sentence-transformers, ONNX int8", _sentence_transformers(folders, texts, "onnx")),
        System("fastembed", "fastembed, ONNX int8", _fastembed(folders, texts)),
        System("flashrank", "FlashRank, ONNX int8", _flashrank(folders, texts)),
        System("cross_fp32", "endcap, cross-encoder fp32", lambda query: fp32.score(query, exact)),
        System("cross_int8", "endcap, cross-encoder int8", lambda query: int8.score(query, ids)),
        System("student", "endcap, student, 100 products", lambda query: student.score(query, states), 10),
        System("student_1000", "endcap, student, 1,000 products", lambda query: student.score(query, states * 10), 10),
    ]


def encoders(folders: Folders) -> list[System]:
    """A query's vector, from the text on."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    theirs = SentenceTransformer(folders.encoder, device="cpu")
    student = Student.load(folders.student, threads=1)
    state = student.encode(["a product"])
    encode: Scores = lambda query: theirs.encode([query], prompt_name="query")  # noqa: E731
    return [
        System("torch_query", "sentence-transformers, torch fp32", encode, 5),
        System("student_query", "endcap", lambda query: student.score(query, state), 5),
    ]


def readers(folders: Folders, texts: list[str], products: list[Product], threads: int) -> list[System]:
    """Products read in advance, by all cores."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    theirs = SentenceTransformer(folders.encoder, device="cpu")
    student = Student.load(folders.student, threads=threads)
    return [
        System("torch_reading", "sentence-transformers, torch fp32", lambda _: theirs.encode(texts, batch_size=32)),
        System("student_reading", "endcap", lambda _: student.encode(products)),
    ]


def check(systems: list[System], folders: Folders, texts: list[str], products: list[Product]) -> dict[str, float]:
    """Correlation of each system's scores with those of the torch cross-encoder; of the student's with its folder's in
    sentence-transformers. Raises ``SystemExit`` where one computes something else."""
    query, reference = "noise cancelling headphones", None
    correlations: dict[str, float] = {}
    for system in systems:
        if not system.name.startswith("student"):
            scores = np.asarray(system.run(query), dtype=np.float64)
            reference = scores if reference is None else reference
            correlations[system.name] = float(np.corrcoef(scores, reference)[0, 1])
    correlations["student"] = _same_as_elsewhere(folders, texts, products, query)
    for name, value in correlations.items():
        if not value >= (0.999 if name in ("cross_fp32", "student") else 0.95):
            raise SystemExit(f"{name} computes something else: its scores correlate with the reference by {value:.3f}.")
    return correlations


def _same_as_elsewhere(folders: Folders, texts: list[str], products: list[Product], query: str) -> float:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(folders.student, backend="onnx", device="cpu")
    vectors = np.concatenate([model.encode([text]) for text in texts])
    theirs = vectors @ model.encode([query], prompt_name="query")[0]
    return float(np.corrcoef(Student.load(folders.student).score(query, products), theirs)[0, 1])


def one_thread() -> Any:
    """ONNX Runtime's settings for one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


def _sentence_transformers(folders: Folders, texts: list[str], backend: str) -> Scores:
    import torch
    from sentence_transformers import CrossEncoder

    torch.set_num_threads(1)
    path = folders.cross if backend == "torch" else folders.cross_onnx
    graph = {} if backend == "torch" else {"file_name": folders.cross_int8, "session_options": one_thread()}
    model = CrossEncoder(path, backend=backend, device="cpu", max_length=128, model_kwargs=graph)
    identity = torch.nn.Identity()
    return lambda query: model.predict([(query, text) for text in texts], batch_size=32, activation_fn=identity)


def _fastembed(folders: Folders, texts: list[str]) -> Scores:
    from fastembed.common.model_description import ModelSource
    from fastembed.rerank.cross_encoder import TextCrossEncoder

    TextCrossEncoder.add_custom_model(
        model="bench-cross", model_file=folders.cross_int8, sources=ModelSource(hf="bench-cross")
    )
    model = TextCrossEncoder("bench-cross", specific_model_path=folders.cross_onnx, threads=1)
    return lambda query: list(model.rerank(query, texts))


def _flashrank(folders: Folders, texts: list[str]) -> Scores:
    from flashrank import Ranker, RerankRequest

    ranker = Ranker(model_name=FLASHRANK_NAME, cache_dir=folders.flashrank, max_length=128, log_level="WARNING")
    # It can't be asked for one thread, and its own two would wait for each other on the one CPU of this process.
    graph = Path(folders.flashrank) / FLASHRANK_NAME / FLASHRANK_FILE
    ranker.session = onnxruntime.InferenceSession(str(graph), one_thread(), providers=["CPUExecutionProvider"])

    def scores(query: str) -> np.ndarray:
        passages = [{"id": n, "text": text} for n, text in enumerate(texts)]
        ranked = {hit["id"]: hit["score"] for hit in ranker.rerank(RerankRequest(query=query, passages=passages))}
        probabilities = np.array([ranked[n] for n in range(len(texts))], dtype=np.float64)
        return np.log(probabilities / (1 - probabilities))

    return scores
