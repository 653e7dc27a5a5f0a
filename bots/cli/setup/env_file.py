"""The file `.env`: read, and written so that everything else in it stays as it was.

It holds secrets, so it and the copy of what it was before may be read by their owner alone. A new file takes the old
one's place in one step: whoever reads meanwhile, or loses power, has one of the two whole.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

MODE = 0o600
HEAD = "# Written by `parley setup`. All settings: .env.example and docs/reference/settings.md\n"
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,~?&*;!-]+")
"""Values that need no quotes, for Parley, for docker and for systemd alike."""

Changes = Mapping[str, str | None]
"""Settings → their new values; None takes one out."""


class EnvFileError(Exception):
    """The file cannot be read or written; the text says why and what to do."""


def values(file: Path) -> dict[str, str]:
    """What the file sets, by names in capitals; nothing where there is none. Raises EnvFileError."""
    try:
        found = dotenv_values(stream=io.StringIO(_text(file)))
    except (OSError, UnicodeDecodeError) as error:
        raise EnvFileError(f"{file} cannot be read as UTF-8 text ({type(error).__name__}).") from None
    return {name.upper(): value for name, value in found.items() if value}


def check(file: Path) -> None:
    """The file can be read, and written anew. Raises EnvFileError."""
    values(file)
    folder = _real(file).parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EnvFileError(f"{folder.absolute()} may not be written to: go to a folder of your own.")


def changed(text: str, changes: Changes) -> str:
    """The text with those settings. A setting keeps its place; a new one stands under its commented line, if there is
    one, else at the end."""
    left, ending = dict(changes), "\r\n" if "\r\n" in text else "\n"
    bindings = list(parse_stream(io.StringIO(text)))
    last = {_name(binding): place for place, binding in enumerate(bindings)}
    parts: list[str] = []
    for place, binding in enumerate(bindings):
        name, original = _name(binding), binding.original.string
        if name in changes and last[name] == place:
            left.pop(name)
            parts.append(_replaced(binding, changes[name], ending))
        elif name in changes:  # it stood there several times
            parts.append(_blank(original))
        else:
            parts.append(original)
    return _joined("".join(parts), {name: value for name, value in left.items() if value is not None}, ending)


def write(file: Path, changes: Changes) -> Path | None:
    """The file has those settings, and is read back so. Returns where the copy of what it was before stands, if it was.
    Nothing has changed where EnvFileError is raised."""
    place, backup = _real(file), None
    try:
        before = _text(place)
        after = changed(before or HEAD, changes)
        _verify(after, changes)
        owner = place.stat() if place.exists() else None
        if owner is not None:
            backup = place.with_name(f"{place.name}.bak")
            _placed(backup, before, owner)
        _placed(place, after, owner)
    except (OSError, UnicodeError) as error:
        raise EnvFileError(f"{file} cannot be written ({type(error).__name__}).") from None
    return backup


def _real(file: Path) -> Path:
    """A link stays one: what it leads to is replaced."""
    return file.resolve() if file.is_symlink() else file


def _text(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return opened.read()
    except FileNotFoundError:
        return ""


def _name(binding: Binding) -> str:
    return (binding.key or "").upper()


def _replaced(binding: Binding, value: str | None, ending: str) -> str:
    """Some have their shell read the file, hence `export`; and the comment behind a value is somebody's."""
    original = binding.original.string
    if value is None:
        return _blank(original)
    export = "export " if re.match(r"\s*export\s", original) else ""
    comment = re.search(r"[ \t]+#[^\r\n]*$", original.rstrip("\r\n")) if "#" not in (binding.value or "") else None
    return f"{_blank(original)}{export}{_assigned(_name(binding), value)}{comment.group() if comment else ''}{ending}"


def _blank(original: str) -> str:
    """The empty lines that the parser counts to an assignment."""
    return original[: len(original) - len(original.lstrip())]


def _assigned(name: str, value: str) -> str:
    if "\n" in value or "\r" in value or "${" in value:
        raise EnvFileError(f"{name} holds a line break or ${{, which cannot stand in .env: set it in the environment.")
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def _joined(text: str, new: Mapping[str, str], ending: str) -> str:
    if text and not text.endswith("\n"):
        text += ending
    for name, value in new.items():
        line = f"{_assigned(name, value)}{ending}"
        commented = re.search(rf"^#[ \t]*{name}[ \t]*=[^\r\n]*(?:\r?\n)", text, re.MULTILINE | re.IGNORECASE)
        text = text[: commented.end()] + line + text[commented.end() :] if commented else text + line
    return text


def _verify(text: str, changes: Changes) -> None:
    read = {name.upper(): value for name, value in dotenv_values(stream=io.StringIO(text)).items()}
    for name, value in changes.items():
        if read.get(name) != value:
            raise EnvFileError(f"{name} could not be written so that it is read the same: write it into .env by hand.")


def _placed(file: Path, text: str, owner: os.stat_result | None) -> None:
    """The file holds the text, all of it and on the disk, and is its owner's alone."""
    # mkstemp makes it with 0600 from its first moment on.
    handle, temporary = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(temporary).chmod(MODE)
        _handed_over(temporary, owner)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _handed_over(file: str, owner: os.stat_result | None) -> None:
    """It belongs to whom the old one belonged: root may set up what another user runs."""
    if owner is not None and hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(file, owner.st_uid, owner.st_gid)
