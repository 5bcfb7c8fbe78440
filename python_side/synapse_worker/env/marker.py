"""The marker `<dir>/.venv/synapse.json`: whose environment this is and what it was built from.

It is written first with state "building" (ownership) and last with state "ready" (completeness),
each time by an atomic rename, so a build killed at any instant is never taken for a good one.
Node reads the same file and only verifies it. A `.venv` without a marker is the user's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from .discovery.platform import Platform
from .errors import unwritable
from .layout import VENV_NAME
from .sources.inputs import Input

FORMAT = 1
State = Literal["building", "ready"]
# What the annotations of plain fields allow in the file.
_PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "str | None": (str, type(None)),
    "int | None": (int, type(None)),
}
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){1,2}")


@dataclass(frozen=True)
class RuntimeIdentity:
    """Which build of our own wheel is in the environment."""

    version: str
    sha256: str


@dataclass(frozen=True)
class InterpreterIdentity:
    """The environment's interpreter and the base it depends on."""

    path: str
    version: str
    base: str
    base_size: int
    base_mtime_ns: int
    # Of a relocatable environment: the loader its binaries need, which tells platform and libc.
    loader: str | None = None


@dataclass(frozen=True)
class Launch:
    """How a worker process is started: `[python, script, …]`."""

    python: str
    script: str


@dataclass(frozen=True)
class Codec:
    """The MessagePack library workers will use."""

    name: str
    version: str
    private: bool


@dataclass(frozen=True)
class Marker:
    """One environment's identity card. Fields are None until the build has reached them."""

    state: State
    owned: bool
    directory: str
    runtime: RuntimeIdentity | None = None
    inputs: tuple[Input, ...] = ()
    python_request: str | None = None
    interpreter: InterpreterIdentity | None = None
    launch: Launch | None = None
    codec: Codec | None = None
    backend: str | None = None
    built_at: str | None = None
    # Hash of the requirement lines themselves: an edit of the entrypoint or of another table of
    # pyproject.toml changes an input but needs no tool to run.
    requirements_sha256: str | None = None
    # The home in the cache whose environment this module shares; its own `.venv` then holds no more
    # than this marker.
    shared: str | None = None
    # The environment was made to be carried elsewhere: paths are relative to the module's folder,
    # and neither that folder nor the base interpreter has to be the one it was built with.
    relocatable: bool = False
    # Of a relocatable one: what its compiled packages need of an interpreter.
    platform: Platform | None = None

    def located(self, directory: Path) -> Marker:
        """Return this marker with the paths it has for a module that stands in `directory`."""
        if not self.relocatable or self.interpreter is None or self.launch is None:
            return self
        return replace(
            self,
            directory=str(directory),
            interpreter=replace(
                self.interpreter, path=os.path.join(directory, self.interpreter.path)
            ),
            launch=Launch(
                python=os.path.join(directory, self.launch.python),
                script=os.path.join(directory, self.launch.script),
            ),
        )

    def environment(self, directory: Path) -> Path:
        """Return the folder of packages that the module in `directory` runs with."""
        if self.interpreter is None:
            return directory / VENV_NAME
        venv = Path(os.path.dirname(os.path.dirname(self.interpreter.path)))
        is_own = os.path.realpath(venv.parent) == os.path.realpath(directory)
        return directory / VENV_NAME if is_own else venv

    def building(self) -> Marker:
        """Return this marker as it must read while the environment is being changed."""
        return replace(self, state="building")

    def to_json(self) -> dict[str, object]:
        """Return the JSON form (format 1)."""
        fields: dict[str, Any] = asdict(self)
        fields["inputs"] = [entry.to_json() for entry in self.inputs]
        if self.interpreter is not None and self.interpreter.loader is None:
            del fields["interpreter"]["loader"]
        for optional in ("shared", "relocatable", "platform"):
            if not fields[optional]:
                del fields[optional]
        return {"format": FORMAT, **fields}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Marker:
        """Read the JSON form.

        Raises:
            ValueError: the data is not a marker of this format.
        """
        if data.get("format") != FORMAT or data.get("state") not in ("building", "ready"):
            raise ValueError("not a marker of format 1")
        try:
            marker = cls(
                state=data["state"],
                owned=data["owned"] is True,
                directory=data["directory"],
                runtime=_part(RuntimeIdentity, data.get("runtime")),
                inputs=tuple(_checked(Input.from_json(entry)) for entry in _list(data, "inputs")),
                python_request=data.get("python_request"),
                interpreter=_part(InterpreterIdentity, data.get("interpreter")),
                launch=_part(Launch, data.get("launch")),
                codec=_part(Codec, data.get("codec")),
                backend=data.get("backend"),
                built_at=data.get("built_at"),
                requirements_sha256=data.get("requirements_sha256"),
                shared=data.get("shared"),
                relocatable=data.get("relocatable") is True,
                platform=_part(Platform, data.get("platform")),
            )
            if marker.interpreter is not None:
                _require(_VERSION.fullmatch(marker.interpreter.version) is not None, "a version")
            _checked(marker)
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"marker lacks or misspells a field: {problem}") from problem
        return marker


def _part(kind: Any, data: dict[str, Any] | None) -> Any:
    """Build one nested part, or None where the build had not reached it."""
    return None if data is None else _checked(kind(**data))


def _list(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name, [])
    _require(isinstance(found, list), f"a list in {name}")
    return list(found)


def _checked(part: Any) -> Any:
    """Return a part whose plain fields are what they are declared to be, and whose texts can be paths."""
    for field in fields(part):
        value, kinds = getattr(part, field.name), _PLAIN.get(str(field.type))
        _require(kinds is None or isinstance(value, kinds), f"another kind of {field.name}")
        if isinstance(value, str):
            _require(b"\0" not in os.fsencode(value), f"a {field.name} without NUL")
    return part


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"a marker needs {what}")


def read_marker(path: Path) -> Marker | None:
    """Return the marker at `path`, or None when there is none that we can read.

    An unreadable or foreign marker counts as none, which makes the environment the user's own:
    when in doubt nothing is deleted.
    """
    if not os.path.isfile(path):  # a pipe would be waited for, for ever
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Marker.from_json(data) if isinstance(data, dict) else None
    except (OSError, ValueError, RecursionError):
        return None


def write_marker(path: Path, marker: Marker) -> None:
    """Put a marker in place atomically and durably.

    Raises:
        ModuleEnvironmentError: the folder cannot be written (`ENVIRONMENT_UNWRITABLE`).
    """
    temporary = path.with_name(path.name + ".new")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(marker.to_json(), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise unwritable(path, problem) from problem
