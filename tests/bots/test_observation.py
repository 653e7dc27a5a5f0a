"""What operators see of a running process: metrics that agree with what happened, health, and traces."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from bots.runtime import Runtime, StartError
from bots.settings import Settings
from core.conversation import Platform
from sandbox.chat_completions.script import Answer, Failure, Stall, Usage
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.contract.places import DiscordPlace, Place, SlackPlace
from tests.wires import Wire, wired

LOOPBACK = "127.0.0.1"
SECRETS = ("sk-sandbox-model-key", "xoxb-", "xapp-")
QUESTION = "What does the pelican eat"
BOTH = (Platform.SLACK, Platform.DISCORD)


ANSWER = "Fish, and now and then a pigeon."
USED = Usage(prompt_tokens=30, completion_tokens=9, cached_tokens=8, reasoning_tokens=2)


@pytest.fixture(autouse=True)
def brief(model: ChatCompletionsSandbox) -> None:
    """The model answers at once, in a few pieces."""
    pieces = tuple(f"{word} " for word in ANSWER.split())
    model.answering = lambda _: Answer(deltas=pieces, usage=USED)


@dataclass
class Look:
    """What an operator reads of one process."""

    runtime: Runtime
    session: aiohttp.ClientSession

    def url(self, path: str) -> str:
        return f"http://{LOOPBACK}:{self.runtime.observation.port}{path}"

    async def health(self, path: str) -> tuple[int, dict[str, Any]]:
        async with self.session.get(self.url(path)) as answer:
            return answer.status, await answer.json()

    async def text(self) -> str:
        async with self.session.get(self.url("/metrics")) as answer:
            assert answer.status == 200
            return await answer.text()

    async def value(self, name: str, **labels: str) -> float:
        """The sum of the series that have these labels."""
        found = 0.0
        for family in text_string_to_metric_families(await self.text()):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    found += sample.value
        return found

    async def idle(self) -> None:
        """Returns when no turn is worked on."""
        await asyncio.gather(*self.runtime.worker.tasks)


@dataclass
class Processes:
    """Starts processes and looks at them."""

    env: dict[str, str]
    patch: pytest.MonkeyPatch
    session: aiohttp.ClientSession
    runtimes: list[Runtime] = field(default_factory=list)

    async def start(self, platforms: tuple[Platform, ...], **more: str) -> Look:
        for name, value in (self.env | {"PARLEY_METRICS_PORT": "0"} | more).items():
            self.patch.setenv(name, value)
        runtime = Runtime(Settings(_env_file=None), platforms)
        await runtime.__aenter__()
        self.runtimes.append(runtime)
        return Look(runtime=runtime, session=self.session)

    async def stop(self, look: Look) -> None:
        self.runtimes.remove(look.runtime)
        await look.runtime.__aexit__(None, None, None)


@pytest.fixture
async def processes(
    slack: SlackSandbox,
    discord: DiscordSandbox,
    model_env: dict[str, str],
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Processes]:
    """Both platforms, a model and a database are there; none is running yet."""
    env = {**slack.env, **discord.env, **model_env, "DATABASE_URL": sqlite_url, "PARLEY_STOP_SECONDS": "3"}
    async with aiohttp.ClientSession() as session:
        opened = Processes(env=env, patch=monkeypatch, session=session)
        yield opened
        for runtime in opened.runtimes:
            await runtime.__aexit__(None, None, None)


async def answered(place: Place, text: str = QUESTION) -> None:
    """Somebody asked in a channel and reads the whole answer."""
    talk = await place.mention("ann", text)
    await place.wait_for(lambda: bool(place.replies(talk)) and all(reply.settled for reply in place.replies(talk)))


# ── metrics ──


async def test_metrics_agree_with_what_happened(
    processes: Processes, slack: SlackSandbox, discord: DiscordSandbox, model: ChatCompletionsSandbox
) -> None:
    """After two answers on Slack and one on Discord, counters, histograms and gauges say just that."""
    look = await processes.start(BOTH)
    await answered(SlackPlace(slack))
    await answered(SlackPlace(slack))
    await answered(DiscordPlace(discord))
    await look.idle()
    assert await look.value("parley_turns_ended_total", platform="slack", state="done", reason="stop") == 2
    assert await look.value("parley_turns_ended_total", platform="discord", state="done", reason="stop") == 1
    assert await look.value("parley_turns_claimed_total", claim="first") == 3
    assert await look.value("parley_turns_claimed_total") == 3
    assert await look.value("parley_arrivals_total", effect="accepted", kind="mention") == 3
    for name in ("first_text", "character_lag", "turn_duration", "turn_wait"):
        assert await look.value(f"parley_{name}_seconds_count", platform="slack") == 2, name
        assert await look.value(f"parley_{name}_seconds_count", platform="discord") == 1, name
    assert await look.value("parley_first_text_seconds_sum") <= await look.value("parley_turn_duration_seconds_sum")
    assert await look.value("parley_model_requests_total", endpoint="default", outcome="stop") == 3
    assert await look.value("parley_model_first_event_seconds_count", model=model.model) == 3
    tokens = {"prompt": 90, "completion": 27, "cached": 24, "reasoning": 6}
    for kind, amount in tokens.items():
        assert await look.value("parley_tokens_total", model=model.model, kind=kind, source="provider") == amount, kind
    assert await look.value("parley_tokens_total", source="estimate") == 0
    assert await look.value("parley_turns_open") == 0
    assert await look.value("parley_turns_running") == 0
    assert await look.value("parley_turn_slots") > 0
    assert await look.value("parley_database_up") == 1
    assert await look.value("parley_platform_up") == 2
    assert await look.value("parley_store_operation_duration_seconds_count", operation="accept") >= 3
    assert await look.value("parley_store_operation_duration_seconds_count", operation="finish") == 3


async def test_platform_calls_are_those_that_were_made(processes: Processes, slack: SlackSandbox) -> None:
    """Slack counted as many posts and updates as the metrics do."""
    look = await processes.start((Platform.SLACK,))
    await answered(SlackPlace(slack))
    await look.idle()
    for method in ("chat.postMessage", "chat.update"):
        made = sum(call.method == method for call in slack.calls)
        assert await look.value("parley_platform_calls_total", method=method, outcome="ok") == made > 0
    writes = await look.value("parley_reply_writes_total", platform="slack", outcome="shown")
    assert writes == await look.value("parley_reply_write_wait_seconds_count", platform="slack") >= 2


async def test_duplicates_are_counted(processes: Processes, slack: SlackSandbox) -> None:
    """A mention is two events on Slack: one is taken, the other shows as a duplicate, and the answer is one."""
    look = await processes.start((Platform.SLACK,))
    await answered(SlackPlace(slack))
    await look.runtime.apps[Platform.SLACK].stop_receiving()
    await look.idle()
    assert await look.value("parley_arrivals_total", effect="accepted") == 1
    assert await look.value("parley_arrivals_total", effect="duplicate") == 1
    assert await look.value("parley_turns_ended_total") == 1
    assert await look.value("parley_intake_waiting", platform="slack") == 0


async def test_refusals_are_counted(processes: Processes, slack: SlackSandbox, discord: DiscordSandbox) -> None:
    """A 429 counts once on each platform, although discord.py tries again without a word; the failed write counts where
    the reply sees it."""
    look = await processes.start(BOTH)
    slack.faults.call("chat.postMessage", "ratelimited", retry_after=1)
    discord.faults.call("POST", "create_message", "ratelimited", retry_after=0.1)
    await answered(SlackPlace(slack))
    await answered(DiscordPlace(discord))
    await look.idle()
    for platform in ("slack", "discord"):
        assert await look.value("parley_platform_rate_limited_total", platform=platform) == 1, platform
        assert await look.value("parley_turns_ended_total", platform=platform, state="done") == 1
    refused = {"method": "chat.postMessage", "outcome": "SurfaceBusy"}
    assert await look.value("parley_platform_calls_total", platform="slack", **refused) == 1
    assert await look.value("parley_reply_writes_total", platform="slack", outcome="failed") == 1
    assert await look.value("parley_reply_writes_total", platform="discord", outcome="failed") == 0


async def test_edits_and_stops(processes: Processes, slack: SlackSandbox, model: ChatCompletionsSandbox) -> None:
    """An edit while the answer is made is an arrival and asks the model once more; a stop abandons the stream and
    ends the turn as cancelled, with tokens that are our estimate."""
    gate = asyncio.Event()
    slow = Answer(deltas=("Begun. ", "Never shown."), stalls=(Stall(until=gate, after=1),))
    model.script(slow, slow)
    look = await processes.start((Platform.SLACK,))
    place = SlackPlace(slack)
    talk = await place.mention("ann", QUESTION)
    await place.wait_for(lambda: any("Begun" in reply.text for reply in place.replies(talk)))
    await place.edit(talk, "ann", talk.first, f"@Parley {QUESTION}s")
    await model.wait_for(lambda requests: len(requests) == 2, within=20)
    await place.wait_for(lambda: any("Begun" in reply.text for reply in place.replies(talk)))
    await place.press(talk, "ann", place.replies(talk)[0], "Stop")
    await place.wait_for(lambda: all(reply.settled for reply in place.replies(talk)))
    await look.idle()
    assert await look.value("parley_arrivals_total", kind="edit", effect="changed") == 1
    assert (
        await look.value("parley_model_requests_total", outcome="cancelled")
        + await look.value("parley_model_requests_total", outcome="abandoned")
        == 2
    )
    assert await look.value("parley_turns_ended_total", state="cancelled", reason="stopped") == 1
    assert await look.value("parley_tokens_total", source="estimate", kind="completion") > 0
    assert await look.value("parley_tokens_total", source="provider") == 0


async def test_a_hand_over_is_seen_on_both_sides(
    processes: Processes, slack: SlackSandbox, model: ChatCompletionsSandbox
) -> None:
    """One process that stops counts a turn handed over, and the one that goes on counts it claimed so."""
    gate = asyncio.Event()
    model.script(Answer(deltas=("Begun. ", "Never shown."), stalls=(Stall(until=gate, after=1),)))
    place = SlackPlace(slack)
    old = await processes.start((Platform.SLACK,), PARLEY_STOP_SECONDS="0")
    talk = await place.mention("ann", QUESTION)
    await place.wait_for(lambda: any("Begun" in reply.text for reply in place.replies(talk)))
    await old.runtime.worker.drain(0)
    assert await old.value("parley_turns_let_go_total", platform="slack", why="handed_over") == 1
    assert await old.value("parley_turns_ended_total") == 0
    assert await old.value("parley_turns_open", state="queued") == 1
    assert await old.value("parley_turns_oldest_queued_age_seconds") > 0
    assert await old.value("parley_first_text_seconds_count") == 1
    assert await old.value("parley_character_lag_seconds_count") == 0
    new = await processes.start((Platform.SLACK,))
    await place.wait_for(lambda: all(reply.settled for reply in place.replies(talk)))
    await new.idle()
    assert await new.value("parley_turns_claimed_total", claim="handed_over") == 1
    assert await new.value("parley_turns_ended_total", state="done") == 1
    assert await new.value("parley_first_text_seconds_count") == 0, "people had seen the first text before"
    assert await new.value("parley_turn_wait_seconds_count") == 0


async def test_no_one_is_in_the_metrics(processes: Processes, slack: SlackSandbox, discord: DiscordSandbox) -> None:
    """No label tells who, where or what: no word, no person, no channel, no workspace, no secret."""
    look = await processes.start(BOTH)
    await answered(SlackPlace(slack))
    await answered(DiscordPlace(discord))
    await look.idle()
    text = await look.text()
    ids = {str(call.args.get("channel") or "") for call in slack.calls} | {slack.bot_user_id, discord.bot_user_id}
    assert len(ids) > 2
    for word in (*SECRETS, "pelican", "pigeon", *filter(None, ids)):
        assert word not in text, word
    assert "/channels/{channel_id}/messages" in text


async def test_no_port_no_metrics(processes: Processes) -> None:
    """Without the setting nothing listens and nothing is counted."""
    look = await processes.start((Platform.SLACK,), PARLEY_METRICS_PORT="")
    assert look.runtime.observation.port is None
    assert type(look.runtime.observation.telemetry).__name__ == "StorageWatch"


async def test_a_port_that_is_taken(processes: Processes) -> None:
    """The start fails with what to do."""
    look = await processes.start((Platform.SLACK,))
    with pytest.raises(StartError, match="PARLEY_METRICS_PORT"):
        await processes.start((Platform.SLACK,), PARLEY_METRICS_PORT=str(look.runtime.observation.port))


# ── health ──


@pytest.fixture
async def wire(postgresql_url: str) -> AsyncIterator[tuple[Wire, str]]:
    """PostgreSQL behind a wire, and the URL that leads through it."""
    async with wired(postgresql_url) as found:
        yield found


async def test_ready_follows_the_database(processes: Processes, wire: tuple[Wire, str]) -> None:
    """While the database is away the process is alive and not ready, says so without any address, still shows its
    metrics, and is ready again by itself."""
    way, url = wire
    look = await processes.start((Platform.SLACK,), DATABASE_URL=url)
    assert await look.health("/ready") == (200, {"ready": True, "faults": {}})
    way.cut()
    assert await look.health("/ready") == (503, {"ready": False, "faults": {"database": "does not answer"}})
    assert await look.health("/live") == (200, {"live": True, "faults": {}})
    assert await look.value("parley_database_up") == 0
    assert "parley_turns_open{" not in await look.text()
    assert await look.value("parley_store_errors_total", operation="ping", error="StoreUnavailable") > 0
    way.mend()
    assert await look.health("/ready") == (200, {"ready": True, "faults": {}})
    assert await look.value("parley_database_up") == 1


async def test_a_database_that_hangs(processes: Processes, wire: tuple[Wire, str]) -> None:
    """Whoever looks is answered in time, also where the database is reached and says nothing; then all is well."""
    way, url = wire
    look = await processes.start((Platform.SLACK,), DATABASE_URL=url)
    way.freeze()
    async with asyncio.timeout(10):
        assert await look.health("/ready") == (503, {"ready": False, "faults": {"database": "does not answer"}})
        assert await look.health("/live") == (200, {"live": True, "faults": {}})
    way.thaw()
    assert await look.health("/ready") == (200, {"ready": True, "faults": {}})
    assert await look.value("parley_store_errors_total", operation="ping", error="cancelled") == 1


async def test_ready_follows_the_platform(processes: Processes, slack: SlackSandbox) -> None:
    """Where no events come in the process is not ready, and names the platform."""
    look = await processes.start((Platform.SLACK,))
    app = look.runtime.apps[Platform.SLACK]
    await app.stop_receiving()
    assert await look.health("/ready") == (503, {"ready": False, "faults": {"slack": "no events come in"}})
    assert await look.value("parley_platform_up", platform="slack") == 0


async def test_stopping_is_not_ready(processes: Processes) -> None:
    """A process that drains is alive and not ready."""
    look = await processes.start((Platform.SLACK,))
    await look.runtime.worker.drain(0)
    status, body = await look.health("/ready")
    assert (status, body["faults"]["worker"]) == (503, "stopping")
    assert await look.value("parley_draining") == 1


async def test_a_worker_that_died(processes: Processes) -> None:
    """Where the worker has ended by itself only a restart helps: the process counts as dead."""
    look = await processes.start((Platform.SLACK,))
    working = look.runtime._working
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert await look.health("/live") == (503, {"live": False, "faults": {"worker": "has ended"}})


# ── traces ──


@dataclass
class Collector:
    """An OTLP collector that keeps what it is sent."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.bodies.append(body)
        sent = ExportTraceServiceRequest.FromString(body)
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        return web.Response(body=b"", content_type="application/x-protobuf")

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """A collector on a free port."""
    opened = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", opened.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    opened.url = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    yield opened
    await runner.cleanup()


