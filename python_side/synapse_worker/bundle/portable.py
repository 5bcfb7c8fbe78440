"""Makes a built environment portable: nothing in it says where it was built.

What is left that is absolute is the interpreter's own place, in the link `bin/python`, in `pyvenv.cfg` and
in the marker; `env/relocation` makes those three again where the interpreter is elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.errors import BUILD_FAILED

from .record import update_records
from .scripts import make_scripts_portable

if TYPE_CHECKING:
    from pathlib import Path

    from synapse_worker.env.layout import VenvLayout

# Of the environment itself: what keeps it out of repositories and backups, and speaks of its build.
_OF_BUILD = (".gitignore", "CACHEDIR.TAG", ".lock", "synapse/build.log", "pyvenv.cfg")
# Of an installed package: where its files came from on this machine, and when.
_OF_INSTALLATION = ("direct_url.json", "uv_cache.json", "uv_build.json")


def make_portable(venv: VenvLayout) -> None:
    """Rewrite what names this place, and take away what is of no use elsewhere.

    Raises:
        ModuleEnvironmentError: a package's `.pth` file leads out of it (`BUILD_FAILED`).
    """
    for name in _OF_BUILD:
        (venv.root / name).unlink(missing_ok=True)
    _remove_compiled(venv.root)
    if (venv.root / "lib64").is_symlink():
        (venv.root / "lib64").unlink()
    if venv.python.parent.is_dir():
        make_scripts_portable(venv.python.parent)
    for site_packages in sorted(venv.root.glob("lib/python*/site-packages")):
        _check_path_files(site_packages)
        _forget_origins(site_packages)
        update_records(site_packages)


def _remove_compiled(root: Path) -> None:
    """Remove compiled files: they name their source by the place it had when it was installed."""
    for place, subfolders, names in os.walk(root):
        if "__pycache__" in subfolders:
            shutil.rmtree(os.path.join(place, "__pycache__"))
            subfolders.remove("__pycache__")
        for name in names:
            # Beside its source it is a leftover; without one it is all that the package gave.
            if name.endswith(".pyc") and name[:-1] in names:
                os.unlink(os.path.join(place, name))


def _forget_origins(site_packages: Path) -> None:
    for name in _OF_INSTALLATION:
        for path in site_packages.glob(f"*.dist-info/{name}"):
            if name != "direct_url.json" or _is_local(path):
                path.unlink()


def _is_local(path: Path) -> bool:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["url"]).startswith("file:")
    except (ValueError, KeyError, TypeError):
        return True


def _check_path_files(site_packages: Path) -> None:
    leading_out: list[str] = []
    for path in sorted(site_packages.glob("*.pth")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            is_code = line.startswith(("import ", "import\t", "#"))
            if not is_code and os.path.isabs(line.strip()):
                leading_out.append(f"{path.name}: {line.strip()}")
    if leading_out:
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            "A package finds its code by an absolute path, which leads nowhere elsewhere.",
            hint="Install it as a wheel or from its folder, not with a link to that folder.",
            lines=leading_out,
        )
