"""The `synapse` command: thin. Arguments in, calls down, text or JSON out."""

from .command_line import main

__all__ = ["main"]
