"""A waiver has an owner, a reason and a last day; one that lacks any of them waives nothing."""

from __future__ import annotations

from datetime import date

import pytest

from graven.checks.results import Place, Result, RuleId
from graven.checks.waivers import Waivers, inline, parse
from graven.errors import Malformed

TODAY = date(2027, 1, 31)
WHOLE = {"rule": "main.deny", "owner": "ann", "reason": "small", "expires": "2027-01-31"}
FOUND = Result("no", rule=RuleId("data.main.deny", "main.deny"), place=Place("a.yaml", 4, 1), address="Pod/web")


def _waived(said: dict[str, str], today: date = TODAY) -> bool:
    text = "[[waiver]]\n" + "".join(f'{key} = "{value}"\n' for key, value in said.items())
    return Waivers(today, parse(text, "w.toml")).waived(FOUND, "a.yaml", ()) is not None


def test_it_holds_to_the_end_of_its_last_day() -> None:
    assert _waived(WHOLE)
    assert not _waived(WHOLE, date(2027, 2, 1))


@pytest.mark.parametrize("missing", ["owner", "reason", "expires", "rule"])
def test_one_that_lacks_something_waives_nothing(missing: str) -> None:
    assert not _waived({key: value for key, value in WHOLE.items() if key != missing})


@pytest.mark.parametrize("expires", ["soon", "2027-13-01", "2028-1-1", "2028-01-01T00:00:00Z", ""])
def test_an_expiry_that_cannot_be_read_waives_nothing(expires: str) -> None:
    assert not _waived({**WHOLE, "expires": expires})


@pytest.mark.parametrize(
    ("key", "value", "covers"),
    [
        ("rule", "main.*", True),
        ("rule", "data.main.deny", True),
        ("rule", "*", False),
        ("rule", "main.warn", False),
        ("file", "*.yaml", True),
        ("file", "b.yaml", False),
        ("address", "Pod/*", True),
        ("address", "Job/*", False),
        ("message", "yes", False),
    ],
)
def test_all_that_it_names_must_agree(key: str, value: str, covers: bool) -> None:
    assert _waived({**WHOLE, key: value}) is covers


def test_what_is_no_waiver_is_refused_with_its_place() -> None:
    for text in ("[[waiver]]\nrules = 'x'\n", "waiver = 1\n", "[[waiver\n", "[other]\n"):
        with pytest.raises(Malformed, match=r"w\.toml"):
            parse(text, "w.toml")


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # graven:waive=main.deny owner=ann until=2027-01-31 reason=a few words",
        "x = 1 // graven:waive=main.deny owner=ann until=2027-01-31 reason=a few words",
        "<p/> <!-- graven:waive=main.deny owner=ann until=2027-01-31 reason=a few words -->",
        "x /* graven:waive=main.deny owner=ann until=2027-01-31 reason=a few words */",
    ],
)
def test_a_comment_of_any_kind_waives_its_own_line(line: str) -> None:
    [(number, (found,))] = inline(line, "a").items()
    assert (number, found.owner, found.reason, found.expires) == (1, "ann", "a few words", "2027-01-31")


def test_what_stands_in_no_comment_waives_nothing() -> None:
    assert inline("x: graven:waive=main.deny owner=ann until=2027-01-31 reason=no comment", "a") == {}
