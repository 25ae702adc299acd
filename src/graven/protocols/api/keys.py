"""graven's own keys: ``/keys``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.keyring import Keyring
from graven.protocols.api.operation import SERVER, Operation, array, operation, struct, text
from graven.protocols.credentials import caller

__all__ = ["routes"]

_RESOURCE = f"{SERVER}keys"
_KEY = struct(
    {
        "purpose": text(enum=["log", "vsa"]),
        "fingerprint": text("SHA-256 of the public key"),
        "public": text("PEM; of the log a vkey"),
        "since": text(),
        "until": {"type": ["string", "null"], "description": "null: it signs"},
    }
)


def routes(*, access: Access, keyring: Keyring) -> list[Route]:
    """Give the routes of graven's own keys; their public halves are for everybody."""
    work = _Work(keyring)
    listed = Operation(summary="List the keys that sign or have signed", gives=struct({"keys": array(_KEY)}))
    rotated = Operation(summary="Let a new key sign summaries", gives=struct({"fingerprint": text()}), status=201)
    return [
        operation("GET", "/keys", work.list, about=listed, access=access, action="anybody"),
        operation("POST", "/keys/vsa", work.rotate, about=rotated, access=access, action="trust", resource=_RESOURCE),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    keyring: Keyring

    async def list(self, _: Request) -> dict[str, Any]:
        rows = await self.keyring.listed()
        shown = ("public", "since", "until")
        return {
            "keys": [
                {"purpose": purpose, "fingerprint": fingerprint, **{name: row[name] for name in shown}}
                for purpose, fingerprint, row in rows
            ]
        }

    async def rotate(self, request: Request) -> dict[str, Any]:
        return {"fingerprint": await self.keyring.rotate(caller(request))}
