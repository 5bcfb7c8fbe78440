"""The life of an environment: made once, kept, brought up to date, rebuilt where it must be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    export_wheelhouse,
    read_marker,
    status_of,
    sync_environment,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Event, Marker


def request(directory: Path, **options: object) -> EnvironmentRequest:
    chosen = {"backend": "uv", "dialect": "raw", **options}
    return EnvironmentRequest(directory, **chosen)  # type: ignore[arg-type]


def sync(directory: Path, **options: object) -> Marker:
    return sync_environment(request(directory, **options))


def phases(directory: Path, **options: object) -> list[object]:
    events: list[Event] = []
    sync_environment(request(directory, **options), events.append)
    return [event["phase"] for event in events if event["event"] == "phase"]


def aspects(directory: Path, **options: object) -> set[str]:
    return set(status_of(request(directory, **options)).aspects)


@pytest.fixture
def module(make_module: Callable[..., Path]) -> Path:
    """A module whose environment has been built."""
    directory = make_module("tinytwo")
    sync(directory)
    return directory


def test_the_marker_on_disk_says_everything_node_verifies(module: Path) -> None:
    marker = json.loads((module / ".venv" / "synapse.json").read_text())
    base = Path(os.path.realpath(module / ".venv" / "bin" / "python"))
    version = ".".join(map(str, sys.version_info[:3]))
    assert (marker["format"], marker["state"], marker["owned"]) == (1, "ready", True)
    assert marker["directory"] == str(module)
    assert marker["inputs"] == [
        {
            "path": "requirements.txt",
            "size": (module / "requirements.txt").stat().st_size,
            "sha256": marker["inputs"][0]["sha256"],
        },
        # Both say which Python it has to be.
        {"path": "pyproject.toml", "absent": True},
        {"path": ".python-version", "absent": True},
    ]
    assert marker["interpreter"] == {
        "path": f"{module}/.venv/bin/python",
        "version": version,
        "base": str(base),
        "base_size": base.stat().st_size,
        "base_mtime_ns": base.stat().st_mtime_ns,
    }
    assert marker["launch"]["python"] == f"{module}/.venv/bin/python"
    assert marker["launch"]["script"].endswith("/site-packages/synapse_worker/worker/launch.py")
    assert (marker["backend"], marker["python_request"], marker["codec"]) == ("uv", None, None)


def test_a_ready_environment_is_left_alone(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_args, **_options: pytest.fail("a process"))
    assert phases(module) == []


def test_our_distribution_is_properly_installed(module: Path) -> None:
    code = (
        "import importlib.metadata as m; d = m.distribution('synapse-worker')\n"
        "print(d.version, d.read_text('INSTALLER').strip(), all(f.locate().exists() for f in d.files))"
    )
    python = module / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0.1.0", "synapse", "True"]


def test_a_folder_that_is_no_module_gets_no_environment(tmp_path: Path) -> None:
    def export(directory: Path) -> None:
        export_wheelhouse(request(directory), tmp_path / "wheelhouse")

    for name in ("src", "pricing", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "src" / "app.ts").write_text("")
    for name in ("pricing", ".hidden"):
        (tmp_path / name / "main.py").write_text("")
    for wrong in (tmp_path / "src", tmp_path):
        for ask in (aspects, sync, export):
            with pytest.raises(ModuleEnvironmentError, match="is no module") as caught:
                ask(wrong)
            assert caught.value.code == "INVALID_CONFIG"
            assert caught.value.hint.endswith(f' Did you mean "{tmp_path}/pricing"?')
        assert not (wrong / ".venv").exists()
    # One that is about to be written: its requirements are there first.
    (tmp_path / "src" / "requirements.txt").write_text("")
    assert sync(tmp_path / "src").state == "ready"


def test_a_moved_folder_is_rebuilt(module: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    module.rename(moved)
    assert aspects(moved) == {"moved"}
    assert sync(moved).directory == str(moved)
    assert aspects(moved) == set()


def test_an_environment_whose_base_interpreter_has_gone_is_rebuilt(module: Path) -> None:
    python = module / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert "interpreter" in aspects(module)
    assert phases(module)[:2] == ["python", "create"]
    assert aspects(module) == set()


def test_a_replaced_base_interpreter_is_noticed(module: Path) -> None:
    path = module / ".venv" / "synapse.json"
    data = json.loads(path.read_text())
    data["interpreter"]["base_mtime_ns"] += 1
    path.write_text(json.dumps(data))
    assert aspects(module) == {"interpreter"}


def test_another_python_request_rebuilds(module: Path) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert aspects(module, python=version) == {"python"}
    assert sync(module, python=version).python_request == version
    (module / "pyproject.toml").write_text(f'[tool.synapse]\npython = "{version}"\n')
    assert aspects(module) == {"inputs"}
    assert phases(module) == ["verify"]  # looked at, and nothing else done
    assert aspects(module) == set()


def test_another_build_of_our_wheel_replaces_only_itself(
    module: Path, runtime_folder: Path
) -> None:
    wheel = runtime_folder / "synapse_worker-0.1.0-py3-none-any.whl"
    other = module.parent / "runtime"
    shutil.copytree(runtime_folder, other)
    manifest = json.loads((other / "manifest.json").read_text())
    # A zip comment makes other bytes of the same content.
    (other / wheel.name).write_bytes(wheel.read_bytes()[:-2] + b"\x01\x00!")
    import hashlib

    digest = hashlib.sha256((other / wheel.name).read_bytes()).hexdigest()
    manifest["wheel"]["sha256"] = digest
    (other / "manifest.json").write_text(json.dumps(manifest))
    assert aspects(module, runtime_folder=other) == {"runtime"}
    assert phases(module, runtime_folder=other) == ["runtime", "verify"]


def test_an_edited_entrypoint_costs_no_installation(tmp_path: Path, wheels: Path) -> None:
    block = f"# /// script\n# dependencies = ['tinytwo @ file://{wheels}/tinytwo-1.5-py3-none-any.whl']\n# ///\n"
    (tmp_path / "main.py").write_text(block)
    assert "install" in phases(tmp_path)
    (tmp_path / "main.py").write_text(f"{block}print()\n")
    assert aspects(tmp_path) == {"inputs"}
    assert "install" not in phases(tmp_path)
    assert aspects(tmp_path) == set()


def test_a_failed_change_leaves_the_old_packages_and_is_not_ready(
    module: Path, require: Callable[..., None]
) -> None:
    require(module, "no-such-thing-here")
    with pytest.raises(ModuleEnvironmentError):
        sync(module)
    assert aspects(module) == {"inputs"}
    python = module / ".venv" / "bin" / "python"
    subprocess.run([python, "-I", "-c", "import tinytwo"], check=True)


@pytest.mark.parametrize("when", ["resolve", "verify"])
def test_a_rebuild_that_fails_puts_the_ready_environment_back(module: Path, when: str) -> None:
    before = (module / ".venv" / "synapse.json").read_bytes()

    def fail(event: Event) -> None:
        if event.get("phase") == when:
            assert (module / ".venv" / "synapse.json").read_bytes() != before  # it is the new one
            raise OSError(28, "No space left on device", "somewhere")

    with pytest.raises(ModuleEnvironmentError, match="No space left"):
        sync_environment(request(module), fail, rebuild=True)
    assert (module / ".venv" / "synapse.json").read_bytes() == before
    assert aspects(module) == set()
    subprocess.run([module / ".venv" / "bin" / "python", "-I", "-c", "import tinytwo"], check=True)
    assert sorted(path.name for path in module.iterdir()) == [
        ".venv", "main.py", "requirements.txt",
    ]  # fmt: skip


def test_the_log_of_a_rebuild_that_failed_stands_in_the_environment_that_came_back(
    module: Path, require: Callable[..., None]
) -> None:
    require(module, "no-such-thing-here")
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync_environment(request(module), rebuild=True)
    assert caught.value.log_path == module / ".venv" / "synapse" / "build.log"
    assert "no-such-thing-here" in caught.value.log_path.read_text()
    assert aspects(module) == {"inputs"}


def test_what_a_killed_rebuild_had_set_aside_is_there_for_the_next_one(
    module: Path, require: Callable[..., None]
) -> None:
    (module / ".venv").rename(module / ".venv-synapse-old")
    (module / ".venv").mkdir()
    data = json.loads((module / ".venv-synapse-old" / "synapse.json").read_text())
    (module / ".venv" / "synapse.json").write_text(json.dumps({**data, "state": "building"}))
    require(module, "no-such-thing-here")
    with pytest.raises(ModuleEnvironmentError):
        sync(module)
    assert aspects(module) == {"inputs"}
    require(module, "tinytwo")
    assert aspects(module) == set()


def test_an_environment_whose_removal_was_killed_does_not_come_back(module: Path) -> None:
    (module / ".venv").rename(module / ".venv-synapse-old")
    (module / ".venv-synapse-old" / "synapse.json").unlink()  # the first thing to go
    assert "create" in phases(module)
    assert not (module / ".venv-synapse-old").exists()


def test_a_build_that_stopped_half_way_is_thrown_away(module: Path) -> None:
    path = module / ".venv" / "synapse.json"
    path.write_text(path.read_text().replace('"ready"', '"building"'))
    (module / ".venv" / "rubbish").write_text("")
    assert aspects(module) == {"unfinished"}
    assert "create" in phases(module)
    assert not (module / ".venv" / "rubbish").exists()


def test_an_unreadable_marker_deletes_nothing(module: Path) -> None:
    (module / ".venv" / "synapse.json").write_text("{")
    (module / ".venv" / "precious").write_text("")
    assert sync(module).owned is False
    assert (module / ".venv" / "precious").exists()


def test_a_folder_in_the_way_is_named_and_kept(make_module: Callable[..., Path]) -> None:
    directory = make_module()
    (directory / ".venv").mkdir()
    (directory / ".venv" / "notes.txt").write_text("mine")
    with pytest.raises(ModuleEnvironmentError, match="in the way") as caught:
        sync(directory)
    assert caught.value.code == "BUILD_FAILED"
    assert (directory / ".venv" / "notes.txt").read_text() == "mine"


def test_an_empty_folder_and_leftovers_of_a_killed_build_are_no_obstacle(
    make_module: Callable[..., Path],
) -> None:
    directory = make_module()
    for name in (".venv", ".venv-synapse-new", ".venv-synapse-old"):
        (directory / name).mkdir()
    (directory / ".venv-synapse-new" / "x").write_text("")
    assert sync(directory).owned is True
    assert sorted(path.name for path in directory.iterdir()) == [
        ".venv", "main.py", "requirements.txt",
    ]  # fmt: skip


def test_a_linked_environment_of_ours_is_rebuilt_behind_the_link_that_stays(
    module: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (module / ".venv").rename(elsewhere)
    (module / ".venv").symlink_to(elsewhere)
    assert aspects(module) == set()
    marker = elsewhere / "synapse.json"
    marker.write_text(marker.read_text().replace('"ready"', '"building"'))
    (elsewhere / "rubbish").write_text("")
    assert sync(module).owned is True
    assert (marker.exists(), (elsewhere / "rubbish").exists()) == (True, False)
    assert (module / ".venv").readlink() == elsewhere
    assert aspects(module) == set()
    assert sorted(path.name for path in module.iterdir()) == [
        ".venv", "main.py", "requirements.txt",
    ]  # fmt: skip


def test_leftovers_that_are_links_or_files_are_no_obstacle(
    make_module: Callable[..., Path], tmp_path: Path
) -> None:
    directory = make_module()
    precious = tmp_path / "precious"
    precious.mkdir()
    (directory / ".venv-synapse-old").symlink_to(precious)
    (directory / ".venv-synapse-new").write_text("")
    assert sync(directory).state == "ready"
    assert precious.is_dir()


def test_a_link_that_leads_nowhere_is_named_and_kept(make_module: Callable[..., Path]) -> None:
    directory = make_module()
    (directory / ".venv").symlink_to("gone/venv")
    assert "leads nowhere" in status_of(request(directory)).findings[0].message
    with pytest.raises(ModuleEnvironmentError, match='is a link to "gone/venv"') as caught:
        sync(directory)
    assert caught.value.code == "BUILD_FAILED"
    assert (directory / ".venv").is_symlink()
    assert sorted(path.name for path in directory.iterdir()) == [
        ".venv", "main.py", "requirements.txt",
    ]  # fmt: skip


def test_a_failure_leaves_no_folder_half_made(
    make_module: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_module()

    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device", "synapse.json")

    monkeypatch.setattr("synapse_worker.env.build.folder.write_marker", refuse)
    with pytest.raises(ModuleEnvironmentError, match="No space left"):
        sync(directory)
    assert sorted(path.name for path in directory.iterdir()) == ["main.py", "requirements.txt"]


def test_a_symlinked_path_is_the_same_module(module: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(module)
    assert aspects(link) == set()


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModuleEnvironmentError, match=r"does not exist\."):
        sync(tmp_path / "gone")


def test_a_read_only_file_system_is_an_error_that_says_so(
    make_module: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_module()

    def refuse(self: Path, *_args: object, **_options: object) -> None:
        raise OSError(30, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ModuleEnvironmentError, match="Read-only file system") as caught:
        sync(directory)
    assert caught.value.code == "ENVIRONMENT_UNWRITABLE"
    assert read_marker(directory / ".venv" / "synapse.json") is None
