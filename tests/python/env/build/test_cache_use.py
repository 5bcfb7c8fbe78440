"""A build and who cleans the cache wait for each other, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, ModuleEnvironmentError, sync_environment
from synapse_worker.env.build.cache_use import cache_alone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from synapse_worker.env import Event


def test_a_build_says_that_it_waits_for_a_cleaner_and_does_not_wait_for_ever(
    make_module: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "own-cache"
    cache.mkdir()
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(cache))
    asked = EnvironmentRequest(make_module(), backend="uv", dialect="raw", lock_timeout_s=0.2)
    events: list[Event] = []
    with cache_alone(), pytest.raises(ModuleEnvironmentError) as caught:
        sync_environment(asked, events.append)
    assert caught.value.code == "ENVIRONMENT_LOCKED"
    messages = [str(event["message"]) for event in events if event["event"] == "phase"]
    assert len(messages) == 1
    assert messages[0].startswith("Waiting for ")
    assert messages[0].endswith(", which cleans the cache")
    assert sync_environment(asked).state == "ready"
