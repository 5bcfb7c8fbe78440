"""Names of what stands in an environment and beside it, and where the cache is.

The rooms that fill the cache name their own folders in it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .errors import BUILD_FAILED, ENVIRONMENT_UNWRITABLE, ModuleEnvironmentError

VENV_NAME = ".venv"
MARKER_NAME = "synapse.json"
# What makes a module's folder a bundle (`synapse bundle`): the list of all that it has to hold.
BUNDLE_NAME = "bundle.json"
# A build's folder before it is renamed to `.venv`, and an old `.venv` on its way out.
# Fixed names: only the holder of the module's lock touches them, so leftovers are safe to remove.
STAGING_NAME = ".venv-synapse-new"
DISCARDED_NAME = ".venv-synapse-old"


@dataclass(frozen=True)
class VenvLayout:
    """Where things are inside one module's `.venv`."""

    root: Path

    @classmethod
    def of(cls, directory: Path) -> VenvLayout:
        """Return the layout of the environment beside a module."""
        return cls(directory / VENV_NAME)

    @property
    def python(self) -> Path:
        """The environment's interpreter (a link: never resolve it, that would leave the venv)."""
        return self.root / "bin" / "python"

    @property
    def configuration(self) -> Path:
        """What makes the interpreter find the environment's packages, and its own library."""
        return self.root / "pyvenv.cfg"

    @property
    def marker(self) -> Path:
        """The marker: whose environment this is, and what it was built from."""
        return self.root / MARKER_NAME

    @property
    def private(self) -> Path:
        """Our own corner of the environment."""
        return self.root / "synapse"

    @property
    def codec(self) -> Path:
        """The private codec: appended to `sys.path` by the launcher, seen by nothing else."""
        return self.private / "codec"

    @property
    def lockfile(self) -> Path:
        """The resolved requirements."""
        return self.private / "requirements.lock"

    @property
    def log(self) -> Path:
        """Everything the tools said during the last build (redacted)."""
        return self.private / "build.log"

    def is_empty(self) -> bool:
        """Say whether a folder stands there with nothing in it: then it is nobody's work."""
        return os.path.isdir(self.root) and next(self.root.iterdir(), None) is None

    def refuse_no_environment(self) -> None:
        """Refuse what stands there without a marker of ours and without a Python.

        Raises:
            ModuleEnvironmentError: it is such (`BUILD_FAILED`).
        """
        if not os.path.exists(self.python):
            raise ModuleEnvironmentError(
                BUILD_FAILED,
                f'"{self.root}" is in the way: it is not a Python environment, and Synapse did '
                "not make it.",
                hint="Move it away or delete it; Synapse then makes its own.",
            )


def cache_directory() -> Path:
    """Return the user's cache folder for Synapse; both wings compute it the same way.

    A relative one is that of who starts a build, whichever folder its tools run in.

    Raises:
        ModuleEnvironmentError: this user has no home (`ENVIRONMENT_UNWRITABLE`).
    """
    chosen = os.environ.get("SYNAPSE_CACHE_DIR")
    if chosen:
        return Path(os.path.abspath(chosen))
    shared = os.environ.get("XDG_CACHE_HOME")
    home = Path(os.path.abspath(shared)) if shared else _user_home() / ".cache"
    return home / "synapse-worker"


def _user_home() -> Path:
    try:
        # An empty $HOME is none: both wings ask the accounts then.
        return Path.home() if os.environ.get("HOME", "~") else _home_of_account()
    except (RuntimeError, KeyError) as problem:  # no $HOME, and a user id that no account has
        raise ModuleEnvironmentError(
            ENVIRONMENT_UNWRITABLE,
            "This user has no home folder to keep a cache in.",
            hint="Set SYNAPSE_CACHE_DIR to a folder that can be written.",
            cause=problem,
        ) from problem


def _home_of_account() -> Path:
    import pwd  # Windows has none, and never comes here without a home

    return Path(pwd.getpwuid(os.getuid()).pw_dir)
