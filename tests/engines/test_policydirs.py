"""Which policies and data some paths stand for."""

import json
from pathlib import Path

import pytest

from graven.engines.policydirs import LoadFault, load_data, load_policies
from graven.errors import NotFound


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wrote(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def test_modules_are_named_by_the_path_that_leads_to_them_in_the_order_of_names() -> None:
    wrote("policy/b.rego", "package b")
    wrote("policy/a/z.rego", "package z")
    wrote("policy/a.rego", "package a")
    wrote("policy/notes.md", "no module")
    assert list(load_policies(["./policy/"])) == ["policy/a/z.rego", "policy/a.rego", "policy/b.rego"]
    assert list(load_policies(["./policy/a.rego"])) == ["./policy/a.rego"]


def test_links_to_folders_are_followed() -> None:
    wrote("shared/a.rego", "package a")
    wrote("policy/x.txt", "")
    Path("policy/link").symlink_to(Path("shared").resolve())
    assert load_policies(["policy"]) == {"policy/link/a.rego": "package a"}


def test_no_policy_at_all_is_named_with_the_paths() -> None:
    wrote("empty/readme", "")
    with pytest.raises(NotFound, match=r"no policies found in \[empty\]"):
        load_policies(["empty"])


def test_every_path_that_is_not_there_is_named() -> None:
    with pytest.raises(LoadFault) as caught:
        load_policies(["nope", "neither"])
    assert caught.value.faults == (
        "stat nope: no such file or directory",
        "stat neither: no such file or directory",
    )
    assert str(caught.value).startswith("2 errors occurred during loading:\nstat nope")


def test_a_document_nests_by_the_folders_below_the_path() -> None:
    wrote("data/exceptions/deep/x.yaml", "a: 1")
    wrote("data/exceptions/y.json", '{"b": 2}')
    wrote("data/top.yml", "c: 3")
    wrote("data/skipped.toml", "d = 4")
    assert load_data(["data"]) == {"exceptions": {"deep": {"a": 1}, "b": 2}, "c": 3}
    assert load_data(["data/exceptions/y.json"]) == {"b": 2}
    assert load_data(["p.q:data/top.yml"]) == {"p": {"q": {"c": 3}}}


def test_two_documents_that_say_one_thing_twice_do_not_load() -> None:
    wrote("data/a.json", '{"a": {"x": 1}}')
    wrote("data/b.json", '{"a": {"y": 2}}')
    assert load_data(["data"]) == {"a": {"x": 1, "y": 2}}
    wrote("data/c.json", '{"a": {"y": 3}}')
    with pytest.raises(LoadFault, match=r"1 error occurred during loading: data/c\.json: merge error"):
        load_data(["data"])


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("l.json", "[1]", "document must be of type object"),
        ("l.json", '{"a": NaN}', "NaN is no JSON"),
        ("l.yaml", "a: [", "error converting YAML to JSON: yaml: "),
    ],
)
def test_a_file_that_is_no_object_does_not_load(name: str, text: str, reason: str) -> None:
    wrote(f"data/{name}", text)
    with pytest.raises(LoadFault) as caught:
        load_data(["data"])
    assert caught.value.faults[0].startswith(f"data/{name}: {reason}")


def test_big_numbers_stay_exact() -> None:
    wrote("d.json", '{"n": 12345678901234567890123, "f": 0.1000000000000000000000001}')
    found = load_data(["d.json"])
    assert found["n"] == 12345678901234567890123
    assert str(found["f"]) == "0.1000000000000000000000001"


def test_a_reference_is_read_by_what_the_caller_hands_in() -> None:
    files = {"policy/a.rego": b"package a", "data/x.json": json.dumps({"k": 1}).encode()}
    asked = []

    def remote(reference: str) -> dict[str, bytes]:
        asked.append(reference)
        return files

    assert load_policies(["oci://r/p:1"], remote=remote) == {"oci://r/p:1/policy/a.rego": "package a"}
    assert load_data(["oci://r/p:1"], remote=remote) == {"data": {"k": 1}}
    assert asked == ["oci://r/p:1"] * 2
