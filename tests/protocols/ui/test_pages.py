"""The page of a decision: the way from the question to the verdict, without script, whatever the words are."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from flows.judging import ANN, REPOSITORY, World, judging
from graven.decide.picture import Held, Picture, Seen, Way
from graven.errors import NotFound
from graven.flows.decisions import Decisions
from graven.rego.lines import Line
from graven.values import Digest

HOSTILE = "<script>alert('x')</script>\"&<img src=x onerror=y>"


class _Read(HTMLParser):
    """Notes the elements and the text of a page, and that each element is closed."""

    VOID = ("meta", "link", "br", "img", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data} "


def read(page: str) -> _Read:
    found = _Read()
    found.feed(page)
    assert found.open == []
    found.text = re.sub(r"\s+", " ", found.text)
    return found


async def page(world: World, decision: Digest) -> _Read:
    response = await world.server.ask("GET", f"/decisions/{decision}")
    assert response.status_code == 200
    return read(response.text)


async def test_the_page_of_a_refusal_shows_the_way_from_the_question_through_the_rule() -> None:
    async with judging() as world:
        decision = await world.decide(await world.image())
        found = await page(world, decision.digest)
        assert not decision.allowed
        assert "From the question to the verdict" in found.text
        assert "nobody trusted has signed this artifact" in found.text
        assert "signature.verified false" in found.text
        assert "signed.rego:" in found.text
        assert "not verified" in found.text
        assert "script" not in found.tags


async def test_the_page_of_a_yes_shows_which_rules_held() -> None:
    async with judging() as world:
        decision = await world.decide(await world.good(), "dev")
        assert decision.allowed
        found = await page(world, decision.digest)
        assert "What held" in found.text
        assert "Signed by a trusted identity" in found.text
        assert "looked at" in found.text


async def test_nothing_of_a_picture_is_read_as_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    async def draw(_self: Decisions, _decision: Digest) -> Picture:
        line = Line(1, HOSTILE, ((HOSTILE, HOSTILE),))
        way = Way(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, (Seen(HOSTILE, HOSTILE),), (line,), (HOSTILE,))
        return Picture((way,), (Held(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,)),), 3)

    monkeypatch.setattr(Decisions, "picture", draw)
    async with judging() as world:
        found = await page(world, (await world.decide(await world.image())).digest)
        assert not {"script", "img"} & set(found.tags)
        assert found.text.count("alert('x')") >= 13
        assert "3 more reasons are not drawn" in found.text


async def test_a_hostile_name_in_the_question_stays_text() -> None:
    async with judging() as world:
        source = "package named\n\ndeny contains input.request.reason if count(input.request.reason) > 0\n"
        await world.apply("stages", {"stages": [{"name": "dev"}]})
        named = [{"name": "named", "entries": ["named.deny"]}]
        await world.apply("policy", {"v": 1, "language": "v1", "modules": {"<b>.rego": source}, "rules": named})
        judge = world.flows.judging.judge
        decision = await judge.decide(REPOSITORY, await world.image(), "dev", ANN, reason=HOSTILE)
        found = await page(world, decision.digest)
        assert decision.verdict.reasons[0].message == HOSTILE
        assert not {"script", "img"} & set(found.tags)
        assert "request.reason" in found.text
        assert found.text.count("alert('x')") >= 3
        assert "<b>.rego:3" in found.text


async def test_what_cannot_be_drawn_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def draw(_self: Decisions, _decision: Digest) -> Picture:
        raise NotFound("the question is gone", where="question")

    monkeypatch.setattr(Decisions, "picture", draw)
    async with judging() as world:
        found = await page(world, (await world.decide(await world.image())).digest)
        assert "It cannot be drawn: the question is gone" in found.text


async def test_a_picture_is_drawn_once_and_never_for_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Digest] = []
    draw = Decisions.picture

    async def noted(self: Decisions, decision: Digest) -> Picture:
        drawn.append(decision)
        return await draw(self, decision)

    monkeypatch.setattr(Decisions, "picture", noted)
    async with judging() as world:
        decision = (await world.decide(await world.image())).digest
        stranger = (await world.server.token("pull:other/*"))["secret"]
        assert (await world.server.ask("GET", f"/decisions/{decision}", stranger)).status_code == 404
        assert drawn == []
        first, second = await page(world, decision), await page(world, decision)
        assert first.text == second.text
        assert drawn == [decision]


async def test_the_page_of_an_artifact_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def draw(_self: Decisions, _decision: Digest) -> Picture:
        raise AssertionError

    monkeypatch.setattr(Decisions, "picture", draw)
    async with judging() as world:
        digest = await world.image()
        await world.decide(digest)
        assert (await world.server.ask("GET", f"/artifacts/team/web@{digest}")).status_code == 200
