"""Programs of jsonnet through the conftest that is installed, which has another implementation of it, and through us."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from interop.conftest import Peer

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(find_spec("_jsonnet") is None, reason="the extra jsonnet is not installed"),
]

PROGRAMS = {
    "objects": "local base = { name: 'web', port:: 80, url: 'http://%s:%d' % [self.name, self.port] };\n"
    "base { name: 'api', port: 8080, labels+: { tier: 'back' } }\n",
    "lists": "[{ id: i, odd: i % 2 == 1 } for i in std.range(1, 5) if i != 3] + [null, true, std.length('äö')]\n",
    "numbers": "[1e6, 1.5, 1 / 3, 9007199254740993, 1e21, 1e-7, 7 % 4, 12345678901234567890, 2 << 3]\n",
    "texts": "{ a: |||\n  two\n  lines\n|||, b: 'tab\\t\\u00e9', c: std.join('-', std.split('a b', ' ')), d: @'c:\\x' }\n",
    "functions": "local twice(f, x=2) = f(f(x)); { a: twice(function(n) n * n), b: std.sort([3, 1, 2], function(x) -x),\n"
    "  c: std.manifestYamlDoc({ k: [1] }), d: std.mergePatch({ a: 1, b: 2 }, { a: null }) }\n",
    "imports": "(import 'lib/part.libsonnet') { more: importstr 'lib/text.txt' }\n",
    "conditions": "{ [if true then 'k']: 1, [if false then 'n']: 2, assert self.k == 1 : 'k' }\n",
    "a value alone": "'just ' + 'text'\n",
}
WRONG = ["{ a: 1", "error 'no'", "{ assert false : 'never' }", "import 'none.libsonnet'", "std.nothing(1)", "1 + {}[0]"]


def _parsed(command: list[str], folder: Path, text: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "lib").mkdir(exist_ok=True)
    (folder / "lib" / "part.libsonnet").write_text("{ from: std.thisFile != '', deep: import 'deep.libsonnet' }")
    (folder / "lib" / "deep.libsonnet").write_text("[1, 2]")
    (folder / "lib" / "text.txt").write_text("some text\n")
    (folder / "a.jsonnet").write_text(text)
    return subprocess.run([*command, "a.jsonnet"], cwd=folder, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_make_the_same_of_a_program(name: str, tmp_path: Path, peer: Peer) -> None:
    theirs = _parsed([peer("conftest"), "parse"], tmp_path, PROGRAMS[name])
    assert theirs.returncode == 0, theirs.stderr
    graven = [sys.executable, "-m", "graven"]
    assert _parsed([*graven, "conftest", "parse"], tmp_path, PROGRAMS[name]).stdout == theirs.stdout
    ours = _parsed([*graven, "parse"], tmp_path, PROGRAMS[name])
    # whole numbers stay whole here, and are what a double holds
    assert json.loads(ours.stdout, parse_int=float) == json.loads(theirs.stdout, parse_int=float)


@pytest.mark.parametrize("text", WRONG)
def test_both_refuse_what_comes_to_an_error(text: str, tmp_path: Path, peer: Peer) -> None:
    assert _parsed([peer("conftest"), "parse"], tmp_path, text).returncode == 1
    graven = [sys.executable, "-m", "graven"]
    assert _parsed([*graven, "conftest", "parse"], tmp_path, text).returncode == 1
    done = _parsed([*graven, "parse"], tmp_path, text)
    assert (done.returncode, done.stdout) == (3, b"")
