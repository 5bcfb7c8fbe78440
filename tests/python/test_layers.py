"""Arrows point down, in both wings: who may import whom, and nobody in a circle.

protocol ← transport, schema ← peer ← worker | client | supervisor ← gateway, engine ← cli;
`env` and `supervisor` do not know each other, and the core of the TypeScript wing knows no runtime.
`env` has rooms of its own, with arrows of their own; and nowhere in Python do the rooms of one folder import
one another in a circle.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "python_side" / "synapse_worker"
TYPESCRIPT = ROOT / "js" / "src"

# Floor → the floors it may import. A floor that is not listed fails the test: place it here first.
PYTHON_ARROWS: dict[str, set[str]] = {
    "version": set(),
    "frozen": set(),
    "plain_json": set(),
    "plain_sha256": set(),
    "start_image": set(),
    "start_image_writer": {"start_image"},
    "protocol": {"version", "frozen"},
    "transport": {"protocol"},
    "peer": {"protocol", "transport", "version"},
    "schema": {"protocol", "frozen", "plain_json", "plain_sha256"},
    "conversion": {"schema", "protocol", "frozen"},
    "typescript": {"schema", "protocol", "version", "frozen"},
    "worker": {
        *("protocol", "transport", "peer", "schema", "conversion"),
        *("start_image", "version", "plain_json"),
    },
    "supervisor": {"protocol", "transport", "peer", "version"},
    "env": {"protocol", "start_image_writer", "version"},
    "bundle": {"env"},
    "doctor": {
        *("protocol", "start_image", "start_image_writer", "env", "typescript", "worker"),
        "version",
    },
    "testing": {"protocol", "transport", "peer", "schema", "conversion", "worker", "version"},
    "cli": {
        *("protocol", "schema", "typescript", "worker", "supervisor", "env", "bundle"),
        *("doctor", "version"),
    },
    "__main__": {"cli"},
    # The front door: lazy, so its arrows are those of the user's API.
    "__init__": {"protocol", "schema", "conversion", "worker", "version"},
}
# The rooms of `env` → the rooms of it that they may import, lowest first; then who looks in from outside.
ENV_ARROWS: dict[str, set[str]] = {
    # What everybody may know.
    "redaction": set(),
    "errors": {"redaction"},
    "events": set(),
    "layout": {"errors"},
    "swap": set(),
    "wheel": {"errors"},
    # What a module asks for, what runs tools, and which Pythons there are.
    "sources": {"errors"},
    "tools": {"redaction", "errors", "events", "layout"},
    "discovery": {"errors", "sources"},
    "lock_holder": {"redaction"},
    "directory_lock": {"errors", "layout", "lock_holder"},
    # What an environment is, where it stands, and whether it is ready.
    "marker": {"errors", "layout", "sources", "discovery"},
    "runtime": {"errors", "marker", "wheel"},
    "homes": {"errors", "layout", "marker"},
    "expectation": {"layout", "marker"},
    "status": {"errors", "layout", "sources", "discovery", "marker", "homes", "expectation"},
    "inventory": {"layout", "marker", "homes", "expectation", "status"},
    # What makes one.
    "backends": {
        *("errors", "events", "layout", "sources", "tools", "discovery", "directory_lock"),
        "runtime",
    },
    "build": {
        *("redaction", "errors", "events", "layout", "wheel", "sources", "tools", "discovery"),
        *("directory_lock", "marker", "homes", "expectation", "status", "backends"),
    },
    "relocation": {
        *("errors", "events", "layout", "discovery", "directory_lock", "marker", "homes"),
        *("expectation", "status"),
    },
    "locking": {
        *("errors", "swap", "sources", "tools", "discovery", "directory_lock", "backends"),
        "build",
    },
    # What is asked of the floor, and the doors that answer.
    "request": {"errors", "sources", "directory_lock", "expectation", "backends"},
    "workshop": {
        *("errors", "events", "tools", "directory_lock", "runtime", "backends", "build"),
        "request",
    },
    "occupants": {"lock_holder"},
    "cleaning": {
        *("errors", "layout", "directory_lock", "homes", "inventory", "occupants", "build"),
    },
    "lock": {
        *("events", "sources", "tools", "discovery", "backends", "locking", "request"),
        "workshop",
    },
    "export": {
        *("events", "layout", "sources", "tools", "discovery", "backends", "locking"),
        *("request", "workshop"),
    },
    "sync": {
        *("errors", "events", "sources", "tools", "directory_lock", "marker", "runtime"),
        *("homes", "expectation", "status", "backends", "build", "relocation", "locking"),
        "request",
    },
    "__init__": {
        *("errors", "events", "sources", "tools", "marker", "status", "locking", "request"),
        *("lock", "export", "sync"),
    },
    # A bundle is an environment that is built elsewhere: it goes where `sync` goes.
    "bundle": {
        *("__init__", "redaction", "errors", "events", "layout", "swap", "wheel", "sources"),
        *("tools", "discovery", "marker", "runtime", "expectation", "status", "backends", "build"),
        *("relocation", "locking", "export", "sync"),
    },
    # The doctor looks at everything and builds nothing.
    "doctor": {
        *("__init__", "redaction", "errors", "layout", "sources", "tools", "discovery"),
        *("lock_holder", "marker", "runtime", "homes", "status", "backends", "locking"),
    },
    # Commands go through the door, but for what only a person at a terminal asks for.
    "cli": {"__init__", "events", "sources", "inventory", "cleaning"},
}
TYPESCRIPT_ARROWS: dict[str, set[str]] = {
    "core/version": set(),
    "core/async-dispose": set(),
    "core/name-map": set(),
    "core/protocol": {"core/version"},
    "core/worker-status": set(),
    "core/call-timeout": {"core/worker-status"},
    "core/errors": {"core/protocol", "core/call-timeout", "core/worker-status"},
    "core/transport": {"core/protocol"},
    "core/schema": {"core/protocol", "core/errors"},
    "core/peer": {"core/protocol", "core/transport", "core/errors", "core/version"},
    "core/client": {
        *("core/protocol", "core/peer", "core/schema", "core/transport", "core/errors"),
        *("core/async-dispose", "core/version", "core/call-timeout", "core/worker-status"),
    },
    "node/own-command": set(),
    "node/transport": {"core"},
    "node/env": {"core/protocol", "core/errors", "core/version"},
    "node/observe": {"core"},
    "node/supervisor": {"core", "node/transport", "node/observe", "node/own-command"},
    "node/connect": {"core", "node/env", "node/supervisor", "node/transport", "node/observe"},
    "node/synapse": {"core", "node/connect", "node/env", "node/supervisor", "node/observe"},
    "node/cli": {"core/protocol", "node/env"},
    "node/register": {"core", "node/connect", "node/env", "node/own-command"},
    "testing": {"core"},
    "index": {"core", "node/connect", "node/env", "node/supervisor", "node/synapse"},
}

# What would make protocol code impure: sockets, clocks, randomness, tasks, logging, environment.
IMPURE = {
    *("asyncio", "io", "logging", "multiprocessing", "random", "secrets", "select"),
    *("selectors", "signal", "socket", "subprocess", "tempfile", "threading", "time"),
}
# All that protocol code may have of `os`: naming paths, which touches no file.
PATH_NAMES = {"PathLike", "fspath", "fsdecode", "path.abspath", "path.dirname"}


def python_imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, type-checking imports included."""
    package = path.relative_to(PYTHON.parent).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join((*start, *([node.module] if node.module else [])))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def python_files() -> list[Path]:
    return sorted(path for path in PYTHON.rglob("*.py") if "_templates" not in path.parts)


