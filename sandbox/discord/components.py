"""Buttons, menus and their containers: what Discord takes in a message or a modal, and how to find one in it. Pure.

The limits are those of docs.discord.com/developers/components/reference.
"""

from collections.abc import Iterable, Iterator, Sequence

from sandbox.discord.forms import Form
from sandbox.discord.values import Json

ROW, BUTTON, MENU, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL, UPLOAD = 9, 10, 11, 12, 13, 14, 17, 18, 19
MENUS = frozenset({3, 5, 6, 7, 8})
CHOOSERS = frozenset({21, 22, 23})
V2 = frozenset({SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER})
INTERACTIVE = frozenset({BUTTON, TEXT_INPUT, UPLOAD}) | MENUS | CHOOSERS
LABELLED = INTERACTIVE - {BUTTON}
"""What a label in a modal can hold."""
LINK, PREMIUM = 5, 6
MOST_V2 = 40
MOST_TEXT_V2 = 4000
MOST_TYPED = 4000


def walk(components: Iterable[Json], path: str = "components") -> Iterator[tuple[str, Json]]:
    """Every component with its place in the payload, outer ones first."""
    for number, component in enumerate(components):
        here = f"{path}.{number}"
        yield here, component
        yield from walk(component.get("components") or (), f"{here}.components")
        for inner in ("accessory", "component"):
            if component.get(inner):
                yield f"{here}.{inner}", component[inner]


def find(components: Iterable[Json], custom_id: str) -> Json | None:
    """The button, menu or input with this custom_id."""
    return next((one for _, one in walk(components) if one.get("custom_id") == custom_id), None)


def numbered(components: Sequence[Json]) -> tuple[Json, ...]:
    """The components as Discord gives them back: each with an `id`, counted from 1."""
    for count, (_, component) in enumerate(walk(components), start=1):
        component.setdefault("id", count)
    return tuple(components)


def counts(component: Json) -> tuple[int, int]:
    """The least and the most that a menu or an upload takes; what is null is as if it were not said."""
    least, most = component.get("min_values"), component.get("max_values")
    return 1 if least is None else least, 1 if most is None else most


def buttons(components: Iterable[Json]) -> list[Json]:
    """What a person can press, as a page shows it."""
    return [
        {
            "id": one.get("custom_id"),
            "label": one.get("label") or (one.get("emoji") or {}).get("name", ""),
            "value": one.get("url"),
            "style": one["style"],
            "disabled": bool(one.get("disabled")),
        }
        for _, one in walk(components)
        if one["type"] == BUTTON
    ]


def texts(components: Iterable[Json]) -> list[str]:
    return [one["content"] for _, one in walk(components) if one["type"] == TEXT]


def check_message(components: Sequence[Json], form: Form, *, v2: bool) -> None:
    """Every fault of a message's components is noted in the form."""
    if v2:
        if sum(1 for _ in walk(components)) > MOST_V2:
            form.wrong("components", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_V2} or fewer in length.")
        if sum(map(len, texts(components))) > MOST_TEXT_V2:
            form.wrong("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The text is longer than 4000.")
    else:
        _check_rows(components, form)
    _check_each(components, form)


