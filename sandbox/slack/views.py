"""Modals and Home tabs: which are open on whose screen, and what Slack refuses to show.

A person's modals are a stack of at most three. `submission` turns filled-in values into the `state` that Slack sends.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.changes import Changes
from sandbox.slack import blocks as block_kit
from sandbox.slack import notices
from sandbox.slack.elements import MOST_FILES, MOST_IN_INPUT
from sandbox.slack.values import ApiError, Json, SandboxError
from sandbox.slack.world import Person, World

MOST_STACKED = 3
MOST_TITLE = 24
_MOMENTS = {"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time"}
_PLACES = re.compile(r"^(?P<several>multi_)?(?P<what>user|channel|conversation)s_select$")
_LONGEST = {"private_metadata": 3_000, "callback_id": 255, "external_id": 255}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal, or the Home tab of one person."""

    id: str
    person: Person
    body: Json
    hash: str
    root_id: str
    typed: Json = field(default_factory=dict)
    """What its person last submitted, by block_id and action_id; it stays in the fields while the modal is open."""

    @property
    def blocks(self) -> Sequence[Json]:
        blocks: Sequence[Json] = self.body["blocks"]
        return blocks


class Views:
    """The open views of every person."""

    def __init__(self, world: World, changes: Changes) -> None:
        self._world = world
        self._changes = changes
        self._stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def open(self, person: Person, body: Json, *, push: bool = False) -> View:
        """The modal is on top of the person's screen; without `push` it replaces what was open."""
        stack = self._stacks.setdefault(person.id, [])
        if push and len(stack) >= MOST_STACKED:
            raise ApiError("push_limit_reached")
        if not push:
            stack.clear()
        view = self._new(person, check(body, "modal"), stack[0].id if stack else None)
        stack.append(view)
        return self._told(view)

    def publish(self, person: Person, body: Json, hash: str | None) -> View:
        """The person's Home tab shows this now."""
        known = self.homes.get(person.id)
        if known and hash is not None and hash != known.hash:
            raise ApiError("hash_conflict")
        view = self._new(person, check(body, "home"), None)
        return self._told(replace(view, id=known.id, root_id=known.id) if known else view)

    def update(self, view: View, body: Json, hash: str | None = None) -> View:
        """The open view shows this now, under the same id."""
        if hash is not None and hash != view.hash:
            raise ApiError("hash_conflict")
        new = self._new(view.person, check(body, str(view.body["type"])), view.root_id)
        return self._told(replace(new, id=view.id, typed=view.typed))

    def typed(self, view: View, values: Json) -> None:
        """The fields show what was typed as long as the modal stays."""
        self._keep(replace(view, typed=values))

    def close(self, view: View, *, everything: bool = False) -> None:
        """The view is gone from the screen, and the ones above it; with `everything` all modals are."""
        stack = self._stacks.get(view.person.id, [])
        ids = [one.id for one in stack]
        del stack[0 if everything else ids.index(view.id) :]
        self._changes.tell(notices.view(view.person, stack[-1].body if stack else None))

    def get(self, view_id: str) -> View | None:
        return next((view for view in self.all() if view.id == view_id), None)

    def by_external_id(self, external_id: str) -> View | None:
        return next((view for view in self.all() if view.body.get("external_id") == external_id), None)

    def all(self) -> list[View]:
        """Every open modal, the top ones last, and every Home tab."""
        return [*(view for stack in self._stacks.values() for view in stack), *self.homes.values()]

    def _new(self, person: Person, body: Json, root_id: str | None) -> View:
        view_id, hash = self._world.ids.numbered("V"), self._world.ids.numbered("h")
        blocks = block_kit.named(body["blocks"], lambda: self._world.ids.numbered("b"))
        shared = {
            "id": view_id,
            "team_id": self._world.team_id,
            "app_id": self._world.bot.app_id,
            "bot_id": self._world.bot.bot_id,
            "app_installed_team_id": self._world.team_id,
            "hash": hash,
            "root_view_id": root_id or view_id,
            "previous_view_id": None,
            "private_metadata": body.get("private_metadata", ""),
            "callback_id": body.get("callback_id", ""),
            "state": {"values": {}},
        }
        shown = body | shared | {"blocks": list(blocks)}
        return View(id=view_id, person=person, body=shown, hash=hash, root_id=root_id or view_id)

    def _told(self, view: View) -> View:
        body = view.body | {"id": view.id, "root_view_id": view.root_id}
        view = replace(view, body=body)
        self._keep(view)
        self._changes.tell(notices.view(view.person, body))
        return view

    def _keep(self, view: View) -> None:
        if view.body["type"] == "home":
            self.homes[view.person.id] = view
        else:
            stack = self._stacks[view.person.id]
            stack[[one.id for one in stack].index(view.id)] = view


