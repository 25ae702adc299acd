"""Builds the flows of a server from its stores: who does what, with which doors to the world.

A room adds a field to ``Flows`` and a line to ``build``.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from graven.app import judging
from graven.app.judging import Judging
from graven.app.showing import stages_of
from graven.app.stores import Stores
from graven.engines.keystore import Keystore
from graven.flows.access import Access
from graven.flows.admit import Admit
from graven.flows.advisories import Advisories
from graven.flows.attach import Evidence
from graven.flows.bills import Bills
from graven.flows.catalogue import Catalogue
from graven.flows.clusters import Clusters
from graven.flows.gather import Gather
from graven.flows.keyring import Keyring
from graven.flows.layers import Layers
from graven.flows.prove import Ledger
from graven.flows.publish import Publish
from graven.flows.pull import Pull
from graven.flows.push import Push
from graven.flows.remove import Remove
from graven.flows.repositories import Repositories
from graven.flows.seal import Seal
from graven.flows.tokens import Tokens
from graven.flows.upload import Upload
from graven.flows.verification import Verification
from graven.ports import Clock, Entropy, Journal
from graven.settings import Settings

__all__ = ["Flows", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """All verbs of a server."""

    access: Access
    tokens: Tokens
    repositories: Repositories
    push: Push
    pull: Pull
    upload: Upload
    publish: Publish
    remove: Remove
    catalogue: Catalogue
    bills: Bills
    advisories: Advisories
    keys: Keystore
    keyring: Keyring
    seal: Seal
    ledger: Ledger
    evidence: Evidence
    judging: Judging
    clusters: Clusters
    admit: Admit


def build(
    settings: Settings,
    stores: Stores,
    *,
    journal: Journal,
    keys: Keystore,
    seal: Seal,
    hosts: frozenset[str],
    clock: Clock,
    entropy: Entropy,
) -> Flows:
    """Bind the verbs to the stores; ``journal`` is the metered one."""
    tables = stores.tables
    push = Push(objects=stores.reader, writer=stores.writer, journal=journal, tables=tables)
    pull = Pull(tables=tables, objects=stores.reader)
    upload = _upload(stores, journal)
    catalogue = _catalogue(stores, journal, pull)
    advisories = _advisories(stores, journal)
    evidence = Evidence(tables=tables, objects=stores.reader, push=push, clock=clock)
    decided = judging.build(
        stores,
        journal=journal,
        keys=keys,
        pull=pull,
        evidence=evidence,
        gather=_gather(stores, pull, evidence=evidence, catalogue=catalogue, advisories=advisories),
        clock=clock,
        entropy=entropy,
    )
    verification = Verification(tables=tables, objects=stores.reader, clock=clock)
    return Flows(
        access=_access(settings, stores, journal, clock),
        tokens=Tokens(names=stores.names, clock=clock, entropy=entropy, journal=journal, tables=tables),
        repositories=Repositories(journal=journal, tables=tables),
        push=push,
        pull=pull,
        upload=upload,
        publish=Publish(push=push, pull=pull, upload=upload, journal=journal, tables=tables),
        remove=Remove(journal=journal, tables=tables),
        catalogue=catalogue,
        bills=Bills(catalogue=catalogue, evidence=evidence, objects=stores.reader, signer=lambda: keys.vsa),
        advisories=advisories,
        keys=keys,
        keyring=Keyring(journal=journal, tables=tables, keys=keys, vkey=lambda: str(seal.key)),
        seal=seal,
        ledger=Ledger(entries=stores.entries, files=stores.log, journal=journal),
        evidence=evidence,
        judging=decided,
        clusters=Clusters(journal=journal, tables=tables, entropy=entropy, stages=stages_of(decided.documents)),
        admit=Admit(journal=journal, tables=tables, clock=clock, summary_fault=verification.fault, hosts=hosts),
    )


def _access(settings: Settings, stores: Stores, journal: Journal, clock: Clock) -> Access:
    return Access(
        clock=clock,
        origin_key=_derive(stores.seed, "origins"),
        anonymous_pull=settings.anonymous_pull,
        journal=journal,
        tables=stores.tables,
    )


def _upload(stores: Stores, journal: Journal) -> Upload:
    return Upload(
        objects=stores.reader,
        uploads=stores.uploads,
        secret=_derive(stores.seed, "uploads"),
        journal=journal,
        tables=stores.tables,
    )


def _catalogue(stores: Stores, journal: Journal, pull: Pull) -> Catalogue:
    return Catalogue(
        pull=pull,
        layers=Layers(objects=stores.reader, cache=stores.cache),
        objects=stores.reader,
        writer=stores.writer,
        journal=journal,
        tables=stores.tables,
    )


def _advisories(stores: Stores, journal: Journal) -> Advisories:
    return Advisories(
        objects=stores.reader,
        writer=stores.writer,
        remover=stores.remover,
        journal=journal,
        tables=stores.tables,
        index=stores.index,
    )


def _gather(stores: Stores, pull: Pull, *, evidence: Evidence, catalogue: Catalogue, advisories: Advisories) -> Gather:
    return Gather(
        tables=stores.tables,
        objects=stores.reader,
        writer=stores.writer,
        pull=pull,
        evidence=evidence,
        catalogue=catalogue,
        advisories=advisories,
    )


def _derive(seed: bytes, purpose: str) -> bytes:
    """Make a key for one purpose, so that one of them says nothing of another."""
    return hmac.digest(seed, purpose.encode(), hashlib.sha256)
