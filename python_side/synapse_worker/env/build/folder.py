"""The folder that an environment is: put in place, taken away, and never mistaken for a user's.

What stands at `.venv` may be anything: nothing, an environment of ours, one of the user's, a file, a
link to any of these, a mount point. Only what a marker says is ours, made for this very module, is
ever deleted, and that is asked at the very moment: a user may put something there during a build, or
after a kill. A link and a mount point stay, and what is ours is then made anew inside them. Elsewhere a
ready environment is set aside while it is made anew, and comes back where that fails.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BUILD_FAILED, ModuleEnvironmentError, folder_gone
from ..layout import DISCARDED_NAME, MARKER_NAME, STAGING_NAME, VenvLayout
from ..marker import read_marker, write_marker

if TYPE_CHECKING:
    from ..marker import Marker

_GITIGNORE = "*\n"


class EnvironmentFolder:
    """The `.venv` of one home, in the hands of who holds the home's lock."""

    def __init__(self, home: Path, module: Path) -> None:
        self.home = home
        self.venv = VenvLayout.of(home)
        self._module = module
        self._identity = os.stat(home)

    def is_in_place(self) -> bool:
        """Say whether the home still stands where it stood when it was locked."""
        try:
            return os.path.samestat(os.stat(self.home), self._identity)
        except OSError:
            return False

    def is_free(self) -> bool:
        """Say whether `.venv` is not there, or holds nothing at all: then it is nobody's work."""
        return not os.path.exists(self.venv.root) or self.venv.is_empty()

    def refuse_broken_link(self) -> None:
        """Refuse a `.venv` that is a link to nothing.

        Raises:
            ModuleEnvironmentError: it is one (`BUILD_FAILED`).
        """
        root = self.venv.root
        if os.path.islink(root) and not os.path.exists(root):
            raise ModuleEnvironmentError(
                BUILD_FAILED,
                f'"{root}" is a link to "{os.readlink(root)}", which does not exist.',
                hint="Make the folder that it points to, or delete the link; Synapse then makes its own "
                "environment.",
            )

    def refuse_anothers(self, marker: Marker) -> None:
        """Refuse a user's environment that another module runs from: their builds would undo each other.

        Raises:
            ModuleEnvironmentError: that module's `.venv` is this very folder (`BUILD_FAILED`).
        """
        other, root = Path(marker.directory), self.venv.root
        link = VenvLayout.of(other).root
        # A module that was moved, or is seen under two names, is no other one.
        if not _is_same(link, root) or _is_same(other, self._module):
            return
        instead = f' If the other is to use it no more, delete its link "{link}" instead.'
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            f'"{root}" leads to "{os.path.realpath(root)}", which the module in "{other}" uses already.',
            hint="Delete this link (not what it leads to); Synapse then makes an environment of the "
            "module's own. `share-environment` lets modules that need the very same packages run from "
            f"one.{instead if os.path.islink(link) else ''}",
        )

    def refuse_running_from_it(self) -> None:
        """Refuse to take away the environment that the running code was imported from.

        Raises:
            ModuleEnvironmentError: this process runs from it (`BUILD_FAILED`).
        """
        root = os.path.realpath(self.venv.root)
        if os.path.realpath(__file__).startswith(os.path.join(root, "")):
            raise ModuleEnvironmentError(
                BUILD_FAILED,
                f'This command runs from "{self.venv.root}", which has to be built again.',
                hint="Run it from elsewhere: `npx synapse`, or the `synapse` of another Python.",
            )

    def place(self, marker: Marker) -> None:
        """Put a fresh `.venv` in place of the old one; from its first instant it has a marker.

        An old one that is ready is only set aside: see `bring_back`.

        Raises:
            ModuleEnvironmentError: what stands there now is not this module's (`BUILD_FAILED`).
        """
        self.refuse_running_from_it()
        root = self.venv.root
        if os.path.islink(root) or os.path.ismount(root):
            self._empty_in_place(marker)
            return
        staging = self._staging
        # One by one: a module whose folder was deleted meanwhile must not come to life again.
        staging.root.mkdir()
        staging.private.mkdir()
        (staging.root / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
        write_marker(staging.marker, marker)
        if not self._move_to(self._aside):
            raise _replaced(root)
        staging.root.rename(root)
        if not _is_ready(self._aside):
            _remove_environment(self._aside)

    def sign(self, marker: Marker, *, over: Marker) -> None:
        """Write a marker over the one that was left there; what has none of it is not what was built.

        Raises:
            ModuleEnvironmentError: the folder was moved (`INVALID_CONFIG`), or `.venv` was replaced
                (`BUILD_FAILED`).
        """
        if not self.is_in_place():
            raise folder_gone(self.home)
        found = read_marker(self.venv.marker)
        if found is None or found.building() != over.building():
            raise _replaced(self.venv.root)
        write_marker(self.venv.marker, marker)

    def bring_back(self) -> bool:
        """Put back a ready environment that a build which failed or was killed had set aside.

        Say whether that was done: what a user has put in its place meanwhile stays.
        """
        if not self.is_in_place() or not _is_ready(self._aside) or _is_ready(self.venv):
            return False
        remove(self._staging.root)
        if not self._move_to(self._staging):
            return False
        self._aside.root.rename(self.venv.root)
        with contextlib.suppress(OSError):  # whoever reads why it failed looks there
            self._staging.log.replace(self.venv.log)
        return True

    def discard(self) -> None:
        """Take away a `.venv` that is ours: it is gone at once, or not at all.

        Raises:
            ModuleEnvironmentError: it is not ours any more, or this code runs from it (`BUILD_FAILED`).
        """
        self.refuse_running_from_it()
        if not self._move_to(self._aside):
            raise _replaced(self.venv.root)
        _remove_environment(self._aside)

    def remove_leftovers(self) -> None:
        """Remove what a build, or a killed one, left beside `.venv`."""
        for left in (self._staging, self._aside):
            _remove_environment(left)

    @property
    def _staging(self) -> VenvLayout:
        return VenvLayout(self.home / STAGING_NAME)

    @property
    def _aside(self) -> VenvLayout:
        return VenvLayout(self.home / DISCARDED_NAME)

    def _move_to(self, place: VenvLayout) -> bool:
        """Free `.venv`, moving what is ours to a place beside it; say whether it is free."""
        root = self.venv.root
        if not os.path.lexists(root):
            return True
        if not _is_ours_to_move(self.venv):
            return False
        root.rename(place.root)
        if _is_ours_to_move(place):
            return True
        place.root.rename(root)  # a user's was put there in between
        return False

    def _empty_in_place(self, marker: Marker) -> None:
        """Make what a link leads to, or what is mounted, a fresh folder of ours."""
        root, found = self.venv.root, read_marker(self.venv.marker)
        is_ours = found is not None and found.owned and found.directory == str(self._module)
        if not is_ours and not self.is_free():
            owner = f'the module in "{found.directory}"' if found else "somebody else"
            raise ModuleEnvironmentError(
                BUILD_FAILED,
                f'"{root}" leads to "{os.path.realpath(root)}", an environment of {owner}.',
                hint="Delete the link (not what it leads to); Synapse then makes an environment of "
                "the module's own. To share one, use `share-environment`.",
            )
        write_marker(self.venv.marker, marker)
        for entry in list(root.iterdir()):
            if entry.name != MARKER_NAME:
                remove(entry)
        self.venv.private.mkdir()
        (root / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")


def remove(path: Path) -> None:
    """Remove what stands at a path, if anything; of a link only itself, never what it leads to."""
    if os.path.islink(path) or os.path.isfile(path):
        path.unlink()
    elif os.path.exists(path):
        shutil.rmtree(path)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _is_ready(venv: VenvLayout) -> bool:
    found = None if os.path.islink(venv.root) else read_marker(venv.marker)
    return found is not None and found.state == "ready"


def _is_ours_to_move(venv: VenvLayout) -> bool:
    """Say whether a folder, and no link to one or mount, has a marker of ours, or nothing in it at all."""
    if os.path.islink(venv.root) or os.path.ismount(venv.root):
        return False
    found = read_marker(venv.marker)
    return venv.is_empty() if found is None else found.owned


def _replaced(root: Path) -> ModuleEnvironmentError:
    """Describe a `.venv` of ours that somebody has put something else in the place of."""
    return ModuleEnvironmentError(
        BUILD_FAILED,
        f'Something else was put at "{root}" while Synapse worked on its environment; it was left alone.',
        hint="Try again: an environment that is your own is then used and added to.",
    )


def _remove_environment(venv: VenvLayout) -> None:
    """Remove an environment, its marker first: a kill meanwhile leaves nothing that looks ready."""
    if not os.path.islink(venv.root):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            venv.marker.unlink()
    remove(venv.root)
