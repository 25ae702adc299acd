"""Results are values: equal by what they say, and never changed."""

from __future__ import annotations

import pytest

from graven.checks.results import CheckResult, Place, Result


def test_results_that_say_the_same_are_the_same() -> None:
    one, other = (Result("no", {"query": "data.main.deny"}, Place("main.tf", 3)) for _ in range(2))
    assert CheckResult("main.tf", "main", failures=(one,)) == CheckResult("main.tf", "main", failures=(other,))


def test_a_result_never_changes() -> None:
    result = Result("no")
    with pytest.raises(AttributeError):
        result.message = "yes"  # type: ignore[misc]
