"""Make the image that workers start from (`start_image`, which says what is in it)."""

from __future__ import annotations
import __future__

import ast
import hashlib
import json
import marshal
import os
from typing import TYPE_CHECKING, Literal

from synapse_worker.start_image import (
    ANY_TIME,
    COMPILED,
    IMAGE_FILE,
    MASK,
    SIZE_BYTES,
    library_name,
    magic,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import CodeType

    from synapse_worker.start_image import Index, Library, Needs

# Why a package has no library that fits: none for this interpreter, not what was packed, other sources.
Lack = Literal["missing", "damaged", "edited"]
# What runs in a worker. The others are the business of the command line.
ROOMS = ("conversion", "peer", "protocol", "schema", "transport", "worker")
# What a start asks importlib for: of a raw script, of a native module besides, of a typed one besides.
_RAW = (
    "worker.collector",
    "worker.terminal",
    "worker.boot",
    "worker.raw.launcher",
    "worker.raw.script",
)
_NATIVE = (
    "worker.native",
    "worker.call_ledger",
    "worker.hooks",
    "worker.importing",
    "worker.module",
    "worker.event_loop",
    "worker.log_forwarding",
    "worker.serving",
    "worker.zygote.main",
    "protocol.codec.msgspec_binding",
    "protocol.codec.msgspec_core",
    "protocol.codec.walker",
    "protocol.codec.large_values",
)
# Those of `first_calls.FOR_ANNOTATIONS`; a test holds all three against what workers import.
_TYPED = (
    "schema.describe",
    "schema.fingerprint",
    "schema.classes.families",
    "conversion",
    "conversion.unknowns",
)
# Beside the libraries: the list of what is in them.
_CONTENTS = "contents.json"


def write(package: str, *, portable: bool = False) -> None:
    """Make the image of `package`, the folder of ours; it appears whole or not at all.

    A `portable` one holds for sources of any time, and names no place: equal sources give equal bytes, as far as
    `marshal` does (not that of Python 3.10).

    Raises:
        OSError: it cannot be written.
    """
    codes: dict[str, CodeType] = {}
    imported: Needs = {}
    states: dict[str, tuple[bool, int, int]] = {}
    sources = list(_sources(package))
    # By themselves: what is the same object is in the index once.
    names = {name: name for name, _, _ in sources}
    for name, source, is_package in sources:
        # Before it is read: should it change meanwhile, it is the old one that no longer fits.
        states[name] = (is_package, *_size_and_time(source, portable=portable))
        shown = name if portable else source
        with open(source, "rb") as file:
            tree = ast.parse(file.read(), shown)
        imported[name] = tuple(_imported(tree, name, is_package, names))
        codes[name] = _compiled(tree, shown)
    found = library_of(package, portable=portable)
    library = found if isinstance(found, tuple) else None
    parts = _parts(os.path.basename(package), imported, library[-1] if library else [])
    index: Index = {
        name: (number, *states[name]) for number, part in enumerate(parts) for name in part
    }
    needs = {name: tuple(filter(index.__contains__, imported[name])) for name in index}
    contents = [marshal.dumps({name: codes[name] for name in part}) for part in parts]
    head = marshal.dumps((index, needs, list(map(len, contents)), library))
    target = os.path.join(package, IMAGE_FILE)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    temporary = f"{target}.{os.getpid()}"
    with open(temporary, "wb") as file:
        sizes = (size.to_bytes(SIZE_BYTES, "little") for size in (len(head), len(contents[0])))
        file.writelines((magic(), *sizes, head, *contents))
    os.replace(temporary, target)


def _compiled(tree: ast.Module, shown: str) -> CodeType:
    """Compile a module. What it imports from `__future__` the compiler is told, and nothing imports it at a start."""
    flags, body = 0, []
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
        else:
            body.append(statement)
    rest = ast.Module(body, type_ignores=[])
    code: CodeType = compile(rest, shown, "exec", flags, dont_inherit=True)
    return code


def _parts(top: str, imported: Needs, compiled: Sequence[str]) -> list[Sequence[str]]:
    """Tell which modules go into which part: what each kind of start asks for, and what that needs at its top.

    What a library was made of is the last part, read where the library does not fit. All else comes as ever.
    """
    found = set()

    def needed_by(name: str) -> Iterator[str]:
        if name in imported and name not in found:
            found.add(name)
            if name not in compiled:
                yield name
            for other in (name.rpartition(".")[0], *imported[name]):
                yield from needed_by(other)

    kinds = (_RAW, _NATIVE, _TYPED)
    parts = [[name for asked in kind for name in needed_by(f"{top}.{asked}")] for kind in kinds]
    return [*parts, compiled]


def _imported(
    tree: ast.Module, name: str, is_package: bool, known: Mapping[str, str]
) -> Iterator[str]:
    """Find the known modules that a module imports at its top, whatever becomes of it: under no condition, in no function."""
    found = set()
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            asked = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            up = statement.level - is_package
            package = name.split(".")[: -up or None] if statement.level else []
            origin = ".".join([*package, *filter(None, [statement.module])])
            asked = [origin, *(f"{origin}.{alias.name}" for alias in statement.names)]
        else:
            continue
        for module in asked:
            if module in known and module not in found:
                found.add(module)
                yield known[module]


def library_of(package: str, *, portable: bool = False) -> Library | Lack:
    """Return the package's library for this interpreter, made of the sources that are there; or why there is none."""
    name = library_name()
    file = os.path.join(package, COMPILED, name)
    if not os.path.isfile(file):
        return "missing"
    try:
        size, time = _size_and_time(file, portable=portable)
        with open(os.path.join(package, COMPILED, _CONTENTS), encoding="utf-8") as text:
            contents = json.load(text)
        modules, digest = contents["modules"], hashlib.sha256()
        for module in modules:
            with open(f"{os.path.join(package, *module.split('.'))}.py", "rb") as source:
                digest.update(source.read())
        with open(file, "rb") as library:
            is_whole = contents["libraries"][name] == hashlib.sha256(library.read()).hexdigest()
        of_these = contents["sources"] == digest.hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return "damaged"
    if not (is_whole and of_these):
        return "edited" if is_whole else "damaged"
    top = os.path.basename(package)
    return name, size, time, [f"{top}.{module}" for module in modules]


def _size_and_time(file: str, *, portable: bool) -> tuple[int, int]:
    status = os.stat(file)
    return status.st_size & MASK, ANY_TIME if portable else int(status.st_mtime) & MASK


def _sources(package: str) -> Iterator[tuple[str, str, bool]]:
    """Find name, path and whether it is a package, of all that a worker may import."""
    top = os.path.basename(package)
    for entry in sorted(os.listdir(package)):
        if entry.endswith(".py") and not entry.startswith("__"):
            yield f"{top}.{entry[:-3]}", os.path.join(package, entry), False
    for room in ROOMS:
        for folder, folders, files in os.walk(os.path.join(package, room)):
            folders.sort()
            name = ".".join((top, *os.path.relpath(folder, package).split(os.sep)))
            for file in sorted(files):
                path = os.path.join(folder, file)
                if file == "__init__.py":
                    yield name, path, True
                elif file.endswith(".py"):
                    yield f"{name}.{file[:-3]}", path, False
