"""Docstrings in three styles, and in none."""

from synapse_worker.schema.definitions import Documentation
from synapse_worker.schema.docstrings import parse_docstring

GOOGLE = """Price one symbol.

    Looks at all markets,
    slowly.

    Args:
        symbol: What to price.
        depth (int, optional): How far
            to look: in steps.
        *rest: More of them.
        **more: And options.

    Returns:
        Quote: The best price.

    Raises:
        OutOfStock: When there is none.
        shop.ShopError: Otherwise.

    Example:
        >>> quote("ACME")
        Quote()

    Note:
        Markets close.

    Deprecated:
        Use quote2.
    """

NUMPY = """Price one symbol.

    Looks at all markets.

    Parameters
    ----------
    symbol : str
        What to price.
    low, high : float, optional
        The band.

        In dollars.

    Returns
    -------
    Quote
        The best price.

    Raises
    ------
    OutOfStock
        When there is none.

    Notes
    -----
    Markets close.

    Examples
    --------
    >>> quote("ACME")
    """

REST = """Price one symbol.

    Looks at all markets.

    :param symbol: What to price.
    :param int depth: How far
        to look.
    :type symbol: str
    :returns: The best price.
    :rtype: Quote
    :raises OutOfStock: When there is none.

    .. deprecated:: 2.0
        Use quote2.
    """


def test_google() -> None:
    assert parse_docstring(GOOGLE) == Documentation(
        summary="Price one symbol.",
        details="Looks at all markets,\nslowly.\n\nNote:\n    Markets close.",
        parameters={
            "symbol": "What to price.",
            "depth": "How far to look: in steps.",
            "rest": "More of them.",
            "more": "And options.",
        },
        returns="The best price.",
        raises=(("OutOfStock", "When there is none."), ("shop.ShopError", "Otherwise.")),
        examples=('>>> quote("ACME")\nQuote()',),
        deprecated="Use quote2.",
    )


def test_numpy() -> None:
    assert parse_docstring(NUMPY) == Documentation(
        summary="Price one symbol.",
        details="Looks at all markets.\n\nNotes:\nMarkets close.",
        parameters={
            "symbol": "What to price.",
            "low": "The band.\n\nIn dollars.",
            "high": "The band.\n\nIn dollars.",
        },
        returns="The best price.",
        raises=(("OutOfStock", "When there is none."),),
        examples=('>>> quote("ACME")',),
    )


def test_rest() -> None:
    assert parse_docstring(REST) == Documentation(
        summary="Price one symbol.",
        details="Looks at all markets.",
        parameters={"symbol": "What to price.", "depth": "How far to look."},
        returns="The best price.",
        raises=(("OutOfStock", "When there is none."),),
        deprecated="2.0 Use quote2.",
    )


def test_no_style_at_all() -> None:
    assert parse_docstring(None) == Documentation()
    assert parse_docstring("  \n ") == Documentation()
    assert parse_docstring("One\nsentence.\n\nThe rest: of it.\n\n  indented") == Documentation(
        summary="One sentence.", details="The rest: of it.\n\n  indented"
    )


def test_what_only_looks_like_a_section_stays_text() -> None:
    text = "Do it.\n\nReturns: the value of a: b.\nArgs are listed elsewhere."
    assert (
        parse_docstring(text).details == "Returns: the value of a: b.\nArgs are listed elsewhere."
    )


def test_a_result_whose_words_hold_a_colon_keeps_them() -> None:
    assert parse_docstring("Do.\n\nReturns:\n    A pair of things: one and two.").returns == (
        "A pair of things: one and two."
    )
    assert parse_docstring("Do.\n\nReturns:\n    dict[str, int]: Counts.").returns == "Counts."


def test_yields_are_what_a_stream_returns() -> None:
    assert parse_docstring("Do.\n\nYields:\n    int: Each one.").returns == "Each one."


def test_an_error_may_stand_without_words() -> None:
    found = parse_docstring(
        "Sell.\n\nRaises:\n    ShopError\n    shop.Empty\n    ValueError: Else.\n"
    )
    assert found.raises == (("ShopError", ""), ("shop.Empty", ""), ("ValueError", "Else."))
