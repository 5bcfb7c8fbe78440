"""A start takes its code from one file, and never other code than its sources say."""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from synapse_worker import start_image_writer

IMAGE = Path("__pycache__", f"start.{sys.implementation.cache_tag}.image")

# What a start does, and then where each module came from.
START = """
import json, sys
sys.path.insert(0, sys.argv[1])
import synapse_worker
from synapse_worker import start_image
start_image.serve(synapse_worker.__path__[0])
import synapse_worker.worker.native, synapse_worker.worker.serving, synapse_worker.worker.raw.launcher
from synapse_worker.worker import collector
from synapse_worker.worker.first_calls import FOR_ANNOTATIONS
for name in FOR_ANNOTATIONS: __import__(name)
found = {n: type(m.__spec__.loader).__name__ for n, m in sys.modules.items() if n.startswith("synapse_worker.")}
start_image.release()
import synapse_worker.testing
print(json.dumps({
    "loaders": found,
    "file": collector.__file__,
    "code": collector.rest.__code__.co_filename,
    "usual": getattr(collector, "WHILE_IMPORTING"),
    "left": [type(f).__name__ for f in sys.meta_path if type(f).__name__ == "StartImage"],
    "package": synapse_worker.worker.__path__,
}))
"""


def run(package: Path, *options: str, program: str = START) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", *options, "-c", program, str(package.parent)],
        capture_output=True,
        text=True,
        check=True,
    )


def start(package: Path, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(package, *options).stdout)
    return found


def asked_of_importlib(package: Path, before: str = "") -> list[str]:
    """Return those of our modules that came by way of importlib, which `-X importtime` lists."""
    lines = run(package, "-X", "importtime", program=before + START).stderr.splitlines()
    names = [line.rpartition("|")[2].strip() for line in lines]
    return [name for name in names if name.startswith("synapse_worker.")]


def from_image(found: dict[str, Any]) -> set[str]:
    return {name for name, loader in found["loaders"].items() if loader == "StartImage"}


def test_all_that_a_worker_imports_comes_from_the_image(package: Path) -> None:
    found = start(package)
    others = set(found["loaders"]) - from_image(found)
    # What was there before the image was, and what it is made with.
    assert others == {"synapse_worker.start_image"}
    assert len(from_image(found)) > 100
    source = str(package / "worker" / "collector.py")
    assert (found["file"], found["code"]) == (source, source)
    assert found["package"] == [str(package / "worker")]
    assert found["left"] == []


def test_a_source_that_has_changed_is_what_runs(package: Path) -> None:
    source = package / "worker" / "collector.py"
    source.write_text(source.read_text().replace("50_000", "60_001"))
    found = start(package)
    assert found["usual"] == 60_001
    assert "synapse_worker.worker.collector" not in from_image(found)
    assert "synapse_worker.worker.native" in from_image(found)


def test_a_source_of_the_same_size_is_known_by_its_time(package: Path) -> None:
    source = package / "worker" / "collector.py"
    source.write_text(source.read_text().replace("50_000", "70_000"))
    os.utime(source, (1_000_000_000, 1_000_000_000))
    assert start(package)["usual"] == 70_000


def test_a_portable_image_holds_for_sources_that_were_copied(package: Path) -> None:
    start_image_writer.write(str(package), portable=True)
    assert os.fsencode(package) not in (package / IMAGE).read_bytes(), "it names the place"
    for source in package.rglob("*.py"):
        os.utime(source, (1, 1))
    found = start(package)
    assert len(from_image(found)) > 100
    source = str(package / "worker" / "collector.py")
    assert (found["file"], found["code"]) == (source, source)


def test_an_environment_that_was_moved_names_its_new_place(package: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "synapse_worker"
    moved.parent.mkdir()
    package.rename(moved)
    found = start(moved)
    source = str(moved / "worker" / "collector.py")
    assert "synapse_worker.worker.collector" in from_image(found)
    assert (found["file"], found["code"]) == (source, source)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no image at all",
        b"\0" * 64,
        pytest.param(40, id="cut off in its index"),
        pytest.param(-1, id="cut off in its code"),
    ],
)
def test_an_image_that_does_not_fit_is_left_alone(package: Path, content: bytes | int) -> None:
    image = package / IMAGE
    whole = image.read_bytes()
    image.write_bytes(whole[:content] if isinstance(content, int) else content)
    assert from_image(start(package)) == set()


