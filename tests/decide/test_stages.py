from __future__ import annotations

import pytest

from graven.decide import stages
from graven.decide.policy import PolicySet, Rule
from graven.documents import Document, config
from graven.errors import Malformed, NotFound
from graven.values import canonical

GOOD = b"""\
stages:
  - name: dev
    rules: {signed: off}
  - name: test
    parameters: {severity: high}
    grace: 0
  - name: production
    clusters: [eu-1, eu-2]
    grace: 30m
    valid-for: 7d
"""
POLICY = PolicySet.make({}, [Rule("signed", ("x.deny",))], data={"parameters": {"default": {"severity": "critical"}}})


def read(text: bytes) -> stages.Stages:
    return stages.parse(config.parse(text, file="stages.yaml"), POLICY)


def test_the_stages_come_in_their_order_with_their_gates() -> None:
    found = read(GOOD)
    assert found.names == ("dev", "test", "production")
    assert [found.before(name) for name in found.names] == ["", "dev", "test"]
    assert found.get("dev").rules == (("signed", "off"),)
    assert (found.get("production").grace, found.get("production").valid_for, found.get("test").grace) == (
        1800,
        604800,
        0,
    )
    cluster = found.of_cluster("eu-2")
    assert cluster and cluster.name == "production"
    assert found.of_cluster("us-1") is None


def test_the_json_form_is_read_back_as_it_was() -> None:
    found = read(GOOD)
    again = stages.parse(Document(canonical.loads(canonical.dumps(found.value())), {}))
    assert again == found


def test_a_rule_that_a_stage_does_not_name_is_enforced() -> None:
    governed = read(GOOD).govern(POLICY)
    assert [governed.rules[0].mode(stage) for stage in ("dev", "test", "production", "unheard-of")] == [
        "off",
        "enforce",
        "enforce",
        "enforce",
    ]
    assert governed.values["parameters"] == {
        "default": {"severity": "critical"},
        "stages": {"test": {"severity": "high"}},
    }


def test_a_stage_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="dev, test, production"):
        read(GOOD).before("staging")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (b"stages:\n- name: dev\n  rulez: {}\n", "line 3, column 10", "rulez"),
        (b"stages:\n- name: dev\n  rules: {signed: on}\n", "line 3, column 19", "'on'"),
        (b"stages:\n- name: dev\n  rules: {singed: warn}\n", "line 3, column 19", "singed"),
        (b"stages:\n- name: dev\n  parameters: {severty: high}\n", "line 3, column 25", "severty"),
        (b"stages:\n- name: dev\n- name: dev\n", "line 3, column 9", "twice"),
        (b"stages:\n- name: Dev\n", "line 2, column 9", "stage name"),
        (b"stages:\n- name: dev\n  grace: soon\n", "line 3, column 10", "soon"),
        (b"stages:\n- name: dev\n  valid-for: 0\n", "line 3, column 14", "0"),
        (b"stages:\n- rules: {}\n", "line 2, column 3", "without a name"),
        (b"stages:\n- name: a\n  clusters: [x]\n- name: b\n  clusters: [y, x]\n", "line 5, column 17", "twice"),
        (b"stages: []\n", "line 1, column 9", "1 to 50"),
        (b"- name: dev\n", "line 1, column 1", "a list"),
        (b"", "line 1, column 1", "nothing"),
        (b"stages:\n- dev\n", "line 2, column 3", "text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: bytes, place: str, message: str) -> None:
    with pytest.raises(Malformed, match=message) as caught:
        read(text)
    assert caught.value.where.startswith(f"stages.yaml: {place}: ")
