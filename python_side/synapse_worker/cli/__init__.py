"""The `synapse` command: thin. Arguments in, calls down, text or JSON out."""

from .main import main

__all__ = ["main"]
