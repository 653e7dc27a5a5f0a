"""The model's part of the guide: where it is, its key, its name out of the server's list, and one short answer."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.listing import chatting, listed_models
from adapters.chat_completions.secret import Secret
from adapters.chat_completions.windows import DEFAULT, window_of
from bots import credentials
from bots.cli.examination import Finding
from bots.cli.models import examine
from bots.cli.setup.draft import Draft
from bots.cli.setup.services import OPENAI, SERVICES, Service, completed, service, service_at
from bots.cli.setup.terminal import Terminal, run
from bots.clock import SystemClock
from bots.endpoints import FIRST

URL, KEY, MODEL, WINDOW = "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL", "OPENAI_CONTEXT_WINDOW"
LIST_WITHIN = 10.0
"""Seconds for which the server's list of models is waited for."""
SHOWN = 12
"""Names of models that are printed."""


def ask(terminal: Terminal, draft: Draft) -> None:
    """The draft names a model that has answered, or one that is kept in spite of what was found. Raises Skipped."""
    terminal.heading("Model")
    chosen = service_at(draft.get(URL)).name
    address, key, model = draft.get(URL) or OPENAI, draft.get(KEY), draft.get(MODEL)
    while True:
        one = service(terminal.choice("Which service?", [each.name for each in SERVICES], default=chosen))
        if one.name != service_at(address).name:
            address, key, model = one.address or one.example, "", ""
        chosen = one.name
        address, key = _address(terminal, one, address), _key(terminal, one, key)
        model = _name(terminal, address, key, model)
        window = _window(terminal, one, draft, model)
        found = terminal.found(partial(_looked, address, key, model))
        if all(finding.ok for finding in found) or terminal.yes("Keep it all the same?", default=False):
            break
    draft.set(URL, "" if address == OPENAI else address)
    draft.set(KEY, key)
    draft.set(MODEL, model)
    draft.set(WINDOW, window)


def _address(terminal: Terminal, one: Service, present: str) -> str:
    if one.note:
        terminal.say(one.note)
    while not one.address:
        typed = terminal.text(one.question, default=present or one.example)
        address = completed(one, typed) if typed else ""
        try:
            return _endpoint(address, "", "-").base_url
        except ValueError as error:
            terminal.say(f"✗ {error}.")
    return one.address


def _key(terminal: Terminal, one: Service, present: str) -> str:
    if one.keyless:
        return present
    if one.key:
        terminal.say(f"A key is made at {one.key}.")
    while True:
        key = terminal.secret("API key" if one.key else "API key, if it wants one", present=present)
        wrong = credentials.misplaced(KEY, key)
        try:
            Secret(key)
        except ValueError as error:
            wrong = f"{str(error).capitalize()}."
        if wrong:
            terminal.say(f"✗ {wrong}")
        elif key or not one.key:
            terminal.hide(key)
            return key
        else:
            terminal.say("✗ Nothing was entered.")


def _name(terminal: Terminal, address: str, key: str, present: str) -> str:
    names = run(lambda: _listed(address, key))
    if names:
        terminal.say(f"It has {', '.join(names[:SHOWN])}{f' and {len(names) - SHOWN} more' * (len(names) > SHOWN)}.")
    default = present or (names[0] if len(names) == 1 else "")
    while True:
        name = terminal.text("Model", default=default)
        if not name:
            terminal.say("✗ The model that shall answer needs a name.")
        elif not names or name in names or terminal.yes(_unknown(name, names), default=False):
            return name


def _unknown(name: str, names: Sequence[str]) -> str:
    near = [one for one in names if name.lower() in one.lower()] or get_close_matches(name, names, cutoff=0.4)
    hint = f" (close to it: {', '.join(near[:SHOWN])})" if near else ""
    return f"{name} is not in its list{hint}. Try it all the same?"


def _window(terminal: Terminal, one: Service, draft: Draft, model: str) -> str:
    """Asked where nobody knows it by the name: what is sent must fit it."""
    present = draft.get(WINDOW)
    if one.name == "openai" or (window_of(model) != DEFAULT and one.name != "ollama"):
        return present
    while True:
        given = terminal.text("Tokens that it reads and writes together", default=present or str(DEFAULT))
        if given.isdecimal() and int(given) >= 512:
            return given
        terminal.say("✗ A whole number of at least 512 is needed.")


async def _listed(address: str, key: str) -> list[str]:
    model = ChatCompletionsModel(_endpoint(address, key, "-"), clock=SystemClock())
    try:
        return chatting(entry.id for entry in await listed_models(model.http, within=LIST_WITHIN))
    finally:
        await model.aclose()


async def _looked(address: str, key: str, model: str) -> Sequence[Finding]:
    return [await examine(_endpoint(address, key, model))]


def _endpoint(address: str, key: str, model: str) -> Endpoint:
    return Endpoint(name=FIRST, base_url=address, model=model, api_key=Secret(key))
