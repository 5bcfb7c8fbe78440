"""Runs checks side by side, each in a thread of its own, each until its deadline.

A thread cannot be stopped: one that hangs in the kernel or in a name server is left behind as a
daemon, and what it found until then is kept.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from .finding import Check, Finding, Outcome, error, warning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
# No examination takes longer, whatever hangs.
TOTAL_S = 14.0
# Most checks wait for a child process or the network; more at once would only slow each other down.
_AT_ONCE = 12


def run_checks(
    checks: Sequence[Check],
    *,
    total_s: float = TOTAL_S,
    at_once: int = _AT_ONCE,
    clock: Callable[[], float] = time.monotonic,
) -> list[Outcome]:
    """Run checks and return what each found, in their order; takes `total_s` at most."""
    news = threading.Condition()
    runs = [_Run(check, news, clock) for check in checks]
    waiting, begun = deque(runs), list[_Run]()
    give_up_at = clock() + total_s
    with news:
        while True:
            begun = [run for run in begun if not run.is_over()]
            while waiting and len(begun) < at_once:
                begun.append(waiting.popleft())
                begun[-1].begin()
            now = clock()
            if not begun or now >= give_up_at:
                break
            news.wait(max(0.0, min(give_up_at, *(run.expires_at for run in begun)) - now))
        return [run.outcome() for run in runs]


def within(deadline_s: float, work: Callable[[], T]) -> T | None:
    """Return what a piece of work returns, or None where it gives no answer in time; its error is raised."""
    answers: list[T] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=run, name="synapse-doctor-search", daemon=True)
    thread.start()
    thread.join(deadline_s)
    if problems:
        raise problems[0]
    return answers[0] if answers else None


class _Run:
    """One check and its thread; all its state is guarded by the condition."""

    def __init__(self, check: Check, news: threading.Condition, clock: Callable[[], float]) -> None:
        self._check = check
        self._news = news
        self._clock = clock
        self._findings: list[Finding] = []
        self._has_begun = False
        self._has_ended = False
        self.expires_at = 0.0

    def begin(self) -> None:
        self._has_begun = True
        self.expires_at = self._clock() + self._check.deadline_s
        name = f"synapse-doctor-{self._check.name}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def is_over(self) -> bool:
        return self._has_ended or self._clock() >= self.expires_at

    def outcome(self) -> Outcome:
        """Return what is known now; what the thread finds later is lost."""
        found = tuple(self._findings)
        if not self._has_ended:
            found = (*found, unfinished(self._check, has_begun=self._has_begun))
        return Outcome(self._check, found)

    def _work(self) -> None:
        try:
            for finding in self._check.examine():
                with self._news:
                    self._findings.append(finding)
        except Exception as problem:  # a check that fails must not take the others with it
            with self._news:
                self._findings.append(_failed(self._check, problem))
        finally:
            with self._news:
                self._has_ended = True
                self._news.notify_all()


def unfinished(check: Check, *, has_begun: bool = True) -> Finding:
    """Say that a check was given up."""
    what = (
        f"gave no answer within {check.deadline_s:.0f} s"
        if has_begun
        else "was not begun: the time was used up by others"
    )
    return warning(
        f"{check.name}.unfinished",
        f'The check "{check.name}" {what}.',
        "Look for a file system or a name server that does not answer, and run `synapse doctor` again.",
    )


def _failed(check: Check, problem: Exception) -> Finding:
    return error(
        f"{check.name}.failed",
        f'The check "{check.name}" failed itself: {type(problem).__name__}: {problem}.',
        "This is a bug of Synapse: please report it with this sentence.",
    )
