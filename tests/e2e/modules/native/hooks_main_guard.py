"""Would run its main block only as a script: a native module is imported under its own name."""

from synapse_worker import Module

app = Module()
ran_as_main = False

if __name__ == "__main__":
    ran_as_main = True


@app.method
def ran() -> list[object]:
    """Say the name, and whether the main block ran."""
    return [__name__, ran_as_main]
