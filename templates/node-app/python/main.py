"""How long will it take? Projects are played through many times, each task taking another time in each run.

Every function under @app.method can be called from TypeScript, typed by its annotations. Arguments are checked
against them before the function runs: what src/routes.ts passes on from the network arrives here as promised.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le, MaxLen, MinLen
from synapse_worker import Module

app = Module()
log = logging.getLogger("forecasts")  # arrives in the log of the Node service

RUNS_A_STEP = 10_000
BINS = 1_000

# Bounds at both ends: JSON has numbers such as 1e308, whose sum is infinite.
Days = Annotated[float, Ge(0), Le(1_000_000)]


@dataclass
class Task:
    """One piece of work, and how many days it may take."""

    name: str
    optimistic: Days
    likely: Days
    pessimistic: Days


@dataclass
class Project:
    """Tasks that are done one after the other; a `seed` makes a forecast repeatable."""

    tasks: Annotated[list[Task], MinLen(1), MaxLen(1_000)]
    runs: Annotated[int, Ge(1), Le(1_000_000_000)] = 100_000
    seed: Annotated[int, Ge(0)] | None = None


@dataclass
class Forecast:
    """In half of the runs the project took at most `likely_days`, in nine of ten at most `safe_days`."""

    runs: int
    likely_days: float
    safe_days: float


@app.error
@dataclass
class ImpossibleTask(Exception):
    """What no annotation can say: optimistic, likely, pessimistic must come in this order."""

    task: str

    def __str__(self) -> str:
        return f'the estimates of "{self.task}" contradict each other'


@app.method
def forecast(project: Project) -> Forecast:
    """Play the project through as often as it asks for."""
    # A decorated function stays a plain function, for the tests and for its neighbours.
    return next(step for step in refine(project) if step.runs >= project.runs)


@app.method
def refine(project: Project) -> Iterator[Forecast]:
    """Forecast ever more precisely. A generator is a stream in TypeScript; this one ends when its reader leaves."""
    for task in project.tasks:
        if not task.optimistic <= task.likely <= task.pessimistic > task.optimistic:
            raise ImpossibleTask(task.name)
    estimates = np.array([(t.optimistic, t.likely, t.pessimistic) for t in project.tasks])
    shortest, modes, longest = estimates.T
    edges = np.linspace(shortest.sum(), longest.sum(), BINS + 1)
    counts = np.zeros(BINS, dtype=np.int64)
    random = np.random.default_rng(project.seed)
    runs = 0
    log.info("forecasting %d tasks", len(estimates))
    try:
        while True:
            days = random.triangular(shortest, modes, longest, (RUNS_A_STEP, len(estimates)))
            counts += np.histogram(days.sum(axis=1), edges)[0]
            runs += RUNS_A_STEP
            likely, safe = np.searchsorted(counts.cumsum(), [runs * 0.5, runs * 0.9])
            yield Forecast(runs, float(edges[likely + 1]), float(edges[safe + 1]))
    finally:
        # However it ends: the reader left, the client hung up, a timeout ran out.
        log.info("stopped after %d runs", runs)
