"""A generated file on disk: where it goes, whether it is ours, how it is replaced."""

from __future__ import annotations

import difflib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.typescript import MARK, module_directory

PACKAGE_FILE = "package.json"


def default_output(directory: Path) -> Path:
    """Return src/generated beside the nearest package.json: the caller's, else the module's."""
    root = package_root(Path.cwd()) or package_root(directory) or Path.cwd()
    return root / "src" / "generated"


def package_root(start: Path) -> Path | None:
    """Return the nearest folder, from `start` upwards, that holds a package.json."""
    folder = Path(os.path.realpath(start))
    return next((one for one in (folder, *folder.parents) if (one / PACKAGE_FILE).is_file()), None)


def package_kind(output: Path) -> str:
    """Return what a client in a folder should be: "cjs" in a package that says that it is CommonJS.

    One that says nothing is mostly a bundler's, which makes ES modules of its sources.
    """
    root = package_root(output)
    if root is None:
        return "esm"
    try:
        package = json.loads((root / PACKAGE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "esm"  # npm says what is wrong with it
    return "cjs" if isinstance(package, dict) and package.get("type") == "commonjs" else "esm"


def stored_directory(directory: Path, output: Path) -> str:
    """Return the module's folder as the generated file names it: from its package, with `/`."""
    root = package_root(output) or Path.cwd()
    return Path(os.path.relpath(os.path.realpath(directory), os.path.realpath(root))).as_posix()


def existing_text(path: Path) -> str | None:
    """Return what a generated file holds, or None where there is none.

    Raises:
        SynapseError: the file is somebody else's.
    """
    try:
        # Line ends are the checkout's affair, not a difference.
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except NotADirectoryError as problem:
        raise _no_folder(path) from problem
    except OSError as problem:
        reason = problem.strerror or problem
        raise SynapseError("INVALID_CONFIG", f'"{path}" cannot be read: {reason}.') from problem
    except UnicodeDecodeError as problem:
        raise SynapseError(
            "INVALID_CONFIG", f'"{path}" cannot be read: it is no text.'
        ) from problem
    if text and not text.startswith(MARK):
        raise SynapseError(
            "INVALID_CONFIG",
            f'"{path}" was not written by `synapse generate`, and is left alone.',
            details={"hint": "Move it away, or give another folder with -o."},
        )
    return text


def check_same_module(path: Path, directory: Path, stored: str) -> None:
    """Refuse to replace the client of another module that is still there.

    Raises:
        SynapseError: the file at `path` is the client of another existing folder.
    """
    named = module_directory(existing_text(path) or "")
    if named is None or named == stored:
        return
    other = (package_root(path.parent) or Path.cwd()) / named
    if not other.is_dir() or os.path.realpath(other) == os.path.realpath(directory):
        return  # moved: its client follows
    raise SynapseError(
        "INVALID_CONFIG",
        f'"{path}" is the client of another module, "{other}", and is not replaced by that of "{directory}".',
        details={
            "hint": 'Give one of them another name, [tool.synapse] with name = "…" in its pyproject.toml, '
            "or another folder with -o. If the other is no longer wanted, remove the file."
        },
    )


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file in one step, unless it says so already; return whether it was written.

    Raises:
        SynapseError: the file is somebody else's, or cannot be written.
    """
    if existing_text(path) == text:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            with suppress(FileNotFoundError):  # Ctrl-C may come when it has got its name already
                os.unlink(temporary)
            raise
    except OSError as problem:
        raise SynapseError(
            "INVALID_CONFIG", f'"{path}" cannot be written: {problem.strerror}.'
        ) from problem
    return True


def difference(path: Path, text: str) -> str:
    """Return how a file differs from what it should hold, as a unified diff; empty if it does not."""
    old = existing_text(path)
    lines = difflib.unified_diff(
        (old or "").splitlines(keepends=True),
        text.splitlines(keepends=True),
        fromfile=str(path) if old is not None else os.devnull,
        tofile=f"{path} (generated)",
    )
    return "".join(lines)


def _no_folder(path: Path) -> SynapseError:
    taken = next(parent for parent in path.parents if parent.exists())
    return SynapseError(
        "INVALID_CONFIG",
        f'"{taken}" is a file: the folder of the clients is needed there.',
        details={"hint": "Give another folder with -o, or [tool.synapse.generate] output."},
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
