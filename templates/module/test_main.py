"""Decorated functions stay plain functions: they are tested without Node or a worker."""

import main
import pytest


def test_a_text_is_summarized() -> None:
    assert main.summarize("to be or not") == main.Summary(words=4, longest="not", size="12 Bytes")


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="no word"):
        main.summarize("  ")


def test_words_come_with_the_most_frequent_first() -> None:
    assert list(main.most_common("b a b")) == [("b", 2), ("a", 1)]
