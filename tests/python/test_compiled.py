"""What serves a call is compiled for this interpreter, taken whole or not at all, and does what its sources say."""

from __future__ import annotations

import json
import marshal
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker import start_image_writer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
IMAGE = Path("__pycache__", f"start.{sys.implementation.cache_tag}.image")
LIBRARY = Path("compiled", sysconfig.get_config_var("EXT_SUFFIX")[1:])
CONTENTS = Path("compiled", "contents.json")
COMPILER = (sysconfig.get_config_var("CC") or "cc").split()[0]
HEADER = Path(sysconfig.get_path("include"), "Python.h")

# What a start of a native worker does, and then where each module came from.
START = """
import json, sys
sys.path.insert(0, sys.argv[1])
import synapse_worker
from synapse_worker import start_image
start_image.serve(synapse_worker.__path__[0])
exec(sys.argv[2])
from synapse_worker.worker.native import import_serving
import_serving()
import synapse_worker.protocol.codec.large_values
from synapse_worker.protocol.messages import Kind, encode_message
from synapse_worker.protocol.frames import FrameDecoder
assert len(FrameDecoder().feed(encode_message(Kind.CALL, 1, ["f", [], {}]))) == 1
found = {n: m.__file__ for n, m in sys.modules.items() if n.startswith("synapse_worker.")}
print(json.dumps([n for n, file in found.items() if file.endswith(".so")]))
"""

# Serves bursts of calls, and says what ran in the interpreter for the ninth of them.
COUNT = """
import json, sys
sys.path[:0] = sys.argv[1:3]
from synapse_worker import start_image
start_image.serve(sys.argv[1] + "/synapse_worker")
start_image.take_compiled()
from served_in_process import ServedInProcess
from synapse_worker import Module
# Time stands still, so that no reply leaves early because this machine is slow.
from itertools import repeat
from synapse_worker.peer import outbox
from synapse_worker.worker import burst, sync_calls
for module in (outbox, burst, sync_calls): module.perf_counter_ns = repeat(0).__next__
app = Module()
@app.method
def echo(value):
    return value
@app.method
def add(a: int, b: int) -> int:
    return a + b
worker = ServedInProcess(app, [[(sys.argv[3], json.loads(sys.argv[4]))] * int(sys.argv[5])] * 12)
worker.run()
print(json.dumps(worker.counts[8].python))
"""

pytestmark = pytest.mark.skipif(
    shutil.which(COMPILER) is None or not HEADER.is_file(),
    reason="there is no C compiler, or there are no headers of Python",
)


