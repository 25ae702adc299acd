"""The steps of the demo, in order. Each shows the command that a person would type, and what comes of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import image
import reviews
from world import Stopped, World

__all__ = ["STEPS"]

REPOSITORY = "shop/web"
_HERE = Path(__file__).parent
_HELD: dict[str, str] = {}
"""What later steps need of earlier ones: digests, decisions."""


def push(world: World) -> None:
    """Step 1."""
    tell = world.narration
    tell.say("An application image is assembled without Docker: a Django application and a Node tool, each with the")
    tell.say("dependencies that pip and npm really install. Build 1 has Django 4.0.5 and minimist 1.2.5.")
    if image.npm() is None:
        tell.say("npm is not on this machine: the image goes without its Node part.")
    layers = _build(world)
    world.start()
    tell.say(f"A server listens on {world.url}, on SQLite and a folder.")
    contents = {
        "1.0": (layers[1], {"build": "1"}),
        "2.0": (layers[2], {"build": "2"}),
        "2.0-unsigned": (layers[2], {"build": "2", "twin": "unsigned"}),
        "3.0": (layers[2], {"build": "3"}),
        "alpine": ([*layers[2], image.alpine_layer()], {"base": "alpine"}),
    }
    for tag, (parts, labels) in contents.items():
        layout = world.folder / f"image-{tag}"
        _HELD[tag] = image.write_layout(layout, parts, labels=labels)
        world.push(layout, f"{REPOSITORY}:{tag}")
    tell.say("Tags are written once: other bytes under the same tag are refused.")
    world.graven("push", "image-2.0", f"{world.host}/{REPOSITORY}:1.0", code=1)
    world.graven("ls", REPOSITORY)


def catalogue(world: World) -> None:
    """Step 2."""
    world.narration.say("What is inside is read from the layers, and what was not seen is part of the answer.")
    world.graven("sbom", f"{REPOSITORY}:2.0", most=24)
    world.narration.say("CycloneDX and SPDX documents are made, signed by the server and attached as referrers.")
    for tag in ("1.0", "2.0", "2.0-unsigned", "3.0", "alpine"):
        world.graven("sbom", f"{REPOSITORY}:{tag}", "--attach", show=tag == "2.0")


def sign(world: World) -> None:
    """Step 3."""
    tell = world.narration
    tell.say("Keys in cosign's format: one for releases, one for the security team, one for a stranger.")
    for name in ("release", "security", "stranger"):
        world.graven("keys", "generate", "--out", name, show=name == "release")
    tell.say("Whom to trust, and for what, is a document that takes effect by an event.")
    world.graven("trust", "init", "trust.json")
    trusted = ["trust", "add-key", "trust.json"]
    pattern = "shop/*"
    world.graven(*trusted, "--identity", "release@shop", "--public", "release.pub", "--repository", pattern)
    world.graven(
        *(*trusted, "--identity", "security@shop", "--public", "security.pub"),
        *("--type", "https://openvex.dev/ns*", "--product", pattern),
    )
    world.graven("trust", "apply", "trust.json")
    for tag in ("1.0", "2.0", "3.0", "alpine"):
        world.graven("sign", f"{REPOSITORY}:{tag}", "--key", "release.key", show=tag in ("1.0", "2.0"))
    world.graven("verify", f"{REPOSITORY}:2.0", "--key", "release.pub")
    tell.say("The same bytes under another key are not signed:")
    world.graven("verify", f"{REPOSITORY}:2.0", "--key", "stranger.pub", code=1)


def decide(world: World) -> None:
    """Step 4."""
    tell = world.narration
    shutil.copytree(_HERE / "advisories", world.folder / "advisories")
    world.graven("advisories", "import", "advisories")
    tell.say("Everything goes to dev first, where the rules only warn.")
    for tag in ("1.0", "2.0-unsigned", "alpine", "2.0"):
        world.graven("promote", f"{REPOSITORY}:{tag}", "--to", "dev", show=False)
    tell.say("May the unsigned twin go to test?")
    world.graven("decide", f"{REPOSITORY}:2.0-unsigned", "--stage", "test", code=1)
    tell.say("The signed one with the bad dependencies?")
    world.graven("decide", f"{REPOSITORY}:1.0", "--stage", "test", code=1)
    tell.say("The one with a package database that no cataloguer reads?")
    world.graven("decide", f"{REPOSITORY}:alpine", "--stage", "test", code=1)
    tell.say("The rebuilt one:")
    world.graven("decide", f"{REPOSITORY}:2.0", "--stage", "test")


def promote(world: World) -> None:
    """Step 5."""
    tell = world.narration
    tell.say("A stage points to a digest; bytes never move. Each step leaves its decision and a signed statement.")
    world.graven("promote", f"{REPOSITORY}:2.0", "--to", "test")
    tell.say("Build 3 has stood in dev only, and tries to skip test:")
    world.graven("promote", f"{REPOSITORY}:3.0", "--to", "dev", show=False)
    world.graven("promote", f"{REPOSITORY}:3.0", "--to", "production", code=1, most=8)
    tell.say("Production refuses what is high, too: sqlparse 0.4.4 has a finding that the application cannot reach.")
    world.graven("promote", f"{REPOSITORY}:2.0", "--to", "production", code=1, most=8)
    _state_by_vex(world)
    tell.say("Said by a stranger, it changes nothing:")
    _attest(world, "stranger")
    world.graven("promote", f"{REPOSITORY}:2.0", "--to", "production", code=1, most=6)
    tell.say("Said by the security team, whom the trust root names for shop/*:")
    _attest(world, "security")
    promoted = world.json("promote", f"{REPOSITORY}:2.0", "--to", "production")
    tell.command(f"graven promote {REPOSITORY}:2.0 --to production")
    tell.verdict(good=True, text="promoted to production")
    _HELD["decision"] = _find(promoted, "decision")
    world.graven("promote", f"{REPOSITORY}:3.0", "--to", "test", show=False)
    world.graven("stages", "list")
    _HELD["checkpoint"] = "checkpoint-before"
    shutil.copy(world.data / "log" / "checkpoint", world.folder / "checkpoint-before")


def admit(world: World) -> None:
    """Step 6."""
    tell = world.narration
    tell.say("A kube-apiserver asks over a webhook. The mutating one writes the digest behind the tag …")
    running = f"{world.host}/{REPOSITORY}:2.0"
    pinned = f"{running}@{_HELD['2.0']}"
    _review(world, "pod.json", reviews.pod(running))
    world.graven("admit", "pod.json", "--stage", "production", "--mutate")
    tell.say("… and the validating one lets in what production holds, whatever the kind of the workload.")
    cases = (
        ("pinned-pod.json", reviews.pod(pinned), 0, "the promoted digest, in a Pod"),
        ("deployment.json", reviews.deployment(pinned), 0, "the promoted digest, in a Deployment"),
        ("cronjob.json", reviews.cron_job(f"{world.host}/{REPOSITORY}@{_HELD['1.0']}"), 1, "build 1, in a CronJob"),
        ("elsewhere.json", reviews.pod("docker.io/library/nginx:1.27"), 1, "an image from elsewhere"),
        ("tag.json", reviews.pod(running), 1, "a tag that nobody pinned"),
        ("test.json", reviews.pod(f"{world.host}/{REPOSITORY}@{_HELD['3.0']}"), 1, "build 3, which only reached test"),
    )
    for file, review, code, words in cases:
        tell.say(f"{words}:")
        _review(world, file, review)
        world.graven("admit", file, "--stage", "production", code=code)
    tell.say("A promotion can be revoked, at once:")
    target = f"production/{REPOSITORY}@{_HELD['2.0']}"
    world.graven("revoke", "promotion", target, "--reason", "the supplier's key was stolen")
    world.graven("admit", "pinned-pod.json", "--stage", "production", code=1)


def audit(world: World) -> None:
    """Step 7."""
    tell = world.narration
    keys = world.json("keys", "list")["keys"]
    vkey = next(key["public"] for key in keys if key["purpose"] == "log").strip()
    world.graven("audit", "seal")
    tell.say("Anyone can verify the log with its files alone, against its key and a checkpoint from before.")
    verify = ["audit", "verify", "data/log", "--key", vkey]
    world.graven(*verify, "--last", "checkpoint-before")
    tell.say("One event, proved with nothing but a file:")
    world.graven("audit", "proof", "12", into="event.tlog-proof")
    world.graven("audit", "check", "event.tlog-proof", "--key", vkey)
    tell.say("A past decision is computed again in a new process, from its evidence, to the same bytes:")
    world.graven("replay", _HELD["decision"], "--save", "replayed")
    question = world.folder / "replayed" / "question.json"
    tell.say("With one byte of the question changed, it differs:")
    changed = question.read_text().replace("not_affected", "not_affecteD", 1)
    (world.folder / "changed.json").write_text(changed)
    world.graven("replay", _HELD["decision"], "--question", "changed.json", code=1)
    _lose_and_rebuild(world)


def _lose_and_rebuild(world: World) -> None:
    tell = world.narration
    before = world.json("stages", "list")
    address = world.host
    world.stop()
    tell.say("Now the database is lost. It is rebuilt from the sealed entries of the log:")
    tell.command("rm data/graven.db*")
    for path in world.data.glob("graven.db*"):
        path.unlink()
    world.graven("audit", "rebuild", "--data", "data")
    world.start(address)
    if world.json("stages", "list") != before:
        raise Stopped("the stages are not what they were before the database was lost")
    tell.verdict(good=True, text="every stage points to what it pointed to before")


STEPS: tuple[tuple[str, Callable[[World], None]], ...] = (
    ("push: artifacts never change once published", push),
    ("catalogue: what is inside, and what was not seen", catalogue),
    ("evidence: signed by whom?", sign),
    ("decide: rules answer, and say what would turn a refusal", decide),
    ("promote: dev, test, production, only on proof", promote),
    ("admit: a cluster runs only what its stage holds", admit),
    ("audit: proof of all of it, without trusting this server", audit),
)


def _build(world: World) -> dict[int, list[image.Layer]]:
    """Let pip and npm install both builds, at once."""
    makers: list[tuple[str, int, Callable[[Path, int], image.Layer]]] = [
        (f"pip install, build {build}", build, image.python_layer) for build in (1, 2)
    ]
    if image.npm() is not None:
        makers += [(f"npm install, build {build}", build, image.node_layer) for build in (1, 2)]
    found: dict[int, list[image.Layer]] = {1: [], 2: []}
    with world.narration.progress() as progress, ThreadPoolExecutor() as hands:
        tasks = [(build, progress.add_task(words, total=1), make) for words, build, make in makers]
        made = [(build, task, hands.submit(make, world.folder, build)) for build, task, make in tasks]
        for build, task, future in made:
            found[build].append(future.result())
            progress.update(task, completed=1)
    return found


def _state_by_vex(world: World) -> None:
    world.graven(
        *("vex", "create", "--product", f"{REPOSITORY}@{_HELD['2.0']}", "--subcomponent", "pkg:pypi/sqlparse@0.4.4"),
        *("--vulnerability", "CVE-2024-4340", "--status", "not_affected"),
        *("--justification", "vulnerable_code_not_in_execute_path"),
        into="web.vex.json",
    )


def _attest(world: World, who: str) -> None:
    words = ["attest", f"{REPOSITORY}:2.0", "--type", "openvex", "--predicate", "web.vex.json", "--key", f"{who}.key"]
    world.graven(*words)


def _review(world: World, file: str, review: str) -> None:
    (world.folder / file).write_text(review)


def _find(document: object, name: str) -> str:
    """Find a digest by its name in what a command answered."""
    if isinstance(document, dict):
        if isinstance(document.get(name), str) and document[name].startswith("sha256:"):
            return str(document[name])
        for value in document.values():
            if found := _find(value, name):
                return found
    return ""
