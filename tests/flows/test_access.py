"""Who may do what: tokens that work, expire, are revoked or are somebody else's, and the record of refusals."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from app.composed import Composed, composed
from graven.errors import Conflict
from graven.flows.access import secret_hash
from graven.flows.refusals import Refusals
from graven.values import Caller, events
from graven.values.entry import Entry


async def _types(server: Composed, first: int = 0) -> list[str]:
    return [Entry.decode(leaf).type for leaf in await server.journalled(first)]


async def test_a_token_says_whose_it_is_and_what_it_may() -> None:
    async with composed() as server:
        made = await server.token("pull:app/*", "push:app/web")
        who = (await server.ask("GET", "/api/v1/whoami", made["secret"])).json()
        assert who == {
            "principal": made["principal"],
            "token": made["token"],
            "scopes": ["pull:app/*", "push:app/web"],
        }


async def test_the_secret_is_shown_once_and_kept_nowhere() -> None:
    async with composed() as server:
        made = await server.token("pull")
        assert made["secret"].startswith("grv_") and len(made["secret"]) == 47
        listed = await server.ask("GET", "/api/v1/tokens")
        assert made["token"] in listed.text
        assert made["secret"] not in listed.text
        leaves = b"".join(await server.journalled())
        assert made["secret"].encode() not in leaves
        assert secret_hash(made["secret"]).encode() in leaves


async def test_a_token_expires_at_its_moment() -> None:
    async with composed() as server:
        made = await server.token("pull", expires="2026-06-01T13:00:00Z")
        assert (await server.ask("GET", "/api/v1/whoami", made["secret"])).status_code == 200
        server.clock.pass_by(minutes=59, seconds=59)
        assert (await server.ask("GET", "/api/v1/whoami", made["secret"])).status_code == 200
        server.clock.pass_by(seconds=1)
        response = await server.ask("GET", "/api/v1/whoami", made["secret"])
        assert response.status_code == 401
        assert "expired" in response.json()["error"]["message"]


async def test_a_revoked_token_ends_at_once() -> None:
    async with composed() as server:
        made = await server.token("pull")
        assert (await server.ask("DELETE", f"/api/v1/tokens/{made['token']}?reason=left")).status_code == 200
        assert (await server.ask("GET", "/api/v1/whoami", made["secret"])).status_code == 401
        assert (await server.ask("DELETE", f"/api/v1/tokens/{made['token']}")).status_code == 404
        assert b'"reason":"left"' in (await server.journalled())[-1]


async def test_one_token_of_a_principal_ends_and_the_other_goes_on() -> None:
    async with composed() as server:
        first, second = await server.token("pull"), await server.token("push:a")
        assert first["principal"] == second["principal"]
        await server.ask("DELETE", f"/api/v1/tokens/{first['token']}")
        assert (await server.ask("GET", "/api/v1/whoami", second["secret"])).status_code == 200


async def test_who_is_no_administrator_makes_lists_and_revokes_no_token() -> None:
    async with composed() as server:
        other = await server.token("push:*", "pull:*", "promote:*", "trust:*", "audit:*", "sign:*", "approve:*")
        wanted = {"name": "me", "scopes": ["admin"]}
        for method, path, body in (
            ("POST", "/api/v1/tokens", wanted),
            ("GET", "/api/v1/tokens", None),
            ("DELETE", f"/api/v1/tokens/{other['token']}", None),
            ("DELETE", f"/api/v1/principals/{other['principal']}/name", None),
        ):
            assert (await server.ask(method, path, other["secret"], json=body)).status_code == 403, path


async def test_an_administrator_of_some_repositories_makes_no_tokens() -> None:
    async with composed() as server:
        some = await server.token("admin:app/*", "admin:tokens", "admin:server")
        response = await server.ask("POST", "/api/v1/tokens", some["secret"], json={"name": "me", "scopes": ["admin"]})
        assert response.status_code == 403


@pytest.mark.parametrize(
    "header",
    ["Bearer grv_" + "x" * 43, "Basic " + b64encode(b"u:grv_x").decode(), "Basic %", "Bearer", "Negotiate x", ""],
)
async def test_credentials_that_are_none_are_refused_also_where_anybody_may_pull(header: str) -> None:
    async with composed(anonymous_pull="1") as server:
        response = await server.ask("GET", "/v2/app/web/tags/list", None, headers={"Authorization": header})
        assert response.status_code == 401


async def test_anybody_pulls_only_where_that_is_set_and_pushes_nowhere() -> None:
    async with composed(anonymous_pull="1") as server:
        assert (await server.ask("GET", "/v2/app/web/tags/list", None)).status_code == 404
        assert (await server.ask("POST", "/v2/app/web/blobs/uploads/", None)).status_code == 401
        assert (await server.ask("GET", "/api/v1/whoami", None)).status_code == 401
    async with composed() as server:
        assert (await server.ask("GET", "/v2/app/web/tags/list", None)).status_code == 401


async def test_scopes_match_their_pattern_and_nothing_beside_it() -> None:
    async with composed() as server:
        made = await server.token("pull:app/*")
        for name, status in (("app/web", 404), ("app/deep/er", 404), ("application/web", 403), ("app", 403)):
            response = await server.ask("GET", f"/v2/{name}/tags/list", made["secret"])
            assert response.status_code == status, name
        assert (await server.ask("POST", "/v2/app/web/blobs/uploads/", made["secret"])).status_code == 403


async def test_a_refusal_of_somebody_known_is_an_event_and_a_loop_of_them_is_one() -> None:
    async with composed() as server:
        made = await server.token("pull:other")
        before = await server.stores.entries.size()
        for _ in range(20):
            assert (await server.ask("GET", "/v2/app/web/tags/list", made["secret"])).status_code == 403
        assert await _types(server, before) == ["authz.denied"]
        entry = Entry.decode((await server.journalled(before))[0])
        assert entry.event.actor == made["principal"]
        assert entry.event.outcome == "denied"
        assert entry.event.body == events.AccessDenied("pull", "app/web")
        assert len(entry.event.origin) == 32 and "192.0.2" not in entry.event.origin


async def test_a_loop_over_many_resources_is_sixty_events_a_minute_and_a_count() -> None:
    async with composed() as server:
        made = await server.token("pull:other")
        before = await server.stores.entries.size()
        for i in range(100):
            await server.ask("GET", f"/v2/app/web{i}/tags/list", made["secret"])
        assert await server.stores.entries.size() == before + 60
        server.clock.pass_by(minutes=1)
        await server.server.flows.access.tell_refusals()
        last = Entry.decode((await server.journalled(before))[-1])
        assert last.event.body == events.AccessDenied("any", "any")
        assert last.event.reason.startswith("40 further refusals")


async def test_strangers_are_counted_by_minute_and_leave_one_event() -> None:
    async with composed() as server:
        before = await server.stores.entries.size()
        for i in range(30):
            await server.ask("GET", f"/v2/app/web{i}/tags/list", None)
            await server.ask("GET", "/api/v1/whoami", f"grv_{i}")
        await server.server.flows.access.tell_refusals()
        assert await server.stores.entries.size() == before
        server.clock.pass_by(minutes=1)
        await server.server.flows.access.tell_refusals()
        await server.server.flows.access.tell_refusals()
        (leaf,) = await server.journalled(before)
        assert Entry.decode(leaf).event.body == events.StrangersRefused(60, "2026-06-01T12:00:00Z")


def test_a_count_that_was_not_journalled_is_told_again() -> None:
    refusals = Refusals()
    refusals.stranger("2026-06-01T12:00:00Z")
    assert len(refusals.ended_by("2026-06-01T12:01:00Z")) == 1
    assert len(refusals.ended_by("2026-06-01T12:02:00Z")) == 1
    refusals.forget(1)
    assert refusals.ended_by("2026-06-01T12:02:00Z") == ()


def test_a_minute_without_refusals_leaves_nothing() -> None:
    refusals = Refusals()
    assert refusals.ended_by("2026-06-01T12:01:00Z") == ()
    assert refusals.denied(Caller("p"), "pull", "a", minute="2026-06-01T12:01:00Z") is not None
    assert refusals.ended_by("2026-06-01T12:02:00Z") == ()


async def test_a_name_is_erased_and_the_opaque_id_stays() -> None:
    async with composed() as server:
        made = await server.token("pull", name="Ada Lovelace", kind="person")
        assert "Ada" not in b"".join(await server.journalled()).decode()
        assert (await server.ask("DELETE", f"/api/v1/principals/{made['principal']}/name")).status_code == 200
        listed = (await server.ask("GET", "/api/v1/tokens")).json()["tokens"]
        assert [t["name"] for t in listed if t["token"] == made["token"]] == [None]
        assert (await server.ask("GET", "/api/v1/whoami", made["secret"])).status_code == 200
        assert (await _types(server))[-1] == "principal.erase"


async def test_a_name_that_was_erased_comes_back_as_somebody_else() -> None:
    async with composed() as server:
        first = await server.token("pull", name="Ada")
        await server.ask("DELETE", f"/api/v1/principals/{first['principal']}/name")
        assert (await server.token("pull", name="Ada"))["principal"] != first["principal"]


async def test_a_person_is_no_service() -> None:
    async with composed() as server:
        await server.token("pull", name="Ada", kind="person")
        wanted = {"name": "Ada", "kind": "service", "scopes": ["pull"]}
        assert (await server.ask("POST", "/api/v1/tokens", json=wanted)).status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": " a"},
        {"name": "a\nb"},
        {"name": "x" * 201},
        {"scopes": []},
        {"scopes": ["fly:*"]},
        {"scopes": ["pull:a b"]},
        {"scopes": ["pull:" + "x" * 400]},
        {"scopes": "pull"},
        {"expires": "tomorrow"},
        {"expires": "2026-06-01T11:59:59Z"},
        {"kind": "robot"},
        {"colour": "red"},
    ],
)
async def test_a_token_that_cannot_be_is_refused_and_leaves_nothing(change: dict[str, object]) -> None:
    async with composed() as server:
        before = await server.stores.entries.size()
        response = await server.ask("POST", "/api/v1/tokens", json={"name": "ci", "scopes": ["pull"], **change})
        assert response.status_code == 400, response.text
        assert response.json()["error"]["code"] == "malformed"
        assert await server.stores.entries.size() == before


async def test_there_is_one_first_administrator() -> None:
    async with composed() as server:
        with pytest.raises(Conflict):
            await server.server.flows.tokens.first("grv_second")


async def test_tokens_are_listed_by_page_without_a_gap() -> None:
    async with composed() as server:
        made = {(await server.token("pull", name=f"n{i}"))["token"] for i in range(5)}
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = json.loads((await server.ask("GET", f"/api/v1/tokens?limit=2&after={after}")).text)
            seen += [token["token"] for token in page["tokens"]]
            after = page["next"]
        assert len(seen) == len(set(seen)) == 6
        assert made < set(seen)
