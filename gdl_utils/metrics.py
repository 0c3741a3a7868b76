"""How good a ranking is, and whether probabilities mean what they say. See chapter 21."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.nn import functional as F


class Bins(NamedTuple):
    """A reliability diagram: bins with as many predictions each, to within one. Chapter 21."""

    count: Int64[Tensor, " b"]
    confidence: Float[Tensor, " b"]
    """Mean probability that was given."""
    accuracy: Float[Tensor, " b"]
    """Share that was right."""


def ranks(scores: Float[Tensor, "n d"], y: Int64[Tensor, " n"]) -> Float[Tensor, " n"]:
    """Rank of the right answer among all, 1 being the best; float64.

    Answers with an equal score share their mean rank, so that a constant score is no good guess.

    Parameters
    ----------
    scores : Tensor, (N, D)
        −∞ is allowed, NaN is not.
    y : Tensor, (N,), int64

    Raises
    ------
    ValueError
        If ``scores`` is not (N, D), has a NaN, or y does not name one of D for each row.

    Notes
    -----
    Chapter 21.
    """
    _check(scores, y)
    if scores.isnan().any():
        raise ValueError("scores must not hold NaN")
    own = scores.gather(1, y[:, None])
    better, equal = (scores > own).sum(1), (scores == own).sum(1)
    return better.double() + (equal.double() + 1) / 2


def hits(rank: Float[Tensor, " n"], k: int) -> float:
    """Share of right answers among the first k.

    Raises
    ------
    ValueError
        If there is no rank, or k is not positive.

    Notes
    -----
    Chapter 21.
    """
    if not len(rank) or k < 1:
        raise ValueError(f"rank must not be empty and k be positive, got {len(rank)} and {k}")
    return int((rank <= k).sum()) / len(rank)


def mean_reciprocal_rank(rank: Float[Tensor, " n"]) -> float:
    """Mean of 1 / rank, between 0 and 1.

    Raises
    ------
    ValueError
        If there is no rank.

    Notes
    -----
    Chapter 21.
    """
    if not len(rank):
        raise ValueError("rank must not be empty")
    return float((1 / rank.double()).mean())


def reliability(confidence: Float[Tensor, " n"], right: Bool[Tensor, " n"], bins: int = 15) -> Bins:
    """Sort predictions by their probability, cut them into bins of equal mass, and compare.

    Parameters
    ----------
    confidence : Tensor, (N,)
        Probability of the answer that was given, from 0 to 1.
    right : Tensor, (N,), bool
    bins : int
        At most N.

    Raises
    ------
    ValueError
        If the two differ in shape, a confidence is not a probability, or bins is not from 1 to N.

    Notes
    -----
    Chapter 21.
    """
    if confidence.ndim != 1 or confidence.shape != right.shape:
        raise ValueError(
            f"confidence and right must be (N,), got {tuple(confidence.shape)} and "
            f"{tuple(right.shape)}"
        )
    if not 1 <= bins <= len(right):
        raise ValueError(f"bins must be from 1 to {len(right)}, got {bins}")
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise ValueError("confidence must be from 0 to 1")
    order = confidence.argsort(stable=True)
    parts = order.tensor_split(bins)
    mean = lambda x: torch.stack([x[i].double().mean() for i in parts])  # noqa: E731
    return Bins(torch.tensor([len(i) for i in parts]), mean(confidence), mean(right))


def expected_calibration_error(
    confidence: Float[Tensor, " n"], right: Bool[Tensor, " n"], bins: int = 15
) -> float:
    r"""Mean distance between what was claimed and what came true.

    .. math:: \mathrm{ECE} = \sum_b \tfrac{n_b}{N}\, |\text{accuracy}_b - \text{confidence}_b|

    over bins of equal mass, see :func:`reliability`, whose errors this raises.

    References
    ----------
    Guo et al. (2017), *On Calibration of Modern Neural Networks*, equation 3 (there with bins of
    equal width). Chapter 21.
    """
    found = reliability(confidence, right, bins)
    gap = (found.accuracy - found.confidence).abs()
    return float((found.count * gap).sum() / found.count.sum())


def fit_temperature(logits: Float[Tensor, "n d"], y: Int64[Tensor, " n"]) -> float:
    r"""Find the τ > 0 for which softmax(logits / τ) gives the right answers most likelihood.

    The negative log-likelihood is convex in 1 / τ; its slope is bisected, for τ from 1/100 to 100.

    Parameters
    ----------
    logits : Tensor, (N, D)
        Of validation data.
    y : Tensor, (N,), int64

    Raises
    ------
    ValueError
        If ``logits`` is not (N, D) and finite, or y does not name one of D for each row.

    Notes
    -----
    One number for all answers: their order stays.

    References
    ----------
    Guo et al. (2017), section 4.2, *Temperature scaling*. Chapter 21.
    """
    _check(logits, y)
    if not logits.isfinite().all():
        raise ValueError("logits must be finite")
    z = logits.double()
    own = z.gather(1, y[:, None])[:, 0]
    low, high = 0.01, 100.0  # of 1 / τ
    for _ in range(50):
        beta = (low * high) ** 0.5
        slope = ((z * beta).softmax(1) * z).sum(1) - own  # of the loss, in 1 / τ
        low, high = (beta, high) if float(slope.mean()) < 0 else (low, beta)
        if high / low < 1 + 1e-6:
            break
    return 1 / (low * high) ** 0.5


def negative_log_likelihood(logits: Float[Tensor, "n d"], y: Int64[Tensor, " n"]) -> float:
    """Mean of −ln of the probability of the right answer, in nats.

    Raises
    ------
    ValueError
        If ``logits`` is not (N, D), or y does not name one of D for each row.

    Notes
    -----
    Chapter 21.
    """
    _check(logits, y)
    return float(F.cross_entropy(logits.double(), y))


def risk_coverage(
    confidence: Float[Tensor, " n"], right: Bool[Tensor, " n"]
) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
    """Share of wrong answers among the k most confident, for k = 1 … N.

    Parameters
    ----------
    confidence : Tensor, (N,)
    right : Tensor, (N,), bool

    Returns
    -------
    coverage : Tensor, (N,)
        k / N.
    risk : Tensor, (N,)
        With coverage 1: the error of one who never abstains.

    Raises
    ------
    ValueError
        If the two differ in shape or are empty.

    References
    ----------
    Geifman, El-Yaniv (2017), *Selective Classification for Deep Neural Networks*. Chapter 21.
    """
    if confidence.ndim != 1 or confidence.shape != right.shape or not len(right):
        raise ValueError(
            f"confidence and right must be (N,) with N ≥ 1, got {tuple(confidence.shape)} and "
            f"{tuple(right.shape)}"
        )
    k = torch.arange(1, len(right) + 1, dtype=torch.float64)
    wrong = (~right)[confidence.argsort(descending=True, stable=True)].double()
    return k / len(right), wrong.cumsum(0) / k


def _check(scores: Tensor, y: Tensor) -> None:
    if scores.ndim != 2 or not len(scores) or y.shape != scores.shape[:1]:
        raise ValueError(
            f"scores must be (N, D) and y (N,) with N ≥ 1, got {tuple(scores.shape)} and "
            f"{tuple(y.shape)}"
        )
    if not 0 <= int(y.min()) <= int(y.max()) < scores.shape[1]:
        raise ValueError(f"y must be from 0 to {scores.shape[1] - 1}, got {y}")
