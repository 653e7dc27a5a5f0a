"""What a bot's process does without. To be imported before anything else.

structlog and httpx load Rich, Pygments and click where they are installed, for tracebacks and a command line that a bot
has no use for: 4.5 MB. Both take it well when they are not there.
"""

from __future__ import annotations

import sys

UNUSED = ("rich", "pygments", "click")

for _name in UNUSED:
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]  # None is how Python says "not to be found"
