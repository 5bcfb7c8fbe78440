"""What may be an interpreter is killed while its number is its own, and never after."""

from __future__ import annotations

import os

import pytest

from synapse_worker.env.discovery import asking


def test_an_interruption_after_the_answer_kills_no_number_that_may_be_anothers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(_life: tuple[int, ...]) -> None:
        raise KeyboardInterrupt

    killed: list[int] = []
    monkeypatch.setattr(asking, "_untie", interrupt)
    monkeypatch.setattr(os, "killpg", lambda group, _signal: killed.append(group))
    with pytest.raises(KeyboardInterrupt):
        asking.ask_command(["/bin/echo", "said"], 20)
    assert killed == []