def python_module(dotted: str) -> Path | None:
    """Return the file of ours that a dotted name leads to, or None for a stranger's."""
    parts = dotted.split(".")
    while len(parts) > 1 and parts[0] == PYTHON.name:
        path = PYTHON.parent.joinpath(*parts)
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.is_file():
                return candidate
        parts.pop()
    return None


def python_graph() -> dict[Path, set[Path]]:
    graph: dict[Path, set[Path]] = {}
    for path in python_files():
        targets = {python_module(name) for name in python_imports(path)}
        graph[path] = {target for target in targets if target is not None and target != path}
    return graph


def typescript_imports(path: Path) -> list[str]:
    """Return the specifiers a file imports, exports from, or imports later."""
    text = path.read_text(encoding="utf-8")
    pattern = (
        r"""^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]"""
        r"""|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]"""
    )
    return [next(filter(None, found)) for found in re.findall(pattern, text, re.MULTILINE)]


def typescript_graph() -> dict[Path, set[Path]]:
    graph: dict[Path, set[Path]] = {}
    for path in sorted(TYPESCRIPT.rglob("*.ts")):
        relative = [name for name in typescript_imports(path) if name.startswith(".")]
        graph[path] = {(path.parent / name).resolve().with_suffix(".ts") for name in relative}
    return graph


