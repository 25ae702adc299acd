"""What the arguments of the commands for rules stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from graven.decide.bundle import of_files, render
from graven.documents.datayaml import read
from graven.engines.policydirs import LoadFault
from graven.engines.policyfiles import exact_json, exact_value, load
from graven.errors import Malformed
from graven.rego import from_json


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "rules/p.rego": "package p\n\np := 1\n",
        "rules/.hidden.rego": "package hidden\n",
        "rules/a/b/data.json": '{"k": 1.50}',
        "rules/a/b/other.json": '{"o": 2}',
        "rules/a/list.yaml": "l: [1, no, 0x10, 1.5, ~]\n",
        "rules/notes.txt": "not read",
        "one.json": '{"a": {"b": {"k": 2}}}',
        "list.json": "[1]",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_nests_its_documents_and_forgets_file_names(folder: Path) -> None:
    del folder
    loaded = load(["rules"])
    assert loaded.data == {"a": {"b": {"k": 1.5, "o": 2}, "l": [1, "no", 16, 1.5, None]}}
    assert loaded.modules == {"rules/p.rego": "package p\n\np := 1\n", "rules/.hidden.rego": "package hidden\n"}


def test_a_bundle_holds_only_what_bundles_hold(folder: Path) -> None:
    (folder / "rules" / ".manifest").write_text('{"roots": ["a", "p", "hidden"], "rego_version": 0}')
    loaded = load((), ["rules"])
    assert loaded.data == {"a": {"b": {"k": 1.5}}}
    assert set(loaded.versions.values()) == {"v0"}
    content = render(of_files({"p.rego": b"package p", "data.json": b'{"x": 1}'}))
    (folder / "b.tar.gz").write_bytes(content)
    assert load((), ["b.tar.gz"]).modules == {"b.tar.gz/p.rego": "package p"}
    assert load(["q:b.tar.gz"]).data == {"q": {"x": 1}}


def test_a_prefix_says_where_a_document_goes(folder: Path) -> None:
    del folder
    assert load(["x.y:rules/a/b/other.json"]).data == {"x": {"y": {"o": 2}}}
    assert load(["x:list.json"]).data == {"x": [1]}


def test_names_are_left_out_and_a_file_counts_once(folder: Path) -> None:
    del folder
    loaded = load(["rules", "rules/p.rego", "rules/a/b/data.json"], ignore=[".*", "list*", "b"])
    assert loaded.data == {"k": 1.5}
    assert list(loaded.modules) == ["rules/p.rego"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["none"], "1 error occurred during loading: stat none: no such file or directory"),
        (
            ["rules", "one.json"],
            "one.json: merge error: conflicting values at data.a.b.k, also defined in rules/a/b/data.json",
        ),
        (["list.json"], "list.json: document must be of type object"),
        (["rules/notes.txt"], "rules/notes.txt: can't recognize file type"),
    ],
)
def test_what_cannot_be_loaded_says_which_file(folder: Path, paths: list[str], message: str) -> None:
    del folder
    with pytest.raises(LoadFault) as caught:
        load(paths)
    assert message in str(caught.value)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    (folder / "bad.json").write_text("{")
    (folder / "bad.yaml").write_text("a: [")
    with pytest.raises(LoadFault) as caught:
        load(["none", "bad.json", "bad.yaml"], ["nowhere"])
    assert len(caught.value.faults) == 4


def test_a_module_outside_of_the_roots_of_its_bundle_is_refused(folder: Path) -> None:
    (folder / "rules" / ".manifest").write_text('{"roots": ["a", "p"]}')
    with pytest.raises(LoadFault, match="do not permit 'package hidden'"):
        load((), ["rules"])


def test_numbers_are_exact() -> None:
    assert exact_json(b"[123456789012345678901234567890, 0.1, 1e2]") == [123456789012345678901234567890, 0.1, 100]
    for text, message in ((b"NaN", "no JSON"), (b"[1,]", "Expecting|Illegal"), (b"[" * 100_000, "too deep")):
        with pytest.raises(ValueError, match=message):
            exact_json(text)
        with pytest.raises(ValueError, match=message):
            exact_value(text)


@pytest.mark.parametrize(
    "text", [b"true", b"[[], [false, {}], 1.0]", b'{"a": [[true]], "b": {"c": [{"d": null}]}, "a": 1e400}', b'"a"']
)
def test_an_input_is_read_as_the_value_of_what_it_says(text: bytes) -> None:
    assert repr(exact_value(text)) == repr(from_json(exact_json(text)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"yes", "yes"),
        (b"True", True),
        (b"1: {true: x}", {"1": {"true": "x"}}),
        (b"2020-01-01", "2020-01-01"),
        (b"<<: &a {b: 1}\nc: 2", {"b": 1, "c": 2}),
        (b"0o17", 15),
        (b"1.5e3", 1500),
        (b"", None),
    ],
)
def test_yaml_is_read_as_opa_reads_data(text: bytes, value: object) -> None:
    assert read(text, "x.yaml") == value


@pytest.mark.parametrize("text", [b"a: [", b"!!python/object:os.system x", b"? [a]\n: b", b"!!binary aGk="])
def test_yaml_that_json_cannot_say_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        read(text, "x.yaml")
