"""The table of what was found, on this machine and its real interpreters."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from synapse_worker.env.discovery.candidates import Candidate, table
from synapse_worker.env.discovery.interpreters import find_interpreter, survey
from synapse_worker.env.discovery.machine import Machine

from .fake_pythons import fake_python

PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
INSTALLED = sorted(
    path.name
    for path in (PYENV.iterdir() if PYENV.is_dir() else ())
    if re.fullmatch(r"3\.1\d\.\d+", path.name)
)


@pytest.fixture(scope="module")
def rows() -> list[Candidate]:
    """What a survey of this machine finds."""
    return survey()


def test_the_interpreter_that_runs_this_comes_first_and_once(rows: list[Candidate]) -> None:
    assert (rows[0].origin, rows[0].reason) == ("running", None)
    assert rows[0].version == ".".join(map(str, sys.version_info[:3]))
    assert [row.path for row in rows].count(rows[0].path) == 1


@pytest.mark.skipif(not INSTALLED, reason="no pyenv here")
@pytest.mark.parametrize("version", INSTALLED)
def test_each_real_interpreter_of_pyenv_is_found_by_version_and_range(
    version: str, rows: list[Candidate]
) -> None:
    minor = int(version.split(".")[1])
    expected = os.path.realpath(PYENV / version / "bin" / "python")
    for request in (version, f">={version},<3.{minor + 1}"):
        found = find_interpreter(request)
        assert (str(found.path), found.version_text) == (expected, version)
    assert version in [row.version for row in rows if row.is_usable]


@pytest.mark.skipif(len(INSTALLED) < 2, reason="one Python is not enough")
def test_a_survey_says_what_a_request_would_refuse() -> None:
    rows = survey(request=f"=={INSTALLED[-1]}")
    assert {row.version for row in rows if row.is_usable} == {INSTALLED[-1]}
    refused = [row.reason for row in rows if row.version == INSTALLED[0]]
    assert refused == [f"not =={INSTALLED[-1]}"]


def test_candidates_are_asked_at_once_but_not_all(tmp_path: Path) -> None:
    versions = tmp_path / ".pyenv" / "versions"
    log = tmp_path / "log"
    # Each waits, for at most 10 s, until another one runs as well.
    runs = f"""
date +'start %s%N' >> '{log}'
tries=0
while [ "$(grep -c start '{log}')" -lt 2 ] && [ $tries -lt 1000 ]; do
    sleep 0.01; tries=$((tries + 1))
done
[ $tries -lt 1000 ] || exit 1
date +'end %s%N' >> '{log}'
"""
    for patch in range(12):
        fake_python(versions / f"3.12.{patch}" / "bin", "python", [3, 12, patch], runs=runs)
    here = Machine(variables={"HOME": str(tmp_path), "PATH": ""}, running=None)
    found = survey(machine=here)
    assert [row.version for row in found] == [f"3.12.{patch}" for patch in range(11, -1, -1)]
    running = peak = 0
    for event in sorted(log.read_text().splitlines(), key=lambda line: line.split()[1]):
        running += 1 if event.startswith("start") else -1
        peak = max(peak, running)
    assert 2 <= peak <= 8


def test_rows_are_laid_out_in_columns() -> None:
    rows = [
        Candidate("/usr/bin/python3", "PATH", "3.12.1", None),
        Candidate("/x", "pyenv", None, "not found"),
    ]
    assert table(rows) == [
        "/usr/bin/python3  PATH   3.12.1  usable",
        "/x                pyenv  -       not found",
    ]
    assert table([]) == []


def test_an_interpreter_that_hangs_or_talks_does_not_stop_a_survey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synapse_worker.env.discovery.interpreter._PROBE_TIMEOUT_S", 2)
    folder = tmp_path / "bin"
    fake_python(folder, "python3.14", [3, 14, 0], runs="exec sleep 20")
    fake_python(folder, "python3.13", None, runs="echo 'hello'; echo '[1, 2]'; exit 0")
    fake_python(folder, "python3.12", None, runs="printf '\\377\\376'; exit 0")
    (folder / "python3.11").mkdir()
    good = fake_python(folder, "python3.10", [3, 10, 4])
    here = Machine(variables={"HOME": str(tmp_path), "PATH": str(folder)}, running=None)
    reasons = {row.path: row.reason for row in survey(machine=here)}
    assert [path for path, reason in reasons.items() if reason is None] == [str(good)]
    assert reasons[str(folder / "python3.14")] == "gave no answer within 2 s"
