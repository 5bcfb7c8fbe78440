"""What an environment's marker is compared with: kinds that are judged by rules of their own."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.env.expectation import Expectation
from synapse_worker.env.homes import cached_home
from synapse_worker.env.marker import (
    InterpreterIdentity,
    Launch,
    Marker,
    RuntimeIdentity,
    write_marker,
)
from synapse_worker.env.sources.inputs import input_is_unchanged, read_input
from synapse_worker.env.status import environment_status, find_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUNTIME = RuntimeIdentity("0.1.0", "ab")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "python3"
    path.write_text("an interpreter")
    return path


@pytest.fixture
def carried(tmp_path: Path, base: Path) -> Path:
    """A folder with a carried environment, built somewhere else."""
    folder = tmp_path / "carried"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(base)
    (folder / ".venv" / "launch.py").write_text("")
    (folder / ".venv" / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    marker = Marker(
        "ready",
        owned=True,
        directory="/built/elsewhere",
        runtime=RUNTIME,
        interpreter=InterpreterIdentity(".venv/bin/python", "3.11.7", str(base), 1, 2),
        launch=Launch(".venv/bin/python", ".venv/launch.py"),
        relocatable=True,
    )
    write_marker(folder / ".venv" / "synapse.json", marker)
    return folder


def expectation(directory: Path) -> Expectation:
    return Expectation(directory, RUNTIME, None, "raw")


def test_a_carried_environment_is_ready_where_it_stands(carried: Path, tmp_path: Path) -> None:
    for folder in (carried, tmp_path / "moved"):
        if folder != carried:
            carried.rename(folder)
        status = environment_status(expectation(folder))
        assert status.findings == ()
        assert status.marker is not None
        assert status.marker.launch == Launch(
            f"{folder}/.venv/bin/python", f"{folder}/.venv/launch.py"
        )


def test_a_carried_environment_that_leads_to_another_base_is_not_bound(
    carried: Path, base: Path, tmp_path: Path
) -> None:
    python = carried / ".venv" / "bin" / "python"
    python.unlink()
    (tmp_path / "other").write_text("")
    python.symlink_to(tmp_path / "other")
    assert environment_status(expectation(carried)).aspects == {"interpreter"}
    python.unlink()
    python.symlink_to(base)
    assert environment_status(expectation(carried)).is_ready
    base.unlink()
    assert environment_status(expectation(carried)).aspects == {"interpreter"}


def test_a_carried_environment_needs_its_configuration(carried: Path) -> None:
    for text in ("", "home = /elsewhere\n"):
        (carried / ".venv" / "pyvenv.cfg").write_text(text)
        assert environment_status(expectation(carried)).aspects == {"interpreter"}
    (carried / ".venv" / "pyvenv.cfg").unlink()
    assert environment_status(expectation(carried)).aspects == {"interpreter"}


@pytest.mark.parametrize(
    ("wanted", "is_met"),
    [("3.11", True), ("python3.11.7", True), ("3.1", False), ("3.12", False), (">=3.11", False)],
)
def test_a_carried_environment_is_the_one_for_its_version(
    carried: Path, wanted: str, is_met: bool
) -> None:
    asked = replace(expectation(carried), python_request=wanted)
    assert environment_status(asked).aspects == (set() if is_met else {"python"})


def test_a_carried_environment_needs_its_loader(carried: Path) -> None:
    marker = environment_status(expectation(carried)).marker
    assert marker is not None
    assert marker.interpreter is not None
    identity = replace(marker.interpreter, loader="/no/such/loader.so")
    write_marker(carried / ".venv" / "synapse.json", replace(marker, interpreter=identity))
    assert environment_status(expectation(carried)).aspects == {"interpreter"}


def test_one_that_is_not_ready_is_looked_for_in_the_cache_too(carried: Path, base: Path) -> None:
    python = carried / ".venv" / "bin" / "python"
    python.unlink()
    assert find_environment(expectation(carried))[0].home is None
    home = cached_home(carried)
    (home / ".venv" / "bin").mkdir(parents=True)
    (home / ".venv" / "bin" / "python").symlink_to(base)
    stat = base.stat()
    marker = Marker(
        "ready",
        owned=True,
        directory=str(carried),
        runtime=RUNTIME,
        interpreter=InterpreterIdentity(
            f"{home}/.venv/bin/python", "3.11.7", str(base), stat.st_size, stat.st_mtime_ns
        ),
        launch=Launch(f"{home}/.venv/bin/python", f"{carried}/.venv/launch.py"),
    )
    write_marker(home / ".venv" / "synapse.json", marker)
    expected, status = find_environment(expectation(carried))
    assert (expected.home, status.is_ready) == (home, True)


@pytest.mark.parametrize("share", [True, False])
def test_switching_sharing_is_noticed(carried: Path, base: Path, share: bool) -> None:
    found = environment_status(expectation(carried)).marker
    assert found is not None
    assert found.interpreter is not None
    stat = base.stat()
    identity = replace(found.interpreter, base_size=stat.st_size, base_mtime_ns=stat.st_mtime_ns)
    marker = replace(found, relocatable=False, interpreter=identity, directory=str(carried))
    if not share:
        marker = replace(marker, shared="/cache/shared/ab")
    write_marker(carried / ".venv" / "synapse.json", marker)
    wanted = replace(expectation(carried), share=share)
    assert environment_status(wanted).aspects == {"sharing"}
    assert environment_status(replace(wanted, share=not share)).is_ready


def test_an_interpreter_that_this_user_cannot_reach_has_gone_for_them(
    carried: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = carried / ".venv" / "synapse.json"
    own = Marker(
        "ready",
        owned=True,
        directory=str(carried),
        runtime=RUNTIME,
        interpreter=InterpreterIdentity(
            str(carried / ".venv" / "bin" / "python"), "3.11.7", str(base), 1, 2
        ),
        launch=Launch(str(carried / ".venv" / "bin" / "python"), str(carried / "launch.py")),
    )
    write_marker(path, own)
    # What lies in somebody else's home; root, who runs many tests, may look anywhere.
    hidden = {str(base), str(carried / ".venv" / "bin" / "python"), str(carried / "launch.py")}
    real = os.stat

    def stat(path: int | str | os.PathLike[str], *args: Any, **options: Any) -> os.stat_result:
        if not isinstance(path, int) and os.fspath(path) in hidden:
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path, *args, **options)

    monkeypatch.setattr(os, "stat", stat)
    assert environment_status(expectation(carried)).aspects == {"interpreter", "runtime"}


def test_a_cache_that_cannot_even_be_asked_about_holds_nothing(tmp_path: Path) -> None:
    # As one in the home of another user is: whoever asks gets an error and no answer.
    home = tmp_path / ("x" * 300)
    status = environment_status(replace(expectation(tmp_path), home=home))
    assert [finding.message for finding in status.findings] == ["There is no environment yet."]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_counts_as_absent_stays_absent_until_it_is_a_file(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / ".python-version"
    make(path)
    known = read_input(tmp_path, path)
    assert known.sha256 is None
    assert input_is_unchanged(tmp_path, known)
    path.rmdir() if path.is_dir() else path.unlink()
    assert input_is_unchanged(tmp_path, known)
    path.write_text("3.12")
    assert not input_is_unchanged(tmp_path, known)
