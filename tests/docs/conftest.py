"""Reads fenced code blocks out of Markdown, and holds the rules by which they are executed.

A block says by its language what happens to it:

==========================  ===============================================================
``bash``                    runs; a ``cd`` in it holds for the blocks after it
``py``, ``ts``, ``js``,     is written to the file that its first line, a comment, names;
``toml``                    ``ts`` and ``js`` then run, unless a later ``bash`` block does it
``text``                    is all that the block before it wrote to its standard output:
                            ``…`` stands for anything, on a line of its own for any lines
``mermaid``                 is only shown
==========================  ===============================================================

What stands under ``before/`` uses another library, which runs only where that one is installed.

Any other language, a file block without its name, output of nothing: each is an error, so that nothing
goes untested by accident.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

COMMENT = {"py": "#", "toml": "#", "ts": "//", "js": "//"}
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block to execute; ``where`` is ``path:line`` of its fence, as an editor opens it."""

    language: str
    text: str
    where: str
    prints: str = ""

    @property
    def file(self) -> str:
        """The path that the block's first line names."""
        named = re.match(rf"{COMMENT[self.language]} (\S+\.\w+)\n", self.text)
        if named is None:
            raise ValueError(
                f"{self.where}: the first line of a {self.language} block names its file"
            )
        return named[1]

    def differs_from(self, output: str) -> str | None:
        """Say where the output first is not what was promised; without a promise it never differs."""
        if not self.prints:
            return None
        rest = output.splitlines()
        skips = False
        for line in self.prints.splitlines():
            if line.strip() == "…":
                skips = True
                continue
            pattern = re.compile(".*".join(map(re.escape, line.strip().split("…"))))
            while skips and rest and not pattern.fullmatch(rest[0].strip()):
                rest.pop(0)
            if not rest or not pattern.fullmatch(rest[0].strip()):
                return f"did not print {line!r} in its place"
            rest.pop(0)
            skips = False
        return f"printed {rest[0]!r}, which is not shown" if rest and not skips else None


def read_blocks(text: str, name: str) -> list[Block]:
    """Return the blocks to execute, in order, each with the output it promises.

    Raises:
        ValueError: A block has a language without a rule, or shows the output of nothing.
    """
    blocks: list[Block] = []
    for fence in FENCE.finditer(text):
        language, body = fence[1], fence[2]
        where = f"{name}:{text.count(chr(10), 0, fence.start()) + 1}"
        if language == "mermaid":
            continue
        if language == "text":
            if not blocks:
                raise ValueError(f"{where}: a text block shows what the block before it printed")
            blocks[-1] = replace(blocks[-1], prints=body)
        elif language == "bash" or language in COMMENT:
            blocks.append(Block(language, body, where))
        else:
            raise ValueError(f"{where}: no rule for a block of language {language!r}")
    return blocks


@pytest.fixture
def checkout() -> Path:
    """The root of the repository."""
    return CHECKOUT


@pytest.fixture
def markdown() -> dict[str, str]:
    """Every document a reader finds here, by its path from the root."""
    documents = [
        *CHECKOUT.glob("*.md"),
        *(path for path in CHECKOUT.glob("docs/**/*.md") if "node_modules" not in path.parts),
        *CHECKOUT.glob("benchmarks/*.md"),
    ]
    return {str(path.relative_to(CHECKOUT)): path.read_text() for path in sorted(documents)}
