"""Memory of all processes of a server together (PSS) while 1 GiB is pushed and pulled; the bar is 130 MB."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from registry import MEMORY, blob, graven

SIZE = 1 << 30
BAR_MB = 130


def pss(pid: int) -> float:
    """Give the proportional set size of a process and all below it, in MB."""
    total = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            total += int(line.split()[1])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return total * 1024 / 1e6 + sum(pss(int(child)) for child in children)


class Watch(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.over = pid, pss(pid), threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, pss(self.pid))


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="graven-bench-") as name,
        tempfile.TemporaryDirectory(dir=MEMORY) as source,
        graven(Path(name)) as server,
    ):
        path = Path(source) / "blob"
        digest = blob(path, SIZE, "memory")
        idle, watch = pss(server.pid), Watch(server.pid)
        watch.start()
        push = server.push(path, digest)
        pull = server.pull(digest, SIZE)
        watch.over.set()
        watch.join()
    met = watch.most <= BAR_MB
    print(f"1 GiB pushed at {push:.0f} MB/s, pulled at {pull:.0f} MB/s")
    print(f"PSS: idle {idle:.0f} MB, most {watch.most:.0f} MB (<= {BAR_MB}): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
