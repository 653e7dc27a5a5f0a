"""`/tools`: what everybody reads, what admins do, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from core.audit import entry
from core.commands.settings import ADMINS_ONLY
from core.commands.tools import BAD_NAME, DECLARED, MOST_ADDED, NO_SERVERS, TAKEN, TOO_MANY, UNKNOWN
from core.conversation import ConversationKey, Platform
from core.incoming import Author, IncomingKind
from core.persona import Persona
from core.ports import ToolSpec
from core.privacy import Place
from core.reception import Reception
from core.store import Store
from core.tools.servers import Brought, NotAdded, ServerView, Standing
from core.tools.tool import Handed, Scene, Tool
from core.tools.toolbox import Toolbox
from core.turn import Turn
from tests.core.engine.conftest import ADMIN, ANN, PERSONA, THREAD, House
from tests.core.engine.desk import Person, form_of
from tests.doubles import LetterCounter

PLACE = Place.of(THREAD).whole
TOKEN = "a-token-of-the-wiki"
READS = Brought(name="find", model_name="tickets__find", asks=False)
WRITES = Brought(name="close", model_name="tickets__close", asks=True)


@dataclass
class Rack:
    """Servers of an operator, and those that the store knows, none of which is really called."""

    store: Store
    declared: dict[str, bool] = field(default_factory=lambda: {"tickets": True, "mail": False})
    problem: str = ""
    key: bool = True

    async def tools(self, turn: Turn, allowed: Sequence[str]) -> Sequence[Tool]:
        return ()

    async def views(self, place: Place, *, wait: float) -> Sequence[ServerView]:
        said = {one.name: one for one in await self.store.server_entries(place)}
        on = {name: said[name].enabled if name in said else default for name, default in self.declared.items()}
        found = [self._view(name, enabled=enabled) for name, enabled in on.items()]
        added = [one for one in said.values() if one.address]
        return [*found, *(self._view(one.name, enabled=one.enabled, added=True) for one in added)]

    def _view(self, name: str, *, enabled: bool, added: bool = False) -> ServerView:
        up = Standing.DOWN if self.problem else Standing.UP
        return ServerView(
            name=name,
            added=added,
            standing=up if enabled else Standing.OFF,
            problem=self.problem,
            tools=(READS, WRITES) if name == "tickets" else (),
            host="wiki.example" if added else "",
        )

    async def known(self, key: ConversationKey) -> Sequence[str]:
        return ()

    async def tested(self, place: Place, name: str) -> ServerView | None:
        found = next((view for view in await self.views(place, wait=0) if view.name == name), None)
        return found and replace(found, standing=Standing.DOWN if self.problem else Standing.UP)

    async def checked(self, address: str) -> str:
        if not address.startswith("https://"):
            raise NotAdded("That is no address.")
        return address

    def sealed(self, token: str) -> str:
        if not self.key:
            raise NotAdded("I have no key.")
        return "sealed:" + token[::-1]

    async def aclose(self) -> None:
        return None


async def now(_scene: Scene, _arguments: Mapping[str, object]) -> Handed:
    return Handed(text="now")


CLOCK = Tool(spec=ToolSpec(name="time", description="", parameters={}), doing="Looking at the clock", handler=now)


@pytest.fixture
def rack(store: Store) -> Rack:
    return Rack(store)


@pytest.fixture
def desk(house: House, rack: Rack) -> Person:
    """An admin where there are servers, and a persona that uses one."""
    house.reception = Reception(
        store=house.store,
        engine=house.engine,
        model=house.model,
        counter=LetterCounter(),
        outlets={Platform.SLACK: house.surface},
        persona=replace(PERSONA, tools=("time",)),
        clock=house.clock,
        servers=rack,
        toolbox=Toolbox([CLOCK]),
    )
    return Person(house)


async def use(desk: Person, verb: str, by: Author = ADMIN, **options: str) -> str:
    return (await Person(desk.house, author=by).use(verb, "tools", **options)).text


async def audited(desk: Person) -> list[tuple[str, bool]]:
    entries = await desk.house.store.audit(PLACE, action="tools")
    return [(one.action, one.allowed) for one in reversed(entries)]


async def add(desk: Person, **values: str) -> str:
    filled = {"name": "wiki", "address": "https://wiki.example/mcp", "token": TOKEN} | values
    return (await desk.submit(await desk.use("add", "tools"), **filled)).text


# ── list ──


async def test_everybody_reads_what_there_is(desk: Person) -> None:
    """Tools of our own and of the servers that are on, whether they ask first, and who uses them; no addresses."""
    await add(desk)
    told = await use(desk, "list", by=ANN)
    assert "**Built in**\n- `time`: `Parley`" in told
    assert "**tickets** (up)\n2 tools: `find` (only reads), `close`\nNo persona uses it yet." in told
    assert "mail" not in told
    assert "wiki.example" not in told
    assert told == await use(desk, "", by=ANN)


async def test_admins_read_more(desk: Person, rack: Rack) -> None:
    """What is off, what was added, and why a server is down."""
    await add(desk)
    rack.problem = "It cannot be reached."
    told = await use(desk, "list")
    assert "**mail** (off)" in told
    assert "**wiki** (down), added here: `wiki.example`" in told
    assert "It cannot be reached." in told
    assert "It cannot be reached." not in await use(desk, "list", by=ANN)


async def test_who_uses_a_server(desk: Person, house: House) -> None:
    """Personas are named; private ones to those who may see them."""
    for name, private in (("Desk", False), ("Secret", True)):
        persona = Persona(name=name, tools=("tickets/*",), private=private)
        made = entry(house.incoming("", by=ADMIN), "persona.create", now=house.clock.now())
        await house.store.create_persona(PLACE, persona, by=ADMIN, note="", entry=made, now=house.clock.now())
    assert "Used by `Desk`" in await use(desk, "list", by=ANN)
    assert "`Secret`" not in await use(desk, "list", by=ANN)
    assert "Used by `Desk`, `Secret`" in await use(desk, "list")


async def test_where_there_are_no_servers(house: House) -> None:
    """It is said, and nothing can be added."""
    boss = Person(house)
    assert (await boss.use("list", "tools")).text == NO_SERVERS
    form = await boss.use("add", "tools")
    told = await boss.submit(form, name="wiki", address="https://wiki.example/mcp")
    assert "does not connect to servers" in told.text
    assert (await boss.use("test", "tools", server="wiki")).text == UNKNOWN


# ── enable, disable, test ──


async def test_on_and_off(desk: Person) -> None:
    """From now on, and the log tells by whom."""
    assert "`mail` is on" in await use(desk, "enable", server="mail")
    assert "**mail** (up)" in await use(desk, "list", by=ANN)
    assert "`mail` is off" in await use(desk, "disable", server="MAIL")
    assert "mail" not in await use(desk, "list", by=ANN)
    assert await use(desk, "enable", server="nobody") == UNKNOWN
    assert await audited(desk) == [("tools.enable", True), ("tools.disable", True)]


async def test_a_server_is_tried(desk: Person, rack: Rack) -> None:
    """What it brings is told, or why it cannot be used."""
    assert await use(desk, "test", server="tickets") == "`tickets` works. 2 tools: `find` (only reads), `close`"
    assert await use(desk, "test", server="mail") == "`mail` works. It brings no tools that I can use."
    rack.problem = "It cannot be reached."
    assert await use(desk, "test", server="tickets") == "`tickets` cannot be used now. It cannot be reached."
    assert await use(desk, "test", server="nobody") == UNKNOWN


# ── add, remove ──


async def test_a_server_is_added_and_removed(desk: Person, house: House) -> None:
    """It is on at once; its token is stored sealed, and neither shown nor logged."""
    told = await add(desk, name=" Wiki ")
    assert told.startswith("`wiki` is added.")
    (added,) = await house.store.server_entries(PLACE)
    assert (added.enabled, added.address, added.token) == (True, "https://wiki.example/mcp", "sealed:" + TOKEN[::-1])
    log = await house.store.audit(PLACE, action="tools")
    assert log[0].details == {"server": "wiki", "token": True}
    assert TOKEN not in told + repr(log) + await use(desk, "list")
    assert "`wiki` is gone" in await use(desk, "remove", server="wiki")
    assert await house.store.server_entries(PLACE) == ()
    assert [action for action, _ in await audited(desk)] == ["tools.add", "tools.remove"]


async def test_the_form(desk: Person) -> None:
    """A name that was typed stands in it; a token that was typed never does."""
    form = form_of(await desk.use("add", "tools", server="wiki"))
    assert {one.name: one.value for one in form.fields} == {"name": "wiki", "address": "", "token": ""}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"name": "no good"}, BAD_NAME),
        ({"name": "a__b"}, BAD_NAME),
        ({"name": "a" * 25}, BAD_NAME),
        ({"name": "tickets"}, TAKEN),
        ({"address": "http://wiki.example"}, "That is no address."),
    ],
)
async def test_what_cannot_be_added(desk: Person, house: House, values: dict[str, str], told: str) -> None:
    """Is told, without the token; nothing is stored."""
    answer = await add(desk, **values)
    assert answer == f"{told} Nothing was added; `/tools add` opens the form again."
    assert await house.store.server_entries(PLACE) == ()
    assert await audited(desk) == []


async def test_without_a_key_no_token_is_taken(desk: Person, house: House, rack: Rack) -> None:
    """A server that wants none can be added."""
    rack.key = False
    assert (await add(desk)).startswith("I have no key.")
    assert (await add(desk, token="")).startswith("`wiki` is added.")


async def test_not_too_many(desk: Person) -> None:
    """And one of them can still be changed."""
    for number in range(MOST_ADDED):
        await add(desk, name=f"w{number}")
    assert (await add(desk, name="more")).startswith(TOO_MANY)
    assert (await add(desk, name="w0")).startswith("`w0` is added.")


async def test_what_is_not_removed(desk: Person) -> None:
    """A server of the operator's, and one that there is not."""
    assert await use(desk, "remove", server="tickets") == DECLARED
    assert await use(desk, "remove", server="nobody") == UNKNOWN


