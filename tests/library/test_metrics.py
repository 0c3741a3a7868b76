"""Rankings and calibration: by hand, as identities, and against scikit-learn."""

import math

import pytest
import torch
from sklearn.calibration import calibration_curve
from sklearn.metrics import label_ranking_average_precision_score, log_loss, top_k_accuracy_score

from gdl_utils.metrics import (
    expected_calibration_error,
    fit_temperature,
    hits,
    mean_reciprocal_rank,
    negative_log_likelihood,
    ranks,
    reliability,
    risk_coverage,
)

RNG = torch.Generator().manual_seed(0)
SCORES = torch.randn(400, 12, generator=RNG, dtype=torch.float64)
Y = torch.multinomial((2 * SCORES).softmax(1), 1, generator=RNG)[:, 0]  # too timid by a factor of 2


def test_ranks_by_hand():
    """Equal scores share their mean rank; −∞ comes last."""
    scores = torch.tensor([[3.0, 1, 2], [1, 1, 1], [0, -math.inf, -math.inf]])
    assert ranks(scores, torch.tensor([2, 0, 1])).tolist() == [2, 2, 2.5]
    assert hits(torch.tensor([1.0, 2, 2.5, 10]), 2) == 0.5
    assert mean_reciprocal_rank(torch.tensor([1.0, 2, 4])) == pytest.approx(1.75 / 3)


def test_ranks_against_scikit_learn():
    rank, labels = ranks(SCORES, Y), range(12)
    for k in (1, 3, 10):
        wanted = top_k_accuracy_score(Y.numpy(), SCORES.numpy(), k=k, labels=labels)
        assert hits(rank, k) == pytest.approx(wanted)
    ones = torch.eye(12)[Y].numpy()
    wanted = label_ranking_average_precision_score(ones, SCORES.numpy())
    assert mean_reciprocal_rank(rank) == pytest.approx(wanted)
    wanted = log_loss(Y.numpy(), SCORES.softmax(1).numpy(), labels=labels)
    assert negative_log_likelihood(SCORES, Y) == pytest.approx(wanted)


def test_calibration_by_hand():
    """Two bins: 0.2 and 0.4 with one right, 0.8 and 1.0 with one right: 0.2 and 0.4 off."""
    confidence, right = torch.tensor([1.0, 0.2, 0.8, 0.4]), torch.tensor([True, True, False, False])
    found = reliability(confidence, right, 2)
    assert found.count.tolist() == [2, 2]
    torch.testing.assert_close(found.confidence, torch.tensor([0.3, 0.9], dtype=torch.float64))
    assert found.accuracy.tolist() == [0.5, 0.5]
    assert expected_calibration_error(confidence, right, 2) == pytest.approx(0.3)


def test_reliability_against_scikit_learn():
    confidence, answer = SCORES.softmax(1).max(1)
    right = answer == Y
    found = reliability(confidence, right, 10)  # 40 each: quantiles cut the same bins
    true, said = calibration_curve(
        right.numpy(), confidence.numpy(), n_bins=10, strategy="quantile"
    )
    torch.testing.assert_close(found.accuracy, torch.from_numpy(true))
    torch.testing.assert_close(found.confidence, torch.from_numpy(said))


def test_one_bin_is_the_difference_of_means():
    confidence, answer = SCORES.softmax(1).max(1)
    right = answer == Y
    wanted = abs(float(confidence.mean() - right.double().mean()))
    assert expected_calibration_error(confidence, right, 1) == pytest.approx(wanted)


def test_temperature_is_found():
    """Identity: the labels are drawn with a temperature of 1/2; scaling logits scales it."""
    tau = fit_temperature(SCORES, Y)
    assert tau == pytest.approx(0.5, abs=0.1)
    assert fit_temperature(3 * SCORES, Y) == pytest.approx(3 * tau, rel=1e-4)


def test_temperature_has_the_largest_likelihood_and_keeps_the_order():
    tau = fit_temperature(SCORES, Y)
    best = negative_log_likelihood(SCORES / tau, Y)
    for other in (1.0, tau * 1.02, tau / 1.02):
        assert best < negative_log_likelihood(SCORES / other, Y)
    assert torch.equal(ranks(SCORES / tau, Y), ranks(SCORES, Y))


def test_risk_coverage_by_hand():
    confidence = torch.tensor([0.9, 0.5, 0.7, 0.6])
    coverage, risk = risk_coverage(confidence, torch.tensor([True, True, True, False]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    torch.testing.assert_close(risk, torch.tensor([0, 0, 1 / 3, 1 / 4], dtype=torch.float64))


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"scores must be \(N, D\) and y \(N,\)"):
        ranks(SCORES[0], Y)
    with pytest.raises(ValueError, match="scores must not hold NaN"):
        ranks(SCORES * math.nan, Y)
    with pytest.raises(ValueError, match="y must be from 0 to 11, got"):
        ranks(SCORES, Y + 1)
    with pytest.raises(ValueError, match="rank must not be empty and k be positive, got 3 and 0"):
        hits(torch.ones(3), 0)
    with pytest.raises(ValueError, match="rank must not be empty"):
        mean_reciprocal_rank(torch.ones(0))
    right = torch.ones(3, dtype=torch.bool)
    with pytest.raises(ValueError, match=r"must be \(N,\), got \(2,\) and \(3,\)"):
        reliability(torch.ones(2), right)
    with pytest.raises(ValueError, match="bins must be from 1 to 3, got 4"):
        reliability(torch.ones(3), right, 4)
    with pytest.raises(ValueError, match="confidence must be from 0 to 1"):
        expected_calibration_error(torch.tensor([0.1, 0.2, math.nan]), right, 2)
    with pytest.raises(ValueError, match="logits must be finite"):
        fit_temperature(SCORES / 0, Y)
    with pytest.raises(ValueError, match="y must be from 0 to 11, got"):
        negative_log_likelihood(SCORES, Y - 1)
    with pytest.raises(ValueError, match=r"N ≥ 1, got \(0,\) and \(0,\)"):
        risk_coverage(torch.ones(0), right[:0])
