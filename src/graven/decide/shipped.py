"""Owns which of the shipped modules are rules, what they are called, and the defaults of their settings."""

from __future__ import annotations

from collections.abc import Mapping

from graven.decide.policy import PolicySet, Rule

__all__ = ["PARAMETERS", "RULES", "policy_set"]

RULES = (
    Rule("signed", ("graven.signed.deny",)),
    Rule("bill", ("graven.bill.deny",)),
    Rule("vulnerabilities", ("graven.vulnerabilities.deny", "graven.vulnerabilities.warn")),
    Rule("seen", ("graven.seen.deny", "graven.seen.warn")),
    Rule("order", ("graven.order.deny",)),
)

PARAMETERS: Mapping[str, object] = {
    "identities": [],
    "severity": "high",
    "kev": True,
    "leeway_days": 0,
    "unseen": ["unread_databases", "unowned_archives", "unowned_executables", "limits"],
    "tolerated": [],
    "snapshot_max_age_hours": 168,
}


def policy_set(modules: Mapping[str, str]) -> PolicySet:
    """Make the policy set that a new server starts with, of the shipped modules."""
    return PolicySet.make(modules, RULES, data={"parameters": {"default": dict(PARAMETERS), "stages": {}}})
