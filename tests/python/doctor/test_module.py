"""One module: what it says of itself, its environment, its local sources, what a killed build left."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import synapse_worker
from synapse_worker.doctor.caches import examine_caches, examine_staging
from synapse_worker.doctor.find_modules import find_modules, modules_in
from synapse_worker.doctor.local_sources import examine_local_sources
from synapse_worker.doctor.module import ModuleCheck
from synapse_worker.doctor.readiness import module_status
from synapse_worker.doctor.request import DoctorRequest
from synapse_worker.doctor.tools import examine_tools
from synapse_worker.doctor.traps import examine_traps
from synapse_worker.env import EnvironmentRequest, Status, sync_environment
from synapse_worker.env.directory_lock import locked
from synapse_worker.env.wheel import pack_package

if TYPE_CHECKING:
    from collections.abc import Callable

RAW = "import sys\nsys.stdin.read()\n"


def _check(module: Path) -> ModuleCheck:
    return ModuleCheck(module, DoctorRequest((module,)))


@pytest.fixture
def raw_module(tmp_path: Path) -> Path:
    """A raw script without requirements, whose environment is ready."""
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "main.py").write_text(RAW)
    sync_environment(EnvironmentRequest(folder, backend="uv", dialect="raw"))
    return folder


def test_a_module_says_what_it_is_and_what_it_asks_for(found: Callable, module: Path) -> None:
    (module / "requirements.txt").write_text("--no-index\nnumpy>=2\n-e ./local\n")
    seen = found(_check(module).sources())
    assert seen.ids == [("module.entrypoint", "ok"), ("module.requirements", "ok")]
    assert seen["module.entrypoint"].details == {"dialect": "native"}
    assert seen["module.requirements"].details == {"source": "requirements.txt", "count": 2}


@pytest.mark.parametrize(
    ("file", "content", "expected", "said"),
    [
        ("main.py", None, "module.entrypoint", "cannot be read"),
        ("main.py", "import synapse_worker\ndef f(:\n", "module.syntax", "main.py:2"),
        ("main.py", "x = 'synapse_worker'\n", "module.dialect", "neither imports it"),
        ("pyproject.toml", "[tool.synapse\n", "module.settings", "pyproject.toml"),
        ("pyproject.toml", "[tool.synapse]\nworker = 2\n", "module.settings", '"worker"'),
        ("requirements.txt", "-r gone.txt\n", "module.requirements", "gone.txt"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(
    found: Callable, module: Path, file: str, content: str | None, expected: str, said: str
) -> None:
    if content is None:
        (module / file).unlink()
    else:
        (module / file).write_text(content)
    seen = found(_check(module).sources())
    assert (expected, "error") in seen.ids
    assert said in seen[expected].message
    assert seen[expected].fix


def test_a_python_that_is_asked_for_and_not_there_is_an_error(
    found: Callable, module: Path
) -> None:
    (module / "pyproject.toml").write_text('[tool.synapse]\npython = "/no/such/python"\n')
    seen = found(_check(module).interpreter())
    assert seen.ids == [("module.python", "error")]
    assert "/no/such/python" in seen["module.python"].message


def test_an_environment_that_is_not_there_yet_is_no_fault(found: Callable, module: Path) -> None:
    seen = found(_check(module).environment())
    assert seen.ids == [("module.environment", "info")]
    assert seen["module.environment"].fix == f"synapse env sync {module}"


def test_a_ready_environment_is_fine_and_one_of_other_inputs_is_not(
    found: Callable, raw_module: Path
) -> None:
    assert found(_check(raw_module).environment()).ids == [("module.environment", "ok")]
    (raw_module / "requirements.txt").write_text("numpy\n")
    seen = found(_check(raw_module).environment())
    assert seen.ids == [("module.environment", "warning")]
    assert '"requirements.txt" has changed' in seen["module.environment"].message


def test_a_broken_environment_is_an_error(found: Callable, raw_module: Path) -> None:
    (raw_module / ".venv" / "bin" / "python").unlink()
    seen = found(_check(raw_module).environment())
    assert seen.ids == [("module.environment", "error")]
    assert "interpreter has gone" in seen["module.environment"].message
    assert seen["module.environment"].details["reasons"][0]["aspect"] == "interpreter"


def test_a_stale_lock_is_one_error_and_comes_before_the_build(
    found: Callable, module: Path
) -> None:
    (module / "requirements.in").write_text("numpy\n")
    (module / "requirements.txt").write_text(
        "# Locked by `synapse env lock` from requirements.in (sha256 0a1b) for Python 3.11, linux-x86_64.\n"
    )
    seen = found([*_check(module).sources(), *_check(module).environment()])
    assert ("module.lock", "error") in seen.ids
    assert seen["module.environment"].severity == "info"
    assert seen["module.environment"].fix == (
        f"synapse env lock {module} && synapse env sync {module}"
    )


def test_a_bundle_is_pointed_to_its_own_verification(
    found: Callable, raw_module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = module_status(raw_module)
    assert status.marker is not None
    carried = Status(replace(status.marker, relocatable=True), ())
    monkeypatch.setattr("synapse_worker.doctor.module.module_status", lambda _directory: carried)
    (raw_module / "bundle.json").write_text("{}")
    seen = found([*_check(raw_module).interpreter(), *_check(raw_module).environment()])
    assert seen.ids == [("module.environment", "info")]
    assert seen["module.environment"].fix == f"synapse bundle --verify {raw_module}"


def test_a_build_that_was_killed_is_an_error_and_one_that_runs_is_not(
    found: Callable, raw_module: Path
) -> None:
    marker = raw_module / ".venv" / "synapse.json"
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "state": "building"}))
    assert found(_check(raw_module).environment()).ids == [("module.environment", "error")]
    with locked(raw_module):
        seen = found(_check(raw_module).environment())
    assert seen.ids == [("module.environment", "info")]
    assert f"process {os.getpid()}" in seen["module.environment"].message


def test_an_environment_of_the_user_s_own_is_no_fault(found: Callable, module: Path) -> None:
    (module / ".venv/bin").mkdir(parents=True)
    (module / ".venv/bin/python").symlink_to(sys.executable)
    seen = found(_check(module).environment())
    assert seen.ids == [("module.environment", "info")]
    assert "of your own" in seen["module.environment"].message


def test_a_venv_that_is_none_is_in_the_way_of_a_build(found: Callable, module: Path) -> None:
    venv = module / ".venv"
    venv.mkdir()
    seen = found(_check(module).environment())
    assert seen.ids == [("module.environment", "info")]
    assert "empty folder" in seen["module.environment"].message
    (venv / "notes").write_text("mine\n")
    seen = found(_check(module).environment())
    assert seen.ids == [("module.environment", "error")]
    assert "is in the way" in seen["module.environment"].message
    shutil.rmtree(venv)
    venv.write_text("a file")
    assert found(_check(module).environment()).ids == [("module.environment", "error")]


def test_what_a_killed_build_has_left_is_named_unless_a_build_runs(
    found: Callable, module: Path
) -> None:
    assert found(examine_staging(module)).ids == []
    (module / ".venv-synapse-new").mkdir()
    seen = found(examine_staging(module))
    assert seen.ids == [("module.leftovers", "info")]
    assert seen.findings[0].details["paths"] == [str(module / ".venv-synapse-new")]
    with locked(module):
        assert found(examine_staging(module)).ids == []


def test_half_made_folders_in_the_cache_are_named(found: Callable) -> None:
    tools = Path(os.environ["SYNAPSE_CACHE_DIR"]) / "tools"
    assert found(examine_caches(DoctorRequest())).ids == []
    (tools / "0123456789abcdef.new").mkdir(parents=True)
    assert found(examine_caches(DoctorRequest())).ids == [("caches.leftovers", "info")]


@pytest.mark.parametrize("home", ["tools", "environments", "shared"])
def test_what_a_killed_clean_left_is_named_unless_it_is_at_it(found: Callable, home: str) -> None:
    left = Path(os.environ["SYNAPSE_CACHE_DIR"]) / home / "0123456789abcdef.removed"
    left.mkdir(parents=True)
    with locked(left):
        assert found(examine_caches(DoctorRequest())).ids == []
    seen = found(examine_caches(DoctorRequest()))
    assert seen["caches.leftovers"].details["paths"] == [str(left)]


def test_a_fix_leads_to_the_folder_that_it_means_whatever_its_name_holds(
    found: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "my cache; rm $HOME"
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(cache))
    left = cache / "tools" / "x.new"
    left.mkdir(parents=True)
    fix = found(examine_caches(DoctorRequest()))["caches.leftovers"].fix
    assert shlex.split(fix) == ["rm", "-rf", str(left)]
    module = tmp_path / "my module"
    module.mkdir()
    (module / "main.py").write_text(RAW)
    fix = found(_check(module).environment())["module.environment"].fix
    assert shlex.split(fix) == ["synapse", "env", "sync", str(module)]


def test_a_path_that_cannot_even_be_asked_about_is_not_there(found: Callable, module: Path) -> None:
    # As a folder of another user: what `pathlib` raises of it, and calls nobody's business.
    (module / "requirements.txt").write_text(f"-e ./{'x' * 300}\n")
    assert found(examine_local_sources(module)).ids == [("module.local-sources", "error")]
    unasked = ModuleCheck(module / ("x" * 300), DoctorRequest())
    assert found(unasked.sources()).ids == [("module.folder", "error")]


def test_a_cache_that_cannot_even_be_asked_about_holds_nothing(
    found: Callable, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(module / ("x" * 300)))
    monkeypatch.setattr("synapse_worker.doctor.tools.find_uv", lambda: None)
    assert found(examine_caches(DoctorRequest())).ids == []
    assert found(examine_local_sources(module)).ids == []
    assert found(examine_staging(module)).ids == []
    assert "tools.virtualenv" in dict(found(examine_tools(DoctorRequest(environ={}))).ids)


def test_a_local_source_that_has_gone_is_an_error(found: Callable, module: Path) -> None:
    (module / "here").mkdir()
    (module / "requirements.txt").write_text(
        "-e ./here\n./gone[extra]\nother @ file:///no/such/folder\nnumpy\n"
    )
    seen = found(examine_local_sources(module))
    assert seen.ids == [("module.local-sources", "error")] * 2
    assert [one.details["path"] for one in seen.findings] == [
        str(module / "gone"),
        "/no/such/folder",
    ]
    (module / "requirements.txt").write_text("-e ./here\n")
    assert found(examine_local_sources(module)).ids == [("module.local-sources", "ok")]


def test_an_installed_editable_package_whose_folder_has_gone_is_an_error(
    found: Callable, module: Path
) -> None:
    site = module / ".venv" / "lib" / "python3.11" / "site-packages"
    for name, url, editable in (
        ("gone", "file:///no/such", True),
        ("copied", "file:///nor/this", False),
    ):
        record = site / f"{name}-1.0.dist-info" / "direct_url.json"
        record.parent.mkdir(parents=True)
        record.write_text(json.dumps({"url": url, "dir_info": {"editable": editable}}))
    seen = found(examine_local_sources(module))
    assert [one.details["path"] for one in seen.findings] == ["/no/such"]


def test_a_colon_in_the_path_is_an_error(found: Callable, tmp_path: Path) -> None:
    folder = tmp_path / "a:b"
    folder.mkdir()
    assert found(examine_traps(folder)).ids == [("module.path", "error")]


def test_a_file_from_the_future_is_a_warning(found: Callable, module: Path) -> None:
    assert found(examine_traps(module)).ids == []
    os.utime(module / "main.py", (4e9, 4e9))
    assert found(examine_traps(module)).ids == [("module.future", "warning")]


def test_a_file_system_that_does_not_tell_letters_apart_is_noticed(
    found: Callable, module: Path
) -> None:
    os.link(module / "main.py", module / "MAIN.PY")  # what such a file system looks like
    assert found(examine_traps(module)).ids == [("module.letter-case", "info")]


def test_modules_are_found_below_a_project_and_nothing_else_is(tmp_path: Path) -> None:
    for name in ("api/pricing", "node_modules/x", "plain", "built"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "api/pricing/main.py").write_text("from synapse_worker import Module\n")
    (tmp_path / "node_modules/x/main.py").write_text("from synapse_worker import Module\n")
    (tmp_path / "plain/main.py").write_text("print()\n")
    (tmp_path / "built/.venv").mkdir()
    (tmp_path / "built/.venv/synapse.json").write_text("{}")
    assert find_modules(tmp_path) == (tmp_path / "built", tmp_path / "api/pricing")
    shutil.rmtree(tmp_path / "api")
    (tmp_path / "pyproject.toml").write_text("[tool.synapse]\n")
    assert find_modules(tmp_path) == (tmp_path,)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    for name in ("main.py", "pyproject.toml"):
        (tmp_path / name).mkdir()
        os.mkfifo(tmp_path / name / name)
        assert find_modules(tmp_path / name) == ()


def test_an_environment_is_judged_by_the_npm_package_that_builds_it(
    found: Callable, tmp_path: Path
) -> None:
    module = tmp_path / "raw"
    module.mkdir()
    (module / "main.py").write_text(RAW)
    runtime = tmp_path / "node_modules" / "synapse-worker" / "python"
    runtime.mkdir(parents=True)
    own = Path(synapse_worker.__file__).parent
    wheel = pack_package(own, "0.1.0") + b"another build"
    (runtime / "own.whl").write_bytes(wheel)
    manifest = {"file": "own.whl", "sha256": hashlib.sha256(wheel).hexdigest()}
    (runtime / "manifest.json").write_text(json.dumps({"version": "0.1.0", "wheel": manifest}))
    request = EnvironmentRequest(module, backend="uv", dialect="raw", runtime_folder=runtime)
    sync_environment(request)
    assert found(_check(module).environment()).ids == [("module.environment", "ok")]
    (runtime / "manifest.json").unlink()
    seen = found(_check(module).environment())
    assert seen.ids == [("module.environment", "warning")]
    assert "another build of Synapse" in seen["module.environment"].message


def test_a_folder_above_modules_stands_for_those(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    (shop / "python").mkdir(parents=True)
    (shop / "python" / "main.py").write_text("from synapse_worker import Module\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    named = tmp_path / "named"
    named.mkdir()
    (named / "pyproject.toml").write_text('[tool.synapse]\nentrypoint = "gone.py"\n')
    # Told twice, examined once; what is nothing is examined itself, and said to be nothing.
    assert modules_in([shop, shop / "python", empty, named]) == (shop / "python", empty, named)
    assert modules_in([]) == ()
