"""Owns what people can do about a refusal, and what each deed would change in the question.

In the order in which they are wished for: sign, attach, refresh, promote first, upgrade, rebuild, state by VEX; a
waiver is the last resort. A step is told as a deed and never as a field to set. It promises what the deed would bring
at best: what a scan with fresh advisories finds is known only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from graven.decide.verdict import Verdict
from graven.decide.waivers import Scope, Waiver
from graven.values import Purl, format_moment, parse_moment
from graven.versions import key

__all__ = ["Means", "Question", "Step", "steps", "waivers_for"]

Question = dict[str, Any]
Kind = Literal["sign", "attach", "refresh", "promote", "upgrade", "rebuild", "vex", "waive"]

_MOST = 200
"""So many steps are offered at most."""
_SIGNERS = 5
_WAIVER_DAYS = 30
_WHOLESALE = ("ecosystem", "distro")
"""Causes that hold for every package of a kind."""
_GAPS = {
    "unread_databases": "the {kind} database at {path}, which no cataloguer reads",
    "unowned_executables": "{path}, which no package owns",
    "unowned_archives": "{path}, which no package owns",
    "bare_folders": "the packages without metadata in {path}",
    "limits": "what went beyond a limit: {path}",
}
_ECOSYSTEMS = {
    "pypi": "PyPI",
    "npm": "npm",
    "deb": "Debian",
    "golang": "Go",
    "cargo": "crates.io",
    "maven": "Maven",
    "gem": "RubyGems",
    "nuget": "NuGet",
}


@dataclass(frozen=True, slots=True)
class Means:
    """Who can speak for the artifact, by the trust root."""

    signers: tuple[str, ...] = ()
    """Identities that may sign it."""
    billers: tuple[str, ...] = ()
    """Identities that may attest a bill of materials."""
    provers: tuple[str, ...] = ()
    """Identities that may attest provenance."""
    experts: tuple[str, ...] = ()
    """Identities whose VEX statements count for it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One deed."""

    kind: Kind
    text: str
    """As one imperative sentence."""
    apply: Callable[[Question], Question]
    """What it would change in the question."""
    waiver: Waiver | None = None


def steps(question: Mapping[str, Any], means: Means) -> list[Step]:
    """Offer the deeds that could bear on a question, the most wished for first; waivers apart."""
    offered = (
        *_sign(question, means),
        *_attach(question, means),
        *_refresh(question),
        *_promote(question),
        *_upgrade(question),
        *_rebuild(question),
        *_vex(question, means),
    )
    return list(offered)[:_MOST]


def waivers_for(question: Mapping[str, Any], verdict: Verdict) -> list[Step]:
    """Offer a waiver for each reason that refuses."""
    artifact, target = question.get("artifact", {}), question.get("target", {})
    expires = format_moment(parse_moment(str(question["now"])) + timedelta(days=_WAIVER_DAYS))
    found = []
    for reason in verdict.reasons[:_MOST]:
        if reason.kind != "refused":
            continue
        scope = Scope(
            reason.rule,
            str(artifact.get("repository", "")),
            str(artifact.get("digest", "")),
            str(target.get("stage", "")),
            reason.term,
            reason.component,
        )
        waiver = Waiver("to be given", "somebody who owns it", "somebody else who may approve", scope, expires)
        text = f"waive for {_WAIVER_DAYS} days, with an owner and an approver: {reason.message}"
        found.append(Step("waive", text, lambda question: question, waiver))
    return found


def _put(question: Question, path: tuple[str, ...], value: Any) -> Question:
    """Give the question with another value at a path; what is not on the path is shared."""
    head, *rest = path
    inner = question.get(head)
    changed = _put(inner if isinstance(inner, dict) else {}, tuple(rest), value) if rest else value
    return {**question, head: changed}


def _proof(question: Mapping[str, Any], identity: str) -> dict[str, str]:
    digest = str(question.get("artifact", {}).get("digest", ""))
    return {"identity": identity, "key": "", "evidence": digest, "received": str(question["now"]), "subject": digest}


def _artifact(question: Mapping[str, Any]) -> str:
    artifact = question.get("artifact", {})
    algorithm, _, encoded = str(artifact.get("digest", "")).partition(":")
    return f"{artifact.get('repository', '')}@{algorithm}:{encoded[:12]}"


def _sign(question: Mapping[str, Any], means: Means) -> Iterator[Step]:
    there = set(question.get("signature", {}).get("identities", ()))
    for identity in [one for one in means.signers if one not in there][:_SIGNERS]:
        signature = {"verified": True, **_proof(question, identity)}

        def apply(old: Question, identity: str = identity, signature: dict[str, Any] = signature) -> Question:
            names = sorted({*old.get("signature", {}).get("identities", ()), identity})
            signed = _put(old, ("signature",), {"verified": True, "identities": names})
            return _put(signed, ("signatures",), [*old.get("signatures", ()), signature])

        yield Step("sign", f"sign {_artifact(question)} with the key of {identity}", apply)


def _attach(question: Mapping[str, Any], means: Means) -> Iterator[Step]:
    if means.billers and question.get("sbom", {}).get("matches") is not True:
        identity = means.billers[0]
        bill = {
            "present": True,
            "verified": True,
            "matches": True,
            "format": "CycloneDX",
            "spec_version": "1.6",
            "components": [],
            "missing": [],
            "missing_count": 0,
            "fault": "",
            "identity": identity,
            "evidence": _proof(question, identity)["evidence"],
        }
        text = f"attach a bill of materials made of {_artifact(question)}, signed by {identity}"
        yield Step("attach", text, lambda old: _put(old, ("sbom",), bill))
    if means.provers and question.get("provenance", {}).get("verified") is not True:
        identity = means.provers[0]
        made = {"verified": True, "builder": identity, "build_type": "", "source": "", **_proof(question, identity)}
        text = f"attach SLSA provenance of {_artifact(question)}, signed by {identity}"
        yield Step("attach", text, lambda old: _put(old, ("provenance",), made))


def _refresh(question: Mapping[str, Any]) -> Iterator[Step]:
    scan = question.get("vulnerabilities", {})
    snapshot = scan.get("snapshot")
    if not isinstance(snapshot, dict):
        fresh: dict[str, Any] = {"digest": str(question.get("artifact", {}).get("digest", ""))}
        fresh |= {"moment": str(question["now"]), "age_seconds": 0}
        catalogued = question.get("coverage", {}).get("inventory", {}).get("present") is True
        found = {"scanned": catalogued, "findings": [], "counts": {}, "snapshot": fresh}
        text = "import advisories (graven advisories import), and see what they find"
        yield Step("refresh", text, lambda old: _put(old, ("vulnerabilities",), found))
    elif snapshot.get("age_seconds") != 0:
        fresh = {**snapshot, "moment": str(question["now"]), "age_seconds": 0}
        text = f"import advisories again (the snapshot is of {snapshot.get('moment')}), and see what they find"
        yield Step("refresh", text, lambda old: _put(old, ("vulnerabilities", "snapshot"), fresh))

    reasons = {str(one.get("reason")): one for one in _unmatched(question) if one.get("cause") in _WHOLESALE}
    for reason, one in sorted(reasons.items()):
        what = "use a base image that advisories know" if one["cause"] == "distro" else "import advisories for it"
        text = f"{what} ({reason}), and see what they find"
        kind: Kind = "rebuild" if one["cause"] == "distro" else "refresh"
        yield Step(kind, text, partial(_forget, {"reason": reason}))


def _promote(question: Mapping[str, Any]) -> Iterator[Step]:
    target = question.get("target", {})
    before = target.get("from")
    standing = (stay for stay in target.get("history", ()) if stay.get("stage") == before and not stay.get("revoked"))
    if before and not any(standing):
        stay = {"stage": before, "since": str(question["now"]), "current": True, "revoked": False}
        text = f"promote {_artifact(question)} to {before} first (graven promote … --to {before})"
        yield Step("promote", text, lambda old: _put(old, ("target", "history"), [*target.get("history", ()), stay]))


def _upgrade(question: Mapping[str, Any]) -> Iterator[Step]:
    """One step for a component: to the lowest version that mends everything that can be mended."""
    mendable: dict[str, list[dict[str, Any]]] = {}
    for finding in _findings(question):
        if finding.get("fixed"):
            mendable.setdefault(str(finding.get("component")), []).append(finding)
    for component, found in sorted(mendable.items()):
        version = _highest(component, (str(finding["fixed"][0]) for finding in found))
        gone = {finding["id"] for finding in found}
        name, _, old_version = component.partition("?")[0].rpartition("@")
        text = f"rebuild with {name} upgraded from {old_version} to {version}, then sign and attach again"

        def apply(old: Question, component: str = component, gone: set[Any] = gone) -> Question:
            return _keep(old, lambda f: f.get("component") != component or f.get("id") not in gone)

        yield Step("upgrade", text, apply)


def _highest(component: str, versions: Iterable[str]) -> str:
    ecosystem = _ECOSYSTEMS.get(Purl.parse(component).type, "")
    return max(versions, key=lambda text: (key(ecosystem, text) or b"", text))


def _findings(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = question.get("vulnerabilities", {}).get("findings", ())
    return [finding for finding in found if isinstance(finding, dict)]


def _keep(question: Question, wanted: Callable[[dict[str, Any]], bool]) -> Question:
    return _put(question, ("vulnerabilities", "findings"), [f for f in _findings(question) if wanted(f)])


def _rebuild(question: Mapping[str, Any]) -> Iterator[Step]:
    inventory = question.get("coverage", {}).get("inventory", {})
    for kind, pattern in _GAPS.items():
        for gap in inventory.get(kind, ()):
            facts = gap if isinstance(gap, dict) else {"path": gap, "kind": ""}

            def apply(old: Question, kind: str = kind, gap: Any = gap) -> Question:
                rest = [one for one in old["coverage"]["inventory"][kind] if one != gap]
                return _put(old, ("coverage", "inventory", kind), rest)

            yield Step("rebuild", f"rebuild without {pattern.format_map(facts)}, then sign and attach again", apply)
    for unmatched in _unmatched(question):
        if unmatched.get("cause") not in _WHOLESALE:
            component, reason = unmatched.get("component"), unmatched.get("reason")
            text = f"rebuild without {component}, of which advisories can say nothing: {reason}"
            yield Step("rebuild", text, partial(_forget, unmatched))


def _unmatched(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = question.get("coverage", {}).get("unmatched", ())
    return [one for one in found if isinstance(one, dict)]


def _forget(gone: dict[str, Any], question: Question) -> Question:
    """Take out those that agree with all of these members."""
    rest = [one for one in _unmatched(question) if {**one, **gone} != one]
    return _put(question, ("coverage", "unmatched"), rest)


def _vex(question: Mapping[str, Any], means: Means) -> Iterator[Step]:
    for finding in _findings(question) if means.experts else ():
        if (finding.get("vex") or {}).get("status") in ("not_affected", "fixed"):
            continue
        said = {"status": "not_affected", "justification": "to be given", "by": means.experts[0]}

        def apply(old: Question, finding: Any = finding, said: Any = said) -> Question:
            found = [f | {"vex": said} if _same(f, finding) else f for f in _findings(old)]
            return _put(old, ("vulnerabilities", "findings"), found)

        what = f"{finding.get('id')} does not affect {finding.get('component')}"
        text = f"state by VEX, signed by {means.experts[0]}, why {what}, if that is so"
        yield Step("vex", text, apply)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("id", "component", "version"))
