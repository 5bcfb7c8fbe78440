"""What is ours is copied into a new environment from the cache, and only ever what has been examined."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.env import EnvironmentRequest, sync_environment
from synapse_worker.env.build import kept_tree
from synapse_worker.env.build.kept_tree import KeptTree
from synapse_worker.env.cleaning import clean_cache
from synapse_worker.env.discovery.interpreters import find_interpreter
from synapse_worker.env.tools.toolrun import ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Marker

    Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that no other test has put anything in."""
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "own-cache"))
    return tmp_path / "own-cache"


@pytest.fixture
def examinations(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Every examination of an environment: whether it compiled the runtime."""
    seen: list[bool] = []
    run = ToolRunner.run

    def watched(self: ToolRunner, title: str, command: list[str], **options: object) -> list[str]:
        if title == "Examining the environment":
            seen.append(command[-1] == "compile")
        return run(self, title, command, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(ToolRunner, "run", watched)
    return seen


def build(directory: Path) -> Marker:
    """Build the environment of a module that brings no codec."""
    return sync_environment(EnvironmentRequest(directory, backend="uv", dialect="native"))


def launcher(marker: Marker) -> Path:
    assert marker.launch is not None
    return Path(marker.launch.script)


def assert_works(marker: Marker) -> None:
    """Import both of ours as a worker would."""
    codec = launcher(marker).parents[5] / "synapse" / "codec"
    assert marker.codec is not None
    assert marker.codec.private
    assert marker.launch is not None
    code = f"import sys, synapse_worker.version; sys.path.append({str(codec)!r}); import msgspec"
    subprocess.run([marker.launch.python, "-I", "-c", code], check=True)


def kept_files(cache: Path, name: str) -> list[Path]:
    return [path for path in (cache / "kept").rglob(name) if path.is_file()]


def test_a_second_environment_is_copied_from_the_first_and_examined_once(
    make_module: Make, examinations: list[bool]
) -> None:
    first = build(make_module(name="first"))
    assert examinations == [False, True]
    examinations.clear()
    second = build(make_module(name="second"))
    assert examinations == [False]
    assert launcher(second).stat().st_mtime_ns == launcher(first).stat().st_mtime_ns
    compiled = [path.name for path in launcher(second).parent.glob("__pycache__/launch.*.pyc")]
    assert len(compiled) == 1
    assert_works(second)
    assert (second.runtime, second.codec) == (first.runtime, first.codec)


def test_no_file_of_an_environment_is_anybody_elses(make_module: Make, cache: Path) -> None:
    first = build(make_module(name="first"))
    second = build(make_module(name="second"))
    ours = [launcher(first).parents[1], cache / "kept", launcher(second).parents[1]]
    files = [path for folder in ours for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 500
    assert {path.stat().st_nlink for path in files} == {1}


def test_the_modes_of_an_environment_are_those_of_who_builds_it(make_module: Make) -> None:
    before = os.umask(0o077)
    try:
        first = build(make_module(name="first"))
        os.umask(0o022)
        second = build(make_module(name="second"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(launcher(first).stat().st_mode) == 0o600
    assert stat.S_IMODE(launcher(second).stat().st_mode) == 0o644


@pytest.mark.parametrize("listed", ["pipe", "[" * 100_000])
def test_a_list_that_is_none_is_as_good_as_no_list(
    make_module: Make, cache: Path, listed: str
) -> None:
    build(make_module(name="first"))
    for path in kept_files(cache, "files.json"):
        path.unlink()
        if listed == "pipe":
            os.mkfifo(path)
        else:
            path.write_text(listed)
    assert_works(build(make_module(name="second")))


@pytest.mark.parametrize("name", ["launch.py", "files.json"])
def test_a_tree_that_a_cleaner_has_thinned_out_is_made_anew(
    make_module: Make, cache: Path, name: str
) -> None:
    first = build(make_module(name="first"))
    for path in kept_files(cache, name):
        path.unlink()
    assert_works(first)
    assert_works(build(make_module(name="second")))
    assert kept_files(cache, name) != []


def test_a_tree_that_goes_while_it_is_copied_leaves_nothing_half_done(
    make_module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, left = shutil.copyfileobj, [20]

    def running_out(*files: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        copy(*files)

    build(make_module(name="first"))
    monkeypatch.setattr(shutil, "copyfileobj", running_out)
    assert_works(build(make_module(name="second")))


def test_without_a_place_to_keep_anything_environments_are_built_as_ever(
    make_module: Make, cache: Path
) -> None:
    cache.mkdir()
    (cache / "kept").write_text("a file")
    assert_works(build(make_module(name="first")))
    assert_works(build(make_module(name="second")))


def test_a_kept_codec_that_cannot_be_imported_is_installed_anew(
    make_module: Make, cache: Path
) -> None:
    build(make_module(name="first"))
    (core,) = kept_files(cache, "_core.*.so")
    status = core.stat()
    # Of the same size and time, as a failing disk leaves it. The first environment keeps its own.
    core.unlink()
    core.write_bytes(b"\0" * status.st_size)
    os.utime(core, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert_works(build(make_module(name="second")))
    (core,) = kept_files(cache, "_core.*.so")
    assert core.read_bytes()[:4] == b"\x7fELF"


def test_cleaning_the_cache_takes_what_is_kept_and_leaves_environments_whole(
    make_module: Make, cache: Path
) -> None:
    first = build(make_module(name="first"))
    assert cache / "kept" in [outcome.entry.path for outcome in clean_cache()]
    assert not (cache / "kept").exists()
    assert_works(first)


def test_only_the_trees_used_last_are_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_tree, "_MOST_TREES", 2)
    (tmp_path / "file.py").write_text("1\n")
    (tmp_path / "target").mkdir()
    base = find_interpreter(None)
    for name in ("used", "unused"):
        KeptTree("runtime", name, base).keep(tmp_path, ["file.py"], "lib")
    for folder in (cache / "kept").iterdir():
        os.utime(folder, (1, 1))
    assert KeptTree("runtime", "used", base).plant(tmp_path / "target")
    KeptTree("runtime", "new", base).keep(tmp_path, ["file.py"], "lib")
    places = {name: KeptTree("runtime", name, base).place for name in ("used", "unused", "new")}
    assert places == {"used": "lib", "unused": None, "new": "lib"}
