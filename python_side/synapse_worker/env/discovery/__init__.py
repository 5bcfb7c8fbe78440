"""Finds the Python that an environment is built from, and says what packages were made for which.

Knows no modules and builds nothing.
"""
