from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decide.scene import GOOD, INVENTORY, NOW, SUBJECT, ask, bill, finding, unmatched, verified
from graven.decide import question as questions
from graven.decide.inputs import Contents, Inputs, Snapshot, Stay, Target
from graven.evidence.matching import Matches, Vex
from graven.inventory import Coverage, Inventory, Unread
from graven.values import Digest

PROVENANCE = "https://slsa.dev/provenance/v1"
SLSA = {
    "buildDefinition": {"buildType": "https://ci/v1", "resolvedDependencies": [{"uri": "git+https://git/x"}]},
    "runDetails": {"builder": {"id": "https://ci/runner"}},
}
NOTHING = Inputs(GOOD.artifact, Target("dev", ""), GOOD.request, NOW)
FULL = replace(
    GOOD,
    verified=(verified(), bill(), verified(PROVENANCE, SLSA)),
    rejected=("no key of the trust root signed it",) * 2,
    matches=Matches(
        (finding(), finding(id="CVE-2026-2", vex=Vex("fixed", "", "sec@team"), score=None)), (unmatched(),)
    ),
    contents=Contents(
        Inventory(
            None,
            (),
            Coverage.of(unread_databases=[Unread("rpm", "var/lib/rpm")], limits=["x"], unowned_executables=["bin/x"]),
        ),
        Digest.of(b"i"),
    ),
    target=Target("test", "dev", (Stay("dev", NOW, current=True, revoked=False),), Digest.of(b"before")),
)
CROWDED = replace(GOOD, verified=(), overflow="more than 1000 manifests are attached to it")
SCHEMA = jsonschema_rs.validator_for(questions.schema())


@pytest.mark.parametrize("inputs", [NOTHING, GOOD, FULL], ids=["nothing", "good", "full"])
def test_the_question_fits_its_schema(inputs: Inputs) -> None:
    assert [fault.message for fault in SCHEMA.iter_errors(json.loads(questions.encode(ask(inputs))))] == []


def _fields(schema: dict[str, Any], path: str = "") -> set[str]:
    found = set()
    for option in (schema, *schema.get("oneOf", ())):
        for name, inner in option.get("properties", {}).items():
            found |= {f"{path}.{name}", *_fields(inner, f"{path}.{name}")}
        if isinstance(option.get("items"), dict):
            found |= _fields(option["items"], f"{path}[]")
    return found


