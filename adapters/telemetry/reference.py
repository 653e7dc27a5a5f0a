"""The page on metrics, made from their table: `python -m adapters.telemetry.reference > docs/metrics.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from adapters.telemetry.metrics import SECTIONS, Metric

PREFACE = """\
# Metrics, health and traces

*Made from `adapters/telemetry/metrics.py` by `python -m adapters.telemetry.reference > docs/metrics.md`.*

Set `PARLEY_METRICS_PORT` (9464, say), and each process answers on `PARLEY_METRICS_HOST`, 127.0.0.1 by default:

| path | answers |
| --- | --- |
| `/metrics` | everything below, for Prometheus; besides it `process_…` and `python_…` of the client library |
| `/live` | 200 while the event loop turns and the worker runs; else a restart is due |
| `/ready` | 200 while the database answers, the platforms' events come in and the process is not stopping; else 503 |

Both health answers are JSON: `{"ready": false, "faults": {"database": "does not answer"}}` names what is not well.
There is no sign-in, so let only your own network reach the port. Two processes on one machine need a port each; that is
why there is no default. Nothing here is a person's word, and no label is a person, a channel or a workspace.

With `OTEL_EXPORTER_OTLP_ENDPOINT` set (`http://localhost:4318`), and Parley installed with its extra `traces`, each
turn is sent as a trace: the turn, the requests to the model by OpenTelemetry's conventions for generative AI, calls of
the platform and of the store. Ids of conversations and turns are in it, texts are not. Every other `OTEL_…` variable
of the SDK (sampling, headers, the service's name) is taken from the environment, not from `.env`.

[grafana/parley.json](grafana/parley.json) is a dashboard for Grafana made of these metrics.
"""


def page() -> str:
    """The whole page, in Markdown."""
    parts = [PREFACE]
    for title, metrics in SECTIONS:
        rows = "\n".join(_row(metric) for metric in metrics)
        parts.append(f"## {title}\n\n| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n{rows}\n")
    parts.append("## Buckets\n\n" + "\n".join(_buckets()) + "\n")
    return "\n".join(parts)


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind.value} | {labels} | {metric.help} |"


def _buckets() -> Iterator[str]:
    for _, metrics in SECTIONS:
        for metric in metrics:
            if metric.buckets:
                yield f"- `{metric.name}`: {', '.join(f'{bound:g}' for bound in metric.buckets)} seconds"


if __name__ == "__main__":
    sys.stdout.write(page())
