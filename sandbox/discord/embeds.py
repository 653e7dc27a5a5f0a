"""The limits of embeds, from docs.discord.com/developers/resources/message#embed-object-embed-limits. Pure."""

from collections.abc import Sequence

from sandbox.discord.forms import Form
from sandbox.discord.values import Json

MOST = 10
MOST_TEXT = 6000


def check(embeds: Sequence[Json], form: Form) -> None:
    """Every fault of a message's embeds is noted in the form."""
    if len(embeds) > MOST:
        form.wrong("embeds", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST} or fewer in length.")
    for number, embed in enumerate(embeds):
        _check_one(f"embeds.{number}", embed, form)
    if sum(map(_size, embeds)) > MOST_TEXT:
        message = f"Embed size exceeds maximum size of {MOST_TEXT}"
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)


def rich(embeds: Sequence[Json]) -> tuple[Json, ...]:
    """The embeds as Discord gives them back."""
    return tuple({"type": "rich"} | embed for embed in embeds)


def _check_one(path: str, embed: Json, form: Form) -> None:
    form.length(f"{path}.title", embed.get("title"), 256)
    form.length(f"{path}.description", embed.get("description"), 4096)
    form.length(f"{path}.footer.text", (embed.get("footer") or {}).get("text"), 2048)
    form.length(f"{path}.author.name", (embed.get("author") or {}).get("name"), 256)
    fields = embed.get("fields") or []
    if len(fields) > 25:
        form.wrong(f"{path}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for number, field in enumerate(fields):
        form.length(f"{path}.fields.{number}.name", field.get("name"), 256, least=1)
        form.length(f"{path}.fields.{number}.value", field.get("value"), 1024, least=1)


def _size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))
