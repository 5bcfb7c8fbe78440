"""What is asked for is looked at before anything is done."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    status_of,
    sync_environment,
)
from synapse_worker.env.events import discard
from synapse_worker.env.workshop import workshop

if TYPE_CHECKING:
    from collections.abc import Callable

_STOPPED_BY_A_PIPE_AFTER_S = 60


def test_an_address_is_no_folder_of_wheels_and_its_password_is_not_repeated(
    make_module: Callable[..., Path],
) -> None:
    links = (Path("http://ada:hunter2@127.0.0.1:9/files/"),)
    request = EnvironmentRequest(make_module(), find_links=links)
    for ask in (status_of, sync_environment):
        with pytest.raises(ModuleEnvironmentError, match="takes folders") as caught:
            ask(request)
        assert caught.value.code == "INVALID_CONFIG"
        assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("name", ["nowhere", "main.py"])
def test_a_folder_of_wheels_that_is_none_is_refused_before_any_tool_runs(
    make_module: Callable[..., Path], name: str
) -> None:
    directory = make_module()
    request = EnvironmentRequest(directory, find_links=(directory / name,))
    for ask in (status_of, sync_environment):
        with pytest.raises(ModuleEnvironmentError, match="which is no folder") as caught:
            ask(request)
        assert caught.value.code == "INVALID_CONFIG"
        assert f'"{directory / name}"' in caught.value.message


def test_a_folder_of_wheels_that_may_not_be_looked_at_is_refused_as_none(
    make_module: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: str | Path, **options: Any) -> os.stat_result:
        if "closed" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **options)

    directory = make_module()
    stat = os.stat
    monkeypatch.setattr(os, "stat", closed)
    with pytest.raises(ModuleEnvironmentError, match="which is no folder"):
        status_of(EnvironmentRequest(directory, find_links=(directory / "closed" / "wheels",)))


def test_a_module_that_a_sync_refuses_is_refused_by_its_status_too(
    make_module: Callable[..., Path],
) -> None:
    directory = make_module()
    (directory / "requirements.txt").write_text("six --config-settings a=b\n")
    for ask in (status_of, sync_environment):
        with pytest.raises(ModuleEnvironmentError, match="has the option") as caught:
            ask(EnvironmentRequest(directory, dialect="raw"))
        assert caught.value.code == "REQUIREMENTS_INVALID"


def test_an_environment_that_is_ready_needs_no_folder_of_wheels(
    make_module: Callable[..., Path],
) -> None:
    directory = make_module()
    built = sync_environment(EnvironmentRequest(directory, dialect="raw"))
    request = EnvironmentRequest(directory, dialect="raw", find_links=(directory / "gone",))
    assert status_of(request).is_ready
    assert sync_environment(request) == built
    with pytest.raises(ModuleEnvironmentError, match="which is no folder"):
        sync_environment(request, rebuild=True)


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "main.py"])
def test_a_pipe_in_the_place_of_a_file_is_refused_and_waited_for_by_nobody(
    make_module: Callable[..., Path], name: str
) -> None:
    directory = make_module()
    (directory / name).unlink(missing_ok=True)
    os.mkfifo(directory / name)
    done = subprocess.run(
        [sys.executable, "-m", "synapse_worker", "env", "sync", str(directory), "--dialect", "raw"],
        capture_output=True,
        text=True,
        timeout=_STOPPED_BY_A_PIPE_AFTER_S,
        check=False,
    )
    assert done.returncode != 0
    assert f"{name}" in done.stderr
    assert "not a plain file" in done.stderr


def test_an_entrypoint_that_is_no_file_is_refused_by_whoever_is_asked_about_the_module(
    make_module: Callable[..., Path],
) -> None:
    directory = make_module()
    request = EnvironmentRequest(directory, backend="uv", dialect="raw")
    sync_environment(request)
    (directory / "main.py").unlink()
    (directory / "main.py").mkdir()
    for ask in (status_of, sync_environment):
        with pytest.raises(ModuleEnvironmentError, match="it is not a plain file") as caught:
            ask(request)
        assert caught.value.code == "INVALID_CONFIG"
        assert f'"{directory}/main.py"' in caught.value.message
    assert status_of(EnvironmentRequest(directory, entrypoint="other", dialect="raw")).is_ready


def test_tools_of_locks_and_exports_throw_away_what_the_next_one_would_remove(
    make_module: Callable[..., Path], session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    directory = make_module()
    request = EnvironmentRequest(directory)
    with workshop(request, directory, discard, lambda _runner: None) as toolbox:
        folder = toolbox.runner.temporary
        assert folder is not None
        assert folder.parent == session_cache / "tmp"
        assert folder.is_dir()
    assert not folder.exists()


def test_a_folder_whose_name_is_no_text_can_be_worked_in(
    make_module: Callable[..., Path], tmp_path: Path
) -> None:
    directory = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        make_module().rename(directory)
    except OSError:
        pytest.skip("this file system has names of text only")
    with workshop(EnvironmentRequest(directory), directory, discard, lambda _runner: None) as box:
        assert box.directory == directory
