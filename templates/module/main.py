"""Words: every function under @app.method can be called from TypeScript.

Annotations become its types, docstrings its documentation: numbers, text, bytes, dates, lists, maps, dataclasses.
Printing is safe (it goes to the logs), and so is raising: the caller gets type and traceback.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import humanize
from synapse_worker import Module, current_context

app = Module()


@dataclass
class Summary:
    """What `summarize` says about a text."""

    words: int
    longest: str
    size: str


@app.method
def summarize(text: str, *, binary: bool = False) -> Summary:
    """Describe a text; `binary` counts its size in KiB instead of kB."""
    words = text.split()
    if not words:
        raise ValueError("there is no word in this text")
    size = humanize.naturalsize(len(text.encode()), binary=binary)
    return Summary(words=len(words), longest=max(words, key=len), size=size)


@app.method
def most_common(text: str) -> Iterator[tuple[str, int]]:
    """Every word with its count, the most frequent first. A generator is a stream in TypeScript."""
    yield from Counter(text.lower().split()).most_common()


@app.method
def count_letters(texts: list[str]) -> int:
    """Count the letters of many texts, reporting progress on the way."""
    letters = 0
    for done, text in enumerate(texts, start=1):
        letters += sum(map(str.isalpha, text))
        current_context().progress({"done": done, "total": len(texts)})
    return letters
