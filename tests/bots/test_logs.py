"""Lines of the log: for people or for machines, and never a secret."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog

from bots import logs

SECRETS = ("xoxb-111-secret", "pass/word 666+secret", "short")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Logging is of the whole process: the next test finds it as it was."""
    root = logging.getLogger()
    handlers, level, chatty = root.handlers, root.level, {name: logging.getLogger(name).level for name in logs.CHATTY}
    yield
    logging.captureWarnings(False)
    root.handlers = handlers
    root.setLevel(level)
    for name, before in chatty.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def configured(form: str, level: str = "info") -> None:
    logs.configure(level=level, form=form, secrets=SECRETS)


def failed() -> None:
    raise ValueError("the token xoxb-111-secret was refused")


def test_lines_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object a line, on standard error, with the time in UTC, numbers as numbers and lists as lists."""
    configured("json")
    structlog.get_logger("somewhere").info("ready", action="process.ready", turn=7, platforms=["slack", "discord"])
    captured = capsys.readouterr()
    line = json.loads(captured.err)
    assert captured.out == ""
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "ready",
        "action": "process.ready",
        "turn": 7,
        "platforms": ["slack", "discord"],
        "level": "info",
        "logger": "somewhere",
    }


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """One line with names and values, without colours where nobody looks."""
    configured("text")
    structlog.get_logger().warning("slow", action="turn.slow", seconds=3)
    line = capsys.readouterr().err
    assert "slow" in line
    assert "seconds=3" in line
    assert "\x1b" not in line


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_hidden_wherever_they_stand(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In events, values, names, what values hold, as part of an address, and in objects that print themselves."""
    configured(form)
    log = structlog.get_logger()
    log.info("got xoxb-111-secret", value="xoxb-111-secret!", nested={"a": [{"xoxb-111-secret": ("xoxb-111-secret",)}]})
    log.info("url", url="postgresql://u:pass%2Fword%20666%2Bsecret@db", form="password=pass%2Fword+666%2Bsecret")
    log.info("error", error=ValueError("xoxb-111-secret"))
    logging.getLogger("library").warning("from %s: %r", "a library", ["xoxb-111-secret"])
    shown = capsys.readouterr().err
    assert "secret" not in shown
    assert shown.count(logs.HIDDEN) == 8


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_hidden_in_tracebacks(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and a library's; where it happened stays to be read."""
    configured(form)
    try:
        failed()
    except ValueError:
        structlog.get_logger().exception("cannot go on")
        logging.getLogger("library").exception("cannot either")
    shown = capsys.readouterr().err
    assert "xoxb" not in shown
    assert shown.count("in failed") == 2
    assert shown.count(f"the token {logs.HIDDEN} was refused") == 4  # the source line and the message, twice


def test_short_secrets_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    """A password of a few letters is not looked for: every line with that word would show what it is."""
    configured("text")
    structlog.get_logger().info("a short line")
    assert "a short line" in capsys.readouterr().err


def test_what_is_bound_stands_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The turn and the conversation, in lines of libraries too, and no longer than they are bound."""
    configured("json")
    with structlog.contextvars.bound_contextvars(turn=7, conversation="slack:T1:C1:1.2"):
        structlog.get_logger().info("ours")
        logging.getLogger("library").info("theirs")
    structlog.get_logger().info("after")
    ours, theirs, after = map(json.loads, capsys.readouterr().err.splitlines())
    assert ours["turn"] == theirs["turn"] == 7
    assert ours["conversation"] == theirs["conversation"] == "slack:T1:C1:1.2"
    assert "turn" not in after


@pytest.mark.parametrize("name", logs.CHATTY)
def test_chatty_libraries_are_quiet(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Their debug lines carry people's words, so no level brings them out; warnings come."""
    configured("text", "debug")
    logger = logging.getLogger(f"{name}.inner")
    logger.debug("what somebody wrote")
    logger.info("what somebody wrote")
    logger.warning("a warning")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "a warning" in lines[0]


@pytest.mark.parametrize(("level", "shown"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level(level: str, shown: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and libraries' lines from that level on; an error does not silence chatty libraries' errors."""
    configured("text", level)
    log = structlog.get_logger()
    for write in (log.debug, log.info, log.warning, log.error):
        write("line")
    logging.getLogger("httpx").error("line")
    assert len(capsys.readouterr().err.splitlines()) == shown + 1


def test_warnings_of_python_take_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON line, instead of two lines of text among them, and without secrets."""
    configured("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("xoxb-111-secret is old", UserWarning, stacklevel=1)
        logging.captureWarnings(False)
    line = json.loads(capsys.readouterr().err)
    assert f"{logs.HIDDEN} is old" in line["event"]
