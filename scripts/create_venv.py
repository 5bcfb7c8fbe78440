"""Make the development environment: `create_venv.py DIRECTORY LOCKFILE`, standard library only.

Machines differ in what they can install with: Debian's `python3` comes without `ensurepip`, a slim
image without pip. So the ways are tried in order, and the first that works is taken:

1. `venv` with its own pip;
2. `venv --without-pip`, filled by the system's pip (`pip --python`);
3. the same, filled by the pip wheel that Debian keeps in `/usr/share/python-wheels`;
4. uv or virtualenv, where found.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIAN_WHEELS = Path("/usr/share/python-wheels")
ADVICE = (
    "No way to install Python packages was found on this machine (no ensurepip, pip, uv or "
    "virtualenv). On Debian and Ubuntu: apt install python3-venv"
)
Command = list[str]


def main() -> None:
    """Create the environment where there is none that works, then install the lockfile into it."""
    directory, lockfile = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
    python = directory / "bin" / "python"
    if not runs(python):
        shutil.rmtree(directory, ignore_errors=True)
    found = find_installer(directory, python)
    if found is None:
        shutil.rmtree(directory, ignore_errors=True)
        sys.exit(ADVICE)
    name, command = found
    print(f"installing {lockfile.name} with {name} …", flush=True)
    subprocess.run(
        [*command, "--quiet", "--require-hashes", "--requirement", str(lockfile)], check=True
    )


def find_installer(directory: Path, python: Path) -> tuple[str, Command] | None:
    """Return the first way to install into the environment, which it creates where needed."""
    if runs(python, "-m", "pip"):
        return "its own pip", pip_command(python)
    if has_module("ensurepip") and has_module("venv") and venv(directory):
        return "its own pip", pip_command(python)
    bare = has_module("venv") and venv(directory, "--without-pip")
    if bare and system_pip_can_aim():
        aimed = [sys.executable, "-m", "pip", "--python", str(python), "install"]
        return "the system's pip", [*aimed, "--disable-pip-version-check"]
    wheels = sorted(DEBIAN_WHEELS.glob("pip-*.whl"))
    if bare and wheels:
        os.environ["PYTHONPATH"] = str(wheels[-1])
        return "Debian's pip wheel", pip_command(python)
    uv = shutil.which("uv")
    if uv and (bare or succeeds([uv, "venv", "--python", sys.executable, str(directory)])):
        return "uv", [uv, "pip", "install", "--python", str(python)]
    virtualenv = shutil.which("virtualenv")
    if virtualenv and succeeds([virtualenv, "--clear", "--python", sys.executable, str(directory)]):
        return "virtualenv's pip", pip_command(python)
    return None


def pip_command(python: Path) -> Command:
    """Return the environment's own pip, quiet about its age."""
    return [str(python), "-m", "pip", "install", "--disable-pip-version-check"]


def venv(directory: Path, *options: str) -> bool:
    """Create an environment with the standard library's venv; say whether that worked."""
    command = [sys.executable, "-I", "-m", "venv", "--clear", *options, str(directory)]
    return succeeds(command, quiet=True)


def system_pip_can_aim() -> bool:
    """Say whether this Python has a pip that knows `--python` (22.3 and later)."""
    if not has_module("pip"):
        return False
    probe = [sys.executable, "-m", "pip", "--python", sys.executable, "--version"]
    return succeeds(probe, quiet=True)


def has_module(name: str) -> bool:
    """Say whether this Python has a module of that name (an empty folder is none)."""
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None


def runs(python: Path, *arguments: str) -> bool:
    """Say whether a Python starts and answers for its version."""
    return python.exists() and succeeds([str(python), *arguments, "--version"], quiet=True)


def succeeds(command: Command, *, quiet: bool = False) -> bool:
    """Run a command; say whether it exited with 0."""
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, check=False, stdout=output, stderr=output).returncode == 0


if __name__ == "__main__":
    main()