def test_a_pipe_in_its_place_is_not_waited_for(package: Path) -> None:
    (package / IMAGE).unlink()
    os.mkfifo(package / IMAGE)
    assert "StartImage" not in start(package)["loaders"].values()


def test_code_that_cannot_be_read_is_taken_from_its_source(package: Path) -> None:
    image = package / IMAGE
    whole = bytearray(image.read_bytes())
    index_bytes = int.from_bytes(whole[16:24], "little")
    # No byte of it is a mark that `marshal` knows.
    whole[32 + index_bytes :] = b"\xff" * (len(whole) - 32 - index_bytes)
    image.write_bytes(whole)
    assert from_image(start(package)) == set()


def test_an_index_that_was_damaged_costs_what_it_is_wrong_about(package: Path) -> None:
    image = package / IMAGE
    whole = image.read_bytes()
    index_bytes = int.from_bytes(whole[16:24], "little")
    index, *rest = marshal.loads(whole[32 : 32 + index_bytes])
    names = ("native", "serving", "collector", "hooks")
    native, *others = (f"synapse_worker.worker.{n}" for n in names)
    index[native] = (9, *index[native][1:])
    index[others[0]] = "no entry"
    index[others[1]] = ("0", *index[others[1]][1:])
    index[others[2]] = index[others[2]][:3]
    _rewrite(image, (index, *rest), whole[32 + index_bytes :])
    found = from_image(start(package))
    assert not found & {native, *others}
    assert "synapse_worker.worker" in found
    _rewrite(image, (list(index), *rest), whole[32 + index_bytes :])
    assert from_image(start(package)) == set()


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("synapse_worker.worker.boot, synapse_worker.worker.raw.launcher", 1),
        ("synapse_worker.worker.native, synapse_worker.worker.zygote.main", 2),
        ("synapse_worker.worker.serving, synapse_worker.schema.classes.families", 3),
    ],
)
def test_a_start_reads_the_parts_that_it_needs(package: Path, kind: str, parts: int) -> None:
    image = package / IMAGE
    whole = image.read_bytes()
    index_bytes = int.from_bytes(whole[16:24], "little")
    index, _, sizes, _ = marshal.loads(whole[32 : 32 + index_bytes])
    read = 32 + index_bytes + sum(sizes[:parts])
    image.write_bytes(whole[:read] + b"\xff" * (len(whole) - read))
    imports = f"""
import json, sys
sys.path.insert(0, sys.argv[1])
import synapse_worker
from synapse_worker import start_image
start_image.serve(synapse_worker.__path__[0])
import {kind}
print(json.dumps({{n: type(m.__spec__.loader).__name__ for n, m in sys.modules.items() if n.startswith("synapse_worker.")}}))
"""
    found = json.loads(run(package, program=imports).stdout)
    others = {name for name, loader in found.items() if loader != "StartImage"}
    of_the_library = {name for name, (part, *_) in index.items() if part == len(sizes) - 1}
    assert others - of_the_library == {"synapse_worker.start_image"}
    assert len(found) > 20


@pytest.mark.parametrize(
    "replace",
    [
        "shutil.copyfile(image, image + '.new'); os.replace(image + '.new', image)",
        "os.unlink(image); os.mkfifo(image)",
        "os.unlink(image)",
        "os.read = None",
    ],
)
def test_an_image_that_is_another_one_meanwhile_is_not_read_on(package: Path, replace: str) -> None:
    replace = (
        "import os, shutil, sys\n"
        "image = sys.argv[1] + '/synapse_worker/' + start_image.IMAGE_FILE\n"
        f"{replace}\n"
    )
    served = "start_image.serve(synapse_worker.__path__[0])\n"
    found = json.loads(run(package, program=START.replace(served, served + replace)).stdout)
    assert found["loaders"]["synapse_worker.worker.raw.launcher"] == "StartImage"
    assert found["loaders"]["synapse_worker.worker.native"] == "SourceFileLoader"


