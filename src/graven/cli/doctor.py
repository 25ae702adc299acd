"""``graven doctor``: looks at a server and its data folder, and says what is wrong and what to do about it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table
from graven.errors import GravenError, NotFound, Unauthenticated
from graven.values import parse_moment

__all__ = ["HELP", "configure", "run"]

HELP = """Look for what is wrong, and say what to do about it.

Asks the server of GRAVEN_URL for its health, its clock, its log, its advisories and its certificate; with --data it
also looks at the data folder. Answers 0 when nothing is wrong, 1 when something is, 3 when it could not look.

  graven doctor
  graven doctor --data ./graven-data --output json
"""

State = Literal["ok", "warning", "fault", "unknown"]
_SLOW_CLOCK, _WRONG_CLOCK = timedelta(seconds=5), timedelta(minutes=1)
_OLD_ADVISORIES = timedelta(days=7)
_SOON = timedelta(days=30)
_FAR_BEHIND = 5000
_LITTLE_SPACE = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one matter."""

    check: str
    state: State
    message: str
    hint: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--data", type=Path, help="also look at this data folder (default: GRAVEN_DATA, if it is set)")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Look, and print a table of what was found."""
    with Client.of(args) as client:
        found = [*_server(client), *_folder(args.data or _path(os.environ.get("GRAVEN_DATA")))]
    document = {"findings": [{name: getattr(f, name) for name in ("check", "state", "message", "hint")} for f in found]}
    rows = [(f.state, f.check, f.message, f.hint) for f in found]
    emit(args, document, lambda: table(("", "check", "found", "what to do"), rows))
    states = {f.state for f in found}
    return 1 if "fault" in states else 3 if "unknown" in states else 0


def _server(client: Client) -> Iterator[Finding]:
    try:
        client.get_bytes("/healthz")
    except GravenError as e:
        yield Finding("server", "unknown", e.message, e.hint)
        return
    try:
        status = client.get("/api/v1/status")
    except Unauthenticated as e:
        yield Finding("token", "unknown", e.message, "set GRAVEN_TOKEN; graven tokens create makes one")
        return
    yield Finding("server", "ok", f"graven {status['version']} answers at {client.url}")
    yield from _faults(status)
    yield _clock(status)
    yield _log(client, status)
    yield _advisories(status)
    yield from _certificate(client.url)


def _faults(status: dict[str, Any]) -> Iterator[Finding]:
    for name, message in status["faults"].items():
        yield Finding(name, "fault", message, "the server's log says more")


def _clock(status: dict[str, Any]) -> Finding:
    off = abs(parse_moment(status["now"]) - _now())
    if off < _SLOW_CLOCK:
        return Finding("clock", "ok", "the server's clock agrees with this machine's")
    state: State = "fault" if off > _WRONG_CLOCK else "warning"
    message = f"the clocks of server and this machine are {off.total_seconds():.0f} s apart"
    return Finding("clock", state, message, "set both by NTP: signatures, waivers and stages have times")


def _log(client: Client, status: dict[str, Any]) -> Finding:
    """Hold the published checkpoint against the keys that the server says it signs with, and look how far it goes."""
    from graven.ledger.checkpoint import opened
    from graven.ledger.note import VerifierKey

    keys = tuple(VerifierKey.parse(key["public"]) for key in status["keys"] if key["purpose"] == "log")
    try:
        found = opened(client.get_bytes("/log/checkpoint"), keys)
    except NotFound as e:
        return Finding("log", "warning", e.message, "ask again in a second; if it stays, look at the server's log")
    except GravenError as e:
        return Finding("log", "fault", f"its checkpoint does not verify: {e.message}", "graven audit verify says more")
    behind = status["log_size"] - found.size
    if behind > _FAR_BEHIND:
        return Finding(
            "log", "warning", f"{behind} events are under no checkpoint", "look at the loop 'seal' in the log"
        )
    return Finding("log", "ok", f"{found.size} events under a checkpoint that verifies")


def _advisories(status: dict[str, Any]) -> Finding:
    newest = status["advisories"]
    hint = "graven advisories import SOURCE, or serve with --advisories SOURCE"
    if newest is None:
        return Finding("advisories", "warning", "none were imported: vulnerabilities are unknown", hint)
    age = _now() - parse_moment(newest["time"])
    state: State = "warning" if age > _OLD_ADVISORIES else "ok"
    return Finding(
        "advisories", state, f"imported {age.days} days ago from {newest['source']}", hint if age.days else ""
    )


def _certificate(url: str) -> Iterator[Finding]:
    if not url.startswith("https:"):
        return
    left = _expiry(url) - _now()
    state: State = "fault" if left < timedelta(0) else "warning" if left < _SOON else "ok"
    hint = "" if state == "ok" else "renew it; --tls auto renews its own at the next start"
    yield Finding("certificate", state, f"holds for {left.days} days more", hint)


def _expiry(url: str) -> datetime:
    import ssl
    from urllib.parse import urlsplit

    from cryptography.x509 import load_pem_x509_certificate

    parts = urlsplit(url)
    try:
        pem = ssl.get_server_certificate((parts.hostname or "", parts.port or 443), timeout=10)
    except OSError:
        return _now()
    return load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def _folder(data: Path | None) -> Iterator[Finding]:
    if data is None:
        return
    if not data.is_dir():
        yield Finding("data", "fault", f"{data} is no folder", "name the folder that graven serve --data names")
        return
    checks: list[Callable[[Path], Finding]] = [_permissions, _space]
    for check in checks:
        yield check(data)


def _permissions(data: Path) -> Finding:
    keys = data / "keys"
    files = [keys, *keys.iterdir()] if keys.is_dir() else []
    private = (path for path in files if not path.name.endswith((".pem", ".pub")) or path == keys)
    open_ = [str(path) for path in private if path.stat().st_mode & 0o077]
    if open_:
        return Finding("keys", "fault", f"others may read {', '.join(open_)}", "chmod go= these, and think of new keys")
    return Finding("keys", "ok", f"only its owner may read {keys}")


def _space(data: Path) -> Finding:
    import shutil

    free = shutil.disk_usage(data).free
    state: State = "warning" if free < _LITTLE_SPACE else "ok"
    return Finding("space", state, f"{free / 2**30:.1f} GiB are free", "make room" if state != "ok" else "")


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  a command for people, to whom now is now
