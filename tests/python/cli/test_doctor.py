"""`synapse doctor` for people and for scripts: what it says, how it ends, and that it changes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from synapse_worker.cli import doctor
from synapse_worker.cli.examination import examination_text
from synapse_worker.doctor import Check, DoctorRequest, Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

CLIENT_SOURCE = """
from synapse_worker import Module
app = Module()

@app.method
def quote(symbol: str) -> int:
    return len(symbol)
"""


@pytest.fixture
def quiet(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Variables under which this machine has nothing to complain of."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    node = bin_folder / "node"
    node.write_text("#!/bin/sh\necho v22.11.0\n")
    node.chmod(0o755)
    return {"PATH": f"{bin_folder}:{environment['PATH']}"}


def _findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {finding["id"]: finding for finding in json.loads(done.stdout)["findings"]}


def test_a_healthy_module_is_said_to_be_one(
    synapse: Synapse, native_module: Path, quiet: dict[str, str]
) -> None:
    done = synapse("doctor", native_module, "--offline", **quiet)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("Machine\n  ok      Node 22.11.0 (")
    assert f"\nModule {native_module}\n  ok      main.py is a module.\n" in done.stdout
    assert "  ok      Its environment is ready (Python " in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_the_json_document_has_the_form_that_is_documented(
    synapse: Synapse, native_module: Path, quiet: dict[str, str]
) -> None:
    done = synapse("doctor", native_module, "--offline", "--json", **quiet)
    report = json.loads(done.stdout)
    assert set(report) == {"format", "ok", "counts", "findings"}
    assert (report["format"], report["ok"]) == (1, True)
    assert set(report["counts"]) == {"ok", "info", "warning", "error"}
    assert sum(report["counts"].values()) == len(report["findings"])
    keys = {"check", "group", "id", "severity", "message", "fix", "details"}
    assert all(set(finding) == keys for finding in report["findings"])
    assert {finding["group"] for finding in report["findings"]} == {
        "Machine",
        "Synapse",
        f"Module {native_module}",
    }


def test_an_error_ends_it_with_1_and_is_told_with_its_fix(
    synapse: Synapse, native_module: Path, tmp_path: Path, quiet: dict[str, str]
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(native_module, broken, symlinks=True)
    (broken / ".venv" / "bin" / "python").unlink()
    done = synapse("doctor", broken, "--offline", **quiet)
    assert done.returncode == 1
    assert "  error   Its environment is broken: " in done.stdout
    assert f"          fix: synapse env sync {broken}\n" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("1 error")


def test_a_machine_without_node_is_an_error(synapse: Synapse, tmp_path: Path) -> None:
    done = synapse("doctor", "--offline", "--json", cwd=tmp_path, PATH=str(tmp_path))
    assert done.returncode == 1
    assert _findings(done)["node.missing"]["severity"] == "error"


def test_a_folder_that_is_not_there_is_wrong_usage(synapse: Synapse, tmp_path: Path) -> None:
    done = synapse("doctor", tmp_path / "gone")
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not exist" in done.stderr


def test_without_a_folder_the_modules_of_the_project_are_examined(
    synapse: Synapse, tmp_path: Path, quiet: dict[str, str]
) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "main.py").write_text(CLIENT_SOURCE)
    done = synapse("doctor", "--offline", cwd=tmp_path, **quiet)
    assert "\nModule api\n" in done.stdout


def test_nothing_on_disk_is_changed(
    synapse: Synapse, native_module: Path, tmp_path: Path, quiet: dict[str, str]
) -> None:
    project = tmp_path / "project"
    shutil.copytree(native_module, project / "ready", symlinks=True)
    (project / "fresh").mkdir()
    (project / "fresh" / "main.py").write_text(CLIENT_SOURCE)
    (project / "package.json").write_text("{}")
    home = tmp_path / "home"
    home.mkdir()
    cache = tmp_path / "cache"
    (cache / "tools" / "half.new").mkdir(parents=True)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    before = _snapshot(tmp_path)
    places = {"HOME": home, "SYNAPSE_CACHE_DIR": cache, "TMPDIR": temporary}
    variables = {**quiet, **{name: str(path) for name, path in places.items()}}
    done = synapse("doctor", "ready", "fresh", "--offline", "--json", cwd=project, **variables)
    assert {"module.environment", "caches.leftovers"} <= set(_findings(done))
    assert _snapshot(tmp_path) == before


def _snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return every path with its mode, size and time of change (which nobody can set)."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        found[str(path)] = (status.st_mode, status.st_size, status.st_ctime_ns)
    return found


def test_a_stale_client_is_a_suspicion_and_with_start_a_certainty(
    synapse: Synapse, tmp_path: Path, quiet: dict[str, str]
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text("{}")
    module = project / "pricing"
    module.mkdir()
    (module / "main.py").write_text(CLIENT_SOURCE)
    flags = ("--camel-case", "--exact-times")
    done = synapse("generate", "pricing", "-o", "web", *flags, "--backend", "uv", cwd=project)
    assert done.returncode == 0, done.stderr
    client = project / "web" / "pricing.ts"

    def examine(*options: str) -> dict[str, Any]:
        return _findings(
            synapse("doctor", "pricing", "--offline", "--json", *options, cwd=project, **quiet)
        )["module.client"]

    assert examine()["severity"] == "ok"
    assert examine("--start")["severity"] == "ok"
    (module / "main.py").write_text(CLIENT_SOURCE.replace("symbol: str", "symbol: str, day: int"))
    os.utime(module / "main.py", ns=(client.stat().st_mtime_ns + 10**9,) * 2)
    suspicion, certainty = examine(), examine("--start")
    assert (suspicion["severity"], certainty["severity"]) == ("info", "warning")
    assert (
        certainty["fix"]
        == f"synapse generate pricing -o {client.parent} --camel-case --exact-times"
    )
    done = synapse(*certainty["fix"].split()[1:], cwd=project)
    assert done.returncode == 0, done.stderr
    assert examine("--start")["severity"] == "ok"


COMPILED_SOURCE = """
import sys
from synapse_worker import Module
app = Module()

