"""What a person fills into a form, turned into an interaction's data.

Like Discord's client it refuses what the app has ruled out: too long a text, a choice that is not offered, a field that
has to be filled in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.discord import components
from sandbox.discord.attachments import Upload
from sandbox.discord.options import Filling, chosen
from sandbox.discord.values import Json, SandboxError

LONGEST = 4000


def submitted(modal: Json, values: Mapping[str, Any], filling: Filling) -> Json:
    """The `data` of a form with these values by custom_id; what is not named stays as it was opened.

    A file is an Upload, or an object with its `name`, `content` (text) and `mimetype`.
    """
    inside = [one for _, one in components.walk(modal["components"]) if one["type"] in components.INTERACTIVE]
    unknown = set(values) - {one["custom_id"] for one in inside}
    if unknown:
        raise SandboxError(f"the form has no field {', '.join(sorted(unknown))}")
    fields = [_field(one, values, filling) for one in modal["components"]]
    data: Json = {"custom_id": modal["custom_id"], "components": fields}
    return data | ({"resolved": filling.resolved} if filling.resolved else {})


def _field(component: Json, values: Mapping[str, Any], filling: Filling) -> Json:
    body: Json = {"type": component["type"], "id": component["id"]}
    match component["type"]:
        case components.ROW:
            return body | {"components": [_field(one, values, filling) for one in component["components"]]}
        case components.LABEL:
            return body | {"component": _field(component["component"], values, filling)}
        case components.TEXT:
            return body
        case kind:
            return body | {"custom_id": component["custom_id"]} | _input(kind, component, values, filling)


def _input(kind: int, component: Json, values: Mapping[str, Any], filling: Filling) -> Json:
    match kind:
        case components.TEXT_INPUT:
            return {"value": _typed(component, values)}
        case components.UPLOAD:
            return {"values": _uploaded(component, values, filling)}
        case single if single in components.CHOOSERS - {22}:
            return {"value": values.get(component["custom_id"])}
        case _:
            return {"values": _chosen(component, values)}


def _typed(component: Json, values: Mapping[str, Any]) -> str:
    text = str(values.get(component["custom_id"], component.get("value") or ""))
    least = component.get("min_length") or (1 if component.get("required", True) else 0)
    if text == "" and not component.get("required", True):
        return text
    if not least <= len(text) <= (component.get("max_length") or LONGEST):
        raise SandboxError(f"{component['custom_id']} is too short or too long")
    return text


def _chosen(component: Json, values: Mapping[str, Any]) -> list[str]:
    before = [one["value"] for one in component.get("options") or () if one.get("default")]
    picked = _listed(values.get(component["custom_id"], before))
    if not picked and not component.get("required", True):
        return []
    return chosen(component, picked)


def _uploaded(component: Json, values: Mapping[str, Any], filling: Filling) -> list[str]:
    uploads = [Upload.of(one) for one in _listed(values.get(component["custom_id"]))]
    least, most = components.counts(component)
    if not (least if component.get("required", True) else 0) <= len(uploads) <= most:
        raise SandboxError(f"{component['custom_id']} takes another number of files")
    return [filling.upload(one) for one in uploads]


def _listed(given: Any) -> Sequence[Any]:
    if given is None or given == "":
        return []
    return given if isinstance(given, list | tuple) else [given]
