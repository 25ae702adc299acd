"""`graven policy` and `opa` side by side: the same arguments on the same files give the same text and the same answer.

OPA's exit code 2 (and the 1 of a file that cannot be read) is graven's 3: could not decide.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from interop.conftest import Peer

pytestmark = pytest.mark.interop

SHOP = """# METADATA
# title: Orders
# description: Who may order what.
package shop.orders

import data.catalogue.goods
import rego.v1

default allow := false

# METADATA
# title: allow an order
# entrypoint: true
# custom:
#   severity: high
allow if {
	input.user.age >= limits.age
	count(refused) == 0
}

refused contains reason if {
	some item in input.items
	not goods[item.name]
	reason := sprintf("there is no <%s>", [item.name])
}

price := sum([cost | some item in input.items; cost := goods[item.name].price * item.count])

twice(x) := x * 2

kinds := {kind | kind := goods[_].kind}
"""
LIMITS = 'package shop.orders\n\nlimits := {"age": 18}\n'
LOOSE = "package  loose\nimport data.b\nimport data.a as z\np[x]{x:=1;b.y}\nq=1{input.z} # why\nf(a,b)=c{c:=a+b*2}\n"
UNTIDY = 'package  untidy\n\n\nimport data.b\nimport data.a\n# above\np  contains   x if{ some x in [1,2 ,3];x>1 }\nq:= { "a" : 1,\n"b":[ 1,\n2] }\nelse_(x)=1 if x==1 else=2 if  x==2\n'
BROKEN = "package broken\n\np if x\n\nq if {\n\ty == 1\n\tz > 1\n}\n"
INPUT = '{"user": {"age": 20}, "items": [{"name": "tea", "count": 3}, {"name": "cup", "count": 1}]}'
GOODS = '{"goods": {"tea": {"price": 2, "kind": "food"}, "pot": {"price": 30, "kind": "ware"}}}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    shop = folder / "shop"
    (shop / "catalogue").mkdir(parents=True)
    (shop / "orders.rego").write_text(SHOP)
    (shop / "limits.rego").write_text(LIMITS)
    (shop / "catalogue" / "data.json").write_text(GOODS)
    (shop / "catalogue" / "more.yaml").write_text("extra:\n  - 1\n  - no\n")
    (shop / ".manifest").write_text('{"revision": "7", "roots": ["shop", "catalogue"], "metadata": {"by": "us"}}')
    for name, text in {
        "loose.rego": LOOSE,
        "untidy.rego": UNTIDY,
        "broken.rego": BROKEN,
        "input.json": INPUT,
        "input.yaml": "user: {age: 12}\nitems: []\n",
        "schema.json": '{"type": "object"}',
        "clash.json": '{"goods": {"tea": 1}}',
    }.items():
        (folder / name).write_text(text)
    return folder


EVAL = [
    "data.shop.orders.allow",
    "data.shop.orders",
    "data.shop.orders.refused[reason]",
    "x := data.shop.orders.price; x > 5; y = data.shop.orders.twice(x)",
    "data.shop.orders.nothing",
    "data.shop.orders.kinds; count(data.catalogue.goods)",
    "some i, item in input.items; item.count > 1",
    "data.shop.orders.allow with input.user.age as 3",
    "[x | x := input.items[_].name]",
    "not data.shop.orders.allow; every i in input.items { i.count > 0 }",
    "false",
    "1 == 2",
    "data.catalogue.goods[name].price = p",
]
FORMATS = ["json", "pretty", "values", "bindings", "raw"]
SHOWN = [EVAL[1], EVAL[2], EVAL[3], EVAL[4], EVAL[5], EVAL[12]]
CALLS = [
    *(["eval", "-d", "shop", "-i", "input.json", query] for query in EVAL),
    *(["eval", "-d", "shop", "-i", "input.json", "-f", form, query] for form in FORMATS[1:] for query in SHOWN),
    ["eval", "-b", "shop", "-i", "input.json", "data.shop.orders.refused"],
    ["eval", "-b", "shop", "data.catalogue"],
    ["eval", "-d", "shop", "-i", "input.yaml", "data.shop.orders.allow"],
    ["eval", "-d", "here.there:shop/catalogue/data.json", "data.here"],
    ["eval", "-d", "shop", "--package", "shop.orders", "-i", "input.json", "price; allow"],
    ["eval", "-d", "shop", "--import", "data.shop.orders", "-i", "input.json", "-f", "raw", "orders.price"],
    ["eval", "-d", "shop", "--ignore", "*.yaml", "data.catalogue"],
    ["eval", "-d", "shop", "--fail", "data.shop.orders.nothing"],
    ["eval", "-d", "shop", "--fail-defined", "data.catalogue"],
    ["eval", "-d", "shop/catalogue/data.json", "-d", "clash.json", "data"],
    ["eval", "-d", "missing", "data"],
    ["eval", "-d", "broken.rego", "data"],
    ["eval", "--v0-compatible", "-d", "loose.rego", "data.loose.f(1, 2)"],
    ["eval", "-f", "pretty", "1/3"],
    ["eval", "-f", "pretty", "--show-builtin-errors", "count({y | y := 1 / 2}) > 0"],
    ["eval", "-d", "shop", "-f", "discard", "data.shop.orders.price"],
    ["eval", "-d", "shop", "--disable-indexing", "--disable-early-exit", "-O", "0", "-t", "rego", "data.catalogue"],
    ["eval", "-d", "shop", "-u", "input.user", "-f", "raw", "data.shop.orders.kinds"],
    ["eval", "-d", "here:shop/limits.rego", "-f", "raw", "data.shop.orders.limits.age"],
    ["eval", "-f", "pretty", "x := [i | some i in numbers.range(1, 40)]"],
    ["eval", "--timeout", "20s", "-f", "values", "1; x := 2"],
    ["check", "shop"],
    ["check", "-b", "shop"],
    ["check", "--strict", "shop"],
    ["check", "broken.rego"],
    ["check", "-f", "json", "broken.rego"],
    ["check", "-m", "1", "-f", "json", "shop"],
    ["check", "missing"],
    ["check", "-s", "schema.json", "-f", "json", "shop"],
    ["check", "-s", "missing", "shop"],
    ["fmt", "untidy.rego"],
    ["fmt", "--v0-compatible", "loose.rego"],
    ["fmt", "--v0-v1", "loose.rego"],
    ["fmt", "-l", "."],
    ["fmt", "--fail", "untidy.rego"],
    ["fmt", "--fail", "-l", "shop"],
    ["fmt", "--drop-v0-imports", "shop/orders.rego"],
    ["fmt", "missing"],
    ["parse", "shop/limits.rego"],
    ["parse", "--v0-compatible", "loose.rego"],
    ["parse", "-f", "json", "shop/limits.rego"],
    ["parse", "-f", "json", "untidy.rego"],
    ["parse", "-f", "json", "--json-include", "locations", "shop/orders.rego"],
    ["parse", "-f", "json", "--json-include", "locations,-comments", "untidy.rego"],
    ["parse", "-f", "json", "--json-include", "locations", "--v0-compatible", "loose.rego"],
    ["parse", "missing.rego"],
    ["inspect", "shop"],
    ["inspect", "-a", "shop"],
    ["inspect", "shop/orders.rego"],
    ["deps", "-d", "shop", "data.shop.orders.allow"],
    ["deps", "-d", "shop", "-f", "json", "data.shop.orders.price"],
    ["deps", "-d", "shop", "data.shop.orders.twice(input.a)"],
    ["deps", "1 == 1"],
]


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def _graven(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return _run(folder, sys.executable, "-m", "graven", "policy", *words)


def _meaning(code: int, verb: str, err: str) -> int:
    """Give graven's exit code for what OPA's means."""
    if verb in ("check", "fmt", "parse"):
        return {0: 0, 2: 1 if "unexpected diff" in err else 3, 1: 1 if "rego_" in err else 3}[code]
    return {0: 0, 1: 1, 2: 3}[code]


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_graven_says_what_opa_says(words: list[str], folder: Path, peer: Peer) -> None:
    theirs, ours = _run(folder, peer("opa"), *words), _graven(folder, *words)
    assert ours.stdout == theirs.stdout, ours.stderr
    assert ours.returncode == _meaning(theirs.returncode, words[0], theirs.stderr)


FORMS = sorted((Path(__file__).parents[1] / "vectors" / "format").glob("*.rego"))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_golden_forms_are_those_of_opa(path: Path, folder: Path, peer: Peer) -> None:
    options = ["--v0-compatible"] if path.name.startswith("v0") else []
    assert _run(folder, peer("opa"), "fmt", *options, str(path)).stdout == path.with_suffix(".formatted").read_text()


def test_there_are_thirty_of_them() -> None:
    assert len({tuple(call) for call in CALLS}) >= 30


FLAT = """package flat

