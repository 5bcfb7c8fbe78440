"""A bundle where it arrives: what starts at once, what is settled first, and what is refused, and how."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.bundle import verify_bundle
from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    read_marker,
    status_of,
    sync_environment,
)
from synapse_worker.env.discovery.platform import Platform
from synapse_worker.env.marker import write_marker
from synapse_worker.env.relocation import settlement

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Marker

BASE = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))


@pytest.fixture(autouse=True)
def _no_network_and_no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing may be fetched: every index leads nowhere, caches are empty, there is no home."""
    for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("HOME", "/nonexistent")


def request(directory: Path, **options: object) -> EnvironmentRequest:
    return EnvironmentRequest(directory, dialect="raw", **options)  # type: ignore[arg-type]


def is_ready(directory: Path) -> bool:
    return status_of(request(directory)).is_ready


def printed(marker: Marker, code: str) -> str:
    assert marker.launch is not None
    command = [marker.launch.python, "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def imports(marker: Marker) -> str:
    return printed(marker, "import tinyone, tinytwo; print(tinyone.VERSION, tinytwo.VERSION)")


def change_base(bundle: Path, base: str) -> None:
    """Make a bundle look as if it had been made where Python is elsewhere."""
    path = bundle / ".venv" / "synapse.json"
    marker = read_marker(path)
    assert marker is not None
    assert marker.interpreter is not None
    write_marker(path, replace(marker, interpreter=replace(marker.interpreter, base=base)))
    (bundle / ".venv/bin/python").unlink()
    (bundle / ".venv/bin/python").symlink_to(base)
    (bundle / ".venv/pyvenv.cfg").write_text(f"home = {os.path.dirname(base)}\n")


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel say of bundles that they cannot be written; root is never told so."""
    monkeypatch.setattr(settlement, "is_writable", lambda _directory: False)


def contents(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_copied_it_is_ready_and_stays_as_it_is(arrived: Path) -> None:
    before = contents(arrived)
    assert is_ready(arrived)
    marker = sync_environment(request(arrived))
    assert marker.launch is not None
    assert marker.launch.python == str(arrived / ".venv/bin/python")
    assert imports(marker) == "2.0 1.5"
    assert contents(arrived) == before


def test_it_may_be_moved_again_and_again(arrived: Path, tmp_path: Path) -> None:
    for name in ("once", "a folder with spaces", "twice/deeper"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        arrived = arrived.rename(tmp_path / name)
        assert is_ready(arrived)
        assert imports(sync_environment(request(arrived))) == "2.0 1.5"


@pytest.mark.parametrize("way", ["tar", "rsync", "cp -rL", "zip", "copytree"])
def test_every_way_of_copying_gives_one_that_starts(made: Path, tmp_path: Path, way: str) -> None:
    target = tmp_path / "target"
    if way == "tar":
        archive = shutil.make_archive(str(tmp_path / "archive"), "tar", made)
        shutil.unpack_archive(archive, target, filter="tar")
    elif way == "zip":  # links become files, modes and times are lost
        archive = shutil.make_archive(str(tmp_path / "archive"), "zip", made)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(target)
        for path in target.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
    elif way == "copytree":  # links followed
        shutil.copytree(made, target)
    else:
        tool = ["cp", "-rL", str(made)] if way == "cp -rL" else ["rsync", "-r", "-l", f"{made}/"]
        if shutil.which(tool[0]) is None:
            pytest.skip(f"there is no {tool[0]} here")
        subprocess.run([*tool, str(target)], check=True)
    assert imports(sync_environment(request(target))) == "2.0 1.5"
    assert is_ready(target)
    assert (target / "words").read_text() == "one two\n"


def test_where_python_is_elsewhere_the_link_is_made_again(arrived: Path) -> None:
    change_base(arrived, "/opt/elsewhere/bin/python3.11")
    status = status_of(request(arrived))
    assert [finding.aspect for finding in status.findings] == ["interpreter"]
    marker = sync_environment(request(arrived))
    assert imports(marker) == "2.0 1.5"
    assert is_ready(arrived)
    assert Path(os.readlink(arrived / ".venv/bin/python")).exists()
    (arrived.rename(arrived.with_name("moved")))
    assert is_ready(arrived.with_name("moved"))


def test_read_only_it_is_linked_in_the_cache_and_untouched(
    arrived: Path, tmp_path: Path, read_only: None
) -> None:
    change_base(arrived, "/opt/elsewhere/bin/python3.11")
    before = contents(arrived)
    marker = sync_environment(request(arrived))
    assert contents(arrived) == before
    assert marker.launch is not None
    assert marker.launch.python.startswith(str(tmp_path / "cache" / "environments"))
    assert Path(marker.launch.script).is_file()
    assert imports(marker) == "2.0 1.5"
    where = printed(marker, "import tinyone, sys; print(tinyone.__file__); print(sys.prefix)")
    assert where.splitlines()[1].startswith(str(tmp_path / "cache"))
    assert is_ready(arrived), "the next start finds it without doing anything"
    assert sync_environment(request(arrived)) == marker


def test_without_any_place_to_write_the_error_says_what_to_do(
    arrived: Path, monkeypatch: pytest.MonkeyPatch, read_only: None
) -> None:
    change_base(arrived, "/opt/elsewhere/bin/python3.11")
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", "/proc/nothing")
    with pytest.raises(
        ModuleEnvironmentError, match="must be linked to this machine's Python"
    ) as no:
        sync_environment(request(arrived))
    assert no.value.code == "ENVIRONMENT_UNWRITABLE"
    assert "SYNAPSE_CACHE_DIR" in no.value.hint


def test_where_nobody_lives_it_is_linked_in_place(
    arrived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_base(arrived, "/opt/elsewhere/bin/python3.11")
    for name in ("SYNAPSE_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)

    def nobody() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", nobody)
    monkeypatch.setenv("SYNAPSE_PYTHON", str(BASE))
    assert imports(sync_environment(request(arrived))) == "2.0 1.5"


def test_another_minor_version_is_refused_in_words(
    arrived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Platform("cpython", "3.99", "cpython-399", "linux", "x86_64", "2.99")
    change_base(arrived, str(BASE.parent / "gone"))
    monkeypatch.setenv("SYNAPSE_PYTHON", str(BASE))
    monkeypatch.setattr("synapse_worker.env.relocation.binding.probe_platform", lambda _: other)
    with pytest.raises(ModuleEnvironmentError) as refused:
        sync_environment(request(arrived))
    assert refused.value.code == "PYTHON_UNSUPPORTED"
    assert "is CPython 3.99 on linux x86_64 (glibc 2.99)" in refused.value.message


def test_the_loader_of_another_platform_is_noticed_without_a_process(arrived: Path) -> None:
    path = arrived / ".venv" / "synapse.json"
    data = json.loads(path.read_text())
    data["interpreter"]["loader"] = "/lib/ld-musl-sparc.so.1"
    path.write_text(json.dumps(data))
    assert not is_ready(arrived)


def test_a_request_that_its_version_meets_changes_nothing(arrived: Path) -> None:
    before = contents(arrived)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert imports(sync_environment(request(arrived, python=version))) == "2.0 1.5"
    assert contents(arrived) == before


def test_a_request_that_takes_a_search_is_met_once_and_written_down(arrived: Path) -> None:
    for wanted in (f">={sys.version_info[0]}.{sys.version_info[1]}", str(BASE)):
        assert not status_of(request(arrived, python=wanted)).is_ready
        assert imports(sync_environment(request(arrived, python=wanted))) == "2.0 1.5"
        assert status_of(request(arrived, python=wanted)).is_ready
        assert is_ready(arrived), "nor does it matter to who asks for none"


def test_a_request_that_cannot_be_written_down_is_met_all_the_same(
    arrived: Path, monkeypatch: pytest.MonkeyPatch, read_only: None
) -> None:
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", "/proc/nothing")
    before = contents(arrived)
    assert imports(sync_environment(request(arrived, python=">=3"))) == "2.0 1.5"
    assert contents(arrived) == before


@pytest.mark.parametrize("left", [None, "", "home = /elsewhere\n"])
def test_a_lost_configuration_is_noticed_and_made_again(arrived: Path, left: str | None) -> None:
    path = arrived / ".venv" / "pyvenv.cfg"
    before = path.read_text()
    path.unlink() if left is None else path.write_text(left)
    assert not is_ready(arrived)
    assert verify_bundle(arrived).problems == {".venv/pyvenv.cfg": "is missing or damaged"}
    assert imports(sync_environment(request(arrived))) == "2.0 1.5"
    assert is_ready(arrived)
    assert verify_bundle(arrived).is_sound
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda bundle: shutil.rmtree(bundle / ".venv"), "Its .venv is missing or damaged"),
        (
            lambda bundle: (bundle / ".venv/synapse.json").unlink(),
            "Its .venv is missing or damaged",
        ),
        (
            lambda bundle: (bundle / ".venv/synapse.json").write_text("{"),
            "Its .venv is missing or damaged",
        ),
        (
            lambda bundle: (bundle / "requirements.txt").write_text("numpy\n"),
            '"requirements.txt" has changed',
        ),
        (
            lambda bundle: shutil.rmtree(next(bundle.rglob("synapse_worker/worker"))),
            'worker/launch.py" is missing',
        ),
    ],
)
def test_what_is_damaged_or_changed_is_never_rebuilt(
    arrived: Path, harm: Callable[[Path], object], words: str
) -> None:
    harm(arrived)
    left = contents(arrived)
    with pytest.raises(ModuleEnvironmentError, match=words) as refused:
        sync_environment(request(arrived))
    assert refused.value.code == "BUILD_FAILED"
    assert "synapse bundle" in refused.value.hint
    assert contents(arrived) == left


def test_another_release_is_refused_by_name(arrived: Path) -> None:
    path = arrived / ".venv" / "synapse.json"
    data = json.loads(path.read_text())
    data["runtime"] = {"version": "0.0.9", "sha256": "ab" * 32}
    path.write_text(json.dumps(data))
    with pytest.raises(
        ModuleEnvironmentError, match=r"holds Synapse 0\.0\.9 \(abababab\), and this"
    ):
        sync_environment(request(arrived))


def test_it_is_not_rebuilt_even_when_asked(arrived: Path) -> None:
    before = contents(arrived)
    with pytest.raises(ModuleEnvironmentError, match="is part of a bundle"):
        sync_environment(request(arrived), rebuild=True)
    assert contents(arrived) == before


def test_starts_at_once_settle_it_once(arrived: Path) -> None:
    change_base(arrived, "/opt/elsewhere/bin/python3.11")
    done: list[str] = []
    problems: list[BaseException] = []

    def start() -> None:
        try:
            done.append(imports(sync_environment(request(arrived))))
        except BaseException as problem:  # shown below
            problems.append(problem)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert done == ["2.0 1.5"] * 4


def test_a_start_killed_before_the_marker_is_made_again(
    arrived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_base(arrived, "/opt/elsewhere/bin/python3.11")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(settlement, "write_marker", killed)
        with pytest.raises(KeyboardInterrupt):
            sync_environment(request(arrived))
    assert not is_ready(arrived)
    assert imports(sync_environment(request(arrived))) == "2.0 1.5"


def test_a_module_with_a_bundle_json_of_its_own_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("")
    (tmp_path / "bundle.json").write_text('{"webpack": true}')
    (tmp_path / "requirements.txt").write_text("")
    assert sync_environment(request(tmp_path, backend="uv")).relocatable is False
