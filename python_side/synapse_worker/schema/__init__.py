"""Described functions and types: what a module offers, as data (docs/schema.md).

Pure: it introspects objects it is given and imports no user code itself.
"""
