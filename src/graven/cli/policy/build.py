"""``graven policy build``: makes a bundle of rules and data, signed if a key is given."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli.policy.arguments import (
    add_capabilities,
    add_ignore,
    add_strict,
    add_version,
    policy_of,
    split,
    version_of,
)
from graven.cli.policy.flags import add_refused, add_target, add_unneeded, only
from graven.errors import GravenError, Malformed, NotFound, Unavailable

if TYPE_CHECKING:
    from graven.decide.bundle import Bundle
    from graven.engines.policyfiles import Loaded

__all__ = ["HELP", "configure", "run"]

HELP = """Make a bundle that graven, OPA and conftest load: rules, data and a manifest, as a tar.gz.

The rules must compile. The same files always give the same bytes. With --signing-key the bundle is signed as OPA's are;
with --verification-key what is built from (-b) must be signed by that key.

examples:
  graven policy build -b policies -o bundle.tar.gz
  graven policy build -b policies -o bundle.tar.gz --revision 7 --signing-key key.pem --signing-alg ES256
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="rules, data, folders; with -b bundles")
    parser.add_argument("-b", "--bundle", action="store_true", help="the paths are bundles or their folders")
    parser.add_argument("-o", "--output", default="bundle.tar.gz", metavar="FILE", help="default: bundle.tar.gz")
    parser.add_argument("-r", "--revision", metavar="TEXT", help="what the manifest says as revision")
    parser.add_argument("--signing-key", default="", metavar="KEY", help="a PEM file, or the secret of HS algorithms")
    parser.add_argument("--signing-alg", default="RS256", metavar="NAME", help="default: RS256")
    parser.add_argument("--claims-file", default="", metavar="FILE", help="JSON that the signature says too")
    parser.add_argument("--verification-key", default="", metavar="KEY", help="a PEM file, or the secret")
    parser.add_argument("--verification-key-id", default="default", metavar="NAME")
    parser.add_argument("--scope", default="", metavar="TEXT", help="what signatures must say as scope")
    parser.add_argument("--exclude-files-verify", action="append", default=[], metavar="NAME")
    _of_opa(parser)
    add_version(parser)
    add_strict(parser)
    add_capabilities(parser)
    add_ignore(parser)


def _of_opa(parser: argparse.ArgumentParser) -> None:
    """Add what else `opa build` knows."""
    for name in ("--debug", "--follow-symlinks", "--wasm-include-print"):
        add_unneeded(parser, name)
    add_unneeded(parser, "-e", "--entrypoint", value="PATH")
    for name, value in (("--partial-namespace", "NAME"), ("--format", "FORM"), ("--plan-addons", "NAME")):
        add_unneeded(parser, name, value=value)
    add_target(parser)
    kept = "the modules of a bundle are those that were written; `opa build -O` rewrites them"
    parser.add_argument("-O", "--optimize", type=only("0", kept), default="0", metavar="0", help=kept)
    pruned = "a bundle holds all that it is built from; leave files out with --ignore"
    add_refused(parser, "--prune-unused", why=pruned)
    add_refused(parser, "--signing-plugin", why="keys sign here: name one with --signing-key", value=True)


def run(args: argparse.Namespace) -> int:
    """Load, compile, bundle, sign, write."""
    from graven.decide.bundle import render

    try:
        content = render(_built(args))
    except GravenError as error:
        sys.stderr.write(f"error: {error}\n")
        return 3 if not isinstance(error, Malformed) else 1
    try:
        Path(args.output).write_bytes(content)
    except OSError as e:
        raise Unavailable(f"the bundle cannot be written: {e.strerror}", where=args.output) from e
    return 0


def _built(args: argparse.Namespace) -> Bundle:
    from graven.decide.bundle import of_files
    from graven.decide.bundlesignature import sign
    from graven.engines.policyfiles import load

    ignore = split(args.ignore)
    loaded = load((), args.paths, ignore=ignore) if args.bundle else load(args.paths, ignore=[*ignore, "*.tar.gz"])
    policy_of(loaded, args, strict=args.strict)
    bundle = of_files(_files(args, loaded, _manifest(args, ignore)))
    if not args.signing_key:
        if args.claims_file:
            raise Malformed("got claims but no key to sign them", hint="name one with --signing-key")
        return bundle
    claims = _claims(args.claims_file) if args.claims_file else None
    name = "" if claims is not None else args.verification_key_id
    return sign(bundle, _key(args), algorithm=args.signing_alg, key_id=name, claims=claims)


def _files(args: argparse.Namespace, loaded: Loaded, manifest: dict[str, Any]) -> dict[str, bytes]:
    from graven.cli.policy.golang import compact

    files = {"data.json": (compact(loaded.data) + "\n").encode()}
    for name, text in loaded.modules.items():
        files[name.lstrip("./")] = text.encode()
    if loaded.versions:
        own = f"v{manifest['rego_version']}"
        others = {
            f"/{name.lstrip('./')}": int(version[1]) for name, version in loaded.versions.items() if version != own
        }
        manifest |= {"file_rego_versions": others} if others else {}
    del args
    files[".manifest"] = (compact(manifest) + "\n").encode()
    return files


def _manifest(args: argparse.Namespace, ignore: list[str]) -> dict[str, Any]:
    """Join the manifests of the bundles that it is built from, each verified if a key is given."""
    from graven.engines.policyfiles import read_bundle

    roots, revision, metadata = [], "", dict[str, Any]()
    for path in args.paths if args.bundle else ():
        try:
            bundle = read_bundle(path, ignore)
        except OSError as e:
            raise NotFound(f"the bundle cannot be read: {e.strerror}", where=path) from e
        if args.verification_key:
            _verify(args, bundle)
        roots += bundle.manifest.roots
        revision = bundle.manifest.revision or revision
        metadata |= bundle.manifest.metadata
    manifest: dict[str, Any] = {
        "revision": revision if args.revision is None else args.revision,
        "roots": sorted(set(roots)) or [""],
        "rego_version": 0 if version_of(args) == "v0" else 1,
    }
    return manifest | ({"metadata": metadata} if metadata else {})


def _verify(args: argparse.Namespace, bundle: Bundle) -> None:
    from graven.decide.bundlesignature import VerificationKey, verify

    path = Path(args.verification_key)
    secret = args.signing_alg.startswith("HS") and not path.is_file()
    key = VerificationKey(args.verification_key if secret else _read(path).decode(), args.signing_alg, args.scope)
    exclude = split(args.exclude_files_verify)
    verify(bundle, {args.verification_key_id: key}, key_id=args.verification_key_id, scope=args.scope, exclude=exclude)


def _key(args: argparse.Namespace) -> Any:
    path = Path(args.signing_key)
    if args.signing_alg.startswith("HS"):
        return path.read_bytes().strip() if path.is_file() else args.signing_key.encode()
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(_read(path), None)
    except (ValueError, TypeError) as e:
        raise Malformed(f"got no private key that can be read: {e}", where=args.signing_key) from e


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise NotFound(f"the key cannot be read: {e.strerror}", where=str(path)) from e


def _claims(path: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(path).read_bytes())
    except OSError as e:
        raise NotFound(f"the claims cannot be read: {e.strerror}", where=path) from e
    except ValueError as e:
        raise Malformed(f"got no JSON: {e}", where=path) from e
    if not isinstance(found, dict):
        raise Malformed("got claims that are no object", where=path)
    return found