def compiled_in(package: Path, before: str = "") -> set[str]:
    """Return what comes from the library in a start, after some code has run."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", START, str(package.parent), before],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return set(json.loads(done.stdout)) - {"synapse_worker.compiled__mypyc"}


def modules_of(package: Path) -> set[str]:
    contents = json.loads((package / CONTENTS).read_text(encoding="utf-8"))
    return {f"synapse_worker.{module}" for module in contents["modules"]}


def test_all_that_is_compiled_comes_from_the_library(package: Path) -> None:
    assert "synapse_worker.worker.burst" in modules_of(package)
    assert compiled_in(package) == modules_of(package)


def test_it_does_not_import_what_only_the_compiler_needs(package: Path) -> None:
    # The codec does, where it is installed for all.
    without = "import msgspec; sys.modules['__future__'] = None"
    assert compiled_in(package, without) == modules_of(package)


def edit_a_source(package: Path) -> None:
    with (package / "worker" / "replies.py").open("a", encoding="utf-8") as file:
        file.write("# another\n")


def spoil(package: Path) -> None:
    library = package / LIBRARY
    status = library.stat()
    library.write_bytes(b"\0" * status.st_size)
    os.utime(library, ns=(status.st_atime_ns, status.st_mtime_ns))


def rename(package: Path) -> None:
    (package / LIBRARY).rename(package / "compiled" / "cpython-39-other.so")


def name_another_in_the_image(package: Path) -> None:
    _rewrite_library(package, lambda library: ("cpython-39-other.so", *library[1:]))
    shutil.copy2(package / LIBRARY, package / "compiled" / "cpython-39-other.so")


def name_an_unknown_module(package: Path) -> None:
    _rewrite_library(package, lambda library: (*library[:3], [*library[3], "synapse_worker.none"]))


def damage_the_entry(package: Path) -> None:
    _rewrite_library(package, lambda library: library[:2])


def _rewrite_library(package: Path, change: Callable[[Any], Any]) -> None:
    whole = (package / IMAGE).read_bytes()
    parts_at = 32 + int.from_bytes(whole[16:24], "little")
    *index, library = marshal.loads(whole[32:parts_at])
    head = marshal.dumps((*index, change(library)))
    sizes = len(head).to_bytes(8, "little") + whole[24:32]
    (package / IMAGE).write_bytes(whole[:16] + sizes + head + whole[parts_at:])


@pytest.mark.parametrize(
    "change",
    [
        edit_a_source,
        spoil,
        rename,
        name_another_in_the_image,
        name_an_unknown_module,
        damage_the_entry,
    ],
)
def test_what_does_not_fit_is_left_alone_all_of_it(
    package: Path, change: Callable[[Path], None]
) -> None:
    change(package)
    assert compiled_in(package) == set()


def test_beside_a_module_that_came_from_its_source_nothing_is_compiled(package: Path) -> None:
    assert compiled_in(package, "import synapse_worker.worker.context") == set()


def test_a_library_of_other_sources_is_not_put_into_the_image(package: Path) -> None:
    edit_a_source(package)
    start_image_writer.write(str(package))
    assert compiled_in(package) == set()


def test_a_library_that_is_not_whole_is_not_put_into_the_image(package: Path) -> None:
    os.truncate(package / LIBRARY, (package / LIBRARY).stat().st_size // 2)
    start_image_writer.write(str(package))
    assert compiled_in(package) == set()


@pytest.mark.parametrize("contents", ["", "{}"])
def test_contents_that_cannot_be_read_are_none(package: Path, contents: str) -> None:
    (package / CONTENTS).write_text(contents, encoding="utf-8")
    start_image_writer.write(str(package))
    assert compiled_in(package) == set()


def test_a_portable_image_has_it_too(package: Path) -> None:
    start_image_writer.write(str(package), portable=True)
    for file in package.rglob("*.*"):
        os.utime(file, (0, 0))
    assert compiled_in(package) == modules_of(package)


@pytest.mark.parametrize(
    ("method", "args"), [("echo", [{"symbol": "ACME", "tags": ["north"]}]), ("add", [1, 2])]
)
@pytest.mark.parametrize(("calls", "writes"), [(1, 1), (64, 4)])
def test_nothing_but_the_users_function_is_interpreted_for_a_call(
    package: Path, method: str, args: list[Any], calls: int, writes: int
) -> None:
    counting = [COUNT, str(package.parent), str(ROOT / "tests/python/worker")]
    done = subprocess.run(
        [sys.executable, "-I", "-c", *counting, method, json.dumps(args), str(calls)],
        capture_output=True,
        text=True,
        check=True,
    )
    # What waits: a signal that has come by then must be seen.
    waiting = {"ServeLoop._read": 1, "DescriptorTransport.read": 1}
    assert json.loads(done.stdout) == {
        method: calls,
        "DescriptorTransport.write": writes,
        **waiting,
    }


# What each of them finds by its name, in a dictionary or on an object, and how often. `Exception` and its like on the
# way to an error; the others where there is no other way.
FOUND_BY_NAME = {
    "burst___Burst___serve": ["Exception", "forked", "in_child", "run"],
    "call_forms___CallForms___decode": ["Exception", "decode_long", "memoryview"],
    "calls___Calls___on_call": ["start"],
    "frame_reader___FrameReader___read": ["read"],
    "frames___FrameDecoder___feed": ["check_frame_size", "memoryview"],
    "interruption___Interruptor___run": ["BaseException", "BaseException"],
    "large_values___LargeValueEncoder___encode": [
        "Exception",
        "LargeArrayError",
        "__enter__",
        "__exit__",
        "bounded_recursion",
        "encode",
    ],
    "messages___decode_header": ["ProtocolError", "ProtocolError", "name"],
    "outbox___Outbox___flush": ["OSError", "__enter__", "__exit__"],
    "outbox___Outbox___post": ["perf_counter_ns"],
    "replies___Replies___result": ["BaseException"],
}
# What serves a burst does the rest once, before the loop over its calls.
LOOP = {"burst___Burst___serve": "PyObject_IsTrue(cpy_r_arrived)"}
NAMES = re.compile(r"(\w+) = CPyStatics\[\d+\]; /\* '(\w+)' \*/")
FINDING = re.compile(
    r"(?:CPyDict_GetItem|CPyObject_GetAttr)\(\w+, (\w+)\)|PyObject_VectorcallMethod\((\w+),"
)


@pytest.fixture(scope="module")
def functions_in_c(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The text of each compiled function, by its name in C."""
    folder = tmp_path_factory.mktemp("c")
    done = subprocess.run(
        [sys.executable, "-c", "from compile_hot_path import to_c; to_c()"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (source,) = folder.glob("c/**/__native_compiled.c")
    head = r"^\w[^\n;]*CPyDef_(\w+)\([^\n;]*\) \{\n"
    found = re.findall(rf"{head}(.*?)^\}}", source.read_text(), re.MULTILINE | re.DOTALL)
    return dict(found)


@pytest.mark.parametrize("name", FOUND_BY_NAME)
def test_what_runs_for_each_call_finds_nothing_by_name_and_has_numbers_as_such(
    functions_in_c: dict[str, str], name: str
) -> None:
    function = functions_in_c[name]
    for_each_call = function[function.index(LOOP.get(name, "")) :]
    names = dict(NAMES.findall(function))
    found = [names["".join(register)] for register in FINDING.findall(for_each_call)]
    # A constant that is not declared `Final`, an import, an attribute of what is not compiled.
    assert sorted(found) == FOUND_BY_NAME[name]
    # A number of which the compiler knows no type is made an object for each step.
    assert re.findall(r"PyNumber_\w+|PyObject_RichCompare", for_each_call) == []


def test_without_a_compiler_it_is_said_what_that_means_and_what_to_do(tmp_path: Path) -> None:
    compiling = (
        "from pathlib import Path; from compile_hot_path import compiled; print(compiled(Path()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", compiling],
        cwd=tmp_path,
        env={**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    *said, library = done.stdout.splitlines()
    assert library == "None"
    assert said[0].endswith(f": there is no C compiler ({COMPILER}).")
    assert said[1].startswith("All works without it")
    assert said[1].endswith("rm .make/runtime && make runtime")
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_it_does_what_its_sources_do(package: Path) -> None:
    rooms = [f"tests/python/{room}" for room in ("peer", "protocol", "worker")]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-m",
            "not interpreted",
            *rooms,
        ],
        cwd=ROOT,
        env={**os.environ, "SYNAPSE_TESTED_PACKAGE": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
    assert " passed" in done.stdout
