"""What a pasted secret is, by its shape: most mistakes of a first installation are the right secret in the wrong place.

A shape proves nothing; only the platform knows whether it accepts a secret. Nothing here repeats one.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_SLACK = "api.slack.com/apps, your app, "
_DISCORD = "discord.com/developers/applications, your application, "


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of secret."""

    called: str
    shape: re.Pattern[str]
    setting: str = ""
    """Where it belongs; empty where Parley has no use for it."""
    doubtful: tuple[str, ...] = ()
    """Settings whose own secrets may look the same: keys of models have all shapes, and stand-ins have tokens of
    theirs. There only a refusal shows that it is the wrong one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the secret of a setting is found, and how it looks."""

    looks: str
    where: str


PLACES = {
    "SLACK_BOT_TOKEN": Place(
        looks="the Bot User OAuth Token, which begins with xoxb-", where=f"{_SLACK}OAuth & Permissions"
    ),
    "SLACK_APP_TOKEN": Place(
        looks="the app-level token, which begins with xapp-", where=f"{_SLACK}Basic Information, App-Level Tokens"
    ),
    "SLACK_SIGNING_SECRET": Place(
        looks="the signing secret, 32 characters", where=f"{_SLACK}Basic Information, App Credentials"
    ),
    "DISCORD_TOKEN": Place(looks="the bot's token, three parts with dots", where=f"{_DISCORD}Bot, Reset Token"),
    "OPENAI_API_KEY": Place(looks="the key of the model's service", where="its page on keys"),
}
_KEY, _SIGNING, _DISCORD_TOKEN = "OPENAI_API_KEY", "SLACK_SIGNING_SECRET", "DISCORD_TOKEN"
_KINDS = tuple(
    Kind(called=called, shape=re.compile(shape), setting=setting, doubtful=doubtful)
    for called, shape, setting, doubtful in (
        ("Slack's bot token (xoxb-…)", r"xoxb-.*", "SLACK_BOT_TOKEN", ()),
        ("Slack's app-level token (xapp-…)", r"xapp-.*", "SLACK_APP_TOKEN", ()),
        ("a user token of Slack's (xoxp-…)", r"xoxp-.*", "", ()),
        ("a token that expires, of a Slack app with token rotation (xoxe…)", r"xoxe[.-].*", "", ()),
        ("a token of Slack's browser client", r"xox[cd]-.*", "", ()),
        ("another token of Slack's", r"xox[a-z]-.*", "", ()),
        ("the address of a webhook", r"https://(?:hooks\.slack|discord(?:app)?)\.com/.*", "", ()),
        ("Discord's bot token", r"[\w-]{18,30}\.[\w-]{5,8}\.[\w-]{25,}", _DISCORD_TOKEN, (_KEY,)),
        ("an id of Discord's, such as the application's", r"\d{17,20}", "", (_KEY, _SIGNING)),
        ("the public key of Discord's application", r"[0-9a-f]{64}", "", (_KEY, _SIGNING)),
        ("a signing or client secret of Slack's", r"[0-9a-f]{32}", _SIGNING, (_KEY, _DISCORD_TOKEN)),
        ("a model's API key (sk-…)", r"sk-.*", _KEY, ()),
        ("a client secret of Discord's", r"[\w-]{32}", "", (_KEY, _SIGNING, _DISCORD_TOKEN)),
    )
)


def kind(secret: str) -> Kind | None:
    """What the text looks like; none where it looks like nothing that is known."""
    return next((kind for kind in _KINDS if kind.shape.fullmatch(secret.strip())), None)


def cleaned(pasted: str) -> str:
    """The secret without what is copied along with it: a setting's name, quotes, the word of a header."""
    text = re.sub(r"^(?:export\s+)?(?:SLACK|DISCORD|OPENAI)_[A-Z_]+\s*=\s*", "", pasted.strip())
    text = re.sub(r"^([\"'`])(.*)\1$", r"\2", text)
    return re.sub(r"^(?:Bot|Bearer)\s+", "", text)


def misplaced(setting: str, secret: str) -> str:
    """What the secret is, and where the right one is found, in two sentences, where it plainly is another one than that
    setting takes; else empty."""
    found = _another(setting, secret)
    if found is None or setting in found.doubtful:
        return ""
    belongs = f", and belongs into {found.setting}" if found.setting else ""
    return f"That is {found.called}{belongs}. {found_at(setting)}"


def resembled(setting: str, secret: str) -> str:
    """For a secret that was refused: what it looks like, in two sentences, where that is something else; else empty."""
    found = _another(setting, secret)
    if found is None:
        return ""
    belongs = f", which belongs into {found.setting}" if found.setting else ""
    return f"It looks like {found.called}{belongs}. {found_at(setting)}"


def held(setting: str, secret: str) -> str:
    """The same, in one sentence about a setting that holds it already."""
    found = _another(setting, secret)
    if found is None or setting in found.doubtful:
        return ""
    belongs = f", which belongs into {found.setting}" if found.setting else ""
    return f"{setting} holds {found.called}{belongs}: it takes {PLACES[setting].looks}, from {PLACES[setting].where}."


def _another(setting: str, secret: str) -> Kind | None:
    found = kind(secret)
    return None if found is None or found.setting == setting else found


def found_at(setting: str) -> str:
    """Where that setting's secret is found, as a sentence."""
    place = PLACES[setting]
    return f"{setting} takes {place.looks}, from {place.where}."


def application_id(text: str) -> str | None:
    """The id of a Discord application, if the text is one."""
    return text.strip() if re.fullmatch(r"\d{17,20}", text.strip()) else None


def application(token: str) -> str:
    """The id of the user that a Discord token belongs to, which is the application's for all but very old ones; empty
    where the token does not say. Nothing is checked with Discord."""
    first = token.strip().partition(".")[0]
    try:
        told = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return application_id(told) or ""


def tail(secret: str) -> str:
    """How a present secret is shown: its last four characters, and none of a short one."""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"
