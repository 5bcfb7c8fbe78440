"""Compile what serves a call into one shared library for this interpreter.

mypyc makes C of the same typed Python that is run elsewhere, so there is one source. The library is put into
a folder under the name of the interpreter that it fits, beside a list of its modules with the digest of the
sources it was made of; workers take it by way of their start image (`synapse_worker/start_image.py`) and do
without it wherever it does not fit. It is kept in `.make/compiled/` and made again when a source has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "python_side"
PACKAGE = "synapse_worker"
KEPT = ROOT / ".make" / "compiled"
TOOLS = ROOT / "requirements" / "dev.lock"
COMPILER_SETTINGS = frozenset({"CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "LDSHARED", "OPT"})
# The library that holds all of the code, by the name that mypyc's own import of it needs.
GROUP = f"{PACKAGE}.compiled"

# What runs for every call, and nothing that waits on the main thread: a signal that comes while compiled code runs
# is seen when that has returned, and a read that is entered by then would keep it waiting.
MODULES = (
    "peer.frame_reader",
    "peer.outbox",
    "peer.remembered",
    "protocol.codec.large_values",
    "protocol.frames",
    "protocol.limits",
    "protocol.messages",
    "worker.burst",
    "worker.call_forms",
    "worker.calls",
    "worker.context",
    "worker.interruption",
    "worker.late_flush",
    "worker.replies",
    "worker.served_method",
    "worker.sync_calls",
)
# What is said where nothing can be compiled, and how it can: a runtime that is staged is up to date for make.
NOT_COMPILED = f"What serves a call is not compiled for Python {sysconfig.get_python_version()}"
ALL_THE_SAME = "All works without it, but small calls take Python about twice the processor time."
HOW = (
    "To have it, install what is lacking (Debian, Ubuntu: apt install build-essential python3-dev), "
    "then: rm .make/runtime && make runtime"
)
FUTURE = "from __future__ import annotations\n"
# Where types come from that the compiler relies on.
ROOMS = ("peer", "protocol", "transport", "worker")

SHIMS = """\
/* Makes each module, by the function that mypyc's library has for it. */
#include <Python.h>
static PyObject *make(const char *attribute, const char *capsule_name) {
    PyObject *library = PyImport_ImportModule("%(library)s");
    if (library == NULL) return NULL;
    PyObject *capsule = PyObject_GetAttrString(library, attribute);
    Py_DECREF(library);
    if (capsule == NULL) return NULL;
    PyObject *(*init)(void) = (PyObject *(*)(void))PyCapsule_GetPointer(capsule, capsule_name);
    Py_DECREF(capsule);
    return init == NULL ? NULL : init();
}
"""
SHIM = """\
PyMODINIT_FUNC PyInit_%(name)s(void) { return make("init_%(full)s", "%(library)s.init_%(full)s"); }
"""


def put_compiled_hot_path(target: Path) -> None:
    """Put what is compiled into a folder, compiling it first if need be; without libraries where that is not to be had.

    What was compiled of the same sources for other interpreters, and lies in `.make/compiled/`, goes with it.
    """
    rooms = [SOURCES / PACKAGE / room for room in ROOMS]
    sources = sorted(source for room in rooms for source in room.rglob("*.py"))
    prefix = f"{digest_of([Path(__file__), TOOLS, *sources])[:16]}-"
    kept = KEPT / f"{prefix}{library_name()}"
    if not kept.is_file():
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob(f"*-{library_name()}"):
            old.unlink()
        with tempfile.TemporaryDirectory(prefix="compile-", dir=KEPT) as folder:
            built = compiled(Path(folder))
            if built is not None:
                os.replace(built, kept)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    libraries = {path.name.removeprefix(prefix): path for path in sorted(KEPT.glob(f"{prefix}*"))}
    for name, path in libraries.items():
        shutil.copyfile(path, target / name)
    contents = {
        "modules": MODULES,
        "sources": digest_of(paths(SOURCES)),
        "libraries": {name: digest_of([path]) for name, path in libraries.items()},
    }
    (target / "contents.json").write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
    # Of the part of mypyc that each library has in it.
    (target / "LICENSE.mypyc").write_text(license_of("mypy"), encoding="utf-8")


def license_of(distribution: str) -> str:
    """Return the text under which an installed distribution may be used."""
    files = metadata.distribution(distribution).files or []
    (found,) = [file for file in files if file.match("*.dist-info/licenses/LICENSE")]
    return found.read_text()


def library_name() -> str:
    """Return the file's name, which says what interpreter it fits: `cpython-311-x86_64-linux-gnu.so`."""
    suffix: str = sysconfig.get_config_var("EXT_SUFFIX")
    return suffix.lstrip(".")


