"""The rules by which documentation is executed: what counts as a block, and what is refused."""

import pytest

from .conftest import Block, read_blocks

PAGE = """# Title

```bash
node app.js
```

```text
ready in … s
done
```

```py
# pricing/main.py
x = 1
```
"""


def test_blocks_come_in_order_with_the_line_of_their_fence() -> None:
    first, second = read_blocks(PAGE, "page.md")
    assert (first.language, first.text, first.where) == ("bash", "node app.js\n", "page.md:3")
    assert (second.language, second.where, second.prints) == ("py", "page.md:12", "")


def test_a_text_block_belongs_to_the_block_before_it() -> None:
    assert read_blocks(PAGE, "page.md")[0].prints == "ready in … s\ndone\n"


def test_a_file_block_names_its_file_in_its_first_line() -> None:
    assert read_blocks(PAGE, "page.md")[1].file == "pricing/main.py"


def test_a_file_block_without_a_name_is_an_error_with_its_line() -> None:
    (block,) = read_blocks("```ts\nconst x = 1;\n```\n", "page.md")
    with pytest.raises(ValueError, match=r"page\.md:1: the first line of a ts block"):
        _ = block.file


@pytest.mark.parametrize("language", ["", "python", "sh"])
def test_a_language_without_a_rule_is_an_error(language: str) -> None:
    with pytest.raises(ValueError, match=r"page\.md:1: no rule"):
        read_blocks(f"```{language}\nx\n```\n", "page.md")


def test_output_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"page\.md:1: a text block shows"):
        read_blocks("```text\nx\n```\n", "page.md")


PROMISE = "ready in … s\ndone\n"
GAPS = "…\nready in … s\n…\ndone\n"


@pytest.mark.parametrize(
    ("prints", "output", "difference"),
    [
        (PROMISE, "ready in 0.3 s\ndone\n", None),
        (PROMISE, "  ready in 0.3 s\ndone\n", None),
        (PROMISE, "ready in 0.3 s\n", "did not print 'done' in its place"),
        (PROMISE, "done\nready in 0.3 s\n", "did not print 'ready in … s' in its place"),
        (PROMISE, "ready in 0.3 seconds\ndone\n", "did not print 'ready in … s' in its place"),
        (PROMISE, "ready in 0.3 s\nnoise\ndone\n", "did not print 'done' in its place"),
        (PROMISE, "ready in 0.3 s\ndone\nnoise\n", "printed 'noise', which is not shown"),
        (GAPS, "noise\nready in 0.3 s\nnoise\nnoise\ndone\n", None),
        (GAPS, "ready in 0.3 s\ndone\n", None),
        (GAPS, "ready in 0.3 s\nnoise\n", "did not print 'done' in its place"),
        (GAPS, "ready in 0.3 s\ndone\nnoise\n", "printed 'noise', which is not shown"),
        (GAPS + "…\n", "ready in 0.3 s\ndone\nnoise\n", None),
        ("", "noise\n", None),
    ],
)
def test_output_is_shown_line_by_line(prints: str, output: str, difference: str | None) -> None:
    block = Block("bash", "", "page.md:1", prints=prints)
    assert block.differs_from(output) == difference
