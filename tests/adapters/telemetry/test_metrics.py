"""The table of metrics, the page made from it, and the dashboard that reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.telemetry.metrics import METRICS, Kind, Metric
from adapters.telemetry.prometheus import PrometheusTelemetry
from adapters.telemetry.reference import page

DOCS = Path(__file__).parents[3] / "docs"
DASHBOARD = DOCS / "grafana" / "parley.json"
FORBIDDEN = {"user", "person", "author", "channel", "workspace", "team", "guild", "conversation", "thread", "turn"}
BY_SERIES = {series: metric for metric in METRICS for series in metric.series}
OF_THE_LIBRARY = {"process_resident_memory_bytes"}
OF_PROMETHEUS = {"job", "instance", "le"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: Metric) -> None:
    """One prefix, the unit at the end, `_total` for counters and for nothing else, and a sentence of help."""
    assert re.fullmatch(r"parley_[a-z]+(_[a-z]+)*", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.name.endswith("_seconds") or not metric.buckets
    assert metric.help.endswith(".")
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))


def test_no_label_is_a_person_or_a_place() -> None:
    """Labels are of few values: never who, where, or which conversation."""
    assert not FORBIDDEN & {label for metric in METRICS for label in metric.labels}


def test_each_metric_is_declared_once() -> None:
    """No name twice, and what is exposed is the table."""
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    text, _ = PrometheusTelemetry().rendered("")
    shown = {
        family.name + ("_total" if family.type == "counter" else ""): family.documentation
        for family in text_string_to_metric_families(text.decode())
        if family.name.startswith("parley_")
    }
    assert shown == {metric.name: metric.help for metric in METRICS}


def test_the_page_is_current() -> None:
    """docs/metrics.md is what the table makes of it; the page says how to make it anew."""
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == page()


# ── the dashboard ──


def dashboard() -> dict[str, Any]:
    """The file, as Grafana reads it."""
    read: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return read


def expressions() -> Iterator[str]:
    """Every query of the dashboard."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]
    for variable in dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["definition"]


def test_the_dashboard_asks_for_what_there_is() -> None:
    """Every series in a query is one of ours or of the client library, and each label is one of its own."""
    asked = set[str]()
    for expression in expressions():
        for name, selector in re.findall(r"\b((?:parley|process)_\w+)(?:\{([^}]*)\})?", expression):
            asked.add(name)
            assert name in BY_SERIES or name in OF_THE_LIBRARY, name
            labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
            own = set(BY_SERIES[name].labels) if name in BY_SERIES else set()
            assert labels <= own | OF_PROMETHEUS, (expression, labels)
        names = [name for name in re.findall(r"parley_\w+", expression) if name in BY_SERIES]
        for group in re.findall(r"by \(([^)]*)\)", expression):
            grouped = {label.strip() for label in group.split(",")}
            assert all(grouped <= set(BY_SERIES[name].labels) | OF_PROMETHEUS for name in names), expression
    shown = {BY_SERIES[name].name for name in asked if name in BY_SERIES}
    assert {metric.name for metric in METRICS} == shown, "every metric has its place on the dashboard"


def test_legends_name_labels_that_are_left() -> None:
    """A legend speaks only of labels that its query keeps."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            kept = re.search(r"by \(([^)]*)\)", target["expr"])
            labels = {label.strip() for label in kept[1].split(",")} if kept else {"instance", "job"}
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels, target


def test_the_data_source_is_chosen_by_whoever_looks() -> None:
    """No data source of one installation is in the file, and panels have ids of their own and do not overlap."""
    board = dashboard()
    assert board["templating"]["list"][0]["type"] == "datasource"
    panels = board["panels"]
    for panel in panels:
        for part in (panel, *panel.get("targets", ())):
            assert part.get("datasource", {"uid": "${datasource}"})["uid"] == "${datasource}"
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)
