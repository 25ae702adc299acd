"""The page on decisions says what the code does: each part of the question, each rule, setting and key is on it."""

from __future__ import annotations

import re
from pathlib import Path

from graven.decide import question, shipped, stages
from graven.decide.policy import LANGUAGES, MODES, PolicySet
from graven.documents import config

PAGE = (Path(__file__).parent.parent.parent / "docs" / "reference" / "decisions.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_each_part_of_the_question_is_described() -> None:
    for name in question.schema()["properties"]:
        assert f"| `{name}` |" in PAGE


def test_each_rule_and_each_setting_is_described_with_its_default() -> None:
    for rule in shipped.RULES:
        assert f"| `{rule.name}` |" in PAGE
    for name, value in shipped.PARAMETERS.items():
        shown = str(value).lower() if name != "unseen" else "see below"
        assert re.search(rf"\| `{name}` \| `?{re.escape(shown)}`? \|", PAGE), name
    unseen = shipped.PARAMETERS["unseen"]
    assert isinstance(unseen, list)
    for name in unseen:
        assert f"`{name}`" in PAGE


def test_each_mode_and_language_is_described() -> None:
    for word in (*MODES, *LANGUAGES):
        assert re.search(rf"\b{word}\b", PAGE)


def test_the_examples_are_read() -> None:
    policy, gates = EXAMPLES
    body = config.parse(policy.encode()).value
    assert PolicySet.parse({"v": 1, "modules": {}, **body}).rules[0].name == "signing"
    found = stages.parse(config.parse(gates.encode()), shipped.policy_set({}))
    assert found.names == ("dev", "production")
    assert found.get("production").grace == 86_400
