"""Whether what serves a call is compiled in a module's workers, and why not: told by the environment itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker import start_image_writer
from synapse_worker.doctor import DoctorRequest, compiled
from synapse_worker.doctor.compiled import examine_compiled, examine_packed
from synapse_worker.env import Status
from synapse_worker.env.marker import Launch, Marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Found

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")[1:]
LIBRARY = Path("compiled", SUFFIX)
CONTENTS = Path("compiled", "contents.json")
SOURCE = Path("worker", "replies.py")
IMAGE = Path("__pycache__", f"start.{sys.implementation.cache_tag}.image")
COMPILER = (sysconfig.get_config_var("CC") or "cc").split()[0]
HEADER = Path(sysconfig.get_path("include"), "Python.h")

needs_library = pytest.mark.skipif(
    shutil.which(COMPILER) is None or not HEADER.is_file(),
    reason="there is no C compiler, or there are no headers of Python",
)


@pytest.fixture
def marker(module: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> Marker:
    """That of an environment which is ready and holds `package`."""
    launch = Launch(sys.executable, str(package / "worker" / "launch.py"))
    marker = Marker("ready", owned=True, directory=str(module), launch=launch)
    _stand_for(marker, monkeypatch)
    return marker


def _stand_for(marker: Marker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "module_status", lambda _directory: Status(marker, ()))


@pytest.fixture
def examined(module: Path, marker: Marker, found: Callable) -> Callable[..., Found]:
    """Return a function that examines the module, under some variables."""

    def examine(**environ: str) -> Found:
        seen: Found = found(examine_compiled(module, DoctorRequest(environ=environ)))
        return seen

    return examine


def edit(package: Path) -> None:
    with (package / SOURCE).open("a", encoding="utf-8") as file:
        file.write("# another\n")


def edit_before_the_image(package: Path) -> None:
    edit(package)
    start_image_writer.write(str(package))


def touch(package: Path) -> None:
    os.utime(package / SOURCE, (1_000_000_000, 1_000_000_000))


def cut_off(package: Path) -> None:
    os.truncate(package / LIBRARY, 1000)


def forget_contents(package: Path) -> None:
    (package / CONTENTS).write_text("[]", encoding="utf-8")
    start_image_writer.write(str(package))


def name_for_another(package: Path) -> None:
    (package / LIBRARY).rename(package / "compiled" / "cpython-39-other.so")


def remove_libraries(package: Path) -> None:
    shutil.rmtree(package / "compiled")


def remove_image(package: Path) -> None:
    (package / IMAGE).unlink()


def damage_image(package: Path) -> None:
    os.truncate(package / IMAGE, 40)


def pack_what_is_no_library(package: Path) -> None:
    (package / LIBRARY).write_bytes(b"no library")
    contents = json.loads((package / CONTENTS).read_text(encoding="utf-8"))
    contents["libraries"][SUFFIX] = hashlib.sha256(b"no library").hexdigest()
    (package / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
    start_image_writer.write(str(package))


def _in_place(file: Path, content: bytes) -> None:
    status = file.stat()
    assert len(content) == status.st_size
    file.write_bytes(content)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def edit_unseen(package: Path) -> None:
    source = (package / SOURCE).read_bytes()
    _in_place(package / SOURCE, source.replace(b"the", b"teh", 1))


def damage_unseen(package: Path) -> None:
    # The end of the table of sections, which nothing reads that loads it.
    library = (package / LIBRARY).read_bytes()
    _in_place(package / LIBRARY, library[:-1] + bytes([library[-1] ^ 1]))


@needs_library
def test_a_library_that_a_worker_takes_is_fine(examined: Callable[..., Found]) -> None:
    seen = examined()
    assert seen.ids == [("module.compiled", "ok")]
    assert SUFFIX in seen["module.compiled"].message
    assert seen["module.compiled"].details["compiled"] is True
    assert seen["module.compiled"].details["libraries"] == [SUFFIX]


@needs_library
@pytest.mark.parametrize(
    ("change", "reason", "said", "is_mended"),
    [
        (edit, "edited", f"made of them ({SOURCE}).", True),
        (edit_before_the_image, "edited", "made of them.", True),
        (cut_off, "damaged", "is not as it was packed", True),
        (forget_contents, "damaged", "is not as it was packed", True),
        (name_for_another, "missing", f"no library {SUFFIX}, only cpython-39-other.so", False),
        (remove_libraries, "missing", f"no library {SUFFIX}, nor one", False),
        (touch, "unlisted", "the start image", True),
        (remove_image, "unlisted", "the start image", True),
        (damage_image, "unlisted", "the start image", True),
        (pack_what_is_no_library, "unloadable", "cannot be loaded (", False),
    ],
)
def test_what_does_not_fit_is_no_fault_and_is_told_with_its_reason(
    examined: Callable[..., Found],
    module: Path,
    package: Path,
    change: Callable[[Path], None],
    reason: str,
    said: str,
    is_mended: bool,
) -> None:
    change(package)
    seen = examined()
    assert seen.ids == [("module.compiled", "info")]
    told = seen["module.compiled"]
    assert "is interpreted" in told.message
    assert said in told.message
    assert told.fix == (f"synapse env rebuild {module}" if is_mended else None)
    assert {"compiled": False, "reason": reason, "library": SUFFIX}.items() <= told.details.items()


@needs_library
@pytest.mark.parametrize(
    ("change", "reason"), [(edit_unseen, "edited"), (damage_unseen, "damaged")]
)
def test_what_does_not_fit_and_is_taken_is_a_warning(
    examined: Callable[..., Found],
    marker: Marker,
    package: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
    reason: str,
) -> None:
    change(package)
    seen = examined()
    assert seen.ids == [("module.compiled", "warning")]
    details = seen["module.compiled"].details
    assert (details["compiled"], details["reason"]) == (True, reason)
    _stand_for(replace(marker, owned=False), monkeypatch)
    assert examined()["module.compiled"].fix == f"rm {package / LIBRARY}"


@needs_library
def test_what_workers_inherit_is_heeded(examined: Callable[..., Found]) -> None:
    seen = examined(PYTHONOPTIMIZE="1")
    assert seen.ids == [("module.compiled", "info")]
    assert seen["module.compiled"].fix == "unset PYTHONOPTIMIZE"
    assert seen["module.compiled"].details["reason"] == "optimized"
    assert examined(PYTHONOPTIMIZE="0").ids == [("module.compiled", "ok")]


@needs_library
def test_it_is_mended_by_who_made_it(
    examined: Callable[..., Found],
    module: Path,
    marker: Marker,
    package: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit(package)
    _stand_for(replace(marker, relocatable=True), monkeypatch)
    assert examined()["module.compiled"].fix == f"synapse bundle --verify {module}"
    _stand_for(replace(marker, owned=False), monkeypatch)
    assert examined()["module.compiled"].fix is None


@needs_library
def test_a_package_that_comes_before_the_environment_is_the_one(
    examined: Callable[..., Found], package: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / package.name
    shutil.copytree(package, other, ignore=shutil.ignore_patterns("__pycache__"))
    seen = examined(PYTHONPATH=f"relative:{tmp_path}:{other.parent}")
    assert seen.ids == [("module.compiled", "info")]
    assert f"(in {other}, which PYTHONPATH puts first)" in seen["module.compiled"].message
    assert seen["module.compiled"].fix == "unset PYTHONPATH"
    details = seen["module.compiled"].details
    assert (details["reason"], details["path"]) == ("unlisted", str(other))


def test_nothing_is_written_and_nothing_of_others_run(
    examined: Callable[..., Found], package: Path
) -> None:
    (package.parent / "hashlib.py").write_text("raise SystemExit('a package has run')\n")
    before = sorted(package.rglob("*"))
    assert [name for name, severity in examined().ids if severity in {"ok", "info"}]
    assert sorted(package.rglob("*")) == before


def test_an_interpreter_that_gives_no_answer_is_a_warning(
    examined: Callable[..., Found],
    marker: Marker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -SEGV $$\n")
    python.chmod(0o755)
    assert marker.launch is not None
    _stand_for(replace(marker, launch=replace(marker.launch, python=str(python))), monkeypatch)
    seen = examined()
    assert seen.ids == [("module.compiled", "warning")]
    assert f'"{python}" ends with status -11' in seen["module.compiled"].message


def test_of_a_raw_script_nothing_is_told(
    examined: Callable[..., Found], module: Path, found: Callable
) -> None:
    assert len(examined().ids) == 1
    (module / "main.py").write_text("import sys\nsys.stdin.read()\n")
    assert examined().ids == []


def test_of_an_environment_that_is_not_ready_nothing_is_told(found: Callable, module: Path) -> None:
    assert found(examine_compiled(module, DoctorRequest())).ids == []


@needs_library
def test_the_package_that_runs_tells_what_it_has_for_its_python(
    found: Callable, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_OWN", package)
    seen = found(examine_packed(DoctorRequest()))
    assert seen.ids == [("compiled", "ok")]
    assert SUFFIX in seen["compiled"].message
    name_for_another(package)
    seen = found(examine_packed(DoctorRequest()))
    assert seen.ids == [("compiled", "info")]
    assert f"no library {SUFFIX}, only cpython-39-other.so" in seen["compiled"].message
    assert seen["compiled"].details == {
        "reason": "missing",
        "library": SUFFIX,
        "libraries": ["cpython-39-other.so"],
    }
