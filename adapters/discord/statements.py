"""What we say beside replies, as Discord's messages: words, buttons, lists and files. Pure.

Nothing is lost: a long text is parted, a very long one comes as a file as well, more rows or files than a message
takes go into the next. Bodies name all that a message shows, so the same one makes it and changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.discord import payloads
from adapters.discord.components import MOST_ROWS, Json, rows
from adapters.discord.moments import own_words, without_marks
from adapters.discord.uploads import MOST_BYTES, MOST_FILES
from core.errors import PostTooLong
from core.interaction import Answer, Button, File, Select
from core.splitting import split

MOST_PARTS = 4
"""Messages into which a text is parted; a longer one is rather read as a file."""
WHOLE_TEXT = "text.md"
IN_THE_FILE = "\n-# All of it is in the file."
SAID = "Done."
"""Shown where there is nothing to say: Discord takes no empty message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One message."""

    content: str
    components: tuple[Json, ...] = ()
    files: tuple[File, ...] = ()

    def body(self, *, private: bool = False) -> Json:
        """How Discord takes it. `private` counts for new messages that answer interactions only."""
        return {
            "content": self.content,
            "allowed_mentions": payloads.NO_MENTIONS,
            "flags": payloads.SUPPRESS_EMBEDS | (payloads.EPHEMERAL if private else 0),
            "components": list(self.components),
        }


def statements(answer: Answer, more: Sequence[Json] = ()) -> list[Statement]:
    """The messages that show the answer, at least one; buttons and files stand under the last words. `more` are rows
    of our own. Raises ValueError for buttons that could not be carried back."""
    contents, extra = _contents(answer.text)
    shown = [*rows(answer.buttons, answer.selects), *more]
    packed_rows = [tuple(shown[start : start + MOST_ROWS]) for start in range(0, len(shown), MOST_ROWS)] or [()]
    packed_files = _packed((*extra, *answer.files)) or [()]
    last = Statement(content=contents[-1], components=packed_rows[0], files=packed_files[0])
    if not (last.content or last.components or last.files):
        last = replace(last, content=SAID)
    return [
        *(Statement(content=content) for content in contents[:-1]),
        last,
        *(Statement(content="", components=row) for row in packed_rows[1:]),
        *(Statement(content="", files=files) for files in packed_files[1:]),
    ]


def statement(
    text: str, *, files: Sequence[File] = (), buttons: Sequence[Button] = (), selects: Sequence[Select] = ()
) -> Statement:
    """All of that in one message: a text that is too long is in a file. Raises PostTooLong for more than a message
    takes, ValueError for buttons that could not be carried back."""
    extra: tuple[File, ...] = ()
    content = own_words(text).strip()
    if len(content) > payloads.LONGEST:
        content, extra = _beginning(text), (_whole(text),)
    shown = tuple(rows(buttons, selects))
    batches = _packed((*files, *extra))
    if len(shown) > MOST_ROWS or len(batches) > 1:
        raise PostTooLong(f"{len(shown)} rows and {len(files)} files")
    one = Statement(content=content, components=shown, files=batches[0] if batches else ())
    return one if content or shown or files else replace(one, content=payloads.BEGUN)


def words(one: Statement, notice: str) -> Statement:
    """The message without what Discord did not take."""
    room = payloads.LONGEST - len(notice) - 1
    return Statement(content=f"{one.content[:room]}\n{notice}".strip())


def _contents(text: str) -> tuple[list[str], tuple[File, ...]]:
    contents = [one for one in _parts(text, payloads.LONGEST) if one]
    if len(contents) <= MOST_PARTS:
        return contents or [""], ()
    return [_beginning(text)], (_whole(text),)


def _parts(text: str, limit: int) -> list[str]:
    parts = split(text, limit=limit, measure=lambda part: len(own_words(part)))
    return [payloads.shortened(own_words(part.shown).strip()) for part in parts]


def _beginning(text: str) -> str:
    return _parts(text, payloads.LONGEST - len(IN_THE_FILE))[0] + IN_THE_FILE


def _whole(text: str) -> File:
    return File(name=WHOLE_TEXT, media_type="text/markdown", content=without_marks(text).encode())


def _packed(files: Sequence[File]) -> list[tuple[File, ...]]:
    batches: list[list[File]] = []
    for file in files:
        fits = batches and len(batches[-1]) < MOST_FILES
        if fits and sum(len(one.content) for one in batches[-1]) + len(file.content) <= MOST_BYTES:
            batches[-1].append(file)
        else:
            batches.append([file])
    return [tuple(batch) for batch in batches]
