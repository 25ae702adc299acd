"""Measure the rule engine beside OPA: whole commands, a small decision, compiling, and memory over a large input.

The document and the rules are those of bench/sbom.py. Each figure is the least of some rounds that take turns, so that
both programs meet the same machine; that of a policy kept from before is the median of many, since it reads the disk.
What is printed as ``MISSED`` is above its bound.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from graven.engines.compiled import compiled
from graven.rego import compile_modules
from sbom import modules, write

PEERS = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers")) / "bin"
PLACES = os.pathsep.join([str(Path(sys.executable).parent), str(PEERS), os.environ["PATH"]])
ROUNDS = int(os.environ.get("ROUNDS", "5"))
RATIO, SMALL_MS, COMPILE_S, KEPT_MS, MEMORY = 0.25, 0.1, 1.0, 50.0, 2.0
MODULES = 150
LARGE = 180_000
"""So many components make a document of 50 MB."""


def said(name: str, figure: float, unit: str, bound: float) -> bool:
    """Print a figure beside its bound, and say whether it keeps it."""
    print(f"{name:<44} {figure:8.3f} {unit:<5} bound {bound:<6} {'' if figure <= bound else 'MISSED'}")
    return figure <= bound


def _run(command: Sequence[str]) -> tuple[float, int, bytes]:
    """Give the seconds of a command, the most memory it held in KiB, and what it printed."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss, printed


def commands(folder: Path, rounds: int) -> tuple[float, float]:
    """Give how graven's least time and memory stand to OPA's, for one question over the document of a folder."""
    rest = ["-d", str(folder / "policy"), "-i", str(folder / "sbom.json"), "data.bench", "-f", "values"]
    opa, graven = shutil.which("opa", path=PLACES), shutil.which("graven", path=PLACES)
    if opa is None or graven is None:
        raise SystemExit("opa or graven is not on PATH")
    _run([graven, "policy", "eval", *rest])
    found = [(_run([opa, "eval", *rest]), _run([graven, "policy", "eval", *rest])) for _ in range(rounds)]
    if any(json.loads(theirs[2]) != json.loads(ours[2]) for theirs, ours in found):
        raise SystemExit("the answers differ")
    least = [min(pair[at][0] for pair in found) for at in (0, 1)]
    most = [max(pair[at][1] for pair in found) for at in (0, 1)]
    names = ("opa", "graven")
    print(
        "  same answers;", *(f"{name} {least[at]:.3f} s, {most[at] / 1024:.0f} MiB;" for at, name in enumerate(names))
    )
    return least[1] / least[0], most[1] / most[0]


def times(work: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Give the seconds that some work took, each time."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return taken


def small() -> float:
    """Give the milliseconds of a small decision in process."""
    text = (
        'package p\n\ndefault allow := false\n\nallow if {\n\tinput.user.role in data.roles\n\tinput.action == "push"\n'
        '\tnot startswith(input.image, "tmp/")\n}\n\ndeny contains msg if {\n\tsome l in input.layers\n'
        '\tl.size > 100\n\tmsg := sprintf("layer %v is large", [l.id])\n}\n'
    )
    policy = compile_modules({"p.rego": text}, data={"roles": ["admin", "dev"]})
    layers = [{"id": f"l{at}", "size": at * 30} for at in range(6)]
    question = {"user": {"role": "dev"}, "action": "push", "image": "app/web", "layers": layers}
    policy.evaluate("data.p", question)

    def some() -> None:
        for _ in range(200):
            policy.evaluate("data.p", question)

    return min(times(some)) / 200 * 1000


def many() -> dict[str, str]:
    """Give 150 modules."""
    texts = list(modules().values())
    parts = [part for text in texts for part in text.split("import rego.v1\n\n")[1].split("\n\n")]
    rules = [part for part in parts if "hashed" not in part]
    return {
        f"m{at}.rego": f"package m{at}\n\n" + "\n\n".join(rules[(at * 3 + step) % len(rules)] for step in range(3))
        for at in range(MODULES)
    }


def compiling() -> float:
    """Give the seconds in which 150 modules are compiled, down to the code of their last rule."""
    made = many()
    return min(times(lambda: compile_modules(made).dump(), 3))


def keeping(folder: str) -> float:
    """Give the milliseconds in which 150 modules that were compiled before are ready to be asked, as a median."""
    made = many()
    compiled(made, folder=folder)
    if not any(Path(folder).iterdir()):
        raise SystemExit("the compiled policy was not kept")
    found = [each * 1000 for each in times(lambda: compiled(made, folder=folder), 15)]
    print(f"  {MODULES} modules compiled before: least {min(found):.1f} ms, median {median(found):.1f} ms")
    return median(found)


def main() -> int:
    """Measure all, and say by the exit code whether every bound was kept."""
    kept = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder)
        kept.append(said("100 rules, 5,000 components: time to OPA's", commands(folder, ROUNDS)[0], "times", RATIO))
        write(folder, LARGE)
        ratio, memory = commands(folder, 1)
        print(f"  50 MB: {ratio:.2f} times OPA's time")
        kept.append(said("50 MB: memory to OPA's", memory, "times", MEMORY))
        kept.append(said(f"load {MODULES} modules compiled before", keeping(f"{place}/kept"), "ms", KEPT_MS))
    kept.append(said("small decision in process", small(), "ms", SMALL_MS))
    kept.append(said(f"compile {MODULES} modules", compiling(), "s", COMPILE_S))
    print(f"  this process held {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