def attributes(span: Span) -> dict[str, Any]:
    """The span's attributes as plain values."""
    found: dict[str, Any] = {}
    for pair in span.attributes:
        value = pair.value
        kind = value.WhichOneof("value")
        if kind == "array_value":
            found[pair.key] = [item.string_value for item in value.array_value.values]
        elif kind is not None:
            found[pair.key] = getattr(value, kind)
    return found


async def test_a_turn_is_a_trace(
    processes: Processes, slack: SlackSandbox, model: ChatCompletionsSandbox, collector: Collector
) -> None:
    """The turn is the root; the request to the model, Slack's calls and the store's are its children, with the
    conventions' attributes."""
    look = await processes.start((Platform.SLACK,), OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    await answered(SlackPlace(slack))
    await look.idle()
    await processes.stop(look)
    (turn,) = collector.named("turn")
    said = attributes(turn)
    assert not turn.parent_span_id
    assert (said["parley.platform"], said["parley.turn.state"], said["parley.turn.reason"]) == ("slack", "done", "stop")
    assert said["parley.turn.character_lag_seconds"] >= 0
    (chat,) = collector.named(f"chat {model.model}")
    asked = attributes(chat)
    assert asked["gen_ai.operation.name"] == "chat"
    assert asked["gen_ai.request.model"] == model.model
    assert asked["gen_ai.provider.name"] == "openai"
    assert asked["gen_ai.response.finish_reasons"] == ["stop"]
    assert asked["gen_ai.usage.input_tokens"] > 0
    assert asked["gen_ai.usage.output_tokens"] > 0
    assert 0 < asked["gen_ai.response.time_to_first_chunk"] < 60
    children = [chat, *collector.named("slack chat.update"), *collector.named("store finish")]
    assert len(children) >= 3
    assert all(child.parent_span_id == turn.span_id and child.trace_id == turn.trace_id for child in children)
    assert not collector.named("store claim"), "looking for work belongs to no turn"


async def test_a_failure_in_a_trace(
    processes: Processes, slack: SlackSandbox, model: ChatCompletionsSandbox, collector: Collector
) -> None:
    """A model that refuses is the class of an error on its span and on the turn's, without any detail."""
    error = {"message": "Incorrect API key provided: sk-sandbox-model-key", "code": "invalid_api_key"}
    model.script(Failure(status=401, body={"error": error}))
    look = await processes.start((Platform.SLACK,), OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    await answered(SlackPlace(slack))
    await look.idle()
    assert await look.value("parley_model_requests_total", outcome="ModelNotConfigured") == 1
    assert await look.value("parley_turns_ended_total", state="failed", reason="ModelNotConfigured") == 1
    await processes.stop(look)
    for name in ("turn", f"chat {model.model}"):
        (span,) = collector.named(name)
        assert attributes(span)["error.type"] == "ModelNotConfigured"
        assert span.status.code == span.status.STATUS_CODE_ERROR
        assert not span.status.message
        assert not span.events


async def test_no_words_and_no_secrets_in_traces(
    processes: Processes,
    slack: SlackSandbox,
    discord: DiscordSandbox,
    model: ChatCompletionsSandbox,
    collector: Collector,
) -> None:
    """Nothing that a person or the model said is sent, nor a key."""
    look = await processes.start(BOTH, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    place = SlackPlace(slack)
    await answered(place)
    await answered(DiscordPlace(discord))
    await look.idle()
    await processes.stop(look)
    sent = b"".join(collector.bodies)
    assert len(collector.named("turn")) == 2
    for word in (*SECRETS, "pelican", "pigeon", "Ann"):
        assert word.encode() not in sent, word


async def test_a_collector_that_is_away(processes: Processes, slack: SlackSandbox, unused_port: int) -> None:
    """Answers come and the process stops in time, although nobody takes the traces."""
    look = await processes.start(
        (Platform.SLACK,), OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{LOOPBACK}:{unused_port}", OTEL_BSP_SCHEDULE_DELAY="50"
    )
    await answered(SlackPlace(slack))
    await look.idle()
    async with asyncio.timeout(20):
        await processes.stop(look)


@pytest.fixture
async def unused_port() -> int:
    """A port where nobody listens."""
    server = await asyncio.start_server(lambda *_: None, LOOPBACK, 0)
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    return port
