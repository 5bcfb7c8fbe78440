"""The `synapse env` command: one file for each of its parts."""

from .command import add_env

__all__ = ["add_env"]
