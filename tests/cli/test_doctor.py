"""``graven doctor``: what is well, what is not, and what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Serve
from served import Served


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve("--tls", "auto")


def _by_check(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {found["check"]: found for found in document["findings"]}


def test_a_new_server_is_well_but_knows_no_vulnerabilities(served: Served) -> None:
    served.graven("audit", "seal")
    found = _by_check(served.json("doctor", "--data", str(served.data)))
    assert {found[check]["state"] for check in ("server", "clock", "log", "certificate", "keys")} == {"ok"}
    assert found["advisories"]["state"] == "warning"
    assert "import" in found["advisories"]["hint"]


def test_a_key_that_others_may_read_is_a_fault(served: Served) -> None:
    (served.data / "keys" / "seed").chmod(0o644)
    found = _by_check(served.json("doctor", "--data", str(served.data), code=1))
    assert found["keys"]["state"] == "fault"
    assert "chmod" in found["keys"]["hint"]


def test_no_server_is_not_the_same_as_a_sick_one(served: Served) -> None:
    served.stop()
    found = _by_check(served.json("doctor", code=3))
    assert found["server"]["state"] == "unknown"


def test_without_a_token_it_says_which_one_it_needs(served: Served) -> None:
    served.environ["GRAVEN_TOKEN"] = "grv_wrong"
    found = _by_check(served.json("doctor", code=3))
    assert "GRAVEN_TOKEN" in found["token"]["hint"]


def test_a_folder_that_is_none_is_a_fault(served: Served) -> None:
    found = _by_check(served.json("doctor", "--data", str(served.folder / "nowhere"), code=1))
    assert found["data"]["state"] == "fault"


def test_people_see_a_table(served: Served) -> None:
    shown = served.graven("doctor")
    assert "what to do" in shown
    assert "advisories" in shown


def test_a_checkpoint_that_was_tampered_with_is_a_fault(served: Served) -> None:
    served.graven("audit", "seal")
    checkpoint = served.data / "log" / "checkpoint"
    lines = checkpoint.read_text().split("\n")
    lines[1] = str(int(lines[1]) + 1)
    checkpoint.write_text("\n".join(lines))
    found = _by_check(served.json("doctor", code=1))
    assert found["log"]["state"] == "fault"