# ── who may ──


@pytest.mark.parametrize("verb", ["enable", "disable", "add", "remove", "test"])
async def test_only_admins(desk: Person, verb: str) -> None:
    """Others are refused, and the log tells of it; who only runs the channel is one of the others."""
    for person in (ANN, replace(ANN, manages_channel=True)):
        assert await use(desk, verb, by=person, server="tickets") == ADMINS_ONLY
    assert await audited(desk) == [(f"tools.{verb}", False)] * 2


async def test_a_form_of_somebody_else(desk: Person, house: House) -> None:
    """Whoever sends it must be an admin then."""
    answer = await desk.use("add", "tools")
    told = await Person(house, author=ANN).submit(answer, name="wiki", address="https://wiki.example/mcp")
    assert told.text == ADMINS_ONLY
    assert await house.store.server_entries(PLACE) == ()


async def test_names_are_suggested(desk: Person, house: House) -> None:
    """To admins."""
    typed = replace(house.incoming("", by=ADMIN, kind=IncomingKind.COMMAND), command="tools enable")
    assert [one.value for one in await house.reception.suggest(typed, "server", "t")] == ["tickets"]
    assert await house.reception.suggest(replace(typed, author=ANN), "server", "t") == ()
    assert await house.reception.suggest(typed, "other", "t") == ()


async def test_an_unknown_verb(desk: Person) -> None:
    """Is told how to write it."""
    told = await desk.use("", "tools", verb="sing")
    assert "/tools list|enable|disable|add|remove|test" in told.text
