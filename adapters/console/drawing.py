"""Messages as text for a terminal: Markdown drawn with rich, or as it is where nobody looks at a screen. Pure.

Whatever a model writes is text: control characters, with which it could move the cursor, recolour the screen or type
for the person, are taken out first.
"""

from __future__ import annotations

import re
from io import StringIO

from rich.console import Console
from rich.markdown import Markdown

from adapters.console.shown import Shown

NAME = "parley"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BOLD, _DIM, _OFF, _GREEN = "\x1b[1m", "\x1b[2m", "\x1b[0m", "\x1b[32m"
_PLAIN_WIDTH = 100
STOP_HINT = "Ctrl-C stops"


def clean(text: str) -> str:
    """Only what is seen, with tabs and line ends."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def drawn(shown: Shown, width: int) -> str:
    """With colours, for a screen of that many columns. Ends without a line end."""
    head = f"{_BOLD}{_GREEN}{NAME}{_OFF} {_DIM}{STOP_HINT if shown.growing else ''}{_OFF}".rstrip()
    notes = [f"{_DIM}{clean(note)}{_OFF}" for note in shown.notes]
    return "\n".join([head, *_body(shown.text, width), *notes, *_presses(shown, width)])


def plain(shown: Shown) -> str:
    """Without colours and as it was written, for pipes and screen readers. Ends without a line end."""
    return "\n".join(
        [f"{NAME}:", clean(shown.text).strip("\n"), *map(clean, shown.notes), *_presses(shown, _PLAIN_WIDTH)]
    )


def _body(text: str, width: int) -> list[str]:
    if not text.strip():
        return []
    written = StringIO()
    console = Console(file=written, width=max(20, width), force_terminal=True, color_system="standard", highlight=False)
    console.print(Markdown(clean(text), code_theme="ansi_dark", hyperlinks=False))
    return [line.rstrip() for line in written.getvalue().rstrip("\n").split("\n")]


def _presses(shown: Shown, width: int) -> list[str]:
    """Each stands whole on a line, as many in one as there is room for."""
    lines: list[str] = []
    for number, one in shown.presses.items():
        label = f"[/{number} {clean(one.label)}]"
        if lines and len(lines[-1]) + len(label) + 2 <= width:
            lines[-1] += f"  {label}"
        else:
            lines.append(label)
    return lines
