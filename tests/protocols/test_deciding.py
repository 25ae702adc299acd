"""Who may ask, promote, revoke, waive and apply over the API, and what the answers are."""

from __future__ import annotations

from typing import Any

import pytest

from flows.judging import REPOSITORY, World, judging

REFERENCE = f"{REPOSITORY}:1.0"


async def post(world: World, path: str, scopes: list[str], document: Any = None, **more: Any) -> Any:
    secret = (await world.server.token(*scopes))["secret"]
    options = more or {"json": document}
    return await world.server.ask("POST", f"/api/v1/{path}", secret, **options)


ASK = {"reference": REFERENCE, "stage": "dev"}
REVOKE = {"kind": "identity", "target": "release@team", "reason": "left"}


@pytest.mark.parametrize(
    ("path", "document", "enough", "short"),
    [
        ("decisions", ASK, ["pull:team/*"], [["pull:other/*"], ["promote:*"]]),
        (
            "promotions",
            ASK,
            ["promote:dev", "pull:team/web"],
            [["promote:dev"], ["pull:*"], ["promote:test", "pull:*"]],
        ),
        ("revocations", REVOKE, ["trust"], [["promote:*"], ["approve:*", "audit:*", "push:*"]]),
        ("documents/stages", {"stages": [{"name": "dev"}]}, ["trust"], [["promote:*"], ["audit:*", "approve:*"]]),
    ],
)
async def test_each_verb_needs_its_scope(path: str, document: Any, enough: list[str], short: list[list[str]]) -> None:
    async with judging() as world:
        await world.good()
        for scopes in short:
            assert (await post(world, path, scopes, document)).status_code == 403, scopes
        assert (await post(world, path, enough, document)).is_success


@pytest.mark.parametrize(
    ("repository", "scope", "allowed"),
    [
        ("team/*", "approve:team/*", True),
        ("team/web", "approve:team/*", True),
        ("*", "approve", True),
        ("*", "approve:team/*", False),
        ("team/*", "approve:team/?", False),
        ("team/*", "approve:team/web", False),
        ("other/web", "approve:team/*", False),
    ],
)
async def test_a_waiver_reaches_no_further_than_its_approver(repository: str, scope: str, allowed: bool) -> None:
    async with judging() as world:
        await world.server.token("pull", name="owner")
        wanted = {"scope": {"rule": "signed", "repository": repository}, "owner": "owner", "reason": "r"}
        answer = await post(world, "waivers", [scope], wanted | {"expires": "2027-01-01T00:00:00Z"})
        assert answer.status_code == (201 if allowed else 403), answer.text


async def test_nobody_approves_a_waiver_of_their_own() -> None:
    async with judging() as world:
        wanted = {"scope": {"rule": "signed", "repository": "team/*"}, "owner": "ci", "reason": "r"}
        answer = await post(world, "waivers", ["approve"], wanted | {"expires": "2027-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")
        assert "two people" in answer.json()["error"]["message"]


async def test_the_objects_of_a_decision_are_for_those_who_may_pull() -> None:
    async with judging() as world:
        decision = await world.decide(await world.good())
        one = f"/api/v1/decisions/{decision.digest}"
        stranger = (await world.server.token("pull:other/*", "audit:*"))["secret"]
        reader = (await world.server.token("pull:team/*"))["secret"]
        for path in (one, f"{one}/objects/{decision.record.materials}", f"{one}/objects/{decision.digest}"):
            assert (await world.server.ask("GET", path, stranger)).status_code == 403
            assert (await world.server.ask("GET", path, reader)).status_code == 200
        answer = await world.server.ask("GET", f"{one}/objects/{decision.digest}", reader)
        assert answer.content == decision.record.encode()


async def test_a_refusal_answers_200_and_says_that_nothing_was_promoted() -> None:
    async with judging() as world:
        await world.good()
        done = (await post(world, "promotions", ["promote", "pull"], ASK | {"stage": "production"})).json()
        assert (done["promoted"], done["decision"]["outcome"]) == (False, "deny")


async def test_stages_show_each_only_what_they_may_pull() -> None:
    async with judging() as world:
        await world.promote(await world.good(), "dev")
        for scope, seen in (("pull:team/*", 1), ("pull:other/*", 0)):
            secret = (await world.server.token(scope))["secret"]
            found = (await world.server.ask("GET", "/api/v1/stages", secret)).json()["stages"]
            assert [stage["name"] for stage in found] == ["dev", "test", "production"]
            assert len(found[0]["holds"]) == seen


async def test_a_stages_document_in_yaml_is_refused_with_its_line() -> None:
    async with judging() as world:
        headers = {"Content-Type": "application/yaml"}
        bad = b"stages:\n  - name: dev\n    grace: soon\n"
        answer = await post(world, "documents/stages", ["trust"], content=bad, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["where"] == "stages.yaml: line 3, column 12: stages.0.grace"
        answer = await post(world, "documents/policy", ["trust"], content=bad, headers=headers)
        assert "expected JSON" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body", [{"demands": {}}, {"body": {"stages": [{"name": "a"}]}, "demands": {"threshold": 2, "keys": ["x"]}}, []]
)
async def test_a_document_that_is_none_is_malformed(body: Any) -> None:
    async with judging() as world:
        answer = await post(world, "documents/stages", ["trust"], body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


async def test_there_is_no_fourth_document() -> None:
    async with judging() as world:
        answer = await world.server.ask("GET", "/api/v1/documents/secrets")
        assert answer.status_code == 404
