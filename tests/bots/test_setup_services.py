"""Addresses of models as people type them, and secrets by their shape."""

from __future__ import annotations

import base64

import pytest

from bots import credentials
from bots.cli.setup.services import SERVICES, completed, service, service_at


@pytest.mark.parametrize(
    ("name", "typed", "address"),
    [
        ("ollama", "localhost:11434", "http://localhost:11434/v1"),
        ("ollama", "http://192.168.1.7:11434/", "http://192.168.1.7:11434/v1"),
        ("ollama", "gpu.lan:11434", "http://gpu.lan:11434/v1"),
        ("other", "api.example.org", "https://api.example.org/v1"),
        ("other", "https://api.example.org/v2/chat/completions", "https://api.example.org/v2"),
        ("other", "http://localhost:8000/v1/", "http://localhost:8000/v1"),
        ("azure", "ours", "https://ours.openai.azure.com/openai/v1"),
        ("azure", "https://ours.openai.azure.com/", "https://ours.openai.azure.com/openai/v1"),
        ("azure", "https://ours.openai.azure.com/openai/v1", "https://ours.openai.azure.com/openai/v1"),
    ],
)
def test_addresses(name: str, typed: str, address: str) -> None:
    """What people leave out is filled in, and what they typed in full stays; done twice it is the same."""
    assert completed(service(name), typed) == address
    assert completed(service(name), address) == address
    assert service_at(address).name == name


def test_a_known_service_is_found_by_its_address() -> None:
    """So that Enter keeps it; nothing at all means OpenAI."""
    assert [service_at(one.address).name for one in SERVICES if one.address] == ["openai", "openrouter"]
    assert service_at("").name == "openai"


DISCORD = f"{base64.urlsafe_b64encode(b'123456789012345678').decode()}.GabcdE.{'x' * 38}"
SHAPES = {
    "xoxb-1-2-3": "SLACK_BOT_TOKEN",
    "xapp-1-A1-2-abc": "SLACK_APP_TOKEN",
    "0123456789abcdef" * 2: "SLACK_SIGNING_SECRET",
    DISCORD: "DISCORD_TOKEN",
    "sk-or-v1-abc": "OPENAI_API_KEY",
}
USELESS = ("xoxp-1-2", "xoxe.xoxb-1", "xoxc-1", "https://hooks.slack.com/services/T/B/x")
KEYS = ("0123456789abcdef" * 2, "AbCdEfGhIjKlMnOpQrStUvWxYz012345", "ab" * 32, "1" * 20, DISCORD)
"""In the shapes of other things; models' services make keys of all kinds, Azure and Mistral the first two."""


@pytest.mark.parametrize("setting", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
def test_each_secret_fits_one_setting(setting: str) -> None:
    """In every other place it is known for what it is and where it belongs; what fits nowhere is told as well. The
    sentence says where the right one is found, and does not repeat the wrong one."""
    for secret, belongs in SHAPES.items():
        said = credentials.misplaced(setting, f" {secret}\n")
        assert bool(said) == (belongs != setting)
        assert not said or (f"belongs into {belongs}" in said and f"{setting} takes" in said)
        assert secret not in said
    for secret in USELESS:
        assert credentials.misplaced(setting, secret).startswith("That is ")


@pytest.mark.parametrize("key", KEYS)
def test_a_models_key_may_look_like_anything(key: str) -> None:
    """So none is refused for its shape, and Parley starts with it; only Slack's own prefixes are nobody else's."""
    assert credentials.misplaced("OPENAI_API_KEY", key) == credentials.held("OPENAI_API_KEY", key) == ""
    assert "belongs into SLACK_BOT_TOKEN" in credentials.held("OPENAI_API_KEY", "xoxb-1")


def test_what_was_refused_is_looked_at_again() -> None:
    """Discord's page has other things near the token: an id and the public key are no token of anybody's, the client
    secret may be one of a stand-in's."""
    client_secret = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
    assert "an id of Discord's" in credentials.held("DISCORD_TOKEN", "1" * 18)
    assert "public key" in credentials.held("DISCORD_TOKEN", "ab" * 32)
    assert credentials.held("DISCORD_TOKEN", client_secret) == ""
    assert "looks like a client secret of Discord's" in credentials.resembled("DISCORD_TOKEN", client_secret)
    assert credentials.resembled("DISCORD_TOKEN", DISCORD) == ""


@pytest.mark.parametrize(
    "pasted",
    ["xoxb-1", " xoxb-1\n", '"xoxb-1"', "SLACK_BOT_TOKEN=xoxb-1", "export SLACK_BOT_TOKEN='xoxb-1'", "Bearer xoxb-1"],
)
def test_what_is_copied_along(pasted: str) -> None:
    """A name, quotes or a header's word is no part of the secret; a key that merely looks odd stays as it is."""
    assert credentials.cleaned(pasted) == "xoxb-1"
    for odd in ("AAAA==", "sk-'a", "A=B"):
        assert credentials.cleaned(odd) == odd


def test_what_is_in_no_known_shape_is_left_to_the_platform() -> None:
    """Shapes change; only the platform knows."""
    assert credentials.kind("sandbox-discord-token") is None
    assert credentials.misplaced("DISCORD_TOKEN", "sandbox-discord-token") == ""


def test_whose_a_discord_token_is() -> None:
    """Its first part says so; anything else says nothing, and breaks nothing."""
    assert credentials.application(DISCORD) == "123456789012345678"
    for other in ("", "a", "a.b.c", "ä.b.c", "====", "xoxb-1", base64.b64encode(b"\xff" * 18).decode()):
        assert credentials.application(other) == ""
