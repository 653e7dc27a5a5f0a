"""The message that a payload asks for: read, trimmed, and checked against Discord's limits before anything happens.

Creating and editing, with the bot's token or an interaction's, all pass here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.discord import components, embeds, refusals
from sandbox.discord.attachments import LARGEST_FILE, Upload
from sandbox.discord.forms import Form
from sandbox.discord.messages import Flag, Message
from sandbox.discord.values import ApiError, Json

LONGEST = 2000
LONGEST_NONCE = 25
MOST_MENTIONS = 100
MOST_FILES = 10
BY_BOTS = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.COMPONENTS_V2
BY_INTERACTIONS = BY_BOTS | Flag.EPHEMERAL
BY_EDITS = Flag.SUPPRESS_EMBEDS | Flag.COMPONENTS_V2


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the message is to show."""

    content: str
    embeds: tuple[Json, ...]
    components: tuple[Json, ...]
    flags: Flag
    uploads: tuple[tuple[Upload, str | None], ...] = ()
    """New files with their descriptions."""
    kept: frozenset[str] | None = None
    """Ids of the old attachments that stay; None for all."""
    allowed_mentions: Json | None = None
    reference: Json | None = None
    nonce: str | None = None
    enforce_nonce: bool = False


def of_new(body: Json, files: Mapping[int, Upload], allowed: Flag) -> Draft:
    """The draft of a new message. ApiError 50035 for what is wrong in it, 50006 when it is empty."""
    return _read(body, files, None, allowed)


def of_edit(body: Json, files: Mapping[int, Upload], message: Message) -> Draft:
    """The draft of how the message is to be; what the payload leaves out stays."""
    return _read(body, files, message, BY_EDITS)


def _read(body: Json, files: Mapping[int, Upload], old: Message | None, allowed: Flag) -> Draft:
    form = Form()
    content, flags = _content(body, old, form), _flags(body, old, allowed, form)
    shown_embeds = _list(body, "embeds", old.embeds if old else (), form)
    shown_components = _list(body, "components", old.components if old else (), form)
    embeds.check(shown_embeds, form)
    components.check_message(shown_components, form, v2=bool(flags & Flag.COMPONENTS_V2))
    if flags & Flag.COMPONENTS_V2 and (content or shown_embeds or body.get("poll") or body.get("sticker_ids")):
        message = "The 'content', 'embeds', 'poll' and 'stickers' fields cannot be used with components v2"
        form.wrong("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
    _check_mentions(body.get("allowed_mentions"), form)
    nonce = None if body.get("nonce") is None else str(body["nonce"])
    form.length("nonce", nonce, LONGEST_NONCE)
    uploads, kept = _files(body, files, form)
    form.check()
    draft = Draft(
        content=content,
        embeds=embeds.rich(shown_embeds),
        components=components.numbered(shown_components),
        flags=flags,
        uploads=uploads,
        kept=kept,
        allowed_mentions=body.get("allowed_mentions"),
        reference=body.get("message_reference"),
        nonce=nonce,
        enforce_nonce=bool(body.get("enforce_nonce")),
    )
    _check_something_to_show(draft, old)
    return draft


def _content(body: Json, old: Message | None, form: Form) -> str:
    if "content" not in body:
        return old.content if old else ""
    content = body["content"]
    if content is not None and not isinstance(content, str):
        form.wrong("content", "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
        return ""
    trimmed = (content or "").strip()
    form.length("content", trimmed, LONGEST)
    return trimmed


def _flags(body: Json, old: Message | None, allowed: Flag, form: Form) -> Flag:
    before = old.flags if old else Flag(0)
    given = body.get("flags")
    if given is None:
        return before
    if not isinstance(given, int):
        form.wrong("flags", "NUMBER_TYPE_COERCE", f"Value {given!r} is not int.")
        return before
    wanted = Flag(given) & allowed
    if old is None:
        return wanted
    # Only this one can be taken away again; components v2 stay once they are there.
    return (before & ~Flag.SUPPRESS_EMBEDS) | wanted


def _list(body: Json, name: str, old: tuple[Json, ...], form: Form) -> list[Json]:
    if name not in body:
        return list(old)
    given = body[name] or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        form.wrong(name, "LIST_TYPE_CONVERT", "Only iterables of objects may be used here.")
        return []
    return given


def _check_mentions(given: Json | None, form: Form) -> None:
    if not given:
        return
    for name in ("users", "roles"):
        listed = given.get(name) or []
        if len(listed) > MOST_MENTIONS:
            form.wrong(f"allowed_mentions.{name}", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_MENTIONS} or fewer.")
        if listed and name in (given.get("parse") or ()):
            message = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            form.wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _files(
    body: Json, files: Mapping[int, Upload], form: Form
) -> tuple[tuple[tuple[Upload, str | None], ...], frozenset[str] | None]:
    listed = body.get("attachments")
    if len(files) > MOST_FILES:
        form.wrong("files", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FILES} or fewer in length.")
    if any(len(upload.content) > LARGEST_FILE for upload in files.values()):
        raise ApiError(refusals.TOO_LARGE)
    about = {str(one.get("id")): one for one in listed or []}
    uploads = []
    for number, upload in sorted(files.items()):
        described = about.get(str(number), {})
        name = described.get("filename") or upload.name
        renamed = Upload(name=name, content=upload.content, mimetype=upload.mimetype)
        uploads.append((renamed, described.get("description")))
    kept = None if listed is None else frozenset(about) - {str(number) for number in files}
    return tuple(uploads), kept


def _check_something_to_show(draft: Draft, old: Message | None) -> None:
    stays = old is not None and any(draft.kept is None or one.id in draft.kept for one in old.attachments)
    if not (draft.content or draft.embeds or draft.components or draft.uploads or stays):
        raise ApiError(refusals.EMPTY_MESSAGE)
