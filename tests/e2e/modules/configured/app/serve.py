"""Found through [tool.synapse] entrypoint, in a folder below the module's own."""

import asyncio
import os
import time

from app import beside
from synapse_worker import Module

app = Module()


@app.method
async def pid_after(seconds: float) -> int:
    """Hold the call a moment, so that two at once need two workers."""
    await asyncio.sleep(seconds)
    return os.getpid()


@app.method
def facts() -> dict[str, object]:
    """Say where this ran."""
    return {"name": __name__, "beside": beside.PRESENT, "file": __file__}


@app.method
def spin_for(seconds: float) -> int:
    """Hold the worker itself."""
    time.sleep(seconds)
    return os.getpid()
