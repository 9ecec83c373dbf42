"""What a student learns from a query's list: scores s and targets t, both on the logit scale."""

from __future__ import annotations

import torch


def margin_mse(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean squared error of margins over all ordered pairs of a list, ``mean_ij ((s_i - s_j) - (t_i - t_j))^2``.

    With d = s - t this is ``mean_ij (d_i - d_j)^2 = 2 Var(d)``: no pair is ever formed. Both float32 (n,); a scalar.
    Margin MSE: Hofstätter et al., 2020, https://arxiv.org/abs/2010.02666.
    """
    return 2 * (scores - targets).var(correction=0)


def listwise_kl(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The Kullback-Leibler divergence of softmax(s) from softmax(t) over a list; both float32 (n,); a scalar."""
    log_p = torch.log_softmax(scores, dim=0)
    log_q = torch.log_softmax(targets, dim=0)
    return (log_q.exp() * (log_q - log_p)).sum()


LOSSES = {"margin-mse": margin_mse, "listwise-kl": listwise_kl}
