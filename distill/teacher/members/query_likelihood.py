"""How likely a language model finds the query beside the product, as a member: nothing is trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.teacher.member import Member
from endcap.distill.teacher.pairs import Pairs, ProductMemo
from endcap.plugin.model.text import product_text, query_text

if TYPE_CHECKING:
    from endcap.distill.teacher.likelihood import QueryLikelihood


@dataclass(slots=True)
class QueryLikelihoodMember(Member):
    """Its signals are the mean log-probability of the query's tokens beside the product (``likelihood.py``), and how
    far that lies above the same without a product: a rare word is unlikely beside any."""

    needs_base = True
    signal_names = ("likelihood", "gain")
    _model: QueryLikelihood | None = None
    _alone: dict[str, float] = field(default_factory=dict)
    """The queries' likelihoods without a product."""

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 2), in nats; the same for all folds. NaN for a query without a token."""
        if self._model is None:
            from endcap.distill.teacher.likelihood import QueryLikelihood

            self._model = QueryLikelihood(self.spec.recipe.base, self.spec.recipe.max_tokens)
        text = self.spec.text
        text_of = ProductMemo(lambda product: product_text(product, text))
        queries = [query_text(query, text) for query in pairs.queries]
        beside = self._model.of(queries, [text_of[product] for product in pairs.products])
        new = [query for query in dict.fromkeys(queries) if query not in self._alone]
        self._alone.update(zip(new, self._model.of(new, [None] * len(new)).tolist(), strict=True))
        return np.column_stack([beside, beside - [self._alone[query] for query in queries]])


MEMBER = QueryLikelihoodMember
