"""``graven keys``: makes, shows and imports signing keys in cosign's format; lists and rotates a server's own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli import keyfiles
from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table
from graven.errors import Conflict

if TYPE_CHECKING:
    from graven.evidence.keys import PrivateKey, PublicKey

__all__ = ["HELP", "configure", "run"]

HELP = """Make, show and import signing keys; list and rotate a server's own.

A key is ECDSA P-256 in two files, as cosign writes and reads them: PREFIX.key, encrypted with a password, and
PREFIX.pub. The password is COSIGN_PASSWORD or GRAVEN_KEY_PASSWORD, or is asked for; it may be empty.

examples:
  graven keys generate --out release
  graven keys show release.pub
  graven keys import old.pem --out imported
  graven keys list
  graven keys rotate
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    generate = verbs.add_parser("generate", help="make a key")
    generate.set_defaults(work=_generate)
    show = verbs.add_parser("show", help="show the public half and the fingerprint of a key file")
    show.set_defaults(work=_show)
    bring = verbs.add_parser("import", help="make a key file of a plain private key in PEM")
    bring.set_defaults(work=_import)
    for verb in (show, bring):
        verb.add_argument("file", type=Path)
    for verb in (generate, bring):
        verb.add_argument("--out", metavar="PREFIX", default="cosign", help="name of the two files (default: cosign)")
    listed = verbs.add_parser("list", help="list the keys with which the server signs and has signed")
    listed.set_defaults(work=_list)
    rotate = verbs.add_parser("rotate", help="let a new key of the server sign its promotions from now on")
    rotate.set_defaults(work=_rotate)
    for verb in (listed, rotate):
        add_server(verb)
    for verb in verbs.choices.values():
        add_output(verb)


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    args.work(args)
    return 0


def _generate(args: argparse.Namespace) -> None:
    import secrets

    from graven.evidence import keys

    _keep(args, keys.generate(secrets.token_bytes))


def _import(args: argparse.Namespace) -> None:
    from graven.evidence.keys import PrivateKey

    _keep(args, PrivateKey.parse(keyfiles.read(args.file)))


def _keep(args: argparse.Namespace, private: PrivateKey) -> None:
    import secrets

    from graven.evidence import keys

    named = {"private": Path(f"{args.out}.key"), "public": Path(f"{args.out}.pub")}
    for path in named.values():
        if path.exists():
            raise Conflict("there is such a file already", where=str(path), hint="give another name with --out")
    password = keyfiles.password(f"new password for {named['private']}: ", twice=True)
    sealed = keys.seal(private, password, entropy=secrets.token_bytes)
    keyfiles.write(named["private"], sealed, mode=0o600)
    keyfiles.write(named["public"], private.public.pem)
    done = {**{half: str(path) for half, path in named.items()}, "fingerprint": private.public.fingerprint}
    emit(args, done, lambda: _tell(done))


def _show(args: argparse.Namespace) -> None:
    public = _public(args.file)
    done = {"fingerprint": public.fingerprint, "hint": public.hint, "public": public.pem.decode()}
    emit(args, done, lambda: _tell(done))


def _public(path: Path) -> PublicKey:
    from graven.evidence.keys import PublicKey

    data = keyfiles.read(path)
    return keyfiles.open_private(path).public if b"PRIVATE KEY" in data else PublicKey.parse(data)


def _tell(done: dict[str, Any]) -> None:
    sys.stdout.write("".join(f"{name + ':':<13}{text}\n" for name, text in done.items()))


def _list(args: argparse.Namespace) -> None:
    with Client.of(args) as client:
        found = client.get("/api/v1/keys")
    rows = [(key["purpose"], key["fingerprint"], key["since"], key["until"] or "") for key in found["keys"]]
    emit(args, found, lambda: table(("purpose", "fingerprint", "since", "until"), rows))


def _rotate(args: argparse.Namespace) -> None:
    with Client.of(args) as client:
        done = client.post("/api/v1/keys/vsa")
    emit(args, done, lambda: _rotated(done))


def _rotated(done: dict[str, Any]) -> None:
    _tell(done)
    sys.stdout.write(
        "promotions are signed by it from now on; for the SBOMs that it signs to count, let the trust root name it:\n"
        "  graven keys list --output json          shows its public half\n"
        "  graven trust init trust.json; graven trust add-key trust.json --identity graven --public FILE "
        "--type 'https://cyclonedx.org/bom*' --type 'https://spdx.dev/Document*'; graven trust apply trust.json\n"
    )
