"""What there is, and how it goes away: only what Synapse made, and only where nobody builds."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, ModuleEnvironmentError, sync_environment
from synapse_worker.env.cleaning import clean_cache, clean_module
from synapse_worker.env.directory_lock import locked
from synapse_worker.env.homes import cached_home, refer, shared_directory
from synapse_worker.env.inventory import environments_below, environments_in_cache, size_bytes
from synapse_worker.env.layout import cache_directory
from synapse_worker.env.marker import read_marker, write_marker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that no other test has put anything in."""
    folder = tmp_path / "own-cache"
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def module(make_module: Callable[..., Path]) -> Path:
    """A module whose environment has been built; the cache has nothing of that."""
    directory = make_module("tinytwo")
    sync_environment(EnvironmentRequest(directory, backend="uv", dialect="raw"))
    shutil.rmtree(cache_directory() / "kept")
    return directory


def into_cache(module: Path) -> Path:
    """Move a module's environment to its home in the cache."""
    home = cached_home(module)
    home.mkdir(parents=True)
    (module / ".venv").rename(home / ".venv")
    marker = home / ".venv" / "synapse.json"
    marker.write_text(marker.read_text().replace(f"{module}/.venv", f"{home}/.venv"))
    return home


def states(entries: object) -> dict[str, tuple[str, str]]:
    return {str(e.home): (e.kind, e.state) for e in entries}  # type: ignore[attr-defined]


def test_the_environments_below_a_folder_are_listed_with_their_state(
    module: Path, tmp_path: Path
) -> None:
    nested = tmp_path / "a" / "nested"
    shutil.copytree(module, nested, symlinks=True)
    hidden = tmp_path / "node_modules" / "x"
    shutil.copytree(module, hidden, symlinks=True)
    found = cached_home(hidden)
    found.mkdir(parents=True)
    shutil.copytree(module / ".venv", found / ".venv", symlinks=True)
    assert states(environments_below(tmp_path)) == {
        str(module): ("module", "ready"),
        str(nested): ("module", "stale"),
    }
    (entry,) = environments_below(module)
    assert entry.python == ".".join(map(str, sys.version_info[:3]))
    assert 100_000 < size_bytes(entry.path) < 50_000_000


def test_what_has_several_names_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 1000)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    (tmp_path / "link").symlink_to("/")
    assert 1000 <= size_bytes(tmp_path) < 1100


def test_a_modules_environment_is_deleted_wherever_it_stands(module: Path) -> None:
    (outcome,) = clean_module(module)
    assert (outcome.entry.kind, outcome.kept_because) == ("module", None)
    assert sorted(path.name for path in module.iterdir()) == ["main.py", "requirements.txt"]
    sync_environment(EnvironmentRequest(module, backend="uv", dialect="raw"))
    home = into_cache(module)
    (outcome,) = clean_module(module)
    assert (outcome.entry.kind, outcome.kept_because) == ("cached", None)
    assert (home.exists(), list(home.parent.iterdir())) == (False, [])
    assert clean_module(module) == []


def test_leftovers_of_a_killed_build_go_too(make_module: Callable[..., Path]) -> None:
    directory = make_module()
    (directory / ".venv-synapse-new").mkdir()
    assert clean_module(directory) == []
    assert sorted(path.name for path in directory.iterdir()) == ["main.py", "requirements.txt"]


def test_what_the_user_made_or_linked_stays(module: Path, tmp_path: Path) -> None:
    venv = module / ".venv"
    marker = read_marker(venv / "synapse.json")
    assert marker is not None
    write_marker(venv / "synapse.json", replace(marker, owned=False))
    (outcome,) = clean_module(module)
    assert outcome.kept_because is not None
    assert "your own" in outcome.kept_because
    write_marker(venv / "synapse.json", replace(marker, relocatable=True))
    (outcome,) = clean_module(module)
    assert outcome.kept_because is not None
    assert "bundle" in outcome.kept_because
    write_marker(venv / "synapse.json", marker)
    venv.rename(tmp_path / "elsewhere")
    venv.symlink_to(tmp_path / "elsewhere")
    (outcome,) = clean_module(module)
    assert outcome.kept_because is not None
    assert "link" in outcome.kept_because
    assert (tmp_path / "elsewhere" / "bin" / "python").exists()


def test_a_folder_without_a_marker_is_none_of_our_business(
    make_module: Callable[..., Path],
) -> None:
    directory = make_module()
    (directory / ".venv").mkdir()
    (directory / ".venv" / "notes.txt").write_text("mine")
    assert clean_module(directory) == []
    assert (directory / ".venv" / "notes.txt").read_text() == "mine"


def test_what_somebody_builds_just_now_stays_and_they_are_named(module: Path) -> None:
    with locked(module):
        (outcome,) = clean_module(module)
    assert outcome.kept_because is not None
    assert "locked" in outcome.kept_because
    assert (module / ".venv").exists()


def test_the_cache_loses_what_nobody_uses_and_nothing_else(
    module: Path, make_module: Callable[..., Path], cache: Path
) -> None:
    home = into_cache(module)
    gone = make_module("tinytwo", name="gone")
    sync_environment(EnvironmentRequest(gone, backend="uv", dialect="raw"))
    orphan = into_cache(gone)
    shutil.rmtree(gone)
    tools = cache / "tools" / "0123456789abcdef"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tools], check=True)
    for mine in ("environments/notes", "tools/hammer", "shared/photos"):
        (cache / mine).mkdir(parents=True)
    assert states(environments_in_cache()) == {
        str(home): ("cached", "ready"),
        str(orphan): ("cached", "orphaned"),
        str(tools): ("tools", "ready"),
    }
    assert {outcome.entry.home for outcome in clean_cache()} == {orphan, tools, cache / "kept"}
    assert (home.exists(), orphan.exists(), tools.exists()) == (True, False, False)
    assert {outcome.entry.home for outcome in clean_cache(everything=True)} == {home}
    assert sorted(str(path.relative_to(cache)) for path in cache.rglob("*")) == [
        *("environments", "environments/notes", "shared", "shared/photos"),
        *("tmp", "tools", "tools/hammer"),
    ]


