"""Parley in a terminal: a surface that draws growing replies in place, and an app that reads what a person types.

The smallest of the adapters, and the one to begin from when another surface is written (docs/adapters.md).
"""