def check_modal(components: Sequence[Json], form: Form) -> None:
    """Every fault of a modal's components is noted in the form."""
    if not 1 <= len(components) <= 5:
        form.wrong("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for number, component in enumerate(components):
        if component.get("type") not in (ROW, LABEL, TEXT):
            _bad_type(f"components.{number}", form)
        if component.get("type") == LABEL:
            form.length(f"components.{number}.label", component.get("label"), 45, least=1)
            form.length(f"components.{number}.description", component.get("description"), 100)
            if (component.get("component") or {}).get("type") not in LABELLED:
                _bad_type(f"components.{number}.component", form)
        if component.get("type") == ROW:
            inner = component.get("components") or []
            if len(inner) != 1 or inner[0].get("type") != TEXT_INPUT:
                _bad_type(f"components.{number}.components.0", form)
    for path, component in walk(components):
        if component.get("disabled"):
            form.wrong(f"{path}.disabled", "COMPONENT_DISABLED_IN_MODAL", "Nothing in a modal can be disabled.")
    _check_each(components, form)


def _check_rows(components: Sequence[Json], form: Form) -> None:
    if len(components) > 5:
        form.wrong("components", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.")
    for number, row in enumerate(components):
        here = f"components.{number}"
        inner = row.get("components") or []
        if row.get("type") != ROW:
            _bad_type(here, form)
        elif not 1 <= len(inner) <= 5 or (len(inner) > 1 and any(one.get("type") in MENUS for one in inner)):
            form.wrong(f"{here}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The width of an action row is 1 to 5.")
        for place, one in enumerate(inner):
            if one.get("type") not in MENUS | {BUTTON}:
                _bad_type(f"{here}.components.{place}", form)


def _check_each(components: Sequence[Json], form: Form) -> None:
    seen: set[str] = set()
    for path, one in walk(components):
        if one.get("type") == BUTTON:
            _check_button(path, one, form)
        elif one.get("type") in MENUS:
            _check_menu(path, one, form)
        elif one.get("type") == TEXT_INPUT:
            _check_input(path, one, form)
        elif one.get("type") == UPLOAD:
            _check_counts(path, one, 10, form)
        if one.get("type") not in INTERACTIVE or one.get("style") in (LINK, PREMIUM):
            continue
        custom_id = one.get("custom_id")
        form.length(f"{path}.custom_id", custom_id, 100, least=1)
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            form.wrong(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(str(custom_id))


def _check_button(path: str, button: Json, form: Form) -> None:
    form.length(f"{path}.label", button.get("label"), 80)
    if button.get("style") not in range(1, 7):
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.")
    if button.get("style") == LINK:
        form.length(f"{path}.url", button.get("url"), 512, least=1)
    elif button.get("style") != PREMIUM and not button.get("label") and not button.get("emoji"):
        form.wrong(path, "BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI", "A button needs a label or an emoji.")


def _check_counts(path: str, component: Json, most: int, form: Form) -> None:
    """How many a menu or an upload takes."""
    lowest, highest = counts(component)
    if lowest not in range(most + 1):
        form.wrong(f"{path}.min_values", "NUMBER_TYPE_MAX", f"Must be between 0 and {most}.")
    elif highest not in range(1, most + 1) or highest < lowest:
        form.wrong(f"{path}.max_values", "NUMBER_TYPE_MAX", f"Must be between min_values and {most}.")


def _check_menu(path: str, menu: Json, form: Form) -> None:
    form.length(f"{path}.placeholder", menu.get("placeholder"), 150)
    _check_counts(path, menu, 25, form)
    if menu["type"] != MENU:
        return
    options = menu.get("options") or []
    if sum(bool(option.get("default")) for option in options) > counts(menu)[1]:
        form.wrong(f"{path}.options", "SELECT_COMPONENT_MAX_VALUES_EXCEEDED", "More are chosen than max_values.")
    if not 1 <= len(options) <= 25:
        form.wrong(f"{path}.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    for number, option in enumerate(options):
        form.length(f"{path}.options.{number}.label", option.get("label"), 100, least=1)
        form.length(f"{path}.options.{number}.value", option.get("value"), 100, least=1)
        form.length(f"{path}.options.{number}.description", option.get("description"), 100)
    if len({option.get("value") for option in options}) < len(options):
        form.wrong(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "A value is used twice.")


def _check_input(path: str, field: Json, form: Form) -> None:
    least, most = field.get("min_length") or 0, field.get("max_length") or MOST_TYPED
    if least not in range(MOST_TYPED + 1) or most not in range(1, MOST_TYPED + 1) or most < least:
        form.wrong(f"{path}.max_length", "NUMBER_TYPE_MAX", f"Lengths are between 0 and {MOST_TYPED}.")
    else:
        form.length(f"{path}.value", field.get("value"), most)
    form.length(f"{path}.placeholder", field.get("placeholder"), 100)
    form.length(f"{path}.label", field.get("label"), 45)
    if field.get("style") not in (1, 2):
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")


def _bad_type(path: str, form: Form) -> None:
    form.wrong(f"{path}.type", "UNION_TYPE_CHOICES", "This component is not allowed here.")