@app.method
def is_compiled() -> bool:
    return "synapse_worker.compiled__mypyc" in sys.modules
"""


@pytest.fixture
def isolated(
    environment: dict[str, str], installation: Path, quiet: dict[str, str]
) -> Callable[..., str]:
    """Return a function that runs `synapse …` as Node does, with no PYTHONPATH for workers to inherit."""
    start = (
        "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
        "runpy.run_module('synapse_worker', run_name='__main__', alter_sys=True)"
    )

    def run(*arguments: str | Path, **variables: str) -> str:
        return subprocess.run(
            [sys.executable, "-I", "-c", start, installation, *arguments],
            env={**environment, **quiet, "PYTHONPATH": "", **variables},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    return run


@pytest.fixture
def built(isolated: Callable[..., str], tmp_path: Path) -> tuple[Path, Path]:
    """A module with an environment of its own, and where its packages are."""
    module = tmp_path / "module"
    module.mkdir()
    (module / "main.py").write_text(COMPILED_SOURCE)
    isolated("env", "sync", module, "--backend", "uv")
    (site,) = module.glob(".venv/lib/python*/site-packages")
    return module, site


def test_what_it_says_of_the_library_is_what_a_worker_does(
    isolated: Callable[..., str], installation: Path, built: tuple[Path, Path]
) -> None:
    module, site = built
    library = site / "synapse_worker" / "compiled" / sysconfig.get_config_var("EXT_SUFFIX")[1:]
    is_there = library.is_file()

    def examine(**variables: str) -> dict[str, Any]:
        report = json.loads(isolated("doctor", module, "--offline", "--json", **variables))
        (found,) = (one for one in report["findings"] if one["id"] == "module.compiled")
        assert (
            json.loads(isolated("call", module, "is_compiled", **variables))
            is (found["details"]["compiled"])
        )
        return cast("dict[str, Any]", found)

    def reason(**variables: str) -> str:
        return str(examine(**variables)["details"]["reason"])

    assert reason() == ("None" if is_there else "missing")
    assert reason(PYTHONOPTIMIZE="1") == ("optimized" if is_there else "missing")
    assert reason(PYTHONPATH=str(installation)) == ("unlisted" if is_there else "missing")
    with (site / "synapse_worker" / "worker" / "replies.py").open("a") as source:
        source.write("# another\n")
    edited = examine()
    assert edited["severity"] == "info"
    if is_there:
        assert edited["details"]["sources"] == ["worker/replies.py"]
        isolated(*edited["fix"].split()[1:], "--backend", "uv")
        assert reason() == "None"


def test_to_ask_for_the_library_runs_no_code_of_packages(
    isolated: Callable[..., str], built: tuple[Path, Path], tmp_path: Path
) -> None:
    module, site = built
    trace = tmp_path / "of-a-package"
    (site / "traced.pth").write_text(f"import os; open({str(trace)!r}, 'w').close()\n")
    assert "What serves its calls is " in isolated("doctor", module, "--offline")
    assert not trace.exists()
    isolated("call", module, "is_compiled")
    assert trace.exists()


def test_a_module_that_cannot_be_imported_is_an_error_with_start_only(
    synapse: Synapse, native_module: Path, quiet: dict[str, str]
) -> None:
    main = native_module / "main.py"
    source = main.read_text()
    try:
        main.write_text(f"{source}\nimport no_such_package_here\n")
        unstarted = synapse("doctor", native_module, "--offline", "--json", **quiet)
        started = synapse("doctor", native_module, "--offline", "--json", "--start", **quiet)
    finally:
        main.write_text(source)
    assert (unstarted.returncode, started.returncode) == (0, 1)
    found = _findings(started)["module.start"]
    assert "no_such_package_here" in found["message"]
    assert f"add it (under the name that its index has) to {native_module.name}/" in found["fix"]


def test_whatever_hangs_it_ends_in_time_and_leaves_no_process(
    synapse: Synapse, tmp_path: Path
) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    pids = tmp_path / "pids"
    (bin_folder / "node").write_text(f"#!/bin/sh\necho $$ >> '{pids}'\nexec sleep 600\n")
    (bin_folder / "node").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        done = synapse(
            *("doctor", "--json"),
            cwd=tmp_path,
            PATH=f"{bin_folder}:{os.environ['PATH']}",
            PIP_INDEX_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/simple",
        )
        took = time.monotonic() - began
    assert took < 20  # 15 s, and the start of Python on a busy machine
    found = _findings(done)
    assert found["node.broken"]["severity"] == "error"
    assert found["limits"]["severity"] == "ok"
    for pid in map(int, pids.read_text().split()):
        _wait_until_gone(pid)


def _wait_until_gone(pid: int) -> None:
    """Wait until a killed process runs no more: whoever adopted it may never ask how it ended."""
    give_up_at = time.monotonic() + 10
    with contextlib.suppress(OSError):
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
            assert time.monotonic() < give_up_at, f"process {pid} runs on"
            time.sleep(0.02)


def test_folders_that_do_not_answer_leave_the_machine_to_be_examined(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    release = threading.Event()

    def hangs(_folders: object) -> tuple[Path, ...]:
        release.wait()
        return ()

    monkeypatch.setattr(doctor, "modules_in", hangs)
    monkeypatch.setattr(doctor, "_SEARCH", replace(doctor._SEARCH, deadline_s=0.05))
    monkeypatch.setattr(doctor, "run_checks", lambda checks, **_options: [checks])
    try:
        checks, search = doctor._examine(DoctorRequest(), [tmp_path])
    finally:
        release.set()
    assert {check.group for check in cast("list[Check]", checks)} == {"Machine", "Synapse"}
    assert [found.id for found in search.findings] == ["search.unfinished"]


def test_a_terminal_gets_symbols_and_colours(environment: dict[str, str], tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "synapse_worker", "doctor", "--offline"],
        cwd=tmp_path,
        env={**environment, "NO_COLOR": "", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ):
        os.close(theirs)
        said = b""
        # How a terminal says that its other end has been closed.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 65536):
                said += piece
    os.close(ours)
    assert "\x1b[32m✓\x1b[0m Python" in said.decode()


def test_who_wants_no_colours_gets_symbols_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    findings = (
        Finding("a", "ok", "Fine.", "nothing to do"),
        Finding("b", "error", "Broken.", "mend it", ("row one", "row two")),
    )
    outcome = Outcome(Check("c", "Machine", lambda: findings), findings)
    assert examination_text([outcome]) == (
        "Machine\n  ✓ Fine.\n  ✗ Broken.\n      row one\n      row two\n    → mend it\n\n1 error."
    )
