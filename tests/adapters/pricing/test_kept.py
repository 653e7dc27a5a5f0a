"""Prices as core asks for them: one's own first, each model looked up once, nothing kept of the library."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.pricing import KeptPrices
from adapters.pricing.kept import _PROGRAM
from core.quota.price import Price, Prices

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPENAI = "https://api.openai.com/v1"


@pytest.fixture
def counted(tmp_path: Path) -> tuple[tuple[str, ...], Callable[[], int]]:
    """The lookup, with a mark left each time that it runs."""
    marks = tmp_path / "marks"
    code = (
        "import runpy, sys; open(sys.argv[1], 'a').write('x'); sys.argv = sys.argv[2:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    program = (sys.executable, "-P", "-c", code, str(marks), _PROGRAM[-1])
    return program, lambda: len(marks.read_text()) if marks.exists() else 0


def own(prompt: str, *, since: date | None = None) -> Price:
    return Price(prompt=Decimal(prompt), cached=None, completion=Decimal(1), valid_from=since)


async def test_models_are_looked_up_together_and_once(counted: tuple[tuple[str, ...], Callable[[], int]]) -> None:
    """However many ask at the same time, and whatever the letters."""
    program, runs = counted
    prices = KeptPrices({}, OPENAI, program=program)
    await asyncio.gather(*(prices.learn(["gpt-4o-mini", "gpt-4o", "nobodys"]) for _ in range(5)))
    mini = prices.of("GPT-4o-mini", NOW)
    assert mini is not None
    assert (mini.prompt, mini.cached, mini.completion) == (Decimal("0.15"), Decimal("0.075"), Decimal("0.6"))
    assert mini.currency == "USD"
    assert "OpenAI" in mini.source
    assert prices.of("nobodys", NOW) is None
    assert runs() == 1


def test_a_model_that_was_not_learned_is_looked_up_when_asked(
    counted: tuple[tuple[str, ...], Callable[[], int]],
) -> None:
    """Then it is known."""
    program, runs = counted
    prices: Prices = KeptPrices({}, None, program=program)
    assert prices.of("gpt-4o-mini", NOW) == prices.of("gpt-4o-mini", NOW) is not None
    assert runs() == 1


def test_the_library_is_not_loaded_here_and_no_socket_is_opened() -> None:
    """The process that asks stays small, and the lookup works where sockets cannot be had."""
    blocked = (
        "import runpy, sys\n"
        "def no_socket(event, _):\n"
        "    if event.startswith('socket.'): raise PermissionError(event)\n"
        "sys.addaudithook(no_socket)\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    code = (
        "import sys\nfrom datetime import datetime, UTC\nfrom adapters.pricing import KeptPrices\n"
        "program = (sys.executable, '-P', '-c', sys.argv[1], sys.argv[2])\n"
        "price = KeptPrices({}, None, program=program).of('gpt-4o-mini', datetime(2026, 1, 1, tzinfo=UTC))\n"
        "print(price.prompt, 'genai_prices' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, blocked, _PROGRAM[-1]], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split()[-2:] == ["0.15", "False"]


def test_the_lookup_gets_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tokens in our environment are not handed on."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    seen = tmp_path / "seen"
    code = "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ))); print('{\"m\": null}')"
    KeptPrices({}, None, program=(sys.executable, "-c", code, str(seen))).of("m", NOW)
    assert "xoxb-secret" not in seen.read_text()
    assert "PYDANTIC_DISABLE_PLUGINS" in seen.read_text()


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:11434/v1",
        "http://127.0.0.1:8000/v1",
        "http://[::1]:8000/v1",
        "http://[::ffff:10.0.0.1]/v1",
        "https://10.1.2.3/v1",
        "https://192.168.0.7/v1",
        "http://100.64.0.9/v1",
        "http://ollama:11434/v1",
        "https://llm.corp.internal/v1",
        "http://mac.local./v1",
        "http://[nonsense/v1",
    ],
)
def test_local_servers_have_no_list_price(address: str) -> None:
    """Whatever the model is called; one's own price holds there too. Nothing is even looked up."""
    prices = KeptPrices({"gpt-4o": [own("7")]}, address, program=("does-not-exist",))
    assert prices.of("gpt-4o-mini", NOW) is None
    assert prices.of("gpt-4o", NOW) == own("7")


def test_ones_own_price_goes_first_from_its_day_on() -> None:
    """Before the first day the library's holds; of several the one that began last."""
    first, second = own("1", since=date(2026, 1, 1)), own("2", since=date(2026, 11, 20))
    prices = KeptPrices({"GPT-4o-mini": [second, first]}, OPENAI)
    before = prices.of("gpt-4o-mini", datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    assert before is not None
    assert before.prompt == Decimal("0.15")
    assert prices.of("gpt-4o-mini", datetime(2026, 1, 1, tzinfo=UTC)) == first
    assert prices.of("gpt-4o-mini", NOW) == second


def test_an_own_price_without_a_day_holds_always() -> None:
    """Until one with a day begins."""
    always, later = own("1"), own("2", since=date(2026, 11, 21))
    prices = KeptPrices({"m": [later, always]}, "http://localhost/v1")
    assert prices.of("m", NOW) == always
    assert prices.of("m", datetime(2026, 11, 21, tzinfo=UTC)) == later


@pytest.mark.parametrize(
    "program",
    [
        ("/does/not/exist",),
        (sys.executable, "-c", "raise SystemExit(3)"),
        (sys.executable, "-c", "print('no JSON')"),
        (sys.executable, "-c", "print('[]')"),
        (sys.executable, "-c", "print('{}')"),
        (sys.executable, "-c", 'print(\'{"gpt-4o": {"source": "", "prices": [{}]}}\')'),
    ],
)
async def test_a_lookup_that_fails_leaves_the_price_unknown(program: tuple[str, ...]) -> None:
    """Nothing is raised, and the turn goes on with an unknown cost."""
    prices = KeptPrices({}, OPENAI, program=program)
    await prices.learn(["gpt-4o"])
    assert prices.of("gpt-4o", NOW) is None


def test_after_a_failure_nothing_is_looked_up_for_a_while(tmp_path: Path) -> None:
    """So that a broken installation does not hold up each turn."""
    marks = tmp_path / "marks"
    code = "import sys; open(sys.argv[1], 'a').write('x'); raise SystemExit(1)"
    prices = KeptPrices({}, OPENAI, program=(sys.executable, "-c", code, str(marks)))
    for model in ("a", "b", "c"):
        assert prices.of(model, NOW) is None
    assert marks.read_text() == "x"


def test_a_lookup_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that is allowed, the price is unknown and the program gone."""
    monkeypatch.setattr("adapters.pricing.kept.LOOK_WITHIN", 0.2)
    prices = KeptPrices({}, OPENAI, program=(sys.executable, "-c", "import time; time.sleep(60)"))
    assert prices.of("gpt-4o", NOW) is None
