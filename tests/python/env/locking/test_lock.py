"""What `synapse env lock` writes, leaves alone and refuses, whichever backend resolves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    LockOptions,
    ModuleEnvironmentError,
    lock_environment,
    lock_problem,
    status_of,
    sync_environment,
)

from ..conftest import write_wheel
from ..index_server import index_server
from ..projects import write_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Event

ALL = LockOptions(upgrade=True)


@pytest.fixture
def module(tmp_path: Path, wheels: Path) -> Callable[..., EnvironmentRequest]:
    """Return a function that writes a requirements.in and makes a request for its module."""
    directory = tmp_path / "module"
    directory.mkdir()

    def write(*requirements: str, **more: object) -> EnvironmentRequest:
        lines = ("--no-index", f"--find-links {wheels}", *requirements, "")
        (directory / "requirements.in").write_text("\n".join(lines), encoding="utf-8")
        options = {"backend": "uv", "dialect": "raw", **more}
        return EnvironmentRequest(directory, **options)  # type: ignore[arg-type]

    return write


def locked(request: EnvironmentRequest) -> str:
    return (request.directory / "requirements.txt").read_text(encoding="utf-8")


def pins(request: EnvironmentRequest) -> list[str]:
    return [line.split(" ")[0] for line in locked(request).splitlines() if "==" in line]


def test_versions_are_kept_until_an_upgrade_is_asked_for(
    module: Callable[..., EnvironmentRequest],
) -> None:
    request = module("tinyone<2")
    lock_environment(request)
    assert pins(request) == ["tinyone==1.0", "tinytwo==1.5"]
    request = module("tinyone")
    lock_environment(request)
    assert pins(request) == ["tinyone==1.0", "tinytwo==1.5"]
    lock_environment(request, LockOptions(upgraded=("tinytwo",)))
    assert pins(request) == ["tinyone==1.0", "tinytwo==1.5"]
    lock_environment(request, LockOptions(upgraded=("tinyone",)))
    assert pins(request) == ["tinyone==2.0", "tinytwo==1.5"]


def test_everything_is_upgraded_at_once(module: Callable[..., EnvironmentRequest]) -> None:
    lock_environment(module("tinyone<2"))
    lock_environment(module("tinyone"), ALL)
    assert pins(module("tinyone")) == ["tinyone==2.0", "tinytwo==1.5"]


def test_a_failed_resolution_leaves_everything_as_it_was(
    module: Callable[..., EnvironmentRequest],
) -> None:
    lock_environment(module("tinyone<2"))
    request = module("tinyone<2", "no-such-thing")
    before = locked(request)
    with pytest.raises(ModuleEnvironmentError) as caught:
        lock_environment(request)
    assert caught.value.code == "PACKAGE_NOT_FOUND"
    assert locked(request) == before
    assert sorted(path.name for path in request.directory.iterdir()) == [
        "requirements.in",
        "requirements.txt",
    ]


def test_a_stale_lock_is_found_and_not_installed(
    module: Callable[..., EnvironmentRequest], tmp_path: Path
) -> None:
    request = module("tinyone<2", "-r more.in")
    more = request.directory / "more.in"
    more.write_text("tinytwo\n")
    assert lock_problem(request) == "There is no lock of requirements.in yet."
    lock_environment(request)
    sync_environment(request)
    assert lock_problem(request) is None
    more.write_text("tinytwo  # a comment is no change\n")
    sync_environment(request)
    more.write_text("tinytwo==1.5\n")
    reason = "requirements.txt was locked before requirements.in was changed."
    assert lock_problem(request) == reason
    assert [f.message for f in status_of(request).findings if f.aspect == "lock"] == [reason]
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync_environment(request)
    assert caught.value.code == "REQUIREMENTS_INVALID"
    assert "synapse env lock" in caught.value.hint
    # Where the lock came without its source, there is nothing that it could have been left behind by.
    (request.directory / "requirements.in").unlink()
    sync_environment(
        EnvironmentRequest(request.directory, backend="uv", dialect="raw", find_links=(tmp_path,))
    )


def test_a_local_project_that_asks_for_more_makes_the_lock_stale(
    module: Callable[..., EnvironmentRequest],
) -> None:
    request = module("-e ./beside")
    project = write_project(request.directory / "beside", "beside")
    lock_environment(request)
    pyproject = project / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + "\n[tool.other]\nkey = 1\n")
    assert lock_problem(request) is None
    pyproject.write_text(
        pyproject.read_text().replace("dependencies = []", 'dependencies = ["tinytwo"]')
    )
    assert lock_problem(request) is not None


def test_what_a_user_wrote_is_not_overwritten(module: Callable[..., EnvironmentRequest]) -> None:
    request = module("tinytwo")
    own = request.directory / "requirements.txt"
    (request.directory / "requirements.in").rename(own)
    before = own.read_text()
    with pytest.raises(ModuleEnvironmentError, match="what you wrote yourself") as caught:
        lock_environment(request)
    assert "--init" in caught.value.hint
    assert own.read_text() == before
    lock_environment(request, init=True)
    assert (request.directory / "requirements.in").read_text() == before
    assert pins(request) == ["tinytwo==1.5"]


@pytest.mark.parametrize(
    ("name", "said"), [("uv.lock", "`uv lock`"), ("pylock.toml", "`uv export -o pylock.toml`")]
)
def test_a_module_that_another_tool_locked_is_refused(
    module: Callable[..., EnvironmentRequest], name: str, said: str
) -> None:
    request = module("tinytwo")
    (request.directory / name).write_text("")
    with pytest.raises(ModuleEnvironmentError, match=f"locked by {name}") as caught:
        lock_environment(request)
    assert said in caught.value.hint


def test_pyproject_and_scripts_are_locked_too(tmp_path: Path, wheels: Path) -> None:
    request = EnvironmentRequest(tmp_path, backend="uv", dialect="raw", find_links=(wheels,))
    script = tmp_path / "main.py"
    script.write_text('# /// script\n# dependencies = ["tinyone<2"]\n# ///\n')
    assert lock_environment(request).header.source == "main.py"
    sync_environment(request)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "m"\ndependencies = ["tinyone"]\n')
    assert lock_problem(request) == (
        "requirements.txt was locked from main.py, but pyproject.toml is what counts now."
    )
    assert lock_environment(request, ALL).header.source == "pyproject.toml"
    assert pins(request) == ["tinyone==2.0", "tinytwo==1.5"]


def test_a_module_that_asks_for_nothing_has_nothing_to_lock(tmp_path: Path) -> None:
    with pytest.raises(ModuleEnvironmentError, match="there is nothing to lock"):
        lock_environment(EnvironmentRequest(tmp_path, backend="uv"))


def test_a_password_in_a_requirement_is_refused_and_not_repeated(
    tmp_path: Path, wheels: Path
) -> None:
    with index_server(wheels, users={"ada": "hunter2"}) as index:
        url = index.url_for("ada").replace("/simple", "/files/tinytwo-1.5-py3-none-any.whl")
        (tmp_path / "requirements.in").write_text(f"tinytwo @ {url}\n")
        with pytest.raises(
            ModuleEnvironmentError, match="has credentials in its address"
        ) as caught:
            lock_environment(EnvironmentRequest(tmp_path, backend="uv"))
    assert "hunter2" not in repr((str(caught.value), caught.value.details))
    assert not (tmp_path / "requirements.txt").exists()


def test_what_a_build_says_while_locking_holds_no_password_of_an_index(
    tmp_path: Path, wheels: Path
) -> None:
    local = tmp_path / "talkative"
    local.mkdir()
    (local / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "talkative"\ndynamic = ["version"]\n'
    )
    (local / "backend.py").write_text("raise SystemExit('the word is hunter2')\n")
    with index_server(wheels, users={"ada": "hunter2"}) as index:
        (tmp_path / "requirements.in").write_text(
            f"--index-url {index.url_for('ada')}\n./talkative\n"
        )
        with pytest.raises(ModuleEnvironmentError) as caught:
            lock_environment(EnvironmentRequest(tmp_path, backend="uv"))
    told = repr((str(caught.value), caught.value.details))
    assert "the word is ***" in told
    assert "hunter2" not in told


def test_a_lock_for_all_platforms_keeps_markers_and_needs_uv(
    module: Callable[..., EnvironmentRequest], tmp_path: Path
) -> None:
    store = write_wheel(
        tmp_path / "store", "either", "1.0", requires=('tinytwo ; sys_platform == "win32"',)
    ).parent
    request = module(f"--find-links {store}", "either")
    result = lock_environment(request, LockOptions(platform="universal"))
    assert (result.header.platform, result.header.python[-1]) == ("any platform", "+")
    assert "tinytwo==1.5 ; sys_platform == 'win32' \\" in locked(request).splitlines()
    sync_environment(request)
    with pytest.raises(ModuleEnvironmentError, match="another platform needs uv"):
        lock_environment(module("either", backend="virtualenv"), LockOptions(platform="universal"))


def test_a_lock_for_another_platform_without_uv_names_the_option(
    module: Callable[..., EnvironmentRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synapse_worker.env.backends.choice.find_uv", lambda: None)
    with pytest.raises(ModuleEnvironmentError) as failed:
        lock_environment(module("either", backend="auto"), LockOptions(platform="macos"))
    assert failed.value.message == (
        "With --platform, a lock for another platform needs uv (0.4 or newer), and it was not found."
    )
    assert "virtualenv" not in failed.value.hint


def test_a_lock_for_another_python_is_warned_about(
    module: Callable[..., EnvironmentRequest],
) -> None:
    request = module("tinytwo")
    lock_environment(request)
    path = request.directory / "requirements.txt"
    here = f"for Python {sys.version_info[0]}.{sys.version_info[1]},"
    path.write_text(locked(request).replace(here, "for Python 3.99,"))
    events: list[Event] = []
    sync_environment(request, events.append)
    (warning,) = (event for event in events if event["event"] == "warning")
    assert "made for Python 3.99" in str(warning["message"])


def test_a_kill_leaves_the_old_lock_and_no_password(tmp_path: Path, wheels: Path) -> None:
    directory = tmp_path / "module"
    directory.mkdir()
    source = directory / "requirements.in"
    with index_server(wheels, users={"ada": "hunter2"}) as index:
        # Our own name has the file written anew for the tools.
        source.write_text(f"--index-url {index.url_for('ada')}\nsynapse-worker\ntinyone<2\n")
        request = EnvironmentRequest(directory, backend="uv", dialect="raw")
        lock_environment(request)
        before = locked(request)
        source.write_text(source.read_text() + "tinyslow\n")
        write_wheel(wheels, "tinyslow", "1.0")
        reached, killed = threading.Event(), threading.Event()

        def hold(path: str) -> None:
            if "tinyslow" in path:
                reached.set()
                killed.wait(60)

        index.on_request = hold
        command = [sys.executable, "-m", "synapse_worker", "env", "lock", str(directory)]
        process = subprocess.Popen(
            [*command, "--backend", "uv"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4] / "python_side")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert reached.wait(60)
        arguments = Path(f"/proc/{process.pid}/cmdline")
        assert not arguments.exists() or b"hunter2" not in arguments.read_bytes()
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        killed.set()
        assert locked(request) == before
        left = [p for p in Path(os.environ["SYNAPSE_CACHE_DIR"]).rglob("*") if p.is_file()]
        assert [p for p in left if b"hunter2" in p.read_bytes()] == []
        (wheels / "tinyslow-1.0-py3-none-any.whl").unlink()
        source.write_text(source.read_text().replace("tinyslow\n", "tinytwo\n"))
        assert lock_environment(request).changed


def test_two_locks_at_once_write_one(module: Callable[..., EnvironmentRequest]) -> None:
    request = module("tinyone<2")
    changed: list[bool] = []
    threads = [
        threading.Thread(target=lambda: changed.append(lock_environment(request).changed))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(changed) == [False, True]
    assert pins(request) == ["tinyone==1.0", "tinytwo==1.5"]
