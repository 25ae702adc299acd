"""``graven audit`` against a real server and against the files that it leaves."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Serve
from graven.ledger.note import VerifierKey
from graven.ledger.tiles import ENTRIES, Tile
from served import Served


@pytest.fixture
def served(serve: Serve) -> Served:
    found = serve()
    (found.folder / "key").write_text(found.graven("audit", "key"))
    return found


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Give what a server left that lived and ended; its log has one partial tile of each kind."""
    found = Served(tmp_path_factory.mktemp("ended")).start()
    try:
        (found.folder / "key").write_text(found.graven("audit", "key"))
        busy(found)
        (found.folder / "proof").write_text(found.graven("audit", "proof", "0"))
    finally:
        found.stop()
    size = (found.data / "log" / "checkpoint").read_text().split("\n")[1]
    for folder in ("tile/entries/000.p", "tile/0/000.p"):
        for file in (found.data / "log" / folder).iterdir():
            if file.name != size:
                file.unlink()
    return found


def busy(served: Served, count: int = 3) -> None:
    """Let something happen, and seal it."""
    for n in range(count):
        served.graven("tokens", "create", f"ci-{n}", "--scope", "pull")
    served.graven("audit", "seal")


def copied(served: Served, name: str = "copy") -> Path:
    """Copy the sealed log away, as an auditor would."""
    target = served.folder / name
    shutil.copytree(served.data / "log", target)
    return target


def test_a_log_is_verified_offline_and_online_and_against_what_was_seen_before(served: Served) -> None:
    busy(served)
    first = served.json("audit", "verify", str(served.data), "--key", "key", "--save", "seen")
    assert first["verified"]
    assert (first["standing"], first["entries"], first["extends"]) == ("UNWITNESSED", "verified", None)
    assert "UNWITNESSED" in served.graven("audit", "verify", str(served.data / "log"), "--key", "key")
    busy(served)
    for log in (str(served.data), served.url, f"{served.url}/log/"):
        found = served.json("audit", "verify", log, "--key", "key", "--last", "seen")
        assert (found["extends"], found["standing"]) == (first["size"], "witnessed")
        assert found["signed_by"] == (served.folder / "key").read_text().strip()
    folder = copied(served)
    served.stop()
    assert served.json("audit", "verify", str(folder), "--key", "key", "--last", "seen")["verified"]


def test_without_a_key_it_says_that_nobody_knows_who_signed(ended: Served) -> None:
    assert ended.json("audit", "verify", str(ended.data))["signed_by"] is None
    assert "NOT CHECKED" in ended.graven("audit", "verify", str(ended.data))


def test_without_a_token_for_audit_the_tree_is_verified_and_it_says_that_entries_were_not_read(served: Served) -> None:
    busy(served, 1)
    secret = served.graven("tokens", "create", "reader", "--scope", "pull").strip()
    for token in (secret, ""):
        served.environ["GRAVEN_TOKEN"] = token
        found = served.json("audit", "verify", served.url, "--key", "key")
        assert found["verified"]
        assert found["entries"].startswith("not read: ")


def test_a_key_of_another_log_does_not_verify(ended: Served) -> None:
    name = (ended.data / "log" / "checkpoint").read_text().split("\n")[0]
    for other in (VerifierKey.of(name, bytes(32)), VerifierKey.of("other.example", bytes(32))):
        found = ended.json("audit", "verify", str(ended.data), "--key", str(other), code=1)
        assert (found["verified"], found["fault"]["where"]) == (False, "checkpoint")


def test_a_changed_byte_in_a_tile_of_an_earlier_checkpoint_is_found(served: Served) -> None:
    for _ in range(2):
        busy(served, 1)
    log = copied(served)
    size = (log / "checkpoint").read_text().split("\n")[1]
    older = [file for file in log.glob("tile/*/000.p/*") if file.name != size]
    assert len(older) >= 2
    assert served.json("audit", "verify", str(log), "--key", "key")["verified"]
    for file in older:
        good = file.read_bytes()
        file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        found = served.json("audit", "verify", str(log), "--key", "key", code=1)
        assert found["fault"]["where"].split("#")[0] == str(file.relative_to(log))
        file.write_bytes(good)


def _entry_changed(log: Path) -> str:
    file = next((log / "tile/entries/000.p").iterdir())
    data = file.read_bytes()
    file.write_bytes(data.replace(b'"token.create"', b'"token.creare"', 1))
    return str(file.relative_to(log))


def _tile_cut(log: Path) -> str:
    for file in (log / "tile/0/000.p").iterdir():
        file.write_bytes(file.read_bytes()[:-32])
    return "tile/0/000.p/"


def _tile_gone(log: Path) -> str:
    shutil.rmtree(log / "tile/0")
    return "tile/0/000.p/"


def _size_changed(log: Path) -> str:
    lines = (log / "checkpoint").read_text().split("\n")
    lines[1] = str(int(lines[1]) - 1)
    (log / "checkpoint").write_text("\n".join(lines))
    return "signed note"


