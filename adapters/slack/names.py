"""What people type into Slack, as Markdown: ids become the names that readers see. Pure. The way out is markup.py."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_TOKEN = re.compile(r"<(?P<sign>@|#|!)?(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_USER = re.compile(r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_MARKS = re.compile(
    r"(?<![\w*])\*(?=[^\s*])(?P<bold>[^*\n]+?)(?<=[^\s*])\*(?![\w*])"
    r"|(?<![\w~])~(?=[^\s~])(?P<struck>[^~\n]+?)(?<=[^\s~])~(?![\w~])"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")
_ENDS = " \t\n,:;–—-"


def to_markdown(text: str, names: Mapping[str, str]) -> str:
    """The text with names in place of ids, and Slack's marks as Markdown's. Code stays as it was typed."""
    pieces, at = [], 0
    clean = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for code in _CODE.finditer(clean):
        pieces += [_prose(clean[at : code.start()], names), _unescaped(_plain_tokens(code.group()))]
        at = code.end()
    return "".join([*pieces, _prose(clean[at:], names)])


def _prose(text: str, names: Mapping[str, str]) -> str:
    """Tokens are kept aside meanwhile: what stands in an address is no mark."""
    pieces, at = [], 0
    for token in _TOKEN.finditer(text):
        pieces += [_marked(text[at : token.start()]), _named(token, names)]
        at = token.end()
    return "".join([*pieces, _marked(text[at:])])


def _marked(text: str) -> str:
    return _unescaped(_MARKS.sub(lambda found: f"**{found[1]}**" if found["bold"] else f"~~{found[2]}~~", text))


def _named(token: re.Match[str], names: Mapping[str, str]) -> str:
    target, label = token["target"], _unescaped(token["label"] or "")
    if token["sign"] == "@":
        return f"@{names.get(target) or label or 'someone'}"
    if token["sign"] == "#":
        return f"#{label or 'channel'}"
    if token["sign"] == "!":
        return label if label and not label.startswith("@") else label or f"@{target.partition('^')[0]}"
    address = _unescaped(target)
    if not label or label == address or address == f"mailto:{label}" or address.endswith(f"://{label}"):
        return label if address.startswith("mailto:") else address
    return f"[{label}]({address})"


def _plain_tokens(code: str) -> str:
    """Slack makes links inside code too; there the address is what was typed."""
    return _TOKEN.sub(lambda token: token.group() if token["sign"] else (token["label"] or token["target"]), code)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def without_address(text: str, bot: str) -> str:
    """The text without the mentions that merely call the bot, at its beginning or end. One in the middle of a sentence
    stays, because there it is a word."""
    called = re.compile(rf"<@{re.escape(bot)}(?:\|[^<>]*)?>")
    text = text.strip()
    while (found := called.match(text)) is not None:
        text = text[found.end() :].lstrip(_ENDS)
    for found in reversed(list(called.finditer(text))):
        rest = text[found.end() :].strip()
        if rest.strip(".!?"):
            break
        text = text[: found.start()].rstrip() + rest
    return text.strip()


def mentions(text: str, user: str) -> bool:
    """Whether the text names that user, outside of code."""
    return user in named_users(text)


def named_users(text: str) -> tuple[str, ...]:
    """The ids of the people whom the text names, each once, in order."""
    prose = _CODE.sub(" ", text)
    return tuple(dict.fromkeys(found["user"] for found in _USER.finditer(prose)))
