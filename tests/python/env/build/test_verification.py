"""Every distribution of a finished environment is looked at; what is broken is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.env.build.verification import verify_distributions
from synapse_worker.env.events import Reporter

if TYPE_CHECKING:
    from pathlib import Path

    from synapse_worker.env import Event


def test_each_distribution_is_counted_and_a_broken_one_is_warned_about(tmp_path: Path) -> None:
    for name in ("alpha-1.0", "beta-2.0"):
        (tmp_path / f"{name}.dist-info").mkdir()
    (tmp_path / "alpha-1.0.dist-info" / "METADATA").write_text("Name: alpha\n")
    events: list[Event] = []
    verify_distributions(tmp_path, Reporter(events.append))
    figures = [(e["done"], e["total"]) for e in events if e["event"] == "progress"]
    assert figures == [(0, 2), (1, 2), (2, 2)]
    (warning,) = [str(e["message"]) for e in events if e["event"] == "warning"]
    assert warning.startswith(
        "beta is only half there: beta-2.0.dist-info has no readable metadata"
    )


def test_an_environment_without_packages_is_complete(tmp_path: Path) -> None:
    events: list[Event] = []
    verify_distributions(tmp_path, Reporter(events.append))
    assert [(e["done"], e["total"]) for e in events] == [(0, 0)]
