"""Whom a command names: people and roles, by the platform's ids. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NOBODY_NAMED = "Name somebody behind it: a person with @, or a role (on Slack a user group)."
_ID = re.compile(r"[A-Z0-9]{1,40}")
"""What the ids of both platforms are made of; a name that was typed in vain is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Some people and roles."""

    people: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


def whom(options: Mapping[str, str]) -> Whom | str:
    """Whom the options of a command name, or a sentence that says how to name somebody."""
    person, role = options.get("person", "").strip(), options.get("role", "").strip()
    said = [one for one in (person, role) if one]
    if not said or not all(_ID.fullmatch(one) for one in said):
        return NOBODY_NAMED
    return Whom(people=frozenset({person} - {""}), roles=frozenset({role} - {""}))
