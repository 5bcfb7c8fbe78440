"""README and guides work as they are written: every block runs, top to bottom, and prints what it promises."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import CHECKOUT, Block, read_blocks

STEP_TIMEOUT_SECONDS = 300


class Reader:
    """Somebody who follows a document line by line; `cd` takes them along."""

    def __init__(self, start: Path, scratch: Path) -> None:
        self.cwd = start
        self.scratch = scratch

    def follow(self, blocks: list[Block]) -> None:
        """Execute the blocks in order; the first that fails ends it, named by its place in the document."""
        for index, block in enumerate(blocks):
            commands = [later.text for later in blocks[index + 1 :] if later.language == "bash"]
            if block.language == "bash":
                self.run(block, block.text)
                continue
            path = self.cwd / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
            if block.language in {"ts", "js"} and not any(path.name in text for text in commands):
                self.run(block, f"npx tsx {shlex.quote(block.file)}")

    def run(self, block: Block, script: str) -> None:
        """Run shell lines where the reader stands, and compare what they print."""
        arrival = self.scratch / "arrival"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{script}\npwd > {shlex.quote(str(arrival))}"],
            cwd=self.cwd,
            env=os.environ | {"TMPDIR": str(self.scratch), "CI": "true", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=STEP_TIMEOUT_SECONDS,
            text=True,
            check=False,
        )
        told = f"\n{script}\n{done.stdout}\n{done.stderr}"
        if done.returncode != 0:
            pytest.fail(f"{block.where}: exit code {done.returncode}{told}", pytrace=False)
        difference = block.differs_from(done.stdout)
        if difference is not None:
            pytest.fail(f"{block.where}: {difference}{told}", pytrace=False)
        self.cwd = Path(arrival.read_text().rstrip("\n"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the first block of the README leaves: the package is installed, nothing else is done."""
    readme = read_blocks((CHECKOUT / "README.md").read_text(), "README.md")
    reader = Reader(CHECKOUT, scratch=tmp_path_factory.mktemp("installation"))
    reader.follow(readme[:1])
    return reader.cwd


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize(
    "document", ["README.md", "docs/guide.md", "docs/supervision.md", "docs/observability.md"]
)
def test_every_block_works_in_order(
    document: str, checkout: Path, installed: Path, tmp_path: Path
) -> None:
    start = tmp_path / "app"
    shutil.copytree(installed, start, symlinks=True)
    blocks = read_blocks((checkout / document).read_text(), document)
    reader = Reader(start, scratch=tmp_path)
    reader.follow(blocks[1:] if document == "README.md" else blocks)
    sources = [str(path) for place in ("", "src/") for path in reader.cwd.glob(f"{place}*.ts")]
    assert sources, f"{document} shows no TypeScript"
    check_types(checkout, sources, tmp_path)


# What the documents use of Node. Its own types are not there: readers may not have them, and the
# package's must not need them.
NODE = "declare const process: { readonly stdout: { write(text: string): void } };\n"


def check_types(checkout: Path, sources: list[str], scratch: Path) -> None:
    """Compile what the document calls TypeScript as strictly as a careful user would."""
    (scratch / "node.d.ts").write_text(NODE)
    options = {
        "noEmit": True,
        "strict": True,
        "skipLibCheck": False,
        "types": [],
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "module": "nodenext",
        "target": "es2022",
        "lib": ["es2022", "esnext.disposable", "dom"],
    }
    project = scratch / "tsconfig.json"
    files = [*sources, str(scratch / "node.d.ts")]
    project.write_text(json.dumps({"compilerOptions": options, "files": files}))
    done = subprocess.run(
        ["node", str(checkout / "js/node_modules/typescript/bin/tsc"), "-p", str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
