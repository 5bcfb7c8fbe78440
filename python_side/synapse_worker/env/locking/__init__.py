"""Writes locks and wheelhouses: what `synapse env lock` and `synapse env export` do once a module is known."""
