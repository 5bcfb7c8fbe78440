"""Prices, as a service in a container asks for them."""

from dataclasses import dataclass

import humanize

from synapse_worker import Module

app = Module()


@dataclass
class Quote:
    """What something costs, as a number and as people read it."""

    symbol: str
    cents: int
    text: str


@app.method
def quote(symbol: str) -> Quote:
    """Price one symbol."""
    cents = sum(symbol.encode()) * 100
    return Quote(symbol, cents, f"{humanize.intcomma(cents / 100, 2)} €")
