"""Makes the CycloneDX document and the hundred rules that bench/policy.py measures.

``python sbom.py FOLDER [COMPONENTS]`` writes ``sbom.json`` (about 1.4 MB) and ``policy/*.rego``: 40 rules
compare versions, 20 look at licences, 20 match regular expressions, 10 look at hashes and 10 count.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

__all__ = ["document", "modules", "write"]

COMPONENTS = 5000
_LICENCES = ["MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "MPL-2.0", "GPL-3.0-only", "LGPL-2.1-only", "AGPL-3.0-only"]
_WEIGHTS = [40, 30, 12, 10, 4, 2, 1, 1]
_KINDS = ["npm", "pypi", "golang", "maven"]
_HEAD = "package bench\n\nimport rego.v1\n\n"


def _component(random: Random, number: int) -> dict[str, Any]:
    kind, name = random.choice(_KINDS), f"pkg-{number % 2500}"
    version = f"{random.randint(0, 9)}.{random.randint(0, 20)}.{random.randint(0, 30)}"
    digest = sha256(f"{name}@{version}".encode()).hexdigest()
    return {
        "type": "library",
        "bom-ref": f"ref-{number}",
        "name": name,
        "version": version,
        "purl": f"pkg:{kind}/{name}@{version}",
        "licenses": [{"license": {"id": random.choices(_LICENCES, _WEIGHTS)[0]}}],
        "hashes": [{"alg": "SHA-256", "content": digest}] if number % 97 else [],
    }


def document(components: int = COMPONENTS) -> dict[str, Any]:
    """Give a document of so many components."""
    random = Random(20_260_101)
    made = [_component(random, number) for number in range(components)]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": made}


def _version_rule(number: int) -> str:
    return (
        f'deny contains msg if {{\n\tsome c in input.components\n\tc.name == "pkg-{number * 7}"\n'
        f'\tsemver.compare(c.version, "{number % 9}.{number % 5}.0") < 0\n'
        f'\tmsg := sprintf("version {number}: %v %v", [c.name, c.version])\n}}\n'
    )  # fmt: skip


def _licence_rule(number: int) -> str:
    licence = _LICENCES[5 + number % 3]
    return (
        f"warn contains msg if {{\n\tsome c in input.components\n\tsome l in c.licenses\n"
        f'\tl.license.id == "{licence}"\n\tendswith(c.name, "{number:02}")\n'
        f'\tmsg := sprintf("licence {number}: %v %v", [c.name, l.license.id])\n}}\n'
    )  # fmt: skip


def _pattern_rule(number: int) -> str:
    return (
        f"warn contains msg if {{\n\tsome c in input.components\n"
        f"\tregex.match(`^pkg:(npm|golang)/pkg-{number}[0-9]{{2}}@0\\.`, c.purl)\n"
        f'\tmsg := sprintf("pattern {number}: %v", [c.purl])\n}}\n'
    )  # fmt: skip


def _hash_rule(number: int) -> str:
    return (
        f'deny contains msg if {{\n\tsome c in input.components\n\tendswith(c.name, "{number}7")\n'
        f'\tnot {_hashed(number)}(c)\n\tmsg := sprintf("hash {number}: %v", [c.purl])\n}}\n\n'
        f'{_hashed(number)}(c) if {{\n\tsome h in c.hashes\n\th.alg == "SHA-256"\n\tcount(h.content) == 64\n}}\n'
    )  # fmt: skip


def _hashed(number: int) -> str:
    return f"hashed_{number}"


def _count_rule(number: int) -> str:
    return (
        f'deny contains msg if {{\n\tn := count([c | some c in input.components; startswith(c.version, "{number}.")])\n'
        f'\tn > {440 + number * 12}\n\tmsg := sprintf("count {number}: %d", [n])\n}}\n'
    )


def modules() -> dict[str, str]:
    """Give the rules by file name."""
    kinds = {
        "versions": (40, _version_rule), "licences": (20, _licence_rule), "patterns": (20, _pattern_rule),
        "hashes": (10, _hash_rule), "counts": (10, _count_rule),
    }  # fmt: skip
    return {
        f"{name}.rego": _HEAD + "\n".join(make(number) for number in range(size))
        for name, (size, make) in kinds.items()
    }


def write(folder: Path, components: int = COMPONENTS) -> None:
    """Write document and rules."""
    (folder / "policy").mkdir(parents=True, exist_ok=True)
    (folder / "sbom.json").write_text(json.dumps(document(components)))
    for name, text in modules().items():
        (folder / "policy" / name).write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
