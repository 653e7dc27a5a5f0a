"""What a person types, turned into what Slack sends: the escaped `text` and the rich-text blocks.

Pure. People type `@Parley` and `#help`; apps receive `<@U…>` and `<#C…|help>`. Only `& < >` are escaped, inside code
as well; names and links are recognised outside code only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sandbox.slack.values import Json, SandboxError
from sandbox.slack.world import World

Kind = Literal["text", "code", "fence", "user", "channel", "broadcast", "link"]

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_TOKEN = re.compile(r"(?<![\w/])(@[\w.-]+|#[\w-]+)|(https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"])")
_CROWDS = ("here", "channel", "everyone")
_EMOJI = {
    "🎉": "tada", "👍": "+1", "👎": "-1", "❤️": "heart", "😀": "grinning", "😂": "joy", "🙏": "pray",
    "🔥": "fire", "🚀": "rocket", "✅": "white_check_mark", "❌": "x", "👋": "wave", "🤖": "robot_face",
    "🙂": "slightly_smiling_face", "😉": "wink", "🤔": "thinking_face", "👀": "eyes", "💯": "100",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of what was typed: plain, code, or a reference with the id (or address) it stands for."""

    kind: Kind
    typed: str
    target: str = ""


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pieces(typed: str, world: World) -> list[Piece]:
    found: list[Piece] = []
    for part in _CODE.split(typed):
        if part.startswith("```") and len(part) > 3:
            found.append(Piece("fence", part))
        elif part.startswith("`") and len(part) > 1:
            found.append(Piece("code", part))
        elif part:
            found.extend(_references(part, world))
    return found


def encode(typed: str, world: World) -> str:
    """The `text` field of the message that Slack delivers."""
    return "".join(_encoded(piece) for piece in pieces(typed, world))


def encode_command(typed: str, world: World) -> str:
    """The `text` of a slash command with `should_escape`: users carry their names too."""
    parts = []
    for piece in pieces(typed, world):
        user = piece.kind == "user"
        parts.append(f"<@{piece.target}|{piece.typed[1:]}>" if user else _encoded(piece))
    return "".join(parts)


def rich_text(typed: str, world: World, block_id: str) -> Json:
    """The block that Slack's own clients send along with the text."""
    sections: list[Json] = []
    run: list[Json] = []
    for piece in pieces(typed, world):
        if piece.kind == "fence":
            if run:
                sections.append({"type": "rich_text_section", "elements": run})
            code = {"type": "text", "text": piece.typed[3:-3].strip("\n")}
            sections.append({"type": "rich_text_preformatted", "elements": [code], "border": 0})
            run = []
        else:
            run.append(_element(piece))
    if run or not sections:
        sections.append({"type": "rich_text_section", "elements": run})
    return {"type": "rich_text", "block_id": block_id, "elements": sections}


def _references(part: str, world: World) -> Iterator[Piece]:
    end = 0
    for match in _TOKEN.finditer(part):
        piece = _reference(match.group(), world)
        if piece is None:
            continue
        if match.start() > end:
            yield Piece("text", part[end : match.start()])
        yield piece
        end = match.start() + len(piece.typed)
    if end < len(part):
        yield Piece("text", part[end:])


def _reference(token: str, world: World) -> Piece | None:
    if token.startswith("http"):
        return Piece("link", token, token)
    sign, name = token[0], token[1:].rstrip(".-")
    if sign == "@" and name in _CROWDS:
        return Piece("broadcast", sign + name, name)
    try:
        if sign == "@":
            return Piece("user", sign + name, world.person(name).id)
        return Piece("channel", sign + name, world.channel(name).id)
    except SandboxError:
        return None


def _encoded(piece: Piece) -> str:
    match piece.kind:
        case "user":
            return f"<@{piece.target}>"
        case "channel":
            return f"<#{piece.target}|{piece.typed[1:]}>"
        case "broadcast":
            return f"<!{piece.target}>"
        case "link":
            return f"<{escape(piece.target)}>"
        case "text":
            return _named_emoji(escape(piece.typed))
        case "code" | "fence":
            return escape(piece.typed)


def _element(piece: Piece) -> Json:
    match piece.kind:
        case "user":
            return {"type": "user", "user_id": piece.target}
        case "channel":
            return {"type": "channel", "channel_id": piece.target}
        case "broadcast":
            return {"type": "broadcast", "range": piece.target}
        case "link":
            return {"type": "link", "url": piece.target}
        case "code":
            return {"type": "text", "text": piece.typed[1:-1], "style": {"code": True}}
        case "text" | "fence":
            return {"type": "text", "text": piece.typed}


def _named_emoji(text: str) -> str:
    for emoji, name in _EMOJI.items():
        text = text.replace(emoji, f":{name}:")
    return text
