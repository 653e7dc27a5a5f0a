"""Files of this machine: those that a person sends along, and those that Parley gives."""

from __future__ import annotations

import mimetypes
import os
import re
from pathlib import Path

from core.errors import FileTooLarge, SurfaceForbidden
from core.incoming import Attachment
from core.interaction import File

_UNSAFE = re.compile(r"[^\w.\- ]+")
_LONGEST_NAME = 100
_MOST_OF_A_NAME = 1_000


def attachment(named: str) -> Attachment | None:
    """The file of that path, perhaps in quotes, as it comes with a message; None where there is none to read."""
    path = Path(named.strip().strip("'\"")).expanduser()
    try:
        if not named.strip() or not path.is_file() or not os.access(path, os.R_OK):
            return None
        size = path.stat().st_size
    except (OSError, ValueError):  # a name that no system takes, such as one with a null byte
        return None
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Attachment(id=os.urandom(6).hex(), name=path.name, media_type=media, size=size, url=str(path.resolve()))


def content(attachment: Attachment, most: int) -> bytes:
    """What the file holds now. Raises FileTooLarge beyond that many bytes, SurfaceForbidden where it is gone."""
    try:
        with Path(attachment.url).open("rb") as file:
            read = file.read(most + 1)
    except OSError as error:
        raise SurfaceForbidden(f"{attachment.name} cannot be read: {error.strerror}") from None
    if len(read) > most:
        raise FileTooLarge(f"more than {most} bytes")
    return read


def save(file: File, folder: Path) -> Path:
    """Where the file is now, below the folder whatever its name says; one of the same name is left alone. Raises
    SurfaceForbidden where it cannot be written."""
    name = _UNSAFE.sub("_", file.name).strip(". ")[-_LONGEST_NAME:] or "file"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_OF_A_NAME):
            path = folder / (name if number == 1 else f"{Path(name).stem} ({number}){Path(name).suffix}")
            try:
                with path.open("xb") as out:
                    out.write(file.content)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise SurfaceForbidden(f"{name} cannot be written into {folder}: {error.strerror}") from None
    raise SurfaceForbidden(f"there are too many files called {name} in {folder}")
