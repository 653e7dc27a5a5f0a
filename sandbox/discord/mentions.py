"""Whom a text mentions, and whom it really pings. Pure.

People type names; the wire carries ids. What `allowed_mentions` leaves out, and what the author has no permission
for, stays visible in the text and pings nobody.
"""

import re
from dataclasses import dataclass

from sandbox.discord.values import Json
from sandbox.discord.world import Channel, Guild, Person, World

_CODE = re.compile(r"```.*?```|``.*?``|`[^`]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")
BY_MESSAGES = frozenset({"users", "roles", "everyone"})
BY_INTERACTIONS = frozenset({"users"})
"""Without `allowed_mentions`, answers to interactions and webhooks ping people only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What ends up in a message's `mentions`, `mention_roles` and `mention_everyone`."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    everyone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an author lets a message ping."""

    parse: frozenset[str] = BY_MESSAGES
    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    replied_user: bool = True

    @classmethod
    def of(cls, given: Json | None, default: frozenset[str]) -> "Rules":
        """From a payload's `allowed_mentions`; `default` is what is parsed without one."""
        if given is None:
            return cls(parse=default)
        return cls(
            parse=frozenset(given.get("parse") or ()),
            users=frozenset(map(str, given.get("users") or ())),
            roles=frozenset(map(str, given.get("roles") or ())),
            replied_user=bool(given.get("replied_user", False)),
        )


def encode(text: str, world: World, guild: Guild | None) -> str:
    """The typed text as the client sends it: `@Parley` and `#help` become ids, code stays as it is."""
    pieces = _split_code(text)
    return "".join(piece if is_code else _encode(piece, world, guild) for piece, is_code in pieces)


def found(
    content: str, rules: Rules, world: World, guild: Guild | None, *, everyone: bool, replied: Person | None
) -> Mentions:
    """Whom the content and the reply mention under the rules; `everyone`: the author may ping all and roles."""
    prose = "".join(piece for piece, is_code in _split_code(content) if not is_code)
    known = guild.members if guild else world.people
    users = [user for user in _USER.findall(prose) if user in known]
    allowed = [user for user in users if "users" in rules.parse or user in rules.users]
    if replied is not None and rules.replied_user:
        allowed.append(replied.id)
    roles = [role for role in _ROLE.findall(prose) if guild and role in guild.roles]
    return Mentions(
        users=tuple(dict.fromkeys(allowed)),
        roles=tuple(dict.fromkeys(role for role in roles if "roles" in rules.parse or role in rules.roles)),
        everyone=everyone and "everyone" in rules.parse and bool(_EVERYONE.search(prose)),
    )


def pinged(mentions: Mentions, guild: Guild | None, *, roles: bool) -> frozenset[str]:
    """The ids of all who are notified; `roles` says whether the author may ping roles."""
    people = set(mentions.users)
    if guild is None:
        return frozenset(people)
    if mentions.everyone:
        people |= set(guild.members)
    if roles:
        people |= {who for who, member in guild.members.items() if member.roles & set(mentions.roles)}
    return frozenset(people)


def _listed(channel: Channel, guild: Guild) -> bool:
    """Threads come and go by the hundred and are linked by id."""
    return channel.guild_id == guild.id and channel.kind == "text"


def _split_code(text: str) -> list[tuple[str, bool]]:
    pieces, at = [], 0
    for code in _CODE.finditer(text):
        pieces += [(text[at : code.start()], False), (code.group(), True)]
        at = code.end()
    return [*pieces, (text[at:], False)]


def _encode(text: str, world: World, guild: Guild | None) -> str:
    names = {f"@{name}": f"<@{who.id}>" for who in world.people.values() for name in (who.display, who.name)}
    if guild is not None:
        for role in guild.roles.values():
            names.setdefault(f"@{role.name.removeprefix('@')}", f"<@&{role.id}>")
        names.pop("@everyone", None)
        names |= {f"#{one.name}": f"<#{one.id}>" for one in world.channels.values() if _listed(one, guild)}
    by_name = {name.lower(): sent for name, sent in names.items()}
    longest_first = sorted(by_name, key=len, reverse=True)
    typed = re.compile(rf"(?<![\w<])(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
    return typed.sub(lambda match: by_name[match.group().lower()], text)
