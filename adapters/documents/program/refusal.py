"""Why a file gives nothing."""

from __future__ import annotations


class Refused(Exception):
    """The file gives nothing. The text is a sentence for people."""


BROKEN = "it is damaged, or not the kind of file that its beginning says."
TOO_LARGE = "it unpacks to more than I can take in."
LOCKED = "it is protected by a password. Please send it without one."
EMPTY = "it is empty."
"""Each goes on a sentence that has named the file."""
