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

from synapse_worker import start_image

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


def start(package: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", *options, "-c", START, str(package.parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def from_image(found: dict[str, Any]) -> set[str]:
    return {name for name, loader in found["loaders"].items() if loader == "StartImage"}


def test_all_that_a_worker_imports_comes_from_the_image(package: Path) -> None:
    found = start(package)
    others = set(found["loaders"]) - from_image(found)
    # What was there before the image was, and what it is made with.
    assert others == {"synapse_worker.version", "synapse_worker.start_image"}
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
    start_image.write(str(package), portable=True)
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
    index, library = marshal.loads(whole[32 : 32 + index_bytes])
    native, *others = (f"synapse_worker.worker.{n}" for n in ("native", "serving", "collector"))
    index[native] = index[native][:4]
    index[others[0]] = "no entry"
    index[others[1]] = ("0", *index[others[1]][1:])
    _rewrite(image, (index, library), whole[32 + index_bytes :])
    found = from_image(start(package))
    assert not found & {native, *others}
    assert "synapse_worker.worker" in found
    _rewrite(image, (list(index), library), whole[32 + index_bytes :])
    assert from_image(start(package)) == set()


def test_what_is_no_code_is_not_run(package: Path) -> None:
    image = package / IMAGE
    whole = image.read_bytes()
    index, _ = marshal.loads(whole[32 : 32 + int.from_bytes(whole[16:24], "little")])
    code = marshal.dumps("no code")
    entries = {name: (0, len(code), *entry[2:]) for name, entry in index.items()}
    _rewrite(image, (entries, None), code)
    assert from_image(start(package)) == set()


def _rewrite(image: Path, index: object, codes: bytes) -> None:
    head = marshal.dumps(index)
    sizes = b"".join(size.to_bytes(8, "little") for size in (len(head), len(codes)))
    image.write_bytes(image.read_bytes()[:16] + sizes + head + codes)


def test_without_an_image_and_without_assertions_imports_are_as_ever(package: Path) -> None:
    assert from_image(start(package, "-O")) == set()
    (package / IMAGE).unlink()
    assert from_image(start(package)) == set()


def test_writing_it_again_gives_the_same_and_leaves_nothing_else(package: Path) -> None:
    before = (package / IMAGE).read_bytes()
    start_image.write(str(package))
    assert (package / IMAGE).read_bytes() == before
    assert [path.name for path in (package / "__pycache__").iterdir()] == [IMAGE.name]
