"""Writes a project from a template: copies its files and fills in two lines of package.json.

Templates are real, runnable projects, kept in `templates/` of a checkout and inside the wheel.
"""

from __future__ import annotations

import errno
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.version import __version__

PACKAGE = "synapse-worker"
# What there is to start from, the simplest first.
TEMPLATES = {
    "module": "decorated functions and a typed client: a stream, progress, exceptions",
    "node-app": "an HTTP service (Fastify): validation, timeouts, streaming, health, shutdown",
    "ml": "scikit-learn: training with progress, batches of NumPy arrays as typed arrays",
    "data": "pandas and Arrow: tables there and back, a query, a stream of batches",
    "raw": "a script that reads and writes length-prefixed MessagePack on stdin and stdout",
}
_PACKAGE_FILE = "package.json"
# What npm, too, takes for a path; a version, a tag or an address is left to npm.
_PATH = re.compile(r"file:|\.{0,2}/|~/|(?![\w+]+:).*\.(?:tgz|tar\.gz)$")
_HERE = Path(__file__).resolve().parent.parent
# A file that git, a package build or a runner of tests would act on where the template lies is kept under
# another name: Jest and Vitest look into the .venv of a module, too.
_IGNORE_FILE = "_gitignore"
_TYPESCRIPT_TEST = re.compile(r"test_(\w+)\.ts")
# What running a template in place leaves behind.
_LEFT_OUT = frozenset(
    {
        "node_modules",
        "dist",
        "generated",
        ".venv",
        "__pycache__",
        ".pytest_cache",
        "model.joblib",
        "package-lock.json",
    }
)


class StarterError(SynapseError):
    """The project cannot be written."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__("INVALID_CONFIG", message, details={"hint": hint})


@dataclass(frozen=True)
class Starter:
    """One template."""

    name: str
    root: Path

    def files(self) -> dict[str, Path]:
        """Return the files of the project: path relative to it → source."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            relative = path.relative_to(self.root)
            if path.is_file() and not _LEFT_OUT.intersection(relative.parts):
                target = relative.with_name(_project_name(relative.name))
                found[target.as_posix()] = path
        return found

    def write(self, directory: Path, package: str) -> list[str]:
        """Write the project into `directory` and return its files; nothing is overwritten.

        Raises:
            StarterError: a file is in the way, or the folder cannot be written.
        """
        files = self.files()
        # A link that leads nowhere is taken as well: writing through it would leave the folder.
        taken = [name for name in files if os.path.lexists(directory / name)]
        if taken:
            raise StarterError(
                f'"{directory}" already has {_listed(taken)}; nothing was written.',
                "Choose a new folder: `synapse init my-module`",
            )
        for folder in sorted({(directory / name).parent for name in files}):
            _check_folder(folder)
        contents = {name: source.read_bytes() for name, source in files.items()}
        contents[_PACKAGE_FILE] = _filled_in(contents[_PACKAGE_FILE], directory, package)
        try:
            for name, content in contents.items():
                target = directory / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    file.write(content)
        except OSError as problem:
            raise _unwritable(Path(problem.filename or directory), problem) from problem
        return list(files)


def find_starter(name: str) -> Starter:
    """Return the template of this name, from the wheel or from a checkout.

    Raises:
        StarterError: this installation has no such template.
    """
    for home in (_HERE / "_templates", _HERE.parent.parent / "templates"):
        if (home / name / "package.json").is_file():
            return Starter(name, home / name)
    raise StarterError(f'The template "{name}" is missing.', "Reinstall synapse-worker.")


def package_specification(link: str | None) -> str:
    """Return what package.json says for synapse-worker so that `npm install` finds it.

    `link` or `$SYNAPSE_PACKAGE` names a tarball, a folder or a version; otherwise, when an npm
    package started us, what that was installed from; otherwise a tarball packed in this checkout.

    Raises:
        StarterError: nothing of this is known, or the path leads nowhere.
    """
    chosen = link or os.environ.get("SYNAPSE_PACKAGE")
    if chosen:
        path = Path(os.path.expanduser(chosen.removeprefix("file:")))
        if path.exists():
            return f"file:{path.resolve()}"
        if _PATH.match(chosen):
            raise StarterError(
                f'There is no package "{path}"; nothing was written.',
                "Give --link the path of synapse-worker's npm package: a tarball (.tgz) or a folder.",
            )
        return chosen
    npm_package = _npm_package()
    if npm_package is not None:
        return _installed_from(npm_package)
    packed = _HERE.parent.parent / "dist" / f"{PACKAGE}-{__version__}.tgz"
    if packed.is_file():
        return f"file:{packed}"
    raise StarterError(
        f"This Python installation does not know where npm can get {PACKAGE}, which is not "
        "published; nothing was written.",
        f"Give the npm package, a tarball or a folder: --link ./{PACKAGE}-{__version__}.tgz",
    )


def _npm_package() -> Path | None:
    """Return the npm package that carries the runtime folder we were started with, if any."""
    runtime = os.environ.get("SYNAPSE_RUNTIME_DIR")
    root = Path(runtime).resolve().parent if runtime else None
    return (
        root if root is not None and _json(root / "package.json").get("name") == PACKAGE else None
    )


def _installed_from(package: Path) -> str:
    """Ask npm's own record where the package came from: a tarball may be its only home."""
    modules = package.parent
    record = _json(modules / ".package-lock.json").get("packages", {})
    resolved = str(record.get(f"node_modules/{PACKAGE}", {}).get("resolved", ""))
    if resolved.startswith("file:"):
        tarball = (modules.parent / resolved.removeprefix("file:")).resolve()
        return f"file:{tarball if tarball.exists() else package}"
    # Not under node_modules: a checkout that runs itself.
    return f"^{__version__}" if modules.name == "node_modules" else f"file:{package}"


def _project_name(name: str) -> str:
    """Return what a file of a template is called in a project."""
    if name == _IGNORE_FILE:
        return ".gitignore"
    return _TYPESCRIPT_TEST.sub(r"\1.test.ts", name)


def _check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made, before anything is written."""
    existing = folder
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise StarterError(
            f'"{existing}" is in the way: a folder is needed there; nothing was written.',
            "Choose a new folder: `synapse init my-module`",
        )
    if not os.access(existing, os.W_OK | os.X_OK):
        number = errno.EROFS if os.statvfs(existing).f_flag & os.ST_RDONLY else errno.EACCES
        raise _unwritable(existing, OSError(number, os.strerror(number)))


def _unwritable(path: Path, problem: OSError) -> StarterError:
    return StarterError(
        f'Cannot write "{path}": {problem.strerror or problem}.',
        "Choose a folder that this user may write: `synapse init my-module`",
    )


def _filled_in(template: bytes, directory: Path, package: str) -> bytes:
    data = json.loads(template)
    data["name"] = re.sub(r"[^a-z0-9._-]+", "-", directory.resolve().name.lower()).strip("-._")
    data["name"] = data["name"] or "synapse-module"
    data["dependencies"][PACKAGE] = package
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
