"""Fills a folder with all that an environment is built from, for a machine that has no network.

    *.whl, *.tar.gz   what the lock names
    runtime/          the codec of native modules
    tools/            virtualenv and pip-tools, which the backend virtualenv brings along
    build/            what packages without a wheel, and local projects, are built with
    local/            wheels of local projects and repositories
    requirements.txt  the lock by the names of these files: `pip install --no-index --find-links . -r requirements.txt`
    wheelhouse.json   whose work this is: Python, platform, and each file's sha256

It appears by one rename, in place of an earlier export; nothing else is ever replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..backends import part_secrets
from ..backends.fetching import WHEELHOUSE_MANIFEST
from ..build.codec import CODEC_REQUIREMENT
from ..build.lock_fit import current_platform
from ..build.steps import split_lock
from ..directory_lock import claimed
from ..errors import INVALID_CONFIG, ModuleEnvironmentError
from ..swap import recover, remove_tree, swap
from .build_requirements import build_requirements
from .exported_lock import LOCAL, exported_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..backends import Toolbox
    from ..build.steps import Steps
    from ..discovery.interpreters import Interpreter
    from .download import Downloads

_FORMAT = 1
_ARCHIVES = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class Wheelhouse:
    """A folder that was filled."""

    path: Path
    # Everything in it to install from, relative to the folder, sorted.
    files: tuple[str, ...]
    python: str
    platform: str


class WheelhouseWriter:
    """Fills one folder."""

    def __init__(
        self, toolbox: Toolbox, base: Interpreter, downloads: Downloads, options: Sequence[str]
    ) -> None:
        self._toolbox = toolbox
        self._downloads = downloads
        # Index options of the module's own requirements.
        self._options = options
        self._python = ".".join(map(str, base.version[:2]))

    def write(self, lines: Sequence[str], target: Path) -> Wheelhouse:
        """Fill `target` with what the lines of a lock need.

        Raises:
            ModuleEnvironmentError: the folder holds something else (`INVALID_CONFIG`).
            ToolError: pip failed; an earlier export then stands as it was.
        """
        _refuse_foreign(target)
        staging = target.with_name(f".{target.name}-synapse-new")
        old = target.with_name(f".{target.name}-synapse-old")
        # One export into a folder at a time, of whichever modules: the next one replaces this one's whole.
        timeout_s = self._toolbox.lock_timeout_s
        with claimed(staging, timeout_s=timeout_s, on_wait=self._wait) as lock_fd:
            recover(target, old)
            for left in (old, *staging.iterdir()):
                remove_tree(left)
            # To the very end: who stops to hold the lock for the tools gives it up for all.
            with self._toolbox.runner.also_holding(lock_fd):
                try:
                    wheelhouse = self._make(lines, staging, target)
                    _refuse_foreign(target)
                    swap(staging, target, old)
                except BaseException:
                    remove_tree(staging)
                    raise
        return wheelhouse

    def _make(self, lines: Sequence[str], staging: Path, target: Path) -> Wheelhouse:
        self._fill(staging, split_lock(lines, self._toolbox.directory))
        (staging / "requirements.txt").write_text(self._lock(staging, lines), encoding="utf-8")
        return self._sign(staging, target)

    def _wait(self, who: str) -> None:
        self._toolbox.reporter.phase("lock", f"Waiting for {who}, which exports there")

    def _fill(self, folder: Path, steps: Steps) -> None:
        phase = self._toolbox.reporter.phase
        phase("download", f"Fetching {len(steps.packages)} packages and what builds them")
        if steps.packages:
            texts = [line.text for line in steps.packages]
            self._fetch(folder, texts, hashes=steps.has_hashes)
        runtime = self._toolbox.runtime
        if runtime.codec is None:
            self._fetch(folder / "runtime", [CODEC_REQUIREMENT])
        else:
            self._fetch_locked(folder / "runtime", runtime.codec.verified())
        if runtime.tools is not None:
            self._fetch_locked(folder / "tools", runtime.tools.verified())
        for line in steps.local:
            with self._file([line.text]) as (file, secrets):
                self._downloads.build(folder / LOCAL, file, secrets)
        projects = [path for path in folder.iterdir() if path.name.endswith(_ARCHIVES)]
        projects += [line.path for line in steps.local if line.path and line.path.is_dir()]
        if needed := sorted({name for project in projects for name in build_requirements(project)}):
            self._fetch(folder / "build", needed, dependencies=True)

    def _fetch(
        self,
        target: Path,
        lines: Sequence[str],
        *,
        hashes: bool = False,
        dependencies: bool = False,
    ) -> None:
        arguments = ["--require-hashes"] if hashes else []
        arguments += [] if dependencies else ["--no-deps"]
        with self._file(lines) as (file, secrets):
            self._downloads.fetch(target, file, arguments, secrets)

    @contextlib.contextmanager
    def _file(self, lines: Iterable[str]) -> Iterator[tuple[Path, list[str]]]:
        """Yield a requirements file with the module's index options, and those that must not be in it."""
        public, secrets = part_secrets((*self._options, *lines))
        with tempfile.TemporaryDirectory(dir=self._toolbox.runner.temporary) as scratch:
            file = Path(scratch) / "requirements.txt"
            file.write_text("\n".join((*public, "")), encoding="utf-8")
            yield file, secrets

    def _fetch_locked(self, target: Path, file: Path) -> None:
        self._downloads.fetch(target, file, ["--require-hashes", "--no-deps"])

    def _lock(self, folder: Path, lines: Iterable[str]) -> str:
        steps = split_lock(lines, self._toolbox.directory)
        head = (
            f"# Exported by `synapse env export` for Python {self._python}, {current_platform()}."
        )
        return "\n".join((head, *exported_lock(steps, folder), ""))

    def _sign(self, staging: Path, target: Path) -> Wheelhouse:
        paths = sorted(path for path in staging.rglob("*") if path.is_file())
        sums = {
            path.relative_to(staging).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
        }
        manifest = {
            "format": _FORMAT,
            "python": self._python,
            "platform": current_platform(),
            "files": sums,
        }
        text = json.dumps(manifest, indent=2)
        (staging / WHEELHOUSE_MANIFEST).write_text(f"{text}\n", encoding="utf-8")
        files = tuple(name for name in sums if name != "requirements.txt")
        return Wheelhouse(target, files, self._python, current_platform())


def _refuse_foreign(target: Path) -> None:
    if not target.exists() and not target.is_symlink():
        return
    is_ours = (
        target.is_dir() and not target.is_symlink() and (target / WHEELHOUSE_MANIFEST).is_file()
    )
    if not is_ours and not (target.is_dir() and next(target.iterdir(), None) is None):
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'"{target}" is not a folder that `synapse env export` wrote, so it is not replaced.',
            hint="Name a folder that does not exist yet, or an empty one.",
        )
