"""Which tools a turn's model is offered: those its persona may use, of our own and of the workspace's servers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import structlog

from core.conversation import ConversationKey
from core.persona import Persona
from core.ports import TokenCounter
from core.tools.arguments import usable
from core.tools.tool import Tool, ToolSource
from core.turn import Turn

log = structlog.get_logger()

SHARE = 0.25
"""Part of the model's window that descriptions of tools may fill."""


class Toolbox:
    """The tools of one process."""

    def __init__(self, own: Sequence[Tool] = (), source: ToolSource | None = None) -> None:
        self._own = {tool.name: tool for tool in own}
        self._source = source

    @property
    def own(self) -> tuple[Tool, ...]:
        """Those that Parley brings itself."""
        return tuple(self._own.values())

    async def known(self, key: ConversationKey) -> tuple[str, ...]:
        """What a persona of that workspace may be allowed to use, by the names that stand in a persona."""
        foreign = await self._source.known(key) if self._source is not None else ()
        return (*self._own, *foreign)

    async def offered(self, turn: Turn, persona: Persona, *, window: int, counter: TokenCounter) -> dict[str, Tool]:
        """By name. What would fill the model's window is left out, the persona's last ones first."""
        if not persona.tools:
            return {}
        own = [self._own[name] for name in persona.tools if name in self._own]
        foreign = await self._source.tools(turn, persona.tools) if self._source is not None else ()
        room, offered = int(window * SHARE), dict[str, Tool]()
        for tool in (*own, *foreign):
            if tool.name in offered or not usable(tool.spec.parameters):
                continue
            room -= described(tool, counter)
            if room < 0:
                log.warning("tool left out", action="tools.no_room", turn=turn.id, tool=tool.name)
                continue
            offered[tool.name] = tool
        return offered


NO_TOOLS = Toolbox()


def described(tool: Tool, counter: TokenCounter) -> int:
    """Tokens of what the model reads about the tool."""
    spec = tool.spec
    return counter.count(f"{spec.name}\n{spec.description}\n{json.dumps(dict(spec.parameters))}")


def sized(tools: Mapping[str, Tool], counter: TokenCounter) -> int:
    """Tokens of what the model reads about all of them."""
    return sum(described(tool, counter) for tool in tools.values())
