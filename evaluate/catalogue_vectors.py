"""All products of a shop as a model sees them, and the nearest of them to a query: an exact search over vectors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from endcap.errors import InputError
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.index.product import Product
from endcap.plugin.states.fill import fill
from endcap.progress import Watch, unwatched

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class CatalogueVectors:
    """Products that have a text, and their unit vectors, float32 (n, d), by one model."""

    model: StudentWithStates
    products: tuple[Product, ...]
    vectors: npt.NDArray[np.float32]

    def nearest(self, query: str, count: int) -> tuple[list[Product], npt.NDArray[np.float64]]:
        """The ``count`` products nearest to a query, the nearest first, and their cosines; of equals the earlier."""
        vector = self.model.student.query_vector(query)
        assert vector is not None
        cosines = self.vectors @ vector
        best = np.argsort(-cosines, kind="stable")[:count]
        return [self.products[i] for i in best], cosines[best].astype(np.float64)


def catalogue_vectors(
    shop: Shop, model: StudentWithStates, watch: Watch = unwatched, title: str = "Reading the catalogue"
) -> CatalogueVectors:
    """Read all of a shop's products, each once: what was read before is found in the store.

    Raises ``InputError`` for a model that makes no vectors.
    """
    if model.student.query_vector("") is None:
        raise InputError(f"{model.student.info.name} makes no vectors of products, so it finds no candidates.")
    with watch(title, shop.engine.count()) as advance:
        fill(model.states, model.student, shop.engine.products(), progress=advance, memories=())
    products, blocks, waiting = list[Product](), list[npt.NDArray[np.float32]](), shop.engine.products()
    while chunk := list(islice(waiting, _CHUNK)):
        texts = [model.student.text(product) for product in chunk]
        states = model.states.get([model.student.key(text) for text in texts])
        known = [i for i, state in enumerate(states) if state is not None]
        products += [chunk[i] for i in known]
        vectors = model.student.vectors([states[i] for i in known])
        assert vectors is not None
        blocks.append(vectors)
    return CatalogueVectors(model, tuple(products), np.concatenate(blocks))