@pytest.mark.parametrize("sabotage", [_entry_changed, _tile_cut, _tile_gone, _size_changed])
def test_a_sabotaged_log_is_not_verified_and_the_first_bad_file_is_named(
    ended: Served, sabotage: Callable[[Path], str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    shutil.copytree(ended.data / "log", log)
    assert ended.json("audit", "verify", str(log), "--key", "key")["verified"]
    bad = sabotage(log)
    found = ended.json("audit", "verify", str(log), "--key", "key", code=1)
    assert found["verified"] is False
    assert bad in found["fault"]["where"], found
    assert "NOT VERIFIED" in ended.graven("audit", "verify", str(log), "--key", "key", code=1)


def test_a_log_rolled_back_to_an_earlier_state_is_found_by_who_saw_the_later_one(served: Served) -> None:
    busy(served, 1)
    early = copied(served)
    busy(served, 1)
    served.graven("audit", "verify", str(served.data), "--key", "key", "--save", "seen")
    found = served.json("audit", "verify", str(early), "--key", "key", "--last", "seen", code=1)
    assert "rolled back" in found["fault"]["message"]


def test_what_is_no_log_cannot_be_decided(ended: Served, tmp_path: Path) -> None:
    assert "no folder" in ended.graven("audit", "verify", "nowhere", code=3)
    assert "no checkpoint" in ended.graven("audit", "verify", str(tmp_path), code=3)
    assert ended.graven("audit", "verify", "http://127.0.0.1:1", code=3)
    wrong = ended.graven("audit", "verify", str(ended.data), "--key", "nonsense", code=3)
    assert "expected NAME+HEX+BASE64" in wrong
    assert "not UTF-8" in ended.graven("audit", "verify", str(ended.data), "--last", "data/graven.db", code=3)


def test_one_event_is_proved_offline(ended: Served, tmp_path: Path) -> None:
    found = ended.json("audit", "check", "proof", "--key", "key")
    assert (found["verified"], found["position"], found["event"]["type"]) == (True, 0, "key.create")
    assert "verified" in ended.graven("audit", "check", "proof", "--key", "key")
    bent = tmp_path / "bent"
    bent.write_text((ended.folder / "proof").read_text().replace("index 0", "index 1"))
    assert ended.json("audit", "check", str(bent), "--key", "key", code=1)["verified"] is False


def test_events_are_listed_in_pages_and_none_is_proved_that_is_not_there(served: Served) -> None:
    busy(served)
    assert "sealed log has" in served.graven("audit", "proof", "100000", code=3)
    first = served.json("audit", "log", "--limit", "2")
    assert [one["position"] for one in first["events"]] == [0, 1]
    after = served.json("audit", "log", "--after", "1", "--limit", "1000")
    assert after["events"][0]["position"] == 2
    assert {"token.create", "log.start", "audit.read"} <= {one["event"]["type"] for one in after["events"]}
    assert "token.create" in served.graven("audit", "log")


def _types(served: Served) -> list[str]:
    return [one["event"]["type"] for one in served.json("audit", "log", "--limit", "1000")["events"]]


def test_a_lost_database_is_rebuilt_and_life_goes_on(served: Served) -> None:
    busy(served)
    tokens: Any = served.json("tokens", "list")["tokens"]
    before = _types(served)
    served.graven("audit", "verify", str(served.data), "--key", "key", "--save", "seen")
    assert served.stop() == 0
    (served.data / "graven.db").unlink()
    found = served.json("audit", "rebuild", "--data", str(served.data))
    assert (found["ended_well"], found["lost"], found["old_database"]) == (True, None, None)
    served.start()
    assert _types(served)[: len(before)] == before
    again = served.json("tokens", "list")["tokens"]
    assert [one["token"] for one in again] == [one["token"] for one in tokens]
    assert served.json("audit", "verify", str(served.data), "--key", "key", "--last", "seen")["verified"]


def test_a_server_without_its_database_refuses_to_start_a_second_log(served: Served) -> None:
    busy(served, 1)
    served.stop()
    (served.data / "graven.db").unlink()
    with pytest.raises(AssertionError, match="did not start"):
        served.start()
    assert "graven audit rebuild" in served.log
    assert served.process is not None
    served.process.wait(timeout=20)
    assert served.process.stdout is not None
    served.process.stdout.close()
    served.process = None
    found = served.json("audit", "rebuild", "--data", str(served.data), "--key", "key")
    assert found["size"] > 3


def test_what_came_after_the_last_checkpoint_is_named_as_lost(served: Served) -> None:
    busy(served, 1)
    early = copied(served)
    busy(served, 1)
    served.stop(signal.SIGKILL)
    shutil.rmtree(served.data / "log")
    shutil.copytree(early, served.data / "log")
    assert "--replace" in served.graven("audit", "rebuild", "--data", str(served.data), code=1)
    found = served.json("audit", "rebuild", "--data", str(served.data), "--replace")
    assert found["ended_well"] is False
    assert "token.create" in {one["type"] for one in found["lost"]}
    assert found["lost"][0]["position"] == found["size"]
    assert Path(found["old_database"]).exists()
    served.start()
    assert served.json("audit", "verify", str(served.data), "--key", "key")["verified"]


def test_a_rebuild_waits_for_no_server_and_changes_nothing_on_a_bad_log(served: Served) -> None:
    busy(served, 1)
    assert "in use by PID" in served.graven("audit", "rebuild", "--data", str(served.data), "--replace", code=3)
    served.stop()
    size = int((served.data / "log" / "checkpoint").read_text().split("\n")[1])
    bundle = served.data / "log" / Tile(ENTRIES, 0, size).path
    bundle.write_bytes(bundle.read_bytes().replace(b"token.create", b"token.creare", 1))
    before = sorted(path.name for path in served.data.iterdir())
    served.graven("audit", "rebuild", "--data", str(served.data), "--replace", code=3)
    assert sorted(path.name for path in served.data.iterdir()) == before
    assert "no sealed log" in served.graven("audit", "rebuild", "--data", "nowhere", code=3)
    assert not (served.folder / "nowhere").exists()
