"""The golden files as the tools of whoever gets them see them: Prettier, and the strictest compiler."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rendering import FOLDER, GOLDENS

ROOT = FOLDER.parents[2]
TOOLS = ROOT / "js" / "node_modules" / ".bin"
COMPILERS = {
    "7": [str(TOOLS / "tsc")],
    "5.4": ["node", str(ROOT / "tests/compilers/node_modules/typescript-5.4/bin/tsc")],
}
STRICT = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noImplicitOverride": True,
    "noUnusedLocals": True,
    "isolatedModules": True,
    "verbatimModuleSyntax": True,
    "skipLibCheck": False,
    "declaration": True,
    "target": "es2022",
    "lib": ["es2022", "esnext.disposable", "dom"],
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "types": [],
    "noEmit": True,
}

needs_prettier = pytest.mark.skipif(
    not (TOOLS / "prettier").exists(), reason="Prettier is not installed in js/node_modules"
)


@needs_prettier
def test_prettier_leaves_every_golden_file_alone() -> None:
    files = sorted(str(path) for path in GOLDENS.iterdir())
    done = subprocess.run(
        [str(TOOLS / "prettier"), "--no-config", "--ignore-path", "", "--list-different", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("version", COMPILERS)
def test_golden_files_compile_under_the_strictest_options(version: str, tmp_path: Path) -> None:
    compiler = COMPILERS[version]
    if not Path(compiler[-1]).exists():
        pytest.skip(f"TypeScript {version} is not installed")
    for folder, kind in (("esm", "module"), ("cjs", "commonjs")):
        package = tmp_path / folder / "node_modules" / "synapse-worker"
        package.mkdir(parents=True)
        for declared in (FOLDER / "runtime").iterdir():
            shutil.copy(declared, package)
        exports = {".": "./index.d.ts", "./plan": "./plan.d.ts"}
        (package / "package.json").write_text(
            json.dumps({"name": "synapse-worker", "type": kind, "exports": exports})
        )
        (tmp_path / folder / "package.json").write_text(json.dumps({"type": kind}))
    (tmp_path / "cjs" / "node.d.ts").write_text("declare const __filename: string;\n")
    for path in GOLDENS.glob("*.ts"):
        is_common = path.name.endswith(".cjs.ts")
        name = path.name.removesuffix(".cjs.ts") + ".ts" if is_common else path.name
        shutil.copy(path, tmp_path / ("cjs" if is_common else "esm") / name)
    shutil.copy(FOLDER / "uses" / "subtle.ts", tmp_path / "esm" / "subtle.uses.ts")
    options = {**STRICT, "allowArbitraryExtensions": True}
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": options, "include": ["esm/*.ts", "cjs/*.ts"]})
    )
    done = subprocess.run(
        [*compiler, "-p", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0)