def python_floor(path: Path) -> str:
    return path.relative_to(PYTHON).parts[0].removesuffix(".py")


def env_floor(path: Path) -> str:
    """Return the room of `env`, or the floor outside of it."""
    parts = path.relative_to(PYTHON).parts
    return parts[1 if parts[0] == "env" else 0].removesuffix(".py")


def env_graph() -> dict[Path, set[Path]]:
    """Return who imports rooms of `env`: they themselves, and the floors that look in."""
    rooms = PYTHON / "env"
    return {
        path: {target for target in targets if target.is_relative_to(rooms)}
        for path, targets in python_graph().items()
        if python_floor(path) in {"env", "bundle", "doctor", "cli"}
    }


def neighbours(graph: dict[Path, set[Path]], folder: Path) -> dict[Path, set[Path]]:
    """Return the graph of what stands side by side in a folder: files, and rooms as one."""

    def entry(path: Path) -> Path:
        return folder / path.relative_to(folder).parts[0]

    found: dict[Path, set[Path]] = {}
    for path, targets in graph.items():
        if path.is_relative_to(folder):
            inside = {entry(target) for target in targets if target.is_relative_to(folder)}
            found.setdefault(entry(path), set()).update(inside - {entry(path)})
    return found


def typescript_floor(path: Path) -> str:
    parts = path.relative_to(TYPESCRIPT).with_suffix("").parts
    return "/".join(parts[:2] if parts[0] in ("core", "node") else parts[:1])


def climbing(
    graph: dict[Path, set[Path]], floor: Callable[[Path], str], arrows: dict[str, set[str]]
) -> Iterator[str]:
    """Yield each import that no arrow allows."""
    for path, targets in graph.items():
        here = floor(path)
        if here not in arrows:
            yield f"{path.relative_to(ROOT)} is on no floor"
            continue
        for target in sorted(targets):
            there = floor(target)
            if there != here and not arrows[here] & {there, there.split("/")[0]}:
                yield f"{path.relative_to(ROOT)} imports {target.relative_to(ROOT)}"


def cycle(graph: dict[Path, set[Path]]) -> list[str]:
    """Return one import circle, or nothing."""
    done: set[Path] = set()

    def visit(path: Path, trail: list[Path]) -> list[Path]:
        if path in trail:
            return [*trail[trail.index(path) :], path]
        if path in done:
            return []
        for target in sorted(graph.get(path, ())):
            if found := visit(target, [*trail, path]):
                return found
        done.add(path)
        return []

    for path in graph:
        if found := visit(path, []):
            return [str(entry.relative_to(ROOT)) for entry in found]
    return []


def test_python_floors_import_only_floors_below_them() -> None:
    assert list(climbing(python_graph(), python_floor, PYTHON_ARROWS)) == []


def test_the_rooms_of_env_import_only_rooms_below_them() -> None:
    assert list(climbing(env_graph(), env_floor, ENV_ARROWS)) == []


def test_typescript_floors_import_only_floors_below_them() -> None:
    assert list(climbing(typescript_graph(), typescript_floor, TYPESCRIPT_ARROWS)) == []


def test_a_climbing_import_would_be_noticed() -> None:
    graph = {PYTHON / "env" / "sync.py": {PYTHON / "supervisor" / "handle.py"}}
    found = list(climbing(graph, python_floor, PYTHON_ARROWS))
    assert [line.split(" imports ")[0] for line in found] == [
        "python_side/synapse_worker/env/sync.py"
    ]


def test_no_python_module_imports_itself_in_a_circle() -> None:
    assert cycle(python_graph()) == []


