"""Clusters: register one, and tell on whose behalf a review is answered.

An API server is known by a path with a secret of its cluster, which stands in the webhook configuration. Which stage a
cluster runs is said by the stages document; where that names the cluster nowhere, by its registration.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from graven.decide.stages import Stages
from graven.errors import Malformed, Unauthenticated
from graven.flows.admit import Door
from graven.ports import Entropy, Journal, Tables
from graven.projection import Row
from graven.values import Caller
from graven.values.events import ClusterRegistered, Event

__all__ = ["Clusters"]

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?")
_SECRET_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """The clusters that may ask for admission."""

    journal: Journal
    tables: Tables
    entropy: Entropy
    stages: Callable[[], Awaitable[Stages]]

    async def register(self, cluster: str, stage: str, caller: Caller) -> str:
        """Register a cluster, or give it a new secret; the secret is shown this once.

        Raises:
            Malformed: no name for a cluster.
            NotFound: no such stage.
        """
        if not _NAME.fullmatch(cluster):
            raise Malformed(f"got {cluster[:100]!r}, expected lower-case letters, digits, '.' and '-'", where="cluster")
        (await self.stages()).get(stage)
        secret = base64.urlsafe_b64encode(self.entropy(_SECRET_BYTES)).decode().rstrip("=")
        body = ClusterRegistered(cluster, stage, _hash(secret))
        await self.journal.append(Event(body, caller.principal, caller.origin))
        return secret

    async def enter(self, cluster: str, secret: str) -> tuple[Door, Caller]:
        """Let an API server in by the secret in its path.

        Raises:
            Unauthenticated: no such cluster, or another secret.
        """
        row = await self.tables.get("clusters", (cluster[:100],))
        known = "" if row is None else str(row["secret_hash"])
        if row is None or not hmac.compare_digest(known, _hash(secret)):
            raise Unauthenticated(
                "no cluster is known by this path", hint="graven admission manifests prints the right one"
            )
        return await self._door(cluster, str(row["stage"])), Caller(f"cluster:{cluster}")

    async def door(self, stage: str) -> Door:
        """Answer on behalf of a stage that a token may see, without a cluster: for ``graven admit``.

        Raises:
            NotFound: no such stage.
        """
        return Door("", stage, timedelta(seconds=(await self.stages()).get(stage).grace))

    async def listed(self) -> list[tuple[str, Row]]:
        """List the clusters by name."""
        return [(str(key[0]), row) for key, row in await self.tables.scan("clusters")]

    async def _door(self, cluster: str, registered: str) -> Door:
        stages = await self.stages()
        stage = stages.of_cluster(cluster) or stages.get(registered)
        return Door(cluster, stage.name, timedelta(seconds=stage.grace))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
