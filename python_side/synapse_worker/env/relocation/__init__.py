"""Environments that were made to be carried elsewhere: what they need, and how they settle in.

Where such an environment arrives, its link to the interpreter is made again; nothing is ever installed.
"""