def paths(root: Path) -> list[Path]:
    """Return the sources of the modules, below `root`."""
    return [root.joinpath(PACKAGE, *name.split(".")).with_suffix(".py") for name in MODULES]


def digest_of(sources: list[Path]) -> str:
    """Return a sha256 over files, one after the other."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def compiled(folder: Path) -> Path | None:
    """Compile in a folder and return the library; say why, and return None, where that cannot be done."""
    header = Path(sysconfig.get_path("include")) / "Python.h"
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    lacks = [] if shutil.which(compiler) else [f"no C compiler ({compiler})"]
    lacks += [] if header.is_file() else [f"no header of Python ({header})"]
    if lacks:
        print(f"{NOT_COMPILED}: there is {' and '.join(lacks)}.\n{ALL_THE_SAME} {HOW}")
        return None
    # Equal sources give an equal file, whatever somebody has set for other programs.
    env = {name: value for name, value in os.environ.items() if name not in COMPILER_SETTINGS}
    build = [sys.executable, __file__]
    done = subprocess.run(build, cwd=folder, env=env, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{done.stdout}{done.stderr}{NOT_COMPILED}: see above.\n{ALL_THE_SAME}")
        return None
    (library,) = folder.glob("out/**/*.so")
    return library


def to_c() -> Any:
    """Make C of the modules, below `c` in the current folder; return the extension that setuptools makes of it."""
    from mypyc.build import mypycify

    shutil.copytree(SOURCES / PACKAGE, PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for path in paths(Path()):
        # Annotations are the compiler's business alone; `__future__` would be imported at each start.
        path.write_text(path.read_text("utf-8").replace(FUTURE, "\n" * FUTURE.count("\n")), "utf-8")
    sources = [str(path) for path in paths(Path())]
    whole, *_ = mypycify(
        ["--strict", "--python-version=3.10", *sources],
        group_name=GROUP,
        opt_level="2",
        debug_level="0",
        target_dir="c",
    )
    return whole


def build() -> None:
    """Make C of the modules, and a library of that, in the current folder."""
    from setuptools import Distribution, Extension  # type: ignore[import-untyped]
    from setuptools.command.build_ext import build_ext  # type: ignore[import-untyped]

    whole = to_c()
    library = whole.name
    lines = [SHIMS % {"library": library}]
    for module in MODULES:
        full = f"{PACKAGE}.{module}"
        name = {
            "name": full.rpartition(".")[2],
            "full": full.replace(".", "___"),
            "library": library,
        }
        lines.append(SHIM % name)
    Path("shims.c").write_text("".join(lines), encoding="utf-8")
    # A compiler that warns of more than those that mypyc knows is no reason to have no library.
    flags = [flag for flag in whole.extra_compile_args if flag != "-Werror"]
    extension = Extension(
        library,
        [*whole.sources, "shims.c"],
        include_dirs=whole.include_dirs,
        extra_compile_args=[*flags, "-fvisibility=hidden"],
        extra_link_args=["-s"],
    )
    command = build_ext(Distribution({"name": PACKAGE, "ext_modules": [extension]}))
    command.build_lib = "out"
    command.build_temp = "objects"
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    build()
