"""Commands in what we say are those that the reader can type: `npx synapse` where npm brought us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.cli.own_command import as_typed, to_paste

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Synapse = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        (
            "`synapse env lock m` brings it up to date.",
            "`npx synapse env lock m` brings it up to date.",
        ),
        (
            "`synapse init DIR` makes one; `synapse call` too.",
            "`npx synapse init DIR` makes one; `npx synapse call` too.",
        ),
        ("`npx synapse env sync m`", "`npx synapse env sync m`"),
        ("synapse: no network", "synapse: no network"),
        ("`synapse = 1` in a file", "`synapse = 1` in a file"),
    ],
)
def test_a_sentence_names_the_command_as_npm_runs_it(
    monkeypatch: pytest.MonkeyPatch, said: str, typed: str
) -> None:
    monkeypatch.delenv("SYNAPSE_RUNTIME_DIR", raising=False)
    assert as_typed(said) == said
    monkeypatch.setenv("SYNAPSE_RUNTIME_DIR", "/x/node_modules/synapse-worker/python")
    assert as_typed(said) == typed


def test_a_fix_is_typed_so_too_each_command_of_it() -> None:
    fix = "mv a b && synapse env sync b    (or: synapse bundle b -o out)"
    assert to_paste(fix) == "mv a b && npx synapse env sync b    (or: npx synapse bundle b -o out)"


def test_a_failure_tells_it_so(synapse: Synapse, tmp_path: Path) -> None:
    done = synapse("env", "sync", "gone", cwd=tmp_path, SYNAPSE_RUNTIME_DIR=str(tmp_path))
    assert "`npx synapse init DIR` makes one" in done.stderr
