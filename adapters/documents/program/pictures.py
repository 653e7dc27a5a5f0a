"""Pictures: whatever comes in, what goes out is small enough, of a format that models take, and tells no camera's
secrets."""

from __future__ import annotations

import base64
import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from adapters.documents.program.refusal import BROKEN, EMPTY, Refused

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1_536
"""Pixels: 48 of the patches of 32 that newer models count by, so at most about 2,800 tokens."""
MOST_BYTES = 1_500_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
"""Of what the library knows, those that people send and that start no other program."""
_AS_THEY_ARE = frozenset({"PNG", "JPEG", "WEBP"})
_SILENT = frozenset(
    {"dpi", "gamma", "srgb", "chromaticity", "transparency", "interlace", "aspect", "background", "loop", "duration"}
    | {"timestamp", "jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression", "icc_profile"}
)
"""What may stand beside the pixels: it says nothing of who made them, where or when."""
QUALITIES = (88, 75, 60, 40)
TOO_MANY = "it has more pixels than I take in (50 million)."
UNKNOWN = "it is a kind of picture that I do not know. PNG, JPEG, GIF and WebP will do."


def picture(content: bytes) -> dict[str, object]:
    """The picture as a `data:` URL, with its size. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if not content:
        raise Refused(EMPTY)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            return _made(opened, content)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(TOO_MANY) from None
    except UnidentifiedImageError:
        raise Refused(UNKNOWN) from None
    except (Refused, MemoryError):
        raise
    except Exception:  # a broken picture makes the library raise anything; the process ends after it
        raise Refused(BROKEN) from None


def _made(opened: Image.Image, content: bytes) -> dict[str, object]:
    if opened.width * opened.height > MOST_PIXELS:
        raise Refused(TOO_MANY)
    kind = opened.format or ""
    fits = max(opened.size) <= LONGEST_SIDE and len(content) <= MOST_BYTES
    if kind in _AS_THEY_ARE and fits and not getattr(opened, "is_animated", False):
        opened.load()  # all of it is there, and so is what stands after the pixels
        if not opened.getexif() and not opened.info.keys() - _SILENT:
            return _answer(f"image/{kind.lower()}", content, opened.size)
    return _redrawn(opened)


def _redrawn(opened: Image.Image) -> dict[str, object]:
    """Upright, smaller where it must be, and without what stood beside the pixels."""
    opened.seek(0)
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is unpacked at a part of its size
    upright = ImageOps.exif_transpose(opened)
    drawn = upright.convert("RGBA" if _see_through(upright) else "RGB")
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    clean = Image.new(drawn.mode, drawn.size)
    clean.paste(drawn)
    if opened.format != "JPEG":  # a screenshot's letters stay sharp where there is room
        sharp = _saved(clean, "PNG", optimize=False)
        if len(sharp) <= MOST_BYTES:
            return _answer("image/png", sharp, clean.size)
    for quality in QUALITIES:
        soft = _saved(_flat(clean), "JPEG", quality=quality)
        if len(soft) <= MOST_BYTES:
            return _answer("image/jpeg", soft, clean.size)
    raise Refused("it stays too large, however I shrink it.")


def _see_through(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _flat(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def _answer(media_type: str, content: bytes, size: tuple[int, int]) -> dict[str, object]:
    encoded = base64.b64encode(content).decode("ascii")
    return {"url": f"data:{media_type};base64,{encoded}", "width": size[0], "height": size[1]}