def check(body: Any, kind: str) -> Json:
    """The view, when Slack would take it; `invalid_arguments` or `invalid_blocks` otherwise."""
    if not isinstance(body, dict) or body.get("type") != kind or not isinstance(body.get("blocks"), list):
        raise ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] not a {kind} view"]})
    block_kit.check(body["blocks"], most=block_kit.VIEW_BLOCKS, in_view=True)
    for name, most in _LONGEST.items():
        if len(body.get(name) or "") > most:
            raise ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {name}"]})
    if kind == "modal":
        _check_modal(body)
    return body


def _check_modal(body: Json) -> None:
    for name in ("title", "submit", "close"):
        shown = body.get(name)
        if shown is None and name != "title":
            continue
        if not isinstance(shown, dict) or shown.get("type") != "plain_text":
            raise ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {name}"]})
        if not 0 < len(shown.get("text", "")) <= MOST_TITLE:
            raise ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {name}"]})
    has_input = any(block["type"] == "input" for block in body["blocks"])
    if has_input and not body.get("submit"):
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] submit"]})


def submission(blocks: Sequence[Json], values: Json, typed: Json | None = None) -> Json:
    """`state.values` of a form filled in with `values`, keyed by action_id (or by block_id, then action_id). What was
    `typed` before still stands in the fields of the same ids.

    SandboxError when a required field stays empty, a text is too long or a value belongs to no field, as Slack's
    client insists.
    """
    left, state = dict(values), dict[str, Json]()
    for block, element in block_kit.elements(blocks):
        if element["type"] == "button":
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        given = left.get(block_id)
        value = given.get(action_id) if isinstance(given, dict) else left.pop(action_id, None)
        before = ((typed or {}).get(block_id) or {}).get(action_id)
        filled = before if value is None and before is not None else _filled(element, value)
        if filled is None and block["type"] == "input" and not block.get("optional"):
            raise SandboxError(f"the field {action_id!r} must be filled in")
        state.setdefault(block_id, {})[action_id] = filled or _empty(element)
        left.pop(block_id, None)
    if left:
        raise SandboxError(f"the form has no field {', '.join(left)}")
    return {"values": state}


def _filled(element: Json, value: Any) -> Json | None:
    kind = element["type"]
    if kind == "file_input":
        return _filled_with_files(element, value)
    if kind.endswith("_input"):
        text = value if value is not None else element.get("initial_value")
        most = element.get("max_length", MOST_IN_INPUT)
        if text and len(str(text)) > most:
            raise SandboxError(f"{element['action_id']!r} takes no more than {most} characters")
        return None if text in (None, "") else {"type": kind, "value": str(text)}
    given = value if value is not None else _initial(element)
    return None if given in (None, "") or given == [] else {"type": kind} | chosen(element, given)


def _initial(element: Json) -> Any:
    """What stood in the field when it was shown."""
    for name, value in element.items():
        if name == "initial_option":
            return value["value"]
        if name == "initial_options":
            return [one["value"] for one in value]
        if name.startswith("initial_"):
            return value
    return None


def chosen(element: Json, value: str | Sequence[str]) -> Json:
    """What Slack says of a choice: a moment, ids, or the whole option. SandboxError for what is no option."""
    kind = element["type"]
    if moment := _MOMENTS.get(kind):
        return {moment: int(str(value)) if kind == "datetimepicker" else value}
    if place := _PLACES.search(kind):
        return {f"selected_{place['what']}{'s' if place['several'] else ''}": value}
    if kind == "checkboxes" or kind.startswith("multi_"):
        return {"selected_options": [chosen_option(element, one) for one in value]}
    return {"selected_option": chosen_option(element, str(value))}


def _filled_with_files(element: Json, files: Any) -> Json | None:
    if not files:
        return None
    if len(files) > element.get("max_files", MOST_FILES):
        raise SandboxError(f"{element['action_id']!r} takes no more than {element['max_files']} files")
    return {"type": "file_input", "files": list(files)}


def _empty(element: Json) -> Json:
    if element["type"] == "file_input":
        return {"type": "file_input", "files": []}
    key = "value" if element["type"].endswith("_input") else "selected_option"
    return {"type": element["type"], key: None}


def chosen_option(element: Json, value: str) -> Json:
    groups = [option for group in element.get("option_groups", ()) for option in group["options"]]
    for option in [*element.get("options", ()), *groups]:
        if option["value"] == value:
            found: Json = option
            return found
    raise SandboxError(f"{element['action_id']!r} has no option {value!r}")
