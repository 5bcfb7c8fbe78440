"""A lock means the same to every backend: written alike, installed alike, whoever wrote it."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    lock_environment,
    lock_problem,
    sync_environment,
)

from ..conftest import write_wheel
from ..index_server import index_server
from ..projects import write_project, write_repository, write_sdist

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Event

BACKENDS = ["uv", pytest.param("virtualenv", marks=pytest.mark.slow)]
pytestmark = [pytest.mark.parametrize("backend", BACKENDS), pytest.mark.network]
ONE, TWO = "tinyone-1.0-py3-none-any.whl", "tinytwo-1.5-py3-none-any.whl"


@pytest.fixture
def request_for(
    backend: str, runtime_folder: Path, bare_settings: pytest.MonkeyPatch
) -> Callable[..., EnvironmentRequest]:
    """Return a function that makes a request of the backend under test."""

    def make(directory: Path, **more: object) -> EnvironmentRequest:
        options = {"backend": backend, "dialect": "raw", "runtime_folder": runtime_folder, **more}
        return EnvironmentRequest(directory, **options)  # type: ignore[arg-type]

    return make


def installed(directory: Path) -> dict[str, str]:
    """Return what the environment holds, by the metadata in it."""
    folders = (directory / ".venv").glob("lib/python*/site-packages/*.dist-info")
    return dict(folder.name.removesuffix(".dist-info").split("-") for folder in folders)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_lock_is_installed_exactly_local_projects_and_repositories_in_a_second_step(
    request_for: Callable[..., EnvironmentRequest], wheels: Path, tmp_path: Path, backend: str
) -> None:
    directory = tmp_path / "module"
    write_project(directory / "beside", "beside", requires=("tinyone<2",))
    write_project(directory / "plain", "plain")
    commit = write_repository(write_project(tmp_path / "stored", "stored", requires=("tinytwo",)))
    # An old pin of what workers may speak with is none of our business.
    msgpack = write_wheel(tmp_path / "store", "msgpack", "0.6")
    source = directory / "requirements.in"
    source.write_text(
        f"--no-index\n--find-links {wheels}\n--find-links {msgpack.parent}\nmsgpack==0.6\n"
        "-e ./beside  # ours\n./plain\n"
        f"stored @ git+file://{tmp_path}/stored\ntinyone ; python_version >= '3.8'\nsynapse-worker\n"
    )
    result = lock_environment(request_for(directory))
    lock = (directory / "requirements.txt").read_text()
    header, *lines = lock.splitlines()
    assert header.startswith("# Locked by `synapse env lock` from requirements.in (sha256 ")
    # The same lines from either backend: versions with hashes, the rest in the words of its source.
    files = (msgpack, wheels / ONE, wheels / TWO)
    hashes = [f"    --hash=sha256:{sha256(file)}" for file in files]
    assert lines == [
        "msgpack==0.6 \\", hashes[0],
        "tinyone==1.0 \\", hashes[1],
        "tinytwo==1.5 \\", hashes[2],
        "-e ./beside",
        "./plain",
        f"stored @ git+file://{tmp_path}/stored@{commit}",
    ]  # fmt: skip
    assert (result.changed, result.packages) == (True, 6)
    before = (directory / "requirements.txt").stat()
    assert lock_environment(request_for(directory)).changed is False
    assert (directory / "requirements.txt").stat() == before

    marker = sync_environment(request_for(directory))
    everything = {
        "tinyone": "1.0",
        "tinytwo": "1.5",
        "beside": "0.1",
        "plain": "0.1",
        "stored": "0.1",
        "msgpack": "0.6",
        "synapse_worker": "0.1.0",
    }
    assert installed(directory) == everything
    log = (directory / ".venv" / "synapse" / "build.log").read_text()
    steps = [line for line in log.splitlines() if line.startswith("$ ") and "install.txt" in line]
    assert ["--require-hashes" in step for step in steps] == [True, False]
    assert "--no-deps" in steps[1]

    # What the source no longer asks for goes; ours stays.
    source.write_text(f"--no-index\n--find-links {wheels}\n-e ./beside\n")
    with pytest.raises(ModuleEnvironmentError, match=r"before requirements\.in was changed"):
        sync_environment(request_for(directory))
    lock_environment(request_for(directory))
    again = sync_environment(request_for(directory))
    gone = {"msgpack", "plain", "stored"}
    assert installed(directory) == {n: v for n, v in everything.items() if n not in gone}
    assert again.launch == marker.launch
    assert Path(again.launch.script).is_file()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "way", ["file", "variables", "netrc", "pip.conf", "PIP_INDEX_URL", "UV_INDEX"]
)
def test_a_private_index_is_used_and_its_password_is_nowhere_afterwards(
    request_for: Callable[..., EnvironmentRequest],
    wheels: Path,
    tmp_path: Path,
    bare_settings: pytest.MonkeyPatch,
    session_cache: Path,
    way: str,
) -> None:
    directory = tmp_path / "module"
    directory.mkdir()
    events: list[Event] = []
    own = directory / "requirements.in"
    with index_server(wheels, users={"ada": "hunter2"}) as index:
        lines = ["tinyone"]
        bare_settings.delenv("PIP_INDEX_URL")
        if way == "file":
            lines.insert(0, f"--index-url {index.url_for('ada')}")
        elif way == "variables":
            bare_settings.setenv("INDEX_USER", "ada")
            bare_settings.setenv("INDEX_WORD", "hunter2")
            address = f"http://${{INDEX_USER}}:${{INDEX_WORD}}@127.0.0.1:{index.port}/simple"
            lines.insert(0, f"--index-url {address}")
        elif way == "netrc":
            netrc = tmp_path / "home" / ".netrc"
            netrc.write_text("machine 127.0.0.1 login ada password hunter2\n")
            netrc.chmod(0o600)
            lines.insert(0, f"--index-url {index.url}")
        elif way == "pip.conf":
            config = tmp_path / "home" / "pip.conf"
            config.write_text(f"[global]\nindex-url = {index.url_for('ada')}\n")
            bare_settings.setenv("PIP_CONFIG_FILE", str(config))
        elif way == "PIP_INDEX_URL":
            bare_settings.setenv("PIP_INDEX_URL", index.url_for("ada"))
        else:
            bare_settings.setenv("UV_DEFAULT_INDEX", f"home={index.url}")
            bare_settings.setenv("UV_INDEX_HOME_USERNAME", "ada")
            bare_settings.setenv("UV_INDEX_HOME_PASSWORD", "hunter2")
        own.write_text("\n".join((*lines, "")))
        lock_environment(request_for(directory), on_event=events.append)
        if way in {"file", "variables"}:
            sync_environment(request_for(directory), events.append)
            assert installed(directory)["tinyone"] == "2.0"
            # A password that has changed since is no reason to lock again.
            own.write_text(own.read_text().replace("hunter2", "hunter3"))
            bare_settings.setenv("INDEX_WORD", "hunter3")
            index.users["ada"] = "hunter3"
            assert lock_problem(request_for(directory)) is None
            own.write_text(own.read_text() + "no-such-thing\n")
            with pytest.raises(ModuleEnvironmentError) as caught:
                lock_environment(request_for(directory), on_event=events.append)
            events.append({"error": (str(caught.value), caught.value.details)})
    assert "tinyone==2.0" in (directory / "requirements.txt").read_text()
    files = [
        path
        for folder in (directory, session_cache)
        for path in folder.rglob("*")
        if path.is_file() and path != own and b"hunter" in path.read_bytes()
    ]
    assert files == []
    assert events
    assert "hunter" not in repr(events)


@pytest.mark.parametrize("form", ["tinytwo==1.5", "tinytwo @ {url}"])
def test_a_hash_of_the_source_is_held_to(
    request_for: Callable[..., EnvironmentRequest], wheels: Path, tmp_path: Path, form: str
) -> None:
    source = tmp_path / "requirements.in"
    asked = form.format(url=(wheels / TWO).as_uri())
    lines = f"--no-index\n--find-links {wheels}\ntinyone==1.0\n{asked} --hash=sha256:"
    source.write_text(f"{lines}{'0' * 64}\n")
    with pytest.raises(ModuleEnvironmentError, match="its hash is another") as caught:
        lock_environment(request_for(tmp_path))
    assert caught.value.code == "REQUIREMENTS_INVALID"
    assert not (tmp_path / "requirements.txt").exists()
    # The others need none of their own in the source.
    source.write_text(f"{lines}{sha256(wheels / TWO)}\n")
    lock_environment(request_for(tmp_path))
    locked = (tmp_path / "requirements.txt").read_text()
    assert f"{asked} \\\n    --hash=sha256:{sha256(wheels / TWO)}\n" in locked
    assert f"tinyone==1.0 \\\n    --hash=sha256:{sha256(wheels / ONE)}\n" in locked


def test_a_password_in_an_address_never_stands_in_the_environment(
    request_for: Callable[..., EnvironmentRequest],
    wheels: Path,
    tmp_path: Path,
    bare_settings: pytest.MonkeyPatch,
) -> None:
    directory = tmp_path / "module"
    directory.mkdir()
    own = directory / "requirements.txt"
    found: set[Path] = set()
    phases: set[object] = set()

    def look(event: Event) -> None:
        phases.add(event.get("phase"))
        for path in directory.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file() and path != own and b"hunter2" in path.read_bytes():
                    found.add(path)

    with index_server(wheels, users={"ada": "hunter2"}) as index:
        bare_settings.delenv("PIP_INDEX_URL")
        address = index.url_for("ada").replace("/simple", "/files/tinytwo-1.5-py3-none-any.whl")
        own.write_text(f"--index-url {index.url_for('ada')}\ntinytwo @ {address}\n")
        sync_environment(request_for(directory), look)
    assert installed(directory)["tinytwo"] == "1.5"
    assert phases >= {"resolve", "install", "verify"}
    assert found == set()
    assert "tinytwo @ http" in (directory / ".venv/synapse/requirements.lock").read_text()


def test_what_the_index_yanked_or_falsified_is_told_apart(
    request_for: Callable[..., EnvironmentRequest],
    wheels: Path,
    tmp_path: Path,
    bare_settings: pytest.MonkeyPatch,
) -> None:
    directory = tmp_path / "module"
    directory.mkdir()
    (directory / "requirements.in").write_text("tinyone\n")
    with index_server(wheels) as index:
        bare_settings.setenv("PIP_INDEX_URL", index.url)
        index.yank("tinyone-2.0-py3-none-any.whl", "wrong sums")
        lock_environment(request_for(directory))
        lock = (directory / "requirements.txt").read_text()
        assert "tinyone==1.0" in lock
        # What was locked before it was yanked is still installed.
        index.yank(ONE)
        sync_environment(request_for(directory))
        assert installed(directory)["tinyone"] == "1.0"
        wrong = lock.replace(sha256(wheels / TWO), "0" * 64)
        (directory / "requirements.txt").write_text(wrong)
        shutil.rmtree(directory / ".venv")
        with pytest.raises(ModuleEnvironmentError) as caught:
            sync_environment(request_for(directory))
    assert caught.value.code == "REQUIREMENTS_INVALID"
    assert "tinytwo" in "\n".join((str(caught.value), *caught.value.lines))


def test_no_build_takes_wheels_and_refuses_sources(
    request_for: Callable[..., EnvironmentRequest],
    tmp_path: Path,
    wheels: Path,
    bare_settings: pytest.MonkeyPatch,
) -> None:
    store = tmp_path / "store"
    shutil.copytree(wheels, store)
    write_sdist(store, write_project(tmp_path / "sourceonly", "sourceonly"))
    directory = tmp_path / "module"
    directory.mkdir()
    text = directory / "requirements.txt"
    with index_server(store) as index:
        bare_settings.setenv("PIP_INDEX_URL", index.url)
        text.write_text("tinytwo\n")
        sync_environment(request_for(directory, no_build=True))
        text.write_text("sourceonly\n")
        with pytest.raises(ModuleEnvironmentError) as caught:
            sync_environment(request_for(directory, no_build=True))
        assert "sourceonly" in "\n".join((str(caught.value), *caught.value.lines))
        assert "Only wheels are allowed (--no-build)" in caught.value.hint
        sync_environment(request_for(directory))
        assert installed(directory)["sourceonly"] == "0.1"
    text.write_text(f"-e {tmp_path}/sourceonly\n")
    with pytest.raises(ModuleEnvironmentError, match="must be built, and only wheels are allowed"):
        sync_environment(request_for(directory, no_build=True))


def test_offline_asks_no_index_and_says_what_is_missing(
    request_for: Callable[..., EnvironmentRequest],
    wheels: Path,
    tmp_path: Path,
    bare_settings: pytest.MonkeyPatch,
    backend: str,
) -> None:
    directory = tmp_path / "module"
    directory.mkdir()
    (directory / "requirements.txt").write_text("tinyone<2\n")
    with index_server(wheels) as index:
        bare_settings.setenv("PIP_INDEX_URL", index.url)
        with pytest.raises(ModuleEnvironmentError) as caught:
            sync_environment(request_for(directory, offline=True))
        assert "tinyone" in "\n".join((str(caught.value), *caught.value.lines))
        assert "The index" not in caught.value.message
        assert "Offline, packages come from --find-links" in caught.value.hint
        assert "pip's own cache is of no use without an index" in caught.value.hint
        sync_environment(request_for(directory, offline=True, find_links=(wheels,)))
        assert installed(directory)["tinyone"] == "1.0"
        assert index.requests == []
        if backend == "uv":
            # Its cache counts; pip has none that works without asking the index.
            shutil.rmtree(directory / ".venv")
            sync_environment(request_for(directory))
            shutil.rmtree(directory / ".venv")
            index.requests.clear()
            sync_environment(request_for(directory, offline=True))
            assert installed(directory)["tinyone"] == "1.0"
            assert index.requests == []
