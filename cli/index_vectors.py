"""States in the catalogue: what ``endcap index --vectors`` writes beside the products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endcap.cli.shared_options import readers
from endcap.index.engine import Engine, LoadReport
from endcap.index.product import Product
from endcap.progress import Advance

if TYPE_CHECKING:
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.store import StateStore

AT_ONCE = 4096


def check_kept(student: Student, kept: str) -> None:
    """``InputError`` where the student has no vectors to be kept."""
    from endcap.plugin.states.document_states import state_field

    state_field(student, kept)


def load_with_states(
    engine: Engine,
    student: Student,
    model: Path,
    kept: str,
    spread: bool,
    products: Iterable[Product],
    advance: Advance,
) -> LoadReport:
    """Load into a cluster, each document with its state, so that no search sees one without."""
    from endcap.index.opensearch.engine import OpenSearchEngine
    from endcap.index.state_field import StateSource
    from endcap.plugin.states.document_states import document_state, has_text, state_field
    from endcap.plugin.states.fill_documents import states_of
    from endcap.plugin.states.store import StateStore

    assert isinstance(engine, OpenSearchEngine)
    with closing(StateStore.open()) as store, readers(spread, student, model) as by:

        def of(chunk: Sequence[Product]) -> list[Mapping[str, Any] | None]:
            texts = [student.text(product) for product in chunk]
            keys = [student.key(text) for text in texts]
            readable = [has_text(student, product) for product in chunk]
            wanted = [n for n, is_readable in enumerate(readable) if is_readable]
            states, _ = states_of(store, student, [keys[n] for n in wanted], [texts[n] for n in wanted], by)
            return [
                document_state(student, key, states[key], kept) if is_readable else None
                for key, is_readable in zip(keys, readable, strict=True)
            ]

        return engine.load(products, progress=advance, states=StateSource(state_field(student, kept), of))


def put_vectors(engine: Engine, store: StateStore, student: Student) -> None:
    """Give the embedded engine the vectors of its products, which are in the store, or encoded now."""
    import numpy as np

    from endcap.index.embedded.engine import EmbeddedEngine
    from endcap.plugin.states.document_states import has_text, model_name, states_matrix
    from endcap.plugin.states.fill_documents import states_of

    assert isinstance(engine, EmbeddedEngine)
    ids: list[str] = []
    keys: list[bytes] = []
    parts: list[np.ndarray] = []
    stream = (product for product in engine.products() if has_text(student, product))
    while chunk := list(islice(stream, AT_ONCE)):
        texts = [student.text(product) for product in chunk]
        own = [student.key(text) for text in texts]
        states, _ = states_of(store, student, own, texts)
        ids += [product.id for product in chunk]
        keys += own
        parts.append(states_matrix(student, [states[key] for key in own]))
    if ids:
        engine.put_vectors(model_name(student.info), ids, keys, np.concatenate(parts))
