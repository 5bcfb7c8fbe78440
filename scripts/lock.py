"""Write every Python lockfile again: `make lock`.

Each lock holds for Python 3.10 to 3.14 and for every platform (environment markers choose), carries a
hash for each file, and names no index: where packages come from is the machine's own configuration.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
OLDEST_PYTHON = "3.10"


@dataclass(frozen=True)
class Lock:
    """One lockfile and what it is resolved from."""

    target: Path
    sources: tuple[str, ...]

    def write(self, *, upgrade: bool) -> None:
        """Resolve the sources; versions already locked stay unless an upgrade is asked for."""
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet"),
            *("--universal", "--python-version", OLDEST_PYTHON, "--no-python-downloads"),
            *("--generate-hashes", "--strip-extras"),
            *("--no-emit-index-url", "--no-emit-find-links"),
            *("--custom-compile-command", "make lock"),
            *("--output-file", str(self.target.relative_to(ROOT))),
            *(["--upgrade"] if upgrade else []),
            *self.sources,
        ]
        subprocess.run(command, cwd=ROOT, check=True, env=neutral_environment())


def neutral_environment() -> dict[str, str]:
    """Return an environment in which public names and versions decide, not one machine's index settings."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("UV_", "PIP_"))}
    return {**own, "PIP_CONFIG_FILE": os.devnull}


def lock_template(folder: Path, *, upgrade: bool) -> None:
    """Lock a template as its user would, for every Python and platform; needs the oldest Python."""
    command = [
        *(sys.executable, "-m", "synapse_worker", "env", "lock", str(folder)),
        *("--platform", "universal", "--python", OLDEST_PYTHON, "--backend", "uv"),
        *(["--upgrade"] if upgrade else []),
    ]
    subprocess.run(command, cwd=ROOT, check=True, env=neutral_environment())


LOCKS = (
    Lock(REQUIREMENTS / "dev.lock", ("pyproject.toml", "--extra", "dev")),
    Lock(
        REQUIREMENTS / "node.lock",
        ("pyproject.toml", "--extra", "node", "--constraint", "requirements/dev.lock"),
    ),
    Lock(ROOT / "benchmarks" / "requirements.lock", ("benchmarks/requirements.in",)),
    *(
        Lock(REQUIREMENTS / "runtime" / f"{name}.lock", (f"requirements/runtime/{name}.in",))
        for name in ("pip", "tools", "codec")
    ),
)


def main() -> None:
    """Write all locks; `--upgrade` takes the newest versions allowed."""
    upgrade = "--upgrade" in sys.argv[1:]
    for lock in LOCKS:
        lock.write(upgrade=upgrade)
        print(f"wrote {lock.target.relative_to(ROOT)}")
    for source in sorted((ROOT / "templates").glob("**/requirements.in")):
        if "node_modules" not in source.parts:
            lock_template(source.parent, upgrade=upgrade)


if __name__ == "__main__":
    main()
