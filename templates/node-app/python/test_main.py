"""Decorated functions stay plain functions: they are tested without Node or a worker."""

import itertools

import main
import pytest


def project(*days: float, **more: int) -> main.Project:
    return main.Project([main.Task("build", *days)], seed=7, **more)


def test_a_forecast_lies_between_the_estimates() -> None:
    forecast = main.forecast(project(2, 3, 8))
    assert 2 < forecast.likely_days < forecast.safe_days < 8


def test_more_runs_are_made_when_asked_for() -> None:
    assert main.forecast(project(2, 3, 8, runs=25_000)).runs == 30_000


def test_a_forecast_with_a_seed_is_repeatable() -> None:
    assert main.forecast(project(2, 3, 8)) == main.forecast(project(2, 3, 8))


def test_refining_goes_on_for_as_long_as_it_is_read() -> None:
    steps = itertools.islice(main.refine(project(2, 3, 8)), 3)
    assert [step.runs for step in steps] == [10_000, 20_000, 30_000]


@pytest.mark.parametrize("days", [(3, 2, 8), (2, 9, 8), (2, 2, 2)])
def test_estimates_that_contradict_each_other_are_refused(days: tuple[float, ...]) -> None:
    with pytest.raises(main.ImpossibleTask, match='"build" contradict'):
        main.forecast(project(*days))
