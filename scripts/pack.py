"""Leave what a release consists of in `dist/`: the npm tarball and the Python wheel. `make pack`.

`pack.py [DIRECTORY]` puts them elsewhere.

The wheel is the very file that the tarball carries, so the two cannot differ.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "js"
# npm packs only what lies inside the package folder.
SHARED_TEXTS = ("LICENSE", "README.md")


def main() -> None:
    """Pack the built package and copy the staged wheel."""
    manifest = json.loads((PACKAGE / "python" / "manifest.json").read_text(encoding="utf-8"))
    version = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["version"]
    assert manifest["version"] == version, "version.py and package.json name different versions"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    target.mkdir(exist_ok=True)
    for old in (*target.glob("synapse-worker-*.tgz"), *target.glob("synapse_worker-*.whl")):
        old.unlink()
    for name in SHARED_TEXTS:
        shutil.copy2(ROOT / name, PACKAGE / name)
    command = ["npm", "pack", "--ignore-scripts", "--loglevel=error", "--pack-destination"]
    subprocess.run(
        [*command, str(target.resolve())], cwd=PACKAGE, check=True, stdout=subprocess.DEVNULL
    )
    shutil.copy2(PACKAGE / "python" / manifest["wheel"]["file"], target)
    for artefact in sorted(target.glob("synapse[-_]worker-*")):
        print(f"{artefact.name}  {artefact.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
