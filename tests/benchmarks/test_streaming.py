"""What we claim about the waiting of readers: one answer, many that share a budget, and the bounds they are measured
against."""

from __future__ import annotations

import pytest

from benchmarks.streaming import unforeseen
from benchmarks.streaming.__main__ import ANSWER, SPEEDS, crowded, mixed, simulated
from benchmarks.streaming.bounds import least_lag
from benchmarks.streaming.platforms import LARGER_BURSTS, LATENCY, PLATFORMS, SLACK_CHANNEL, SLACK_DM, Platform

ONE, MANY = 1.10, 1.25
"""Times the least possible lag, of one answer and of fifty that share a budget."""


@pytest.mark.parametrize("rate", SPEEDS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_one_answer_is_read_almost_as_early_as_is_possible(platform: Platform, rate: float) -> None:
    """At each speed, without a refusal, with its first text as soon as the platform takes it and the last text within
    one interval and a call."""
    result = simulated(platform, 1, ANSWER, rate, "Parley")
    assert result.mean <= ONE * least_lag(platform, 1, ANSWER, rate)
    assert result.refusals == 0
    assert result.first <= LATENCY + 0.02
    assert result.final <= platform.editing.interval + 2 * LATENCY


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_fifty_answers_share_a_budget_well(platform: Platform) -> None:
    """Without a refusal; and whoever is opened last waits hardly longer than anybody must who is opened last, or no
    longer than twice the mean."""
    result = simulated(platform, 50, ANSWER, 50.0, "Parley")
    assert result.mean <= MANY * least_lag(platform, 50, ANSWER, 50.0)
    assert result.refusals == 0
    assert result.worst <= 2 or result.fair <= 1.05


def test_a_crowd_in_direct_messages_does_not_wait_for_streams() -> None:
    """Answers that are posted instead are read earlier than streams would be, all of them, without a refusal; the last
    first text waits for the posts that one channel takes, and for nothing else."""
    alone, result = simulated(SLACK_DM, 50, ANSWER, 50.0, "Parley"), crowded(50, ANSWER, 50.0)
    assert result.mean < alone.mean / 2
    assert result.refusals == 0
    posts = SLACK_CHANNEL.opening
    assert result.first <= (50 - SLACK_DM.opening.burst) * posts.interval * 1.1 < alone.first / 2


@pytest.mark.parametrize("platform", [*PLATFORMS, *LARGER_BURSTS], ids=lambda platform: platform.name)
def test_not_knowing_the_length_costs_little(platform: Platform) -> None:
    """Of answers of very different lengths, at the speed where it matters most, each is written almost as well as by
    the best list of times for whoever knows how long answers are on the whole."""
    mean, known = mixed(platform, 200.0)
    assert known <= mean <= 1.06 * unforeseen.found(platform, 200.0)


def test_the_bounds_are_in_order() -> None:
    """Who knows only how long answers are can not do better than who knows each of them, nor better than the bound."""
    platform = LARGER_BURSTS[0]
    _, known = mixed(platform, 200.0)
    assert known < unforeseen.least(platform, 200.0) < unforeseen.found(platform, 200.0)
