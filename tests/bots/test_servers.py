"""MCP servers from the operator's file, and what is said of a file that is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from adapters.mcp.declarations import Program, Server, Site
from bots.clock import SystemClock
from bots.servers import declared, open_servers
from bots.settings import Settings, SettingsError
from core.store import Store

GOOD = """
[[server]]
name = "tickets"
command = "uvx"
args = ["tickets-mcp", "--quiet"]
env = { TICKETS_URL = "https://tickets.example" }
env_from = ["TICKETS_LOGIN"]
folder = "/srv"
trusted = true
enabled = true
seconds = 45
workspaces = ["slack:T1", "discord:42"]

[[server]]
name = "wiki"
url = "http://wiki.internal:8080/mcp"
headers = { "X-Team" = "blue" }
token_env = "WIKI_TOKEN"
"""


def settings(folder: Path, text: str | None = GOOD, key: str | None = None) -> Settings:
    """With that file."""
    file = folder / "mcp.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    secret = None if key is None else SecretStr(key)
    return Settings(_env_file=None, parley_mcp_file=file, parley_secret_key=secret)


def problems(folder: Path, text: str | None, key: str | None = None) -> list[str]:
    store = Store.__new__(Store)  # nobody asks it anything
    with pytest.raises(SettingsError) as raised:
        open_servers(settings(folder, text, key), store, SystemClock())
    return raised.value.problems


@pytest.fixture
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKETS_LOGIN", "tickets-secret")
    monkeypatch.setenv("WIKI_TOKEN", "wiki-secret")


@pytest.mark.usefixtures("_variables")
def test_servers_with_all_that_they_say(folder: Path) -> None:
    """Programs and addresses; no secret is shown by accident."""
    tickets, wiki = found = declared(settings(folder))
    assert tickets == Server(
        name="tickets",
        reach=Program(
            command="uvx",
            args=("tickets-mcp", "--quiet"),
            env={"TICKETS_URL": "https://tickets.example", "TICKETS_LOGIN": "tickets-secret"},
            folder="/srv",
            hidden=frozenset({"TICKETS_LOGIN"}),
        ),
        trusted=True,
        seconds=45,
        enabled=True,
        workspaces=frozenset({("slack", "T1"), ("discord", "42")}),
    )
    assert wiki == Server(
        name="wiki",
        reach=Site(
            url="http://wiki.internal:8080/mcp", headers={"X-Team": "blue", "Authorization": "Bearer wiki-secret"}
        ),
    )
    assert "-secret" not in repr(found)
    assert tickets.redacted("as tickets-secret") == "as [hidden]"
    assert wiki.redacted("wiki-secret") == "[hidden]"


def test_what_is_off_by_default(folder: Path) -> None:
    """A server is neither on nor trusted unless the operator says so, and everywhere where it is not said where."""
    (server,) = declared(settings(folder, '[[server]]\nname = "a"\ncommand = "a"\n'))
    assert (server.enabled, server.trusted, server.workspaces) == (False, False, None)


def test_without_a_file_there_is_none() -> None:
    """And nothing is wrong."""
    assert declared(Settings(_env_file=None)) == ()


def test_secrets_may_stand_in_the_env_file(folder: Path) -> None:
    """Beside the other keys."""
    (folder / ".env").write_text("TICKETS_LOGIN=of-the-file\nWIKI_TOKEN=of-the-file\n")
    _, wiki = declared(settings(folder))
    assert isinstance(wiki.reach, Site)
    assert wiki.reach.headers["Authorization"] == "Bearer of-the-file"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "mcp.toml: the file cannot be read: No such file or directory."),
        ("[[server]\n", "mcp.toml: this is not TOML: "),
        ("[[servers]]\nname = 'a'\n", "servers: there is no such name; there are [[server]]."),
        ("[server]\nname = 'a'\n", "server: Input should be a valid list."),
        ("[[server]]\nname = 'a'\ncommand = 'a'\nbin = 1\n", "server 1, bin: there is no such name; there are name, "),
        ("[[server]]\ncommand = 'a'\n", "server 1, name: Field required."),
    ],
)
def test_a_file_that_cannot_be_used(folder: Path, text: str | None, says: str) -> None:
    """One sentence says what is the matter, and names the file."""
    [problem] = problems(folder, text)
    assert problem.startswith("PARLEY_MCP_FILE, mcp.toml")
    assert says in problem


def test_every_fault_is_named_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all servers and of the key, without a secret."""
    monkeypatch.setenv("ODD_TOKEN", "odd\x7fsecret")
    text = """
[[server]]
name = "Not A Name"
command = "a"
url = "https://a.example/mcp"
[[server]]
name = "b"
[[server]]
name = "c"
url = "file:///etc/passwd"
args = ["x"]
workspaces = ["T1", "teams:1"]
[[server]]
name = "d"
url = "https://d.example/mcp"
headers = { "Not A Header" = "header-secret" }
token_env = "ODD_TOKEN"
[[server]]
name = "d"
command = "d"
env_from = ["NOT_SET"]
token_env = "NOT_SET_EITHER"
"""
    found = problems(folder, text, "not-a-key")
    told = [problem.partition("mcp.toml, ")[2] for problem in found[:-2]]
    assert told == [
        "server 1 (Not A Name): a name has at most 24 small letters, digits and single hyphens.",
        "server 1 (Not A Name): either command or url is needed, and not both.",
        "server 2 (b): either command or url is needed, and not both.",
        "server 3 (c): url: an address that begins with http:// or https://, without a name and a password.",
        "server 3 (c): args cannot stand beside url.",
        "server 3 (c): workspaces: 'T1' is none; write slack:T024BE7LD or discord:197038439483310086.",
        "server 3 (c): workspaces: 'teams:1' is none; write slack:T024BE7LD or discord:197038439483310086.",
        "server 4 (d): headers: HTTP cannot carry 'Not A Header' with its value.",
        "server 4 (d): HTTP cannot carry the token in ODD_TOKEN.",
        "server 5 (d): token_env cannot stand beside command.",
        "server 5 (d): the variable NOT_SET is not set.",
        "server 5 (d): the variable NOT_SET_EITHER is not set.",
    ]
    assert "two servers are called 'd'" in found[-2]
    assert found[-1].startswith("PARLEY_SECRET_KEY: a key is 32 random bytes")
    assert "secret" not in str(found[:-1])
    assert "not-a-key" not in str(found)


@pytest.mark.usefixtures("_variables")
async def test_a_key_and_its_forerunner(folder: Path, sqlite_url: str) -> None:
    """Several keys, with commas between them."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    store = await Store.open(sqlite_url)
    before = open_servers(settings(folder, key=old), store, SystemClock())
    after = open_servers(settings(folder, key=f"{new}, {old}"), store, SystemClock())
    assert after._seal is not None
    assert after._seal.opened(before.sealed("a-token")) == "a-token"
    await store.close()


def test_nothing_heavy_is_loaded_in_vain() -> None:
    """A process without servers loads neither the protocol's library nor what it stands on."""
    code = (
        "import sys, bots.servers; "
        "print([name for name in ('mcp', 'mcp_types', 'httpx2', 'jsonschema', 'cryptography') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert told.stdout.strip() == "[]"