@pytest.mark.parametrize(
    ("folder", "holder"),
    [
        ("tools/0123456789abcdef.new", "tools"),
        ("tools/0123456789abcdef.removed", "tools"),
        ("environments/0123456789abcdef.removed", "environments/0123456789abcdef.removed"),
        ("shared/0123456789abcdef.removed", "shared/0123456789abcdef.removed"),
    ],
)
def test_what_a_killed_run_left_goes_unless_its_owner_is_at_it(
    cache: Path, folder: str, holder: str
) -> None:
    left = cache / folder / "bin"
    left.mkdir(parents=True)
    mine = (cache / folder).with_name("notes.removed")
    mine.mkdir()
    with locked(cache / holder):
        clean_cache()
    assert left.is_dir()
    assert clean_cache() == []
    assert not left.parent.exists()
    assert mine.is_dir()


def test_a_shared_home_is_an_orphan_when_no_modules_marker_names_it(module: Path) -> None:
    home = shared_directory() / "0123456789abcdef"
    home.mkdir(parents=True)
    shutil.copytree(module / ".venv", home / ".venv", symlinks=True)
    copied = read_marker(home / ".venv" / "synapse.json")
    assert copied is not None
    write_marker(home / ".venv" / "synapse.json", replace(copied, directory=str(home), inputs=()))
    refer(home, module)
    assert states(environments_in_cache()) == {str(home): ("shared", "orphaned")}
    write_marker(module / ".venv" / "synapse.json", replace(copied, shared=str(home)))
    (entry,) = environments_in_cache()
    assert (entry.state, entry.modules) == ("ready", (module,))
    assert clean_cache() == []


def test_rebuilding_makes_a_ready_one_anew_and_nobody_elses(module: Path) -> None:
    (module / ".venv" / "rubbish").write_text("")
    wanted = EnvironmentRequest(module, backend="uv", dialect="raw")
    assert sync_environment(wanted, rebuild=True).state == "ready"
    assert not (module / ".venv" / "rubbish").exists()
    marker = read_marker(module / ".venv" / "synapse.json")
    assert marker is not None
    for other, words in (
        (replace(marker, owned=False), "not made by Synapse"),
        (replace(marker, relocatable=True), "part of a bundle"),
    ):
        write_marker(module / ".venv" / "synapse.json", other)
        with pytest.raises(ModuleEnvironmentError, match=words):
            sync_environment(wanted, rebuild=True)
    assert (module / ".venv" / "bin" / "python").exists()


def test_what_a_build_uses_stays_until_its_end(
    module: Path, make_module: Callable[..., Path], cache: Path
) -> None:
    tools = cache / "tools" / "0123456789abcdef"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tools], check=True)
    (cache / "virtualenv").mkdir()
    during: list[str | None] = []

    def clean_meanwhile(event: dict[str, object]) -> None:
        if event.get("phase") == "install" and event["event"] == "phase":
            during.extend(outcome.kept_because for outcome in clean_cache())

    other = make_module("tinytwo", name="other")
    request = EnvironmentRequest(other, backend="uv", dialect="raw")
    sync_environment(request, clean_meanwhile)
    assert len(during) >= 2
    assert all(reason is not None and "locked" in reason for reason in during)
    assert {outcome.entry.home for outcome in clean_cache()} == {
        tools,
        cache / "virtualenv",
        cache / "kept",
    }
    assert (tools.exists(), (cache / "virtualenv").exists()) == (False, False)


def test_an_environment_from_which_somebody_runs_stays_and_they_are_named(module: Path) -> None:
    home = into_cache(module)
    shutil.rmtree(module)
    python = home / ".venv" / "bin" / "python"
    command = [python, "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()  # only now its command line is sure to be there
        (outcome,) = clean_cache()
        worker.communicate(b"\n")
    assert outcome.kept_because is not None
    assert f"process {worker.pid} " in outcome.kept_because
    (outcome,) = clean_cache()
    assert (outcome.kept_because, home.exists()) == (None, False)


def test_all_that_is_ours_in_the_cache_goes_and_what_is_not_stays(cache: Path) -> None:
    ours = [
        *("virtualenv", "pip-tools", "register", "virtualenv.removed"),
        *("runtime/0123456789abcdef", "logs/0123456789abcdef.log", "locks/0123456789abcdef"),
    ]
    theirs = ["notes", "runtime/notes", "logs/notes.log"]
    for name in (*ours, *theirs):
        (cache / name).parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("l"):
            (cache / name).write_text("")
        else:
            (cache / name).mkdir()
    (cache / "locks" / "fedcba9876543210").write_text("")
    with (cache / "locks" / "fedcba9876543210").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        assert {outcome.kept_because for outcome in clean_cache()} == {None}
        assert [path.name for path in (cache / "locks").iterdir()] == ["fedcba9876543210"]
    assert clean_cache() == []
    left = {str(path.relative_to(cache)) for path in cache.rglob("*")}
    assert left == {*theirs, "logs", "runtime", "locks"}
