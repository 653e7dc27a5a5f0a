"""One file in, one answer out: a line of JSON and then the bytes on standard input, JSON on standard output.

{"want": "text", "name": "plan.pdf", "media_type": "application/pdf", "most": 40000, "memory": …, "cpu": …}
{"text": "…", "cut": "pages 31 to 200 were left out"}      {"refused": "it is empty."}
{"want": "picture", …}                                     {"url": "data:image/png;base64,…", "width": 8, "height": 8}
"""

from __future__ import annotations

import json
import sys
from typing import Any

from adapters.documents.program import kinds
from adapters.documents.program.bounds import set_bounds
from adapters.documents.program.gathering import Gathering
from adapters.documents.program.refusal import Refused


def main() -> None:
    """The answer to the one question."""
    question = json.loads(sys.stdin.buffer.readline())
    set_bounds(memory=question["memory"], cpu_seconds=question["cpu"])
    try:
        answer = _answer(question, sys.stdin.buffer.read())
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": str(kinds.too_large())}
    json.dump(answer, sys.stdout)


def _answer(question: dict[str, Any], content: bytes) -> dict[str, Any]:
    if question["want"] == "picture":
        from adapters.documents.program.pictures import picture

        return picture(content)
    gathering = Gathering(most=question["most"])
    kinds.read(content, name=question["name"], media_type=question["media_type"], gathering=gathering)
    return dict(gathering.answer())


if __name__ == "__main__":
    main()
