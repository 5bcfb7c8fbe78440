"""Are both wings of one version, and are their files what they were when they were packed?"""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.version import __version__

from ..env.errors import ModuleEnvironmentError
from ..env.layout import cache_directory
from ..env.runtime import MANIFEST_NAME, load_runtime
from .finding import command, error, info, ok, warning
from .npm_package import PACKAGE, npm_package_near

if TYPE_CHECKING:
    from .finding import Findings
    from .request import DoctorRequest

_INSTALL = f"npm install {PACKAGE}"
_REINSTALL = f"{command('rm', '-rf', f'node_modules/{PACKAGE}')} && npm install"
_OWN = Path(__file__).resolve().parent.parent
# What an import, a `require` and the command each need first.
_ENTRIES = ("dist/esm/index.js", "dist/cjs/index.js", "dist/esm/node/cli.js")


def examine_wings(request: DoctorRequest) -> Findings:
    """Compare the versions of the npm packages in reach with this one, and check their files."""
    yield ok(
        "wings.python",
        f"The Python side is {__version__} ({_OWN}).",
        version=__version__,
        path=str(_OWN),
    )
    packages = _npm_packages(request)
    if not packages:
        yield info(
            "wings.npm-missing",
            f"No npm package {PACKAGE} is installed near {_starts(request)[0]}.",
            _INSTALL,
        )
    for root in packages:
        yield from _examine_package(root)
    chosen = request.environ.get("SYNAPSE_RUNTIME_DIR")
    if chosen:
        if Path(chosen).resolve() not in [(root / "python").resolve() for root in packages]:
            yield from _runtime(Path(chosen))
        yield from _unpacked(Path(chosen))


def _starts(request: DoctorRequest) -> list[Path]:
    return [Path(os.path.realpath(folder)) for folder in (*request.directories, Path.cwd())]


def _npm_packages(request: DoctorRequest) -> list[Path]:
    """Return the package that started us and those that Node would find from the modules and from here."""
    found = [] if request.node is None else [request.node.package_root]
    found += filter(None, map(npm_package_near, _starts(request)))
    return list({os.path.realpath(root): root for root in reversed(found)}.values())[::-1]


def _examine_package(root: Path) -> Findings:
    try:
        package = json.loads((root / "package.json").read_text(encoding="utf-8"))
        version = str(package["version"])
    except (OSError, ValueError, KeyError, TypeError):
        yield error(
            "wings.npm-damaged",
            f'"{root}" has no readable package.json.',
            _REINSTALL,
            path=str(root),
        )
        return
    details: dict[str, object] = {"version": version, "path": str(root)}
    lost = [entry for entry in _ENTRIES if not os.path.isfile(root / entry)]
    if lost:
        yield error(
            "wings.npm-damaged",
            f"The npm package {version} ({root}) lacks {', '.join(lost)}.",
            _REINSTALL,
            missing=lost,
            **details,
        )
    if version == __version__:
        yield ok("wings.npm", f"The npm package is {version} ({root}).", **details)
    else:
        yield warning(
            "wings.skew",
            f"The npm package is {version} ({root}), the Python side {__version__}: each environment gets the "
            "wheel that the npm package carries, but this command is of the other version.",
            f"npm install {PACKAGE}@{__version__}    (or: pip install {PACKAGE}=={version})",
            python_version=__version__,
            **details,
        )
    yield from _runtime(root / "python")


def _runtime(folder: Path) -> Findings:
    """Check every file of a runtime folder against its manifest."""
    if not os.path.isfile(folder / MANIFEST_NAME):
        yield error(
            "wings.runtime-damaged",
            f'The runtime folder "{folder}" has no {MANIFEST_NAME}: no environment can be built from it.',
            f"{_REINSTALL}    (in a checkout of the sources: make runtime)",
            path=str(folder),
        )
        return
    try:
        runtime = load_runtime(folder)
        runtime.wheel()
        for artifact in (runtime.pip, runtime.tools, runtime.codec):
            if artifact is not None:
                artifact.read()
    except ModuleEnvironmentError as problem:
        yield error("wings.runtime-damaged", problem.message, _REINSTALL, path=str(folder))
        return
    yield ok(
        "wings.runtime",
        f"The runtime folder {folder} is as it was packed ({runtime.identity.version}).",
        path=str(folder),
        version=runtime.identity.version,
        sha256=runtime.identity.sha256,
    )


def _unpacked(runtime_folder: Path) -> Findings:
    """Compare the sources that run now, if they were unpacked in the cache, with their wheel."""
    try:
        if _OWN.parent.parent != (cache_directory() / "runtime").resolve():
            return
        wheel = zipfile.ZipFile(io.BytesIO(load_runtime(runtime_folder).wheel()))
    except (OSError, zipfile.BadZipFile, ModuleEnvironmentError):
        return  # the check of the runtime folder says so
    with wheel:
        members = [
            entry for entry in wheel.infolist() if entry.filename.startswith(f"{_OWN.name}/")
        ]
    changed = [entry.filename for entry in members if _differs(_OWN.parent / entry.filename, entry)]
    if changed:
        yield error(
            "wings.unpacked-damaged",
            f"{len(changed)} files of the unpacked runtime {_OWN.parent} are not those of the package: "
            f"{', '.join(changed[:3])}{', …' if len(changed) > 3 else ''}.",
            command("rm", "-rf", _OWN.parent),
            files=changed,
        )


def _differs(path: Path, entry: zipfile.ZipInfo) -> bool:
    try:
        return path.stat().st_size != entry.file_size or zlib.crc32(path.read_bytes()) != entry.CRC
    except OSError:
        return True