def test_what_is_no_code_is_not_run(package: Path) -> None:
    image = package / IMAGE
    whole = image.read_bytes()
    index, needs, *_ = marshal.loads(whole[32 : 32 + int.from_bytes(whole[16:24], "little")])
    entries = {name: (0, *entry[1:]) for name, entry in index.items()}
    for codes in (dict.fromkeys(index, "no code"), "no codes"):
        part = marshal.dumps(codes)
        _rewrite(image, (entries, needs, [len(part)], None), part)
        assert from_image(start(package)) == set()


def test_a_module_comes_with_what_it_imports_and_importlib_is_asked_for_few(package: Path) -> None:
    asked = asked_of_importlib(package)
    # Not each of more than a hundred: what is imported under a condition, in a function, or by user code.
    assert len(asked) <= 50
    assert len(set(asked)) == len(asked)
    thread = "import threading; gate = threading.Event(); threading.Thread(target=gate.wait, daemon=True).start()"
    # Beside another thread imports take the way that has locks.
    assert len(asked_of_importlib(package, before=thread)) > 100


def test_each_module_is_as_importlib_makes_it_and_runs_once(package: Path) -> None:
    report = """
import synapse_worker
names = ("__name__", "__file__", "__package__", "__path__")
made = {n: {k: getattr(m, k, None) for k in names} for n, m in sys.modules.items() if n.startswith("synapse_worker.")}
own = [n for n, m in sys.modules.items() if m is not getattr(sys.modules.get(n.rpartition(".")[0]), n.rpartition(".")[2], m)]
print(json.dumps({"made": made, "not of their package": own, "run": ran}, default=list))
"""
    count = """
import sys
sys.path.insert(0, sys.argv[1])
from synapse_worker import start_image
ran = []
run = start_image.StartImage.exec_module
def counted(image, module):
    ran.append(module.__name__)
    run(image, module)
start_image.StartImage.exec_module = counted
"""

    def made(*options: str) -> dict[str, Any]:
        program = count + START + report
        command = [sys.executable, "-I", *options, "-c", program, str(package.parent)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    found, usual = made(), made("-O")
    assert len(found["run"]) > 100
    assert len(set(found["run"])) == len(found["run"])
    assert usual["run"] == []
    assert found["made"] == usual["made"]
    assert found["not of their package"] == []


def test_what_fails_before_its_time_fails_again_where_it_is_imported(package: Path) -> None:
    source = package / "worker" / "collector.py"
    source.write_text(source.read_text() + "raise RuntimeError('as the source says')\n")
    start_image_writer.write(str(package))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        start(package)
    assert "RuntimeError: as the source says" in caught.value.stderr
    assert f'File "{package / "worker" / "native.py"}"' in caught.value.stderr


@pytest.mark.parametrize("needs", [None, 7, "no names", ["synapse_worker.none"], [[]], ["json"]])
def test_what_is_wrong_about_needs_costs_time_alone(package: Path, needs: object) -> None:
    image = package / IMAGE
    whole = image.read_bytes()
    index_bytes = int.from_bytes(whole[16:24], "little")
    index, known, *rest = marshal.loads(whole[32 : 32 + index_bytes])
    _rewrite(image, (index, dict.fromkeys(known, needs), *rest), whole[32 + index_bytes :])
    assert len(from_image(start(package))) > 100
    _rewrite(image, (index, needs, *rest), whole[32 + index_bytes :])
    assert from_image(start(package)) == set()


def _rewrite(image: Path, index: tuple[Any, ...], parts: bytes) -> None:
    head = marshal.dumps(index)
    sizes = b"".join(size.to_bytes(8, "little") for size in (len(head), index[2][0]))
    image.write_bytes(image.read_bytes()[:16] + sizes + head + parts)


def test_without_an_image_and_without_assertions_imports_are_as_ever(package: Path) -> None:
    assert from_image(start(package, "-O")) == set()
    (package / IMAGE).unlink()
    assert from_image(start(package)) == set()


def test_writing_it_again_gives_the_same_and_leaves_nothing_else(package: Path) -> None:
    start_image_writer.write(str(package))
    before = (package / IMAGE).read_bytes()
    start_image_writer.write(str(package))
    assert (package / IMAGE).read_bytes() == before
    assert [path.name for path in (package / "__pycache__").iterdir()] == [IMAGE.name]
