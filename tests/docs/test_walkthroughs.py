"""README and guides work as they are written: every block runs, top to bottom, and prints what it promises."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import CHECKOUT, Block, read_blocks

STEP_TIMEOUT_SECONDS = 300

# Pages that are read one after the other: each goes on in the folder that the one before it left.
ROUTES = [
    ["README.md"],
    ["docs/getting-started.md", "docs/clients.md"],
    ["docs/modules.md", "docs/testing.md"],
    ["docs/types.md", "docs/streaming.md"],
    ["docs/errors.md"],
    ["docs/supervision.md"],
    ["docs/observability.md"],
    ["docs/deployment.md"],
    ["docs/environments.md", "docs/command-line.md", "docs/doctor.md", "docs/security.md"],
    [
        "docs/migration/hq-synapse.md",
        "docs/migration/python-shell.md",
        "docs/migration/pythonia.md",
        "docs/migration/fastapi.md",
        "docs/site/index.md",
    ],
]

# Blocks of these are compared with what they describe by tests of their own, or are excerpts.
SHOWN_ONLY = {"docs/protocol.md", "docs/schema.md"}

# Libraries that pages start from, lent by the benchmarks where those are set up.
OTHER_LIBRARIES = ("python-shell", "pythonia")

# The first block of these is how the package is installed; it is the same one, and runs once.
INSTALLING = {"README.md", "docs/getting-started.md"}


class Reader:
    """Somebody who follows a document line by line; `cd` takes them along."""

    def __init__(self, start: Path, scratch: Path, programs: Path | None = None) -> None:
        self.cwd = start
        self.scratch = scratch
        self.path = f"{programs}:{os.environ['PATH']}" if programs else os.environ["PATH"]

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
            runs_itself = not any(block.file in text for text in commands)
            if block.language in {"ts", "js"} and runs_itself and can_run(block, self.cwd):
                self.run(block, f"npx tsx {shlex.quote(block.file)}")

    def run(self, block: Block, script: str) -> None:
        """Run shell lines where the reader stands, and compare what they print."""
        arrival = self.scratch / "arrival"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{script}\npwd > {shlex.quote(str(arrival))}"],
            cwd=self.cwd,
            env=os.environ
            | {"PATH": self.path, "TMPDIR": str(self.scratch), "CI": "true", "NO_COLOR": "1"},
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
    lend_other_libraries(reader.cwd)
    return reader.cwd


@pytest.fixture(scope="module")
def written() -> list[str]:
    """The TypeScript files of all pages that were read: compiling them together loads the library once."""
    return []


def lend_other_libraries(app: Path) -> None:
    """Link what the benchmarks have installed, so that pages can run what they migrate from."""
    for name in OTHER_LIBRARIES:
        package = CHECKOUT / "benchmarks/node_modules" / name
        if package.exists():
            (app / "node_modules" / name).symlink_to(package)


@pytest.fixture(scope="module")
def programs(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an `npx` that starts what npm's own would start, without its half second."""
    folder = tmp_path_factory.mktemp("programs")
    npx = folder / "npx"
    bins = shlex.quote(str(installed / "node_modules/.bin"))
    npx.write_text(f'#!/bin/sh\nname=$1\nshift\nexec {bins}/"$name" "$@"\n')
    npx.chmod(0o755)
    return folder


def can_run(block: Block, app: Path) -> bool:
    """Tell whether the other library that a block under `before/` imports is there."""
    wanted = [name for name in OTHER_LIBRARIES if f"from '{name}'" in block.text]
    return all((app / "node_modules" / name).exists() for name in wanted)


def blocks_of(document: str) -> list[Block]:
    """Return what a reader of the document has yet to do once the package is installed."""
    blocks = read_blocks((CHECKOUT / document).read_text(), document)
    return blocks[1:] if document in INSTALLING else blocks


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: Path(route[0]).stem)
def test_every_block_works_in_order(
    route: list[str],
    installed: Path,
    programs: Path,
    written: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # What is written there is compiled after the last route: it outlives this test.
    folder = tmp_path_factory.mktemp("route")
    app = folder / "app"
    app.mkdir()
    shutil.copy(installed / "package.json", app)
    (app / "node_modules").symlink_to(installed / "node_modules")
    for document in route:
        # The README is followed with the real one.
        reader = Reader(app, folder, None if document == "README.md" else programs)
        reader.follow(blocks_of(document))
    sources = [str(path) for place in ("", "src/") for path in app.glob(f"{place}*.ts")]
    assert sources, f"{route} show no TypeScript"
    written.extend(sources)


@pytest.mark.slow
def test_all_typescript_compiles(checkout: Path, written: list[str], tmp_path: Path) -> None:
    if not written:
        pytest.skip("no page was read in this run")
    check_types(checkout, written, tmp_path)


def test_the_package_is_installed_in_one_way() -> None:
    first = {read_blocks((CHECKOUT / page).read_text(), page)[0].text for page in INSTALLING}
    assert len(first) == 1


def test_no_page_with_code_is_left_out(markdown: dict[str, str]) -> None:
    read = {document for route in ROUTES for document in route}
    with_code = {
        name
        for name, text in markdown.items()
        if name == "README.md" or name.startswith("docs/")
        if re.search(r"^```(?!mermaid)\w+$", text, re.MULTILINE)
    }
    assert with_code - SHOWN_ONLY == read
    assert with_code >= SHOWN_ONLY


# What the documents use of Node. Its own types are not there: readers may not have them, and the
# package's must not need them.
NODE = """declare const process: {
  readonly stdout: { write(text: string): void };
  readonly env: Record<string, string | undefined>;
};
"""


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
