"""What a student learns from a query's list: scores s and targets t, both on the logit scale, float32 (n,).

A loss is a function here that gives a scalar, by the tensors' own methods: a recipe is read without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def margin_mse(scores: Tensor, targets: Tensor) -> Tensor:
    """The mean squared error of margins over all ordered pairs of a list, ``mean_ij ((s_i - s_j) - (t_i - t_j))^2``.

    With d = s - t this is ``mean_ij (d_i - d_j)^2 = 2 Var(d)``: no pair is ever formed.
    Margin MSE: Hofstätter et al., 2020, https://arxiv.org/abs/2010.02666.
    """
    return 2 * (scores - targets).var(correction=0)


def listwise_kl(scores: Tensor, targets: Tensor) -> Tensor:
    """The Kullback-Leibler divergence of softmax(s) from softmax(t) over a list."""
    log_p, log_q = scores.log_softmax(dim=0), targets.log_softmax(dim=0)
    return (log_q.exp() * (log_q - log_p)).sum()


LOSSES = {loss.__name__.replace("_", "-"): loss for loss in (margin_mse, listwise_kl)}
"""Losses by their names in a recipe (``student.loss``)."""
