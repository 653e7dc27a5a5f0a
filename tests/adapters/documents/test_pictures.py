"""Pictures: small enough for a model, of a format that it takes, and without a camera's secrets."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from adapters.documents.reader import FileProgram
from core.documents import Picture, Unreadable, is_picture
from tests.samples import image, photograph


def opened(picture: Picture) -> Image.Image:
    """As a model's server would open it."""
    head, _, encoded = picture.url.partition(",")
    found = Image.open(BytesIO(base64.b64decode(encoded)))
    assert head == f"data:image/{(found.format or '').lower()};base64"
    assert found.size == (picture.width, picture.height)
    return found


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_small_picture_stays_as_it_is(files: FileProgram, kind: str) -> None:
    """Byte by byte."""
    content = image(64, 32, kind=kind)
    picture = await files.picture(content)
    assert base64.b64decode(picture.url.partition(",")[2]) == content
    assert opened(picture).format == kind


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
async def test_other_formats_become_one_that_models_take(files: FileProgram, kind: str) -> None:
    """PNG where there is room for it."""
    assert opened(await files.picture(image(64, 32, kind=kind))).format == "PNG"


async def test_a_large_picture_is_made_smaller(files: FileProgram) -> None:
    """To the longest side, with its shape, and to few bytes."""
    picture = await files.picture(image(4_000, 3_000, kind="JPEG", noisy=True))
    assert (picture.width, picture.height) == (1_536, 1_152)
    assert len(picture.url) < 2_100_000


async def test_a_photograph_is_upright_and_tells_nothing(files: FileProgram) -> None:
    """It is turned as the camera said, and what stood beside the pixels is gone."""
    picture = await files.picture(photograph(40, 20))
    assert (picture.width, picture.height) == (20, 40)
    assert b"Secret Owner" not in base64.b64decode(picture.url.partition(",")[2])
    assert not opened(picture).getexif()


async def test_words_beside_a_picture_are_left_out(files: FileProgram) -> None:
    """Also those that no camera writes."""
    words = PngInfo()
    words.add_text("Author", "Secret Owner")
    picture = await files.picture(image(64, 32, pnginfo=words))
    assert b"Secret Owner" not in base64.b64decode(picture.url.partition(",")[2])


async def test_what_can_be_seen_through_stays_so(files: FileProgram) -> None:
    """A drawing on nothing has no black ground."""
    made = BytesIO()
    Image.new("RGBA", (2_000, 100), (255, 0, 0, 0)).save(made, "PNG")
    assert opened(await files.picture(made.getvalue())).mode == "RGBA"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (image(200, 200, noisy=True)[:-2_000], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "kind of picture|damaged"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "kind of picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "kind of picture"),
    ],
)
async def test_what_is_no_picture_says_why(files: FileProgram, content: bytes, why: str) -> None:
    """In words for people."""
    with pytest.raises(Unreadable, match=why):
        await files.picture(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_picture_is_known_by_its_beginning(kind: str) -> None:
    """Whatever it is called."""
    assert is_picture(image(kind=kind))


@pytest.mark.parametrize("content", [b"", b"BM is a name", b"RIFF and rhythm", b"%PDF-1.7", b"PK\x03\x04"])
def test_other_things_are_no_pictures(content: bytes) -> None:
    """Also where they begin a little like one."""
    assert not is_picture(content)
