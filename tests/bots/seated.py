"""Runs the `parley` command on a terminal: `python -m tests.bots.seated TERMINAL ARGUMENTS…`.

The process leads a session of its own whose controlling terminal that is, as a shell's children have it: passwords are
read from it, and Ctrl-C typed there interrupts.
"""

from __future__ import annotations

import os
import runpy
import sys

if __name__ == "__main__":
    os.setsid()
    terminal = os.open(sys.argv[1], os.O_RDWR)  # the first one that a session's leader opens is its own
    for stream in (0, 1, 2):
        os.dup2(terminal, stream)
    sys.argv = ["parley", *sys.argv[2:]]
    runpy.run_module("bots.cli", run_name="__main__", alter_sys=True)
