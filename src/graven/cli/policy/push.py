"""``graven policy push``: sends policies to a registry, for graven, conftest and OPA alike."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli.client import add_server
from graven.cli.output import add_output, emit
from graven.cli.registries import add_registry, registry_of
from graven.cli.remotes import reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graven.decide.policyimage import PolicyImage
    from graven.rego.policy import Version

__all__ = ["HELP", "configure", "run"]

HELP = """Send a folder of policies and data to any registry, under a digest that can be signed and pinned.

One manifest holds both forms: a layer for each file, which conftest pulls, and a bundle, which OPA pulls. The rules
must compile. With --key the digest is signed before the tag names it. --bundle sends a bundle that was built before,
as it is, with its own signature.

examples:
  graven policy push oci://registry.example:5000/policies/base:1.0 policies --key release.key
  graven policy push policies/base:1.0 --bundle bundle.tar.gz --form bundle
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF", help="[oci://][HOST:PORT/]NAME[:TAG] (default tag: latest)")
    parser.add_argument("folder", nargs="?", default="policy", metavar="DIR", help="policies and data (policy)")
    parser.add_argument("-d", "--data", action="append", metavar="DIR", help="data (default: that of DIR)")
    parser.add_argument("--bundle", metavar="FILE", type=Path, help="send this bundle instead of making one of DIR")
    parser.add_argument("--form", choices=("both", "files", "bundle"), default="both", help="(default: both)")
    parser.add_argument("-r", "--revision", default="", help="what the bundle's manifest says as revision")
    parser.add_argument("--rego-version", choices=("auto", "v0", "v1"), default="auto", help="(default: auto)")
    parser.add_argument("--key", type=Path, help="private key file of cosign's format, to sign with")
    add_registry(parser)
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Compile, send, sign."""
    from datetime import UTC, datetime

    from graven.cli.keyfiles import open_private
    from graven.engines.policyregistry import PolicyRegistry

    wanted = reference(args.reference)
    key = open_private(args.key) if args.key else None
    image = _image(args)
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - the command is its own clock
    with registry_of(args, wanted.host) as registry:
        digest = PolicyRegistry(registry, wanted.repository).push(image, wanted.target, key=key, created=created)
    pinned = f"oci://{wanted.host + '/' if wanted.host else ''}{wanted.repository}@{digest}"
    done = {"reference": args.reference, "digest": str(digest), "pinned": pinned, "signed": key is not None}
    emit(args, done, lambda: _show(done))
    return 0


def _show(done: dict[str, Any]) -> None:
    sys.stdout.write(f"{done['pinned']}{'' if done['signed'] else '  (not signed)'}\n")


def _image(args: argparse.Namespace) -> PolicyImage:
    from graven.cli.keyfiles import read
    from graven.decide import bundle, policyimage

    about = {"org.opencontainers.image.revision": args.revision} if args.revision else {}
    files: dict[str, bytes] = {}
    if args.bundle:
        packed = read(args.bundle, most=policyimage.MAX_BYTES)
        held = bundle.parse(packed, where=str(args.bundle))
        _compiles(held.modules, held.data, args.rego_version)
        files = {path: data for path, data in held.files.items() if not path.rpartition("/")[2].startswith(".")}
    else:
        files, packed = _packed(args)
    return policyimage.make(
        {} if args.form == "bundle" else files, None if args.form == "files" else packed, annotations=about
    )


def _packed(args: argparse.Namespace) -> tuple[dict[str, bytes], bytes]:
    """Read the folders; give the files by their paths below them, and the bundle that says the same."""
    from graven.decide import bundle
    from graven.engines.policydirs import load_data, load_policies

    roots = args.data or [args.folder]
    modules = {_below(path, [args.folder]): text for path, text in load_policies([args.folder]).items()}
    data = load_data(roots)
    _compiles(modules, data, args.rego_version)
    files = {path: text.encode() for path, text in modules.items()}
    for root in roots:
        files |= {_below(str(path), roots): path.read_bytes() for path in _documents(Path(root))}
    manifest = {"revision": args.revision, "roots": [""]}
    if args.rego_version != "auto":
        manifest["rego_version"] = int(args.rego_version[1])
    parts = {path: text.encode() for path, text in modules.items()}
    parts |= {"data.json": _json(data), ".manifest": _json(manifest)}
    return files, bundle.render(bundle.of_files(parts))


def _documents(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    return [path for path in sorted(root.rglob("*")) if path.suffix in (".json", ".yaml", ".yml") and path.is_file()]


def _below(path: str, roots: list[str]) -> str:
    for root in map(Path, roots):
        place = Path(path)
        if place == root:
            return place.name
        if place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    return Path(path).name


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True, default=str).encode()


def _compiles(modules: Mapping[str, str], data: object, version: Version) -> None:
    """Refuse to send what does not compile.

    Raises:
        PolicyErrors: what is wrong.
    """
    from graven.engines.compiled import compiled
    from graven.engines.ownbuiltins import artifact_builtins, conftest_builtins

    own = (*conftest_builtins(modules), *artifact_builtins(modules))
    compiled(modules, data=data, version=version, builtins=own)
