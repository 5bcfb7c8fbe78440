"""Node, tools, storage, variables and limits of this machine, or of one that was made up."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.doctor import storage
from synapse_worker.doctor.limits import examine_limits
from synapse_worker.doctor.mounts import Mount, mount_of
from synapse_worker.doctor.node import examine_node
from synapse_worker.doctor.request import NODE_FACTS, DoctorRequest, NodeFacts
from synapse_worker.doctor.storage import examine_folder, examine_module_folder
from synapse_worker.doctor.tools import examine_tools
from synapse_worker.doctor.variables import examine_variables

if TYPE_CHECKING:
    from collections.abc import Callable


def _program(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def _request(**environ: str) -> DoctorRequest:
    return DoctorRequest(environ=environ)


def test_a_machine_without_node_is_told_where_to_get_it(found: Callable, tmp_path: Path) -> None:
    seen = found(examine_node(_request(PATH=str(tmp_path))))
    assert seen.ids == [("node.missing", "error")]
    assert "nodejs.org" in seen["node.missing"].fix


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo v22.11.0", ("node.version", "ok")),
        ("echo v20.0.0", ("node.version", "ok")),
        ("echo v18.20.4", ("node.version", "error")),
        ("echo nonsense", ("node.version", "error")),
        ("echo broken >&2; exit 1", ("node.broken", "error")),
    ],
)
def test_the_node_on_path_is_asked_for_its_version(
    found: Callable, tmp_path: Path, script: str, expected: tuple[str, str]
) -> None:
    _program(tmp_path, "node", script)
    assert found(examine_node(_request(PATH=str(tmp_path)))).ids == [expected]


def test_the_node_that_started_us_is_believed_without_being_looked_for(found: Callable) -> None:
    said = '{"version":"24.1.0","path":"/x/node","packageVersion":"0.1.0","packageRoot":"/y"}'
    facts = NodeFacts.from_environment({NODE_FACTS: said})
    assert facts == NodeFacts("24.1.0", "/x/node", "0.1.0", Path("/y"))
    seen = found(examine_node(DoctorRequest(node=facts, environ={"PATH": ""})))
    assert seen.findings[0].message == "Node 24.1.0 (/x/node)."


@pytest.mark.parametrize("said", ["", "nonsense", "[]", "{}", "null"])
def test_facts_that_are_none_are_no_facts(said: str) -> None:
    assert NodeFacts.from_environment({NODE_FACTS: said}) is None


def test_without_uv_and_without_virtualenv_nothing_can_be_built(
    found: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("synapse_worker.doctor.tools.find_uv", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    seen = found(examine_tools(_request(PATH=str(tmp_path))))
    assert seen.ids == [("tools.missing", "error"), ("tools.compiler", "info")]
    assert "no pip and no virtualenv and no pip-tools" in seen["tools.missing"].message
    assert "pip install virtualenv pip-tools" in seen["tools.missing"].fix


def test_requirements_from_git_need_git(found: Callable, tmp_path: Path) -> None:
    module = tmp_path / "module"
    module.mkdir()
    (module / "requirements.txt").write_text("thing @ git+https://example.invalid/thing\n")
    request = DoctorRequest((module,), environ={"PATH": str(tmp_path)})
    assert ("tools.git", "error") in found(examine_tools(request)).ids
    _program(tmp_path, "git", "exit 0")
    assert ("tools.git", "ok") in found(examine_tools(request)).ids


def test_a_folder_is_asked_about_without_being_touched(found: Callable, tmp_path: Path) -> None:
    seen = found(examine_folder("f", "The folder", tmp_path / "not" / "yet", "fix"))
    assert seen.ids == [("f", "ok")]
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_a_folder_is_an_error(found: Callable, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    seen = found(examine_folder("f", "The folder", tmp_path / "taken" / "cache", "fix"))
    assert seen.ids == [("f.permission", "error")]


def test_a_folder_that_cannot_be_written_is_an_error(
    found: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody can forbid root to write; the kernel's answer is what is made up.
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    seen = found(examine_folder("f", "The folder", tmp_path, "fix"))
    assert seen.ids == [("f.permission", "error")]


def test_a_module_that_cannot_be_written_has_a_home_in_the_cache(
    found: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synapse_worker.doctor.storage.is_writable", lambda _path: False)
    seen = found(examine_module_folder(tmp_path))
    assert seen.ids == [("module.folder.permission", "info")]
    assert "/cache/environments/" in seen.findings[0].message


@pytest.mark.parametrize(
    ("free", "severity"), [(50 * 2**20, "error"), (500 * 2**20, "warning"), (5 * 2**30, None)]
)
def test_little_room_is_a_warning_and_none_an_error(
    found: Callable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    severity: str | None,
) -> None:
    usage = storage.shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _path: usage)
    seen = found(examine_folder("f", "The folder", tmp_path, "fix"))
    assert seen.ids == ([("f.space", severity)] if severity else [("f", "ok")])


def test_the_deepest_and_last_mount_holds_a_folder(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    space = str(tmp_path).replace(" ", "\\040")
    mounts.write_text(f"a / ext4 rw 0 0\nb {space} nfs4 rw 0 0\nc {space} xfs rw 0 0\nd /x tmpfs\n")
    assert mount_of(tmp_path / "in", mounts) == Mount(tmp_path, "xfs")
    assert mount_of(tmp_path, tmp_path / "gone") is None


def test_variables_that_redirect_python_are_named_with_their_effect(found: Callable) -> None:
    seen = found(
        examine_variables(
            _request(
                HOME="/nowhere",
                PYTHONHOME="/opt/old",
                PYTHONPATH="/lib",
                PIP_TARGET="/target",
                PYTHONWARNINGS="error",
            )
        )
    )
    assert seen.ids == [
        ("variables.pythonhome", "error"),
        ("variables.pythonpath", "warning"),
        ("variables.pythonwarnings", "warning"),
        ("variables.installers", "info"),
    ]
    assert seen["variables.installers"].fix == "unset PIP_TARGET"


def test_variables_of_our_own_that_lead_nowhere_are_errors(found: Callable, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    seen = found(
        examine_variables(
            _request(
                HOME="/nowhere", SYNAPSE_RUNTIME_DIR=gone, SYNAPSE_UV=gone, SYNAPSE_CACHE_DIR="here"
            )
        )
    )
    assert seen.ids == [
        ("variables.synapse_runtime_dir", "error"),
        ("variables.synapse_uv", "error"),
        ("variables.synapse_cache_dir", "warning"),
    ]


def test_a_python_that_a_variable_chooses_is_named(found: Callable) -> None:
    seen = found(examine_variables(_request(HOME="/nowhere", SYNAPSE_PYTHON="3.14")))
    assert seen.ids == [("variables.synapse_python", "info")]
    assert '"3.14"' in seen["variables.synapse_python"].message


def test_no_such_variable_is_said_too(found: Callable) -> None:
    assert found(examine_variables(_request(HOME="/nowhere"))).ids == [("variables", "ok")]


def test_a_target_in_pip_conf_is_found(found: Callable, tmp_path: Path) -> None:
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip" / "pip.conf").write_text("[global]\ntarget = /elsewhere\n")
    seen = found(examine_variables(_request(HOME=str(tmp_path))))
    assert seen.ids == [("variables.pip-conf", "warning")]
    assert seen["variables.pip-conf"].fix == "pip config unset global.target"


@pytest.mark.parametrize(
    ("files", "expected"),
    [(40, ("limits.files", "error")), (200, ("limits.files", "warning")), (4096, ("limits", "ok"))],
)
def test_few_open_files_are_reported(
    found: Callable, monkeypatch: pytest.MonkeyPatch, files: int, expected: tuple[str, str]
) -> None:
    infinite = resource.RLIM_INFINITY
    limits = {resource.RLIMIT_NOFILE: (files, files)}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits.get(kind, (infinite, infinite)))
    assert found(examine_limits(DoctorRequest())).ids == [expected]


@pytest.mark.parametrize(
    ("kind", "value", "expected", "message"),
    [
        (resource.RLIMIT_NPROC, 63, ("limits.processes", "warning"), "may run 63 processes"),
        (resource.RLIMIT_NPROC, 64, ("limits", "ok"), "any number of open files"),
        (resource.RLIMIT_FSIZE, 1024, ("limits.file-size", "error"), "may grow to 1024 bytes"),
        (resource.RLIMIT_FSIZE, 2**26, ("limits", "ok"), "any number of open files"),
        (resource.RLIMIT_AS, 2**40, ("limits.memory", "info"), "may address 1048576 MB"),
    ],
)
def test_each_limit_is_reported_where_it_is_tight(
    monkeypatch: pytest.MonkeyPatch,
    kind: int,
    value: int,
    expected: tuple[str, str],
    message: str,
) -> None:
    infinite = resource.RLIM_INFINITY
    limits = {kind: (value, value)}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits.get(kind, (infinite, infinite)))
    [finding] = examine_limits(DoctorRequest())
    assert (finding.id, finding.severity) == expected
    assert message in finding.message


def test_a_clock_before_its_time_is_an_error(
    found: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert ("limits.clock", "error") in found(examine_limits(DoctorRequest())).ids


def test_the_running_python_is_always_among_those_that_were_looked_at() -> None:
    from synapse_worker.doctor.python import examine_python

    findings = list(examine_python(DoctorRequest()))
    assert [(one.id, one.severity) for one in findings] == [
        ("python.running", "ok"),
        ("python.discovery", "ok"),
    ]
    candidates = findings[1].details["candidates"]
    version = ".".join(map(str, sys.version_info[:3]))
    assert any(row["version"] == version for row in candidates)
    assert len(findings[1].lines) == len(candidates)


def test_the_python_that_a_variable_asks_for_in_vain_is_mended_by_that_variable(
    found: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synapse_worker.doctor.python import examine_python

    for chosen in ("3.99", "/nope", "2.7"):
        monkeypatch.setenv("SYNAPSE_PYTHON", chosen)
        finding = found(examine_python(DoctorRequest()))["python.discovery"]
        assert (finding.severity, finding.fix) == ("error", "unset SYNAPSE_PYTHON")
        assert chosen in finding.message
        assert "SYNAPSE_PYTHON" in finding.message
        assert "No Python 3.10 or newer" not in finding.message