import rego.v1

deny contains x if {
	some x in input.xs
	some y in input.xs
	x < y
	y > 1
}

allow if {
	input.ok
	input.user == "ann"
}

price := n if {
	some n in input.xs
	n > 2
}
"""
"""No call stands in another, so that OPA profiles the expressions that are written."""


@pytest.mark.parametrize("query", ["data.flat", "data.flat.deny", "x := data.flat.price"])
def test_profiles_count_alike(query: str, tmp_path: Path, peer: Peer) -> None:
    (tmp_path / "flat.rego").write_text(FLAT)
    (tmp_path / "input.json").write_text('{"xs": [1, 2, 3], "ok": true, "user": "ann"}')
    words = ["eval", "-d", "flat.rego", "-i", "input.json", "--profile", "--profile-sort", "line", query]
    theirs, ours = (
        json.loads(done.stdout) for done in (_run(tmp_path, peer("opa"), *words), _graven(tmp_path, *words))
    )
    assert ours["result"] == theirs["result"]
    for row in (*theirs["profile"], *ours["profile"]):
        assert row.pop("total_time_ns") > 0
    assert ours["profile"] == theirs["profile"]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "HS256"])
def test_each_verifies_what_the_other_signed(algorithm: str, folder: Path, peer: Peer, tmp_path: Path) -> None:
    private, public = _keys(tmp_path, algorithm)
    signing = ["--signing-key", private, "--signing-alg", algorithm]
    made, again = str(tmp_path / "made.tar.gz"), str(tmp_path / "again.tar.gz")
    checking = ["--verification-key", public, "--signing-alg", algorithm, "-o", again]
    done = _graven(folder, "build", "-b", "shop", "-o", made, *signing)
    assert done.returncode == 0, done.stderr
    done = _run(folder, peer("opa"), "build", "-b", made, *checking)
    assert done.returncode == 0, done.stderr
    done = _run(folder, peer("opa"), "build", "-b", "shop", "-o", made, *signing)
    assert done.returncode == 0, done.stderr
    done = _graven(folder, "build", "-b", made, *checking)
    assert done.returncode == 0, done.stderr
    wrong = "other secret" if algorithm == "HS256" else _keys(tmp_path / "other", algorithm)[1]
    done = _graven(folder, "build", "-b", made, "--verification-key", wrong, "--signing-alg", algorithm, "-o", again)
    assert done.returncode == 3
    assert "signature is not that of the key" in done.stderr


def _keys(folder: Path, algorithm: str) -> tuple[str, str]:
    if algorithm == "HS256":
        return "a secret of some length", "a secret of some length"
    folder.mkdir(exist_ok=True)
    private, public = folder / "key.pem", folder / "key.pub"
    kind = {"RS256": ["RSA"], "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}[algorithm]
    for words in (
        ["openssl", "genpkey", "-algorithm", *kind, "-out", str(private)],
        ["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)],
    ):
        subprocess.run(words, check=True, capture_output=True)
    return str(private), str(public)


def test_opa_loads_and_asks_a_bundle_that_graven_made(folder: Path, peer: Peer, tmp_path: Path) -> None:
    made = str(tmp_path / "made.tar.gz")
    assert _graven(folder, "build", "-b", "shop", "-o", made, "-r", "8").returncode == 0
    words = ["eval", "-b", made, "-i", "input.json", "data.shop.orders.refused"]
    theirs, ours = _run(folder, peer("opa"), *words), _graven(folder, *words)
    assert theirs.stdout == ours.stdout
    assert "there is no" in ours.stdout
    theirs, ours = _run(folder, peer("opa"), "inspect", made), _graven(folder, "inspect", made)
    assert theirs.stdout == ours.stdout
    assert "│ Revision     │ 8" in ours.stdout


def test_the_second_engine_answers_alone_and_beside(folder: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(peer('opa')).parent}{os.pathsep}{os.environ['PATH']}")
    words = ["eval", "-d", "shop", "-i", "input.json", "data.shop.orders.price", "-f", "raw"]
    assert _graven(folder, *words, "--engine", "opa").stdout == "6\n"
    done = _graven(folder, *words, "--cross-check")
    assert (done.returncode, done.stdout) == (0, "6\n")


def test_a_disagreement_of_the_engines_is_no_answer(folder: Path, tmp_path: Path) -> None:
    liar = tmp_path / "opa"
    liar.write_text('#!/bin/sh\necho \'{"result": [{"expressions": [{"value": 7}]}]}\'\n')
    liar.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    words = [sys.executable, "-m", "graven", "policy", "eval", "--cross-check", "-d", "shop", "-i", "input.json"]
    done = subprocess.run(
        [*words, "data.shop.orders.price"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "graven and opa disagree on data.shop.orders.price" in done.stdout
    assert '"result"' not in done.stdout


def test_a_server_of_the_second_engine_answers_many_questions(folder: Path, peer: Peer) -> None:
    from graven.engines.opa import Opa
    from graven.errors import Malformed

    with Opa(peer("opa"), (str(folder / "shop"),)).serve() as server:
        for age, allowed in ((3, False), (18, True), (40, True)):
            given = {"user": {"age": age}, "items": []}
            assert server.evaluate("data.shop.orders.allow", given) is allowed
        assert server.evaluate("data.shop.orders.nothing", {}) is None
        with pytest.raises(Malformed, match="opa: "):
            server.evaluate("data.[", {})
        process = server.process
    assert process.poll() is not None
