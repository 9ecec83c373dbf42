"""What a student learns from a list."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")


def test_margin_mse_is_the_mean_over_all_pairs() -> None:
    """Twice the variance of s - t is the pair loop, and its gradient is the pair loop's."""
    from endcap.distill.losses import margin_mse

    rng = np.random.default_rng(3)
    s = torch.tensor(rng.normal(size=7), requires_grad=True)
    t = torch.tensor(rng.normal(size=7))
    pairs = ((s[:, None] - s[None, :]) - (t[:, None] - t[None, :])) ** 2
    [expected] = torch.autograd.grad(pairs.mean(), s)
    [found] = torch.autograd.grad(margin_mse(s, t), s)
    assert float(margin_mse(s, t).detach()) == pytest.approx(float(pairs.mean().detach()))
    assert torch.allclose(found, expected)


def test_margin_mse_by_hand() -> None:
    """Scores 1, 3 against targets 0, 1: margins differ by 1; of four ordered pairs two are a product with itself."""
    from endcap.distill.losses import margin_mse

    assert float(margin_mse(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 1.0]))) == pytest.approx(0.5)


def test_margin_mse_ignores_a_shift_and_listwise_kl_too() -> None:
    """Only margins count: the level of a query's scores is free."""
    from endcap.distill.losses import listwise_kl, margin_mse

    t = torch.tensor([2.0, -1.0, 0.5])
    for loss in (margin_mse, listwise_kl):
        assert float(loss(t + 5, t)) == pytest.approx(0, abs=1e-6)
        assert float(loss(-t, t)) > 0.1
