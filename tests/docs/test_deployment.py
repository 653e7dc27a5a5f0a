"""The files for Docker, compose, systemd, Kubernetes and Procfiles name only what exists: settings, ports, commands."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package that nothing else needs

from adapters.telemetry.health import Faults
from adapters.telemetry.site import Site
from bots.reference import programs
from bots.settings import Settings
from core.store.database import understood

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
UNIT = (ROOT / "deploy/parley.service").read_text(encoding="utf-8")
MANIFESTS: list[dict[str, Any]] = list(
    yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text(encoding="utf-8"))
)
PARTS = ("core", "adapters", "bots", "migrations")
"""What Parley is when it runs."""
SETTINGS = {name.upper() for name in Settings.model_fields}
COMMANDS = {name.removeprefix("parley ") for name in programs.names()}
STOPPING: float = Settings.model_fields["parley_stop_seconds"].default
CLOSING = 15.0
"""Seconds beyond those of the answers that a process has to close everything, before it is killed."""


def directives(name: str) -> list[str]:
    """What stands behind a directive of the Dockerfile, each time."""
    return re.findall(rf"^{name}\s+(.+)$", DOCKERFILE, re.M)


# ── the image ──


def test_the_image_sets_what_exists() -> None:
    """Its variables are settings, but for those of Python and the shell; its database is understood."""
    variables = dict(word.split("=", 1) for line in directives("ENV") for word in shlex.split(line))
    assert set(variables) - SETTINGS == {"PATH", "PYTHONUNBUFFERED"}
    assert understood(variables["DATABASE_URL"]).database == "/data/parley.db"
    assert directives("VOLUME") == ["/data"]
    assert directives("EXPOSE") == [str(Settings.model_fields["port"].default)]
    assert {json.loads(line)[0] for line in directives("CMD")} <= COMMANDS


def test_the_image_has_all_of_parley_and_nothing_else() -> None:
    """What is copied is complete and let through to the builder; no secret and no database is."""
    copied = {line.split()[0] for line in directives("COPY") if not line.startswith("--from")}
    assert copied == {*PARTS, "requirements.txt"}
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert allowed[next(i for i, line in enumerate(allowed) if line[:1] not in "#")] == "*"
    assert {line[1:] for line in allowed if line.startswith("!")} == copied
    assert all((ROOT / place).exists() for place in copied)


def test_the_image_is_built_from_what_is_pinned() -> None:
    """Packages are checked by their hashes and are wheels; images have a version; nobody is root."""
    install = next(line for line in directives("RUN") if " install " in line)
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(install.split())
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    assert all("--hash=sha256:" in line for line in requirements.splitlines() if line and line[0] not in "# ")
    assert all(re.search(r":\d+\.\d+-slim", line) for line in directives("FROM"))
    user, group = directives("USER")[-1].split(":")
    assert int(user) > 1000
    assert int(group) > 1000


class Patient:
    """A process that is well, or is not."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def dead(self) -> Faults:
        return self._faults

    async def unready(self) -> Faults:
        return {"slack": "no events come in"}

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        return b"", "text/plain"


@pytest.mark.parametrize(("faults", "well"), [({}, True), ({"worker": "has ended"}, False)])
async def test_the_image_asks_for_its_health(faults: Faults, well: bool) -> None:
    """The check in the Dockerfile, run against Parley's real site: it fails where a restart helps, and only there."""
    site = Site(Patient(faults), host="127.0.0.1", port=0)
    await site.start()
    command = json.loads(re.findall(r"^HEALTHCHECK .*?CMD (\[.+\])$", DOCKERFILE, re.M)[0])
    assert command[0] == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command[1:],
        env={**os.environ, "PARLEY_METRICS_PORT": str(site.port)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert (await process.wait() == 0) is well
    await site.stop()


# ── compose ──


def test_compose_sets_what_exists() -> None:
    """Services of Parley run commands that exist with settings that exist, and have time to end."""
    for name in ("migrate", "parley"):
        service = COMPOSE["services"][name]
        assert set(service["environment"]) <= SETTINGS
        assert service["command"][0] in COMMANDS
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["env_file"] == ".env"
        url = re.sub(r"\$\{.*?\}", "x", service["environment"]["DATABASE_URL"])
        assert understood(url).host in COMPOSE["services"]
    assert int(COMPOSE["services"]["parley"]["stop_grace_period"].removesuffix("s")) >= STOPPING + CLOSING


def test_compose_starts_in_order() -> None:
    """The database answers before it is migrated, and is migrated before Parley runs; what it holds is in a volume."""
    services = COMPOSE["services"]
    assert services["migrate"]["command"] == ["migrate"]
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["parley"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert "pg_isready" in services["database"]["healthcheck"]["test"]
    assert services["database"]["volumes"][0].split(":")[0] in COMPOSE["volumes"]
    assert not any(service.get("ports") for service in services.values())


# ── systemd ──


def values(key: str) -> list[str]:
    """What the unit says for a key, each time."""
    return re.findall(rf"^{key}=(.*)$", UNIT, re.M)


def test_the_unit_runs_what_exists() -> None:
    """Its commands are those of the program, its variables settings, its database in its own folder."""
    assert [line.split()[1] for line in values("ExecStartPre") + values("ExecStart")] == ["migrate", "run"]
    variables = dict(line.split("=", 1) for line in values("Environment"))
    assert set(variables) - SETTINGS == {"PYTHONUNBUFFERED"}
    folder = f"/var/lib/{values('StateDirectory')[0]}/"
    assert str(understood(variables["DATABASE_URL"]).database).startswith(folder)
    assert float(values("TimeoutStopSec")[0]) >= STOPPING + CLOSING


# ── Kubernetes ──


def pods() -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Each manifest with its pod and its container."""
    for manifest in MANIFESTS:
        pod = manifest["spec"]["template"]["spec"]
        yield manifest, pod, pod["containers"][0]


def test_pods_run_what_exists() -> None:
    """Commands and settings exist, nobody is root, nothing but /tmp can be written."""
    for _, pod, container in pods():
        assert container["args"][0] in COMMANDS
        assert {variable["name"] for variable in container.get("env", ())} <= SETTINGS
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert str(pod["securityContext"]["runAsUser"]) == directives("USER")[-1].split(":")[0]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]


def test_pods_are_asked_for_their_health() -> None:
    """A dead process is restarted; one that only cannot reach a platform is not. Each pod has time to end."""
    bots = [(pod, container) for manifest, pod, container in pods() if manifest["kind"] == "Deployment"]
    assert [container["args"] for _, container in bots] == [["run", "slack"], ["run", "discord"]]
    for pod, container in bots:
        port = str(container["ports"][0]["containerPort"])
        assert {"name": "PARLEY_METRICS_PORT", "value": port} in container["env"]
        assert container["livenessProbe"]["httpGet"]["path"] == container["startupProbe"]["httpGet"]["path"] == "/live"
        assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
        assert pod["terminationGracePeriodSeconds"] >= STOPPING + CLOSING


def test_discord_has_one_process_a_shard() -> None:
    """The old pod ends before the new one begins."""
    discord = next(manifest for manifest in MANIFESTS if manifest["metadata"]["name"] == "parley-discord")
    assert discord["spec"]["replicas"] == 1
    assert discord["spec"]["strategy"] == {"type": "Recreate"}


# ── the Procfile ──


def test_the_procfile_starts_what_exists() -> None:
    """Each process is a module of ours, with a command of the program where it has one."""
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        _, python, option, module, *words = line.split()
        assert (python, option) == ("python", "-m")
        assert importlib.util.find_spec(module) is not None
        assert set(words) <= COMMANDS
