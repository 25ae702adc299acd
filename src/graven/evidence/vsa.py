"""Verification summaries (SLSA, "Verification Summary Attestation" v1): the token of a promotion.

The specification has no expiry and no stage; graven adds both as members named by URI, which other consumers ignore.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graven.errors import Malformed
from graven.evidence.trust import Verified
from graven.values import Digest, format_moment, parse_moment

__all__ = ["PREDICATE_TYPE", "VERIFIER", "Summary", "fault", "make", "read", "resource_uri"]

PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://graven.dev/promotion"
_URI = "https://graven.dev/vsa/v1"
_LEVEL = "SLSA_BUILD_LEVEL_UNEVALUATED"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a summary says."""

    verifier: str
    resource: str
    stage: str
    valid_until: datetime
    result: str
    decision: str


def resource_uri(repository: str) -> str:
    """Name a repository in a summary.

    >>> resource_uri("app/web")
    'graven:app/web'
    """
    return f"graven:{repository}"


def make(
    *,
    repository: str,
    stage: str,
    now: datetime,
    valid_until: datetime,
    decision: Digest,
    policy: Digest,
    inputs: Sequence[Digest] = (),
) -> dict[str, Any]:
    """Write the predicate of a summary that says PASSED; nothing else is ever signed."""
    return {
        "verifier": {"id": VERIFIER},
        "timeVerified": format_moment(now),
        "resourceUri": resource_uri(repository),
        "policy": {"uri": f"graven:{policy}", "digest": {policy.algorithm: policy.hex}},
        "inputAttestations": [{"uri": f"graven:{one}", "digest": {one.algorithm: one.hex}} for one in inputs],
        "verificationResult": "PASSED",
        "verifiedLevels": [_LEVEL],
        "slsaVersion": "1.2",
        f"{_URI}/stage": stage,
        f"{_URI}/validUntil": format_moment(valid_until),
        f"{_URI}/decision": str(decision),
    }


def read(predicate: Any) -> Summary:
    """Read the predicate of a summary.

    Raises:
        Malformed: it is none.
    """
    if not isinstance(predicate, Mapping) or not isinstance(predicate.get("verifier"), Mapping):
        raise Malformed("got no verification summary", where="predicate")
    texts = [predicate.get(name) for name in ("resourceUri", "verificationResult")]
    texts += [predicate.get(f"{_URI}/{name}") for name in ("stage", "validUntil", "decision")]
    verifier = predicate["verifier"].get("id")
    if not all(isinstance(text, str) for text in [verifier, *texts]):
        raise Malformed("expected verifier, resourceUri, verificationResult, stage, validUntil, decision")
    resource, result, stage, until, decision = map(str, texts)
    return Summary(str(verifier), resource, stage, parse_moment(until), result, decision)


def fault(verified: Verified, *, subject: Digest, repository: str, stage: str, now: datetime) -> str:
    """Say what is wrong with a verified summary as the token for a stage, or nothing.

    The steps of the specification's "How to verify": 1 signature and 2 subject are what ``verified`` stands for; then
    3 predicate type, 4 verifier, 5 resource, 6 result; and our own two, stage and time.
    """
    if verified.subject != subject:
        return f"it is about {verified.subject}"
    if verified.predicate_type != PREDICATE_TYPE:
        return f"it is a statement of {verified.predicate_type}"
    try:
        found = read(verified.predicate)
    except Malformed as e:
        return e.message
    checks = (
        (found.verifier == VERIFIER, f"its verifier is {found.verifier}"),
        (found.resource == resource_uri(repository), f"it is about {found.resource}"),
        (found.result == "PASSED", f"its result is {found.result}"),
        (found.stage == stage, f"it is for {found.stage}"),
        (now <= found.valid_until, f"it ended at {format_moment(found.valid_until)}"),
    )
    return next((words for holds, words in checks if not holds), "")
