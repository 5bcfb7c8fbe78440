# /// script
# requires-python = ">=3.10"
# dependencies = []
# ///
"""A module that is one file: its requirements are a PEP 723 block."""

from synapse_worker import Module

app = Module()


@app.method
def hello(name: str) -> str:
    """Greet."""
    return f"hello {name}"
