"""Secrets sent through every route of a real server are found in no log and nowhere in the data folder."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from conftest import Serve
from protocols.test_routes import every_route
from served import Served


@dataclass
class Canaries:
    """Secrets of each kind, none of which may be seen again."""

    known: dict[str, str] = field(default_factory=dict)

    def make(self, kind: str) -> str:
        return self.known.setdefault(kind, f"canary{secrets.token_hex(12)}")

    def sought(self) -> dict[str, bytes]:
        plain = {kind: secret.encode() for kind, secret in self.known.items()}
        coded = {f"{kind} in base64": b64encode(b"u:" + secret) for kind, secret in plain.items()}
        return plain | coded


def _requests(canaries: Canaries) -> Iterator[dict[str, dict[str, str]]]:
    password = b64encode(f"u:{canaries.make('password')}".encode()).decode()
    yield {"headers": {"Authorization": f"Basic {password}"}}
    yield {"headers": {"Authorization": f"Bearer {canaries.make('bearer')}"}}
    yield {"headers": {"Authorization": f"Digest {canaries.make('digest')}"}}
    yield {"headers": {"Authorization": canaries.make("bare")}}
    admin = {"Authorization": f"Bearer {canaries.known['administrator']}"}
    names = ("X-Secret", "Cookie", "User-Agent", "Referer", "X-Request-Id", "X-Forwarded-For", "Content-Type")
    yield {"headers": admin | {name: canaries.make(f"header {name}") for name in names}}
    wanted = {name: canaries.make(f"query {name}") for name in ("access_token", "password", "key", "account")}
    yield {"headers": admin, "params": wanted}
    yield {"headers": admin, "json": {"password": canaries.make("body")}}


def _holding(served: Served, sought: dict[str, bytes]) -> list[str]:
    files = [path for path in served.data.rglob("*") if path.is_file()]
    assert any(path.name == "graven.db" for path in files)
    found = []
    for path in [*files, served.folder / "server.log"]:
        data = path.read_bytes()
        found += [f"{kind}: {_shown(path, served)}" for kind, secret in sought.items() if secret in data]
    return found


def _shown(path: Path, served: Served) -> str:
    return str(path.relative_to(served.folder))


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_is_seen_again(serve: Serve, form: str) -> None:
    served = serve("--log-format", form, "--log-level", "debug")
    canaries = Canaries({"administrator": served.token})
    with httpx.Client(base_url=served.url, timeout=30) as client:
        made = client.post(
            "/api/v1/tokens",
            json={"name": "ci", "scopes": ["pull"]},
            headers={"Authorization": f"Bearer {served.token}"},
        ).json()
        canaries.known["token that was made"] = made["secret"]
        asked = [*every_route(), ("GET", f"/nowhere/{canaries.make('path')}"), ("BREW", "/"), ("DELETE", "/healthz")]
        doors = [f"/admission/{verb}/prod-1/{canaries.make('admission')}" for verb in ("validate", "mutate")]
        for method, path in [*asked, *(("POST", door) for door in doors)]:
            for options in _requests(canaries):
                client.request(method, path, **options)  # type: ignore[arg-type]
    assert served.stop() == 0
    assert len(served.log.splitlines()) > 500
    assert _holding(served, canaries.sought()) == []
