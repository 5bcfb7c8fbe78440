"""Checks run side by side: one that hangs, fails or never gets its turn spoils no other."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from synapse_worker.doctor.finding import Check, ok
from synapse_worker.doctor.run import run_checks, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.doctor.finding import Finding


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """An event that lets hanging checks go at the end."""
    event = threading.Event()
    yield event
    event.set()


def _fine() -> Iterator[Finding]:
    yield ok("fine", "It is.")


def test_findings_stand_in_the_order_of_the_checks_whoever_ends_first() -> None:
    second_ended = threading.Event()

    def first() -> Iterator[Finding]:
        assert second_ended.wait(10)
        yield ok("first", "Late.")

    def second() -> Iterator[Finding]:
        yield ok("second", "Early.")
        second_ended.set()

    outcomes = run_checks([Check("one", "G", first), Check("two", "G", second)])
    assert [found.id for one in outcomes for found in one.findings] == ["first", "second"]


def test_a_check_that_hangs_is_given_up_and_what_it_found_is_kept(
    release: threading.Event,
) -> None:
    def hangs() -> Iterator[Finding]:
        yield ok("before", "Seen.")
        release.wait()
        yield ok("after", "Never seen.")

    # Long enough for what it finds before it hangs, on a busy machine as well.
    outcomes = run_checks([Check("slow", "G", hangs, deadline_s=1.0), Check("fine", "G", _fine)])
    assert [[found.id for found in one.findings] for one in outcomes] == [
        ["before", "slow.unfinished"],
        ["fine"],
    ]
    assert outcomes[0].findings[1].severity == "warning"


def test_a_check_that_fails_is_a_finding_of_its_own() -> None:
    def fails() -> Iterator[Finding]:
        yield ok("before", "Seen.")
        raise RuntimeError("no such luck")

    outcomes = run_checks([Check("broken", "G", fails), Check("fine", "G", _fine)])
    assert [found.id for one in outcomes for found in one.findings] == [
        "before",
        "broken.failed",
        "fine",
    ]
    assert "RuntimeError: no such luck" in outcomes[0].findings[1].message


def test_more_hanging_checks_than_may_run_at_once_end_with_the_whole_deadline(
    release: threading.Event,
) -> None:
    def hangs() -> Iterator[Finding]:
        release.wait()
        yield ok("after", "Never seen.")

    checks = [Check(f"slow{n}", "G", hangs, deadline_s=60) for n in range(3)]
    began = time.monotonic()
    outcomes = run_checks([*checks, Check("fine", "G", _fine)], total_s=1.0, at_once=2)
    assert time.monotonic() - began < 5
    said = [one.findings[0].message for one in outcomes]
    assert "gave no answer" in said[0]
    assert "was not begun" in said[2]
    assert "was not begun" in said[3]


def test_a_hanging_check_makes_room_for_the_next_when_its_time_is_over(
    release: threading.Event,
) -> None:
    def hangs() -> Iterator[Finding]:
        release.wait()
        yield ok("after", "Never seen.")

    checks = [Check("slow", "G", hangs, deadline_s=0.05), Check("fine", "G", _fine)]
    outcomes = run_checks(checks, at_once=1)
    assert [found.id for one in outcomes for found in one.findings] == ["slow.unfinished", "fine"]


def test_work_that_hangs_is_not_waited_for_and_its_failure_is_raised(
    release: threading.Event,
) -> None:
    assert within(10, lambda: 1) == 1
    assert within(0.05, release.wait) is None
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1 // 0)
