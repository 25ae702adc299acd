"""Builds what decides and promotes, and begins the documents that decide when a data folder is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graven import library
from graven.app.stores import Stores
from graven.decide import shipped, stages
from graven.documents import config
from graven.engines.keystore import Keystore
from graven.evidence import vsa
from graven.evidence.chain import Kind
from graven.evidence.keys import PublicKey
from graven.evidence.trust import TrustedKey, TrustRoot
from graven.flows.apply import Documents
from graven.flows.attach import Evidence
from graven.flows.decisions import Decisions
from graven.flows.gather import Gather
from graven.flows.judge import Judge
from graven.flows.promote import Promotion
from graven.flows.pull import Pull
from graven.flows.summaries import Summaries
from graven.flows.waive import Waive
from graven.ports import Clock, Entropy, Journal
from graven.values import canonical

__all__ = ["Judging", "build", "first_documents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """The verbs that decide and promote."""

    documents: Documents
    judge: Judge
    decisions: Decisions
    promotion: Promotion
    waive: Waive


def build(
    stores: Stores,
    *,
    journal: Journal,
    keys: Keystore,
    pull: Pull,
    evidence: Evidence,
    gather: Gather,
    clock: Clock,
    entropy: Entropy,
) -> Judging:
    """Bind the verbs to the stores."""
    doors: dict[str, Any] = {"tables": stores.tables, "objects": stores.reader}
    written = {**doors, "journal": journal, "writer": stores.writer}
    documents = Documents(root=keys.root, **written)
    judge = Judge(clock=clock, documents=documents, gather=gather, **written)
    summaries = Summaries(evidence=evidence, keys=keys)
    return Judging(
        documents=documents,
        judge=judge,
        decisions=Decisions(**doors),
        promotion=Promotion(journal=journal, pull=pull, judge=judge, summaries=summaries, clock=clock, **doors),
        waive=Waive(names=stores.names, clock=clock, entropy=entropy, **written),
    )


def first_documents(own: PublicKey) -> Mapping[Kind, Any]:
    """Give the bodies that a new server starts with: of others nobody is trusted, and the shipped rules are asked.

    graven's own key may say what is inside (SBOM) and where it may run (VSA), and nothing else.
    """
    speaks = ("https://cyclonedx.org/bom*", "https://spdx.dev/Document*", vsa.PREDICATE_TYPE)
    trust = TrustRoot((TrustedKey("graven", own, predicate_types=speaks),))
    policy = shipped.policy_set(library.modules())
    found = stages.parse(config.parse(library.stages(), file="stages.yaml"), policy)
    return {"trust": trust.value(), "policy": canonical.loads(policy.encode()), "stages": found.value()}
