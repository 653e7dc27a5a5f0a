"""How `.env` is written: what is asked for reads back the same, everything else stays, and nobody else may read it."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bots.cli.setup import env_file
from bots.cli.setup.draft import Draft, shown
from bots.cli.setup.env_file import EnvFileError, changed
from bots.settings import Settings
from tests.bots.conftest import KEY

VALUES = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Zl", "Zp", "Cc")), min_size=1, max_size=40)
LINES = st.lists(
    st.sampled_from(
        [
            "# a comment",
            "",
            "   ",
            "OTHER=1",
            "export OTHER='a b' # why",
            'LONG="one\ntwo"',
            "LOG_LEVEL=info",
            "log_level=debug",
            "export LOG_LEVEL='info' # as usual",
            "#LOG_LEVEL=",
            "no assignment",
            "EMPTY=",
        ]
    ),
    max_size=8,
)
ENDINGS = st.sampled_from(["\n", "\r\n"])


def read(text: str) -> dict[str, str | None]:
    """As Parley reads it."""
    return dict(dotenv_values(stream=io.StringIO(text)))


@given(lines=LINES, value=VALUES, ending=ENDINGS, last=st.booleans())
def test_what_is_written_is_read_the_same(lines: list[str], value: str, ending: str, last: bool) -> None:
    """Any value in any file: it is read back, all the others are read as before, and no comment is lost. A value that
    dotenv would change is refused."""
    text = ending.join(lines) + (ending if last else "")
    try:
        after = changed(text, {"OPENAI_MODEL": value, "LOG_LEVEL": "error"})
    except EnvFileError:
        assert "${" in value
        return
    found = {name.upper(): told for name, told in read(after).items()}
    assert (found["OPENAI_MODEL"], found["LOG_LEVEL"]) == (value, "error")
    assert {name: told for name, told in read(text).items() if name.upper() != "LOG_LEVEL"}.items() <= found.items()
    assert after.count("# a comment") == text.count("# a comment")


@given(lines=LINES, ending=ENDINGS)
def test_what_is_taken_out_is_gone(lines: list[str], ending: str) -> None:
    """Every assignment of it, in whatever case; nothing else changes, and without changes nothing does."""
    text = ending.join(lines)
    after = changed(text, {"LOG_LEVEL": None})
    assert "LOG_LEVEL" not in {name.upper() for name in read(after)}
    assert after.count("OTHER") == text.count("OTHER")
    assert changed(text, {}).rstrip() == text.rstrip()


@pytest.mark.parametrize(
    "value", ["xoxb-1-a", "a b", "it's", 'say "x"', "#1", "a#b", "back\\slash", "$HOME", "ä", "'", "\\'"]
)
def test_values_that_are_hard_to_quote(folder: Path, value: str) -> None:
    """They come back as they were."""
    env_file.write(folder / ".env", {"OPENAI_API_KEY": value})
    assert read((folder / ".env").read_text())["OPENAI_API_KEY"] == value


def test_only_its_owner_may_read_it(folder: Path) -> None:
    """Whatever the mask of the shell; the old file as well, which anybody could read before."""
    before = os.umask(0)
    try:
        file = folder / ".env"
        assert env_file.write(file, {"OPENAI_API_KEY": KEY}) is None
        file.chmod(0o666)
        backup = env_file.write(file, {"OPENAI_API_KEY": "other"})
    finally:
        os.umask(before)
    assert backup == folder / ".env.bak"
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    assert backup is not None
    assert read(backup.read_text())["OPENAI_API_KEY"] == KEY


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may write what is another's")
def test_root_takes_nothing_away(folder: Path) -> None:
    """Whose file it was can still read it, and the copy."""
    (folder / ".env").write_text("A=1\n")
    os.chown(folder / ".env", 12345, 23456)
    env_file.write(folder / ".env", {"OPENAI_MODEL": "m"})
    assert {(file.stat().st_uid, file.stat().st_gid) for file in folder.iterdir()} == {(12345, 23456)}


def test_a_link_stays_one(folder: Path) -> None:
    """What it leads to is replaced: some keep their secrets elsewhere."""
    (folder / "kept").mkdir()
    (folder / "kept" / "parley.env").write_text("A=1\n")
    (folder / ".env").symlink_to(folder / "kept" / "parley.env")
    env_file.write(folder / ".env", {"OPENAI_MODEL": "m"})
    assert (folder / ".env").is_symlink()
    assert (folder / "kept" / "parley.env").read_text() == "A=1\nOPENAI_MODEL=m\n"


def test_a_disk_that_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is whole and as it was, and nothing lies about beside it."""
    (folder / ".env").write_text("A=1\n")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(EnvFileError, match=r"\.env cannot be written"):
        env_file.write(folder / ".env", {"OPENAI_MODEL": "m"})
    assert (folder / ".env").read_text() == "A=1\n"
    assert [file.name for file in folder.iterdir()] == [".env"]


def test_a_value_that_cannot_stand_there(folder: Path) -> None:
    """It is refused before anything is written, without being repeated."""
    for value in ("two\nlines", "${HOME}-secret"):
        with pytest.raises(EnvFileError, match="OPENAI_API_KEY") as refused:
            env_file.write(folder / ".env", {"OPENAI_API_KEY": value})
        assert "secret" not in str(refused.value)
    assert list(folder.iterdir()) == []


def test_what_parley_reads_is_what_was_written(folder: Path) -> None:
    """The example file with two settings filled in, each under its own comment."""
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    (folder / ".env").write_text(example)
    env_file.write(folder / ".env", {"OPENAI_MODEL": "gpt-6-luna", "OPENAI_API_KEY": KEY})
    after = (folder / ".env").read_text()
    assert set(after.splitlines()) - set(example.splitlines()) == {"OPENAI_MODEL=gpt-6-luna", f"OPENAI_API_KEY={KEY}"}
    assert after.index("#OPENAI_MODEL=") < after.index("\nOPENAI_MODEL=") < after.index("# Tokens the model reads")
    settings = Settings(_env_file=folder / ".env")
    assert settings.openai_model == "gpt-6-luna"


def test_a_draft(folder: Path) -> None:
    """The environment is stronger; only what differs is written; a secret is shown by its end, a password never."""
    (folder / ".env").write_text("openai_model=m\nLOG_LEVEL=info\n")
    draft = Draft(folder / ".env", {"OPENAI_API_KEY": KEY, "LOG_LEVEL": "debug"})
    assert [draft.get(name) for name in ("OPENAI_MODEL", "OPENAI_API_KEY", "LOG_LEVEL", "PORT")] == [
        "m",
        KEY,
        "debug",
        "",
    ]
    draft.set("OPENAI_MODEL", "m")
    draft.set("OPENAI_API_KEY", KEY)
    draft.set("PORT", "")
    assert draft.changes() == {}
    draft.set("OPENAI_MODEL", "")
    draft.set("OPENAI_API_KEY", "another-secret-0123")
    assert draft.changes() == {"OPENAI_MODEL": None, "OPENAI_API_KEY": "another-secret-0123"}
    assert draft.lines() == ["OPENAI_MODEL: taken out", "OPENAI_API_KEY: …0123"]
    assert draft.overruled() == ["OPENAI_API_KEY"]
    assert shown("SLACK_BOT_TOKEN", "xoxb-short") == "…"
    assert "the-password" not in shown("DATABASE_URL", "postgresql://parley:the-password@host/parley")
