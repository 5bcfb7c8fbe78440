"""A generated file is replaced in one step, which Ctrl-C may come in the middle of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from synapse_worker.cli.generated_file import write_if_changed
from synapse_worker.typescript import MARK

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("is_written", [False, True], ids=["before", "after"])
def test_an_interruption_stays_one_and_leaves_nothing_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    replace = os.replace

    def interrupt(source: str, target: Path) -> None:
        if is_written:
            replace(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    path = tmp_path / "client.ts"
    with pytest.raises(KeyboardInterrupt):
        write_if_changed(path, f"{MARK}\n")
    assert list(tmp_path.iterdir()) == ([path] if is_written else [])
