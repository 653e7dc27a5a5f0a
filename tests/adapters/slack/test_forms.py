"""Forms as Slack's modals, and back."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import forms
from adapters.slack.forms import LONGEST_INPUT, Opened
from core.interaction import Choice, Field, FieldKind, Form
from sandbox.slack.elements import MOST_IN_INPUT
from sandbox.slack.views import check, submission

LONG = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=40), st.integers(1, 400))
HERE = Opened(action="", value="", channel="C1", thread="171.5", response_url="https://hooks.slack.com/x")


def _form(*fields: Field, action: str = "persona.save", value: str = "7") -> Form:
    return Form(action=action, title="Persona", fields=fields, value=value)


def _submitted(view: dict[str, Any], **values: Any) -> dict[str, Any]:
    return view | {"state": submission(view["blocks"], values)}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(LONG)
def test_pieces_join(text: str) -> None:
    """The parts of a text joined are the text, and each fits into one input however Slack counts."""
    parts = forms.pieces(text)
    assert "".join(parts) == text
    assert all(_units(part) <= LONGEST_INPUT for part in parts)


@given(LONG)
def test_a_long_text_comes_back(text: str) -> None:
    """What stands in a field, sent back untouched, is exactly what was there, however many inputs it takes."""
    text = forms._storable(text)
    field = Field(name="prompt", label="Prompt", kind=FieldKind.TEXT, value=text, longest=12_000)
    view = forms.view(_form(field), HERE)
    check(view, "modal")
    assert forms.values(_submitted(view)) == {"prompt": text}


@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=500))
def test_what_it_was_for(action: str, value: str, thread: str) -> None:
    """The form's action, value and place come back with it; one that could not be carried is an error at once."""
    place = Opened(action="", value="", channel="C1", thread=thread)
    try:
        view = forms.view(_form(action=action, value=value), place)
    except ValueError:
        return
    assert forms.opened(view) == Opened(action=action, value=value, channel="C1", thread=thread)


@given(st.text() | st.just('{"a": 1}') | st.just("[]") | st.just('{"a":"x","v":"","c":""}'))
def test_foreign_forms(metadata: str) -> None:
    """Modals that we did not make are not ours."""
    assert forms.opened({"callback_id": forms.CALLBACK, "private_metadata": metadata}) is None
    assert forms.opened({"callback_id": "other", "private_metadata": '{"a":"x","v":"","c":"C1"}'}) is None


def test_every_field() -> None:
    """Lines, texts, choices and files are shown with what they hold, and come back by name."""
    choices = (Choice(value="", label="None"), Choice(value="gpt", label="GPT"))
    form = _form(
        Field(name="name", label="Name", value="Tutor", required=True, hint="Short", longest=40),
        Field(name="prompt", label="Prompt", kind=FieldKind.TEXT, longest=7_000),
        Field(name="model", label="Model", kind=FieldKind.CHOICE, value="", choices=choices),
        Field(name="file", label="File", kind=FieldKind.FILE),
    )
    view = forms.view(form, HERE, "**Mind** this <!channel>")
    check(view, "modal")
    notice, *inputs = view["blocks"]
    assert notice["text"]["text"] == "*Mind* this &lt;!channel&gt;"
    assert [block["label"]["text"] for block in inputs] == [
        "Name",
        "Prompt (1 of 3)",
        "Prompt (2 of 3)",
        "Prompt (3 of 3)",
        "Model",
        "File",
    ]
    assert [block["optional"] for block in inputs] == [False, True, True, True, True, True]
    filled = _submitted(view, prompt="a", **{"prompt.3": "c"}, file=[{"id": "F1"}])
    assert forms.values(filled) == {"name": "Tutor", "prompt": "ac", "model": ""}
    assert forms.files(filled) == [{"id": "F1"}]


def test_shown_again_with_another_text() -> None:
    """Slack keeps what was typed in a block whose id stays; a field that shows something else has another id."""
    before, same, after = (
        forms.view(_form(Field(name="name", label="Name", value=value)), HERE)["blocks"][0]["block_id"]
        for value in ("a", "a", "b")
    )
    assert before == same != after


def test_refilled() -> None:
    """A form that could not be stored is shown with all that was typed."""
    choices = (Choice(value="a", label="A"), Choice(value="b", label="B"))
    form = _form(
        Field(name="name", label="Name", value="old"),
        Field(name="model", label="Model", kind=FieldKind.CHOICE, choices=choices, value="a"),
    )
    filled = _submitted(forms.view(form, HERE), name="new", model="b")
    again = forms.refilled(filled, "Sorry.")
    check(again, "modal")
    assert again["blocks"][0]["text"]["text"] == "Sorry."
    assert forms.values(_submitted(again)) == {"name": "new", "model": "b"}
    assert "**Name**\n\n```\nnew\n```" in forms.typed(filled)


def test_what_no_database_takes() -> None:
    """NUL and halves of characters do not come in, whatever is sent."""
    view = forms.view(_form(Field(name="name", label="Name")), HERE)
    block = view["blocks"][0]["block_id"]
    state = {"values": {block: {"name": {"type": "plain_text_input", "value": "a\x00b\ud800c\U0001f600"}}}}
    assert forms.values(view | {"state": state}) == {"name": "ab\ufffdc\U0001f600"}


def test_the_local_slack_counts_as_we_do() -> None:
    """Both sides know the same limit for one input."""
    assert LONGEST_INPUT == MOST_IN_INPUT