def _seen(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {p for name, inner in value.items() for p in ({f"{path}.{name}"} | _seen(inner, f"{path}.{name}"))}
    return {p for inner in value for p in _seen(inner, f"{path}[]")} if isinstance(value, list) else set()


def test_the_schema_describes_each_field_and_each_described_field_is_there() -> None:
    described = _fields(questions.schema())
    built = {path for inputs in (NOTHING, GOOD, FULL, CROWDED) for path in _seen(ask(inputs))}
    free = (
        ".attestations[].predicate.",
        ".vulnerabilities.counts.",
        ".coverage.evidence.reasons.",
        ".coverage.inventory.omitted.",
    )
    assert {path for path in built - described if not path.startswith(free)} == set()
    assert described - built == set()


def test_every_field_of_the_schema_has_a_description() -> None:
    def walk(schema: dict[str, Any], path: str) -> list[str]:
        missing = [] if not path or "description" in schema or "$ref" in schema else [path]
        for option in (schema, *schema.get("oneOf", ())):
            for name, inner in option.get("properties", {}).items():
                missing += walk(inner, f"{path}.{name}")
        return missing

    assert walk(questions.schema(), "") == []


def test_the_top_level_is_what_rules_were_promised() -> None:
    assert set(ask()) == {
        "artifact", "signature", "signatures", "sbom", "vulnerabilities", "provenance",
        "attestations", "target", "request", "now", "coverage",
    }  # fmt: skip


def test_signature_verified_is_false_when_there_is_none() -> None:
    assert ask(NOTHING)["signature"] == {"verified": False, "identities": []}
    assert ask()["signature"] == {"verified": True, "identities": ["release@team"]}


def test_what_is_missing_is_said_and_not_left_out() -> None:
    question = ask(NOTHING)
    assert question["sbom"] == {"present": False, "verified": False, "matches": False}
    assert question["vulnerabilities"] == {"scanned": False, "findings": [], "counts": {}, "snapshot": None}
    assert question["provenance"] == {"verified": False}
    assert question["coverage"]["inventory"] == {"present": False, "fault": ""}
    assert question["target"]["from"] is None


def test_unverified_evidence_is_counted_and_its_content_is_nowhere() -> None:
    question = ask(replace(NOTHING, rejected=("forged", "forged", "expired")))
    assert question["coverage"]["evidence"]["rejected"] == 3
    assert question["coverage"]["evidence"]["reasons"] == {"forged": 2, "expired": 1}
    assert question["signatures"] == question["attestations"] == []


def test_a_matching_bill_matches_and_one_that_lacks_a_package_says_which() -> None:
    assert ask()["sbom"]["matches"] is True
    short = replace(INVENTORY, components=INVENTORY.components[:1])
    found = ask(replace(GOOD, verified=(bill(short),)))["sbom"]
    assert (found["matches"], found["missing"], found["missing_count"]) == (False, ["pkg:pypi/flask@2.0"], 1)


def test_a_bill_about_something_else_does_not_match() -> None:
    found = ask(replace(GOOD, verified=(bill(subject=Digest.of(b"another")),)))["sbom"]
    assert (found["matches"], found["fault"]) == (False, f"it is about {Digest.of(b'another')}")


def test_a_bill_that_cannot_be_read_does_not_match_and_says_why() -> None:
    broken = verified("https://cyclonedx.org/bom/v1.6", {"bomFormat": "SPDX"})
    found = ask(replace(GOOD, verified=(broken,)))["sbom"]
    assert found["matches"] is False
    assert found["fault"]


def test_of_several_bills_the_one_that_agrees_best_is_told() -> None:
    short = bill(replace(INVENTORY, components=()))
    assert ask(replace(GOOD, verified=(short, bill())))["sbom"]["matches"] is True


def test_the_age_of_the_snapshot_is_counted_from_its_import() -> None:
    assert ask()["vulnerabilities"]["snapshot"]["age_seconds"] == 6 * 3600
    later = replace(GOOD, snapshot=Snapshot(Digest.of(b"s"), "2026-11-25T12:00:00Z"))
    assert ask(later)["vulnerabilities"]["snapshot"]["age_seconds"] == -86_400


def test_without_contents_nothing_was_scanned() -> None:
    assert ask(replace(GOOD, matches=None))["vulnerabilities"]["scanned"] is False


def test_a_finding_keeps_what_vex_says_and_its_age() -> None:
    first, second = ask(FULL)["vulnerabilities"]["findings"]
    assert (first["id"], first["vex"], first["age_days"]) == ("CVE-2026-1", None, 327)
    assert second["vex"] == {"status": "fixed", "justification": "", "by": "sec@team"}
    unknown = ask(replace(GOOD, matches=Matches((finding(published=""),), ())))["vulnerabilities"]["findings"]
    assert unknown[0]["age_days"] is None


def test_provenance_is_read_from_both_versions_of_slsa() -> None:
    told = ask(FULL)["provenance"]
    assert (told["verified"], told["builder"], told["source"]) == (True, "https://ci/runner", "git+https://git/x")
    old = {"builder": {"id": "https://old"}, "buildType": "t", "materials": [{"uri": "git+https://git/y"}]}
    told = ask(replace(GOOD, verified=(verified("https://slsa.dev/provenance/v0.2", old),)))["provenance"]
    assert (told["builder"], told["build_type"], told["source"]) == ("https://old", "t", "git+https://git/y")
    empty = verified(PROVENANCE, ["no object"])
    assert ask(replace(GOOD, verified=(empty,)))["provenance"] == {"verified": False}


def test_a_predicate_that_canonical_json_cannot_say_is_left_out_and_named() -> None:
    huge = verified("https://example.org/x", {"n": 2**60})
    question = ask(replace(GOOD, verified=(huge,)))
    assert question["attestations"][0]["predicate"] is None
    assert question["coverage"]["evidence"]["unreadable"] == [str(huge.evidence)]


def test_the_subject_of_a_signature_may_be_an_index_that_lists_the_artifact() -> None:
    index = Digest.of(b"an index")
    signatures = ask(replace(GOOD, verified=(verified(subject=index),)))["signatures"]
    assert [s["subject"] for s in signatures] == [str(index)]
    assert ask()["artifact"]["digest"] == str(SUBJECT)


@settings(deadline=None)
@given(st.permutations(FULL.verified), st.permutations(FULL.matches.findings if FULL.matches else ()))
def test_the_same_inputs_in_any_order_give_the_same_bytes(evidence: Any, findings: Any) -> None:
    assert FULL.matches is not None
    shuffled = replace(FULL, verified=tuple(evidence), matches=replace(FULL.matches, findings=tuple(findings)))
    assert questions.encode(ask(shuffled)) == questions.encode(ask(FULL))