@pytest.mark.parametrize("wing", [python_graph, typescript_graph])
def test_no_room_imports_its_neighbours_in_a_circle(
    wing: Callable[[], dict[Path, set[Path]]],
) -> None:
    graph = wing()
    folders = {folder for path in graph for folder in path.parents if ROOT in folder.parents}
    circles = [cycle(neighbours(graph, folder)) for folder in sorted(folders)]
    assert [circle for circle in circles if circle] == []


def test_a_circle_of_rooms_would_be_noticed() -> None:
    env = PYTHON / "env"
    graph = {
        env / "marker.py": {env / "sources" / "inputs.py"},
        env / "sources" / "inputs.py": {env / "errors.py"},
        env / "sources" / "requirements.py": {env / "marker.py"},
    }
    assert cycle(graph) == []
    assert cycle(neighbours(graph, env)) == [
        "python_side/synapse_worker/env/marker.py",
        "python_side/synapse_worker/env/sources",
        "python_side/synapse_worker/env/marker.py",
    ]


def test_no_typescript_file_imports_itself_in_a_circle_not_even_by_type() -> None:
    assert cycle(typescript_graph()) == []


def test_a_circle_would_be_noticed() -> None:
    a, b, c = (PYTHON / name for name in ("a.py", "b.py", "c.py"))
    assert cycle({a: {b}, b: {c}, c: {b}}) == [
        "python_side/synapse_worker/b.py",
        "python_side/synapse_worker/c.py",
        "python_side/synapse_worker/b.py",
    ]


def test_every_relative_typescript_import_leads_to_a_file() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {target.name}"
        for path, targets in typescript_graph().items()
        for target in targets
        if not target.is_file()
    ]
    assert lost == []


@pytest.mark.parametrize(
    "path", sorted((PYTHON / "protocol").rglob("*.py")), ids=lambda path: path.name
)
def test_protocol_code_does_no_input_or_output(path: Path) -> None:
    tops = {name.split(".")[0] for name in python_imports(path)}
    assert tops & IMPURE == set()
    used = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    used |= {name.removeprefix("os.") for name in python_imports(path) if name.startswith("os.")}
    assert used <= PATH_NAMES


@pytest.mark.parametrize("name", ["frames", "limits", "errors"])
def test_what_the_raw_launcher_may_use_needs_the_standard_library_only(name: str) -> None:
    graph = python_graph()
    todo, seen = [PYTHON / "protocol" / f"{name}.py"], set[Path]()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        todo.extend(graph[path])
        tops = {name.split(".")[0] for name in python_imports(path)}
        foreign = tops - sys.stdlib_module_names - {"synapse_worker"}
        assert foreign == set(), f"{path.name} imports {foreign}"


def test_the_typescript_core_knows_no_runtime() -> None:
    graph = typescript_graph()
    core = [path for path in graph if typescript_floor(path).startswith("core")]
    assert core, "the core has moved: this test looks in the wrong place"
    for path in core:
        packages = [name for name in typescript_imports(path) if not name.startswith(".")]
        assert packages == [], f"{path.relative_to(ROOT)} imports {packages}"
        code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        names = re.findall(
            r"(?<![\w.'\"`$])(?:(?:Buffer|process|document|window)[.\[]|require\()", code
        )
        assert names == [], f"{path.relative_to(ROOT)} uses {names}"


def test_index_files_list_names_and_hold_no_logic() -> None:
    for path in TYPESCRIPT.rglob("index.ts"):
        code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "*" not in code, f"{path.relative_to(ROOT)} re-exports everything"
        rest = re.sub(r"export (type )?\{[^}]*\} from '[^']+';|import '[^']+';", "", code)
        assert rest.strip() == "", f"{path.relative_to(ROOT)} holds more than names"
    for path in PYTHON.rglob("*.py"):
        assert not re.search(r"^from .* import \*", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_no_file_is_named_for_nothing() -> None:
    forbidden = {"utils", "util", "helpers", "common", "misc", "manager", "base", "service"}
    sources = [*PYTHON.rglob("*.py"), *TYPESCRIPT.rglob("*.ts")]
    assert [path for path in sources if {path.stem, path.parent.name} & forbidden] == []
