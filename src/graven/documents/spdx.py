"""Owns the reading of SPDX documents in the tag-value form, versions 2.1 to 2.3, into the JSON form of 2.3.

As in conftest the version is always 2.3 in the result, and snippets and reviews are checked but left out. The JSON
form itself is read by ``json``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from graven.documents.faults import Text, decoded
from graven.documents.position import Document, Path, Position
from graven.documents.spdxtags import (
    ALGORITHMS,
    ALWAYS,
    ELEMENT,
    FIELDS,
    FOLLOWS,
    OPENS,
    REFERENCE,
    SINCE,
    VERSIONS,
    Pair,
)
from graven.documents.spdxtags import pairs as cut
from graven.errors import Malformed

__all__ = ["parse"]


class _Leaf(NamedTuple):
    """A value that stands in the text."""

    value: Any
    at: int


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read a document.

    >>> [found] = parse(b"SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: x\n")
    >>> found.value["name"], str(found.position(("name",)))
    ('x', 'line 3, column 15')

    Raises:
        Malformed: it is no SPDX in tags and values; says line and column.
    """
    text = Text(decoded(data, file), file)
    tree = _Reader(text).read()
    return (Document(_plain(tree), lambda: _places(tree, text), file),)


class _Reader:
    """Takes the pairs one by one, each as the part allows in which it stands."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.document: dict[str, Any] = {}
        self.version = VERSIONS[-1]
        self.part = "document"
        self.current: dict[str, Any] = self.document
        self.package: dict[str, Any] | None = None
        self.file: dict[str, Any] | None = None
        self.last: dict[str, dict[str, Any]] = {}
        """The annotation, relationship, reference and artifact that what follows may add to."""
        self.specials: dict[str, Callable[[Pair], None]] = {
            "SPDXID": self._identify, "ExternalDocumentRef": self._foreign, "Creator": self._creator,
            "PackageSupplier": self._party, "PackageOriginator": self._party, "FilesAnalyzed": self._analyzed,
            "PackageVerificationCode": self._code, "PackageChecksum": self._checksum, "FileChecksum": self._checksum,
            "ExternalRef": self._reference, "ExternalRefComment": self._remark, "Relationship": self._relationship,
            "RelationshipComment": self._remark, "Annotator": self._annotator, "ArtifactOfProjectName": self._artifact,
            "ArtifactOfProjectHomePage": self._remark, "ArtifactOfProjectURI": self._remark,
        }  # fmt: skip

    def read(self) -> dict[str, Any]:
        """Give the document."""
        pairs = list(cut(self.text))
        version = next((pair for pair in pairs if pair.tag == "SPDXVersion"), None)
        if version is None or version.value not in VERSIONS:
            got = f"the version {version.value[:40]!r}" if version else "no SPDXVersion"
            raise self.text.fault(f"got {got}, expected SPDX-2.1 to SPDX-2.3", version.at if version else 0)
        self.version = version.value
        for key in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace"):
            self.document[key] = _Leaf("SPDXRef-" if key == "SPDXID" else "", 0)
        self.document["creationInfo"] = _Leaf(None, 0)
        for pair in pairs:
            self._take(pair)
        self._close(len(self.text.text))
        self.document["spdxVersion"] = _Leaf("SPDX-2.3", version.at)
        return self.document

    def _take(self, pair: Pair) -> None:
        if self.part == "document" and not self._known(pair.tag):
            self.part = "creation"
            if not isinstance(self.document["creationInfo"], dict):
                self.document["creationInfo"] = {"creators": _Leaf(None, pair.at), "created": _Leaf("", pair.at)}
            self.current = self.document["creationInfo"]
        elif self.part == "creation" and pair.tag == "DocumentComment":
            self.part, self.current = "document", self.document
        if pair.tag not in {"ExternalRefComment", "ArtifactOfProjectHomePage", "ArtifactOfProjectURI"}:
            self.last.pop("ExternalRef", None)
            self.last.pop("ArtifactOfProjectName", None)
        opened = OPENS.get(pair.tag)
        if opened in FOLLOWS[self.part]:
            self._open(str(opened), pair)
        if not self._known(pair.tag):
            raise self._fault(pair, f"got the tag {pair.tag[:40]!r}, which is not for this part ({self.part})")
        special = self.specials.get(pair.tag)
        if special:
            special(pair)
        else:
            self._simple(pair)

    def _known(self, tag: str) -> bool:
        if tag in FIELDS[self.part]:
            return SINCE.get(tag, self.version) <= self.version
        if self.part == "document":
            return tag in {"SPDXID", "ExternalDocumentRef"}
        if tag in {"Relationship", "RelationshipComment", "Annotator"} or tag in FIELDS["annotation"]:
            return True
        if tag in {"Reviewer", "SnippetSPDXID"}:
            return OPENS[tag] == self.part
        return tag in {
            "creation": ("Creator",),
            "package": (
                "SPDXID", "PackageSupplier", "PackageOriginator", "FilesAnalyzed", "PackageVerificationCode",
                "PackageChecksum", "ExternalRef", "ExternalRefComment",
            ),
            "file": (
                "SPDXID", "FileChecksum", "ArtifactOfProjectName", "ArtifactOfProjectHomePage", "ArtifactOfProjectURI",
            ),
        }.get(self.part, ())  # fmt: skip

    def _open(self, part: str, pair: Pair) -> None:
        """Begin a package, a file, a licence, a snippet or a review."""
        if part in {"package", "file", "snippet"}:
            self._close(pair.at, only_file=part != "package" or self.part != "package")
        self.part = part
        empty = _Leaf("", pair.at)
        if part == "package":
            self.file = None
            self.current = self.package = {
                "name": empty, "SPDXID": _Leaf("SPDXRef-", pair.at), "downloadLocation": empty,
                "filesAnalyzed": _Leaf(value=True, at=pair.at),
            }  # fmt: skip
            if self.version != VERSIONS[-1]:
                self.package["packageVerificationCode"] = {"packageVerificationCodeValue": empty}
        elif part == "file":
            self.current = self.file = {
                "fileName": empty, "SPDXID": _Leaf("SPDXRef-", pair.at), "checksums": _Leaf(None, pair.at),
                "copyrightText": empty,
            }  # fmt: skip
        elif part == "licence":
            self.current = {"licenseId": empty, "extractedText": empty}
            self.document.setdefault("hasExtractedLicensingInfos", []).append(self.current)
        else:
            self.current = {}
            if part == "snippet":
                self._matching(ELEMENT, pair, pair.value)
            else:
                self._agent(pair, "Person", "Organization", "Tool")

    def _close(self, at: int, *, only_file: bool = False) -> None:
        """Refuse a file or a package that never got its identifier."""
        for name, each in (("file", self.file), ("package", None if only_file else self.package)):
            if each and each["SPDXID"].value == "SPDXRef-":
                raise self.text.fault(f"got a {name} without an SPDXID", at)

    def _simple(self, pair: Pair) -> None:
        if pair.tag in FIELDS["annotation"]:
            self._annotate(pair)
            return
        name = FIELDS[self.part].get(pair.tag, "")
        if name.endswith("*"):
            self.current.setdefault(name[:-1], []).append(_Leaf(pair.value, pair.at))
        elif name:
            self._set(self.current, self.part, name, pair)

    def _set(self, owner: dict[str, Any], part: str, name: str, pair: Pair) -> None:
        """Set a field; one that is empty is left out, unless the JSON form always has it."""
        if pair.value or f"{part} {name}" in ALWAYS:
            owner[name] = _Leaf(pair.value, pair.at)
        else:
            owner.pop(name, None)

    def _identify(self, pair: Pair) -> None:
        self.current["SPDXID"] = _Leaf(self._matching(ELEMENT, pair, pair.value), pair.at)
        if self.part == "package":
            self.document.setdefault("packages", []).append(self.current)
        elif self.part == "file":
            owner = self.document if self.package is None else self.package
            owner.setdefault("files", []).append(self.current)

    def _foreign(self, pair: Pair) -> None:
        words = pair.value.split()
        if len(words) == 4 and words[2].endswith(":"):
            words[2:] = ["".join(words[2:])]
        algorithm, colon, checksum = words[-1].partition(":") if words else ("", "", "")
        if len(words) != 3 or not colon or not words[0].removeprefix("DocumentRef-") != words[0] != "DocumentRef-":
            raise self._fault(pair, "got no DocumentRef-NAME URI ALGORITHM: CHECKSUM")
        found = {
            "externalDocumentId": _Leaf(words[0], pair.at), "spdxDocument": _Leaf(words[1], pair.at),
            "checksum": {"algorithm": _Leaf(algorithm, pair.at), "checksumValue": _Leaf(checksum, pair.at)},
        }  # fmt: skip
        self.document.setdefault("externalDocumentRefs", []).append(found)

    def _agent(self, pair: Pair, *kinds: str) -> str:
        kind, colon, name = (part.strip() for part in pair.value.partition(":"))
        if not colon or kind not in kinds or not name:
            raise self._fault(pair, f"got {pair.value[:40]!r}, expected {' or '.join(kinds)}, a colon and a name")
        return f"{kind}: {name}"

    def _creator(self, pair: Pair) -> None:
        if not isinstance(self.current["creators"], list):
            self.current["creators"] = []
        self.current["creators"].append(_Leaf(self._agent(pair, "Person", "Organization", "Tool"), pair.at))

    def _party(self, pair: Pair) -> None:
        value = pair.value if pair.value == "NOASSERTION" else self._agent(pair, "Person", "Organization")
        self.current[pair.tag.removeprefix("Package").lower()] = _Leaf(value, pair.at)

    def _analyzed(self, pair: Pair) -> None:
        if pair.value in {"true", "false"}:
            self.current["filesAnalyzed"] = _Leaf(pair.value == "true", pair.at)

    def _code(self, pair: Pair) -> None:
        code, excludes, rest = pair.value.partition("(excludes:")
        found: dict[str, Any] = {
            "packageVerificationCodeValue": _Leaf(code.strip() if excludes else pair.value, pair.at)
        }
        if excludes:
            found["packageVerificationCodeExcludedFiles"] = [_Leaf(rest.partition(")")[0].strip(), pair.at)]
        self.current["packageVerificationCode"] = found

    def _checksum(self, pair: Pair) -> None:
        algorithm, colon, value = (part.strip() for part in pair.value.partition(":"))
        if not colon or algorithm not in ALGORITHMS or SINCE.get(algorithm, self.version) > self.version:
            raise self._fault(pair, f"got {pair.value[:40]!r}, expected an algorithm of SPDX, a colon and a checksum")
        if not isinstance(self.current.get("checksums"), list):
            self.current["checksums"] = []
        self.current["checksums"].append(
            {"algorithm": _Leaf(algorithm, pair.at), "checksumValue": _Leaf(value, pair.at)}
        )

    def _reference(self, pair: Pair) -> None:
        words = pair.value.split()
        if len(words) != 3:
            raise self._fault(pair, f"got {len(words)} words, expected a category, a type and a locator")
        names = ("referenceCategory", "referenceType", "referenceLocator")
        words[0] = words[0].replace("_", "-")
        found: dict[str, Any] = {name: _Leaf(word, pair.at) for name, word in zip(names, words, strict=True)}
        self.current.setdefault("externalRefs", []).append(found)
        self.last["ExternalRef"] = found

    def _remark(self, pair: Pair) -> None:
        """Add to the reference, the relationship or the artifact that came before."""
        owner, name = {
            "ExternalRefComment": ("ExternalRef", "comment"),
            "RelationshipComment": ("Relationship", "comment"),
            "ArtifactOfProjectHomePage": ("ArtifactOfProjectName", "homePage"),
            "ArtifactOfProjectURI": ("ArtifactOfProjectName", "URI"),
        }[pair.tag]
        if owner not in self.last:
            raise self._fault(pair, f"got {pair.tag} without a {owner} before it")
        self._set(self.last[owner], owner, name, pair)

    def _relationship(self, pair: Pair) -> None:
        words = pair.value.split()
        if len(words) != 3:
            raise self._fault(pair, f"got {len(words)} words, expected an element, a relationship and an element")
        self._matching(REFERENCE, pair, words[0])
        if words[2] not in {"NONE", "NOASSERTION"} or self.version == VERSIONS[0]:
            self._matching(REFERENCE, pair, words[2])
        names = ("spdxElementId", "relationshipType", "relatedSpdxElement")
        found: dict[str, Any] = {name: _Leaf(word, pair.at) for name, word in zip(names, words, strict=True)}
        self.document.setdefault("relationships", []).append(found)
        self.last["Relationship"] = found

    def _annotator(self, pair: Pair) -> None:
        found = {
            "annotator": _Leaf(self._agent(pair, "Person", "Organization", "Tool"), pair.at),
            **{name: _Leaf("", pair.at) for name in ("annotationDate", "annotationType", "comment")},
        }
        self.document.setdefault("annotations", []).append(found)
        self.last["Annotator"] = found

    def _annotate(self, pair: Pair) -> None:
        if "Annotator" not in self.last:
            raise self._fault(pair, f"got {pair.tag} without an Annotator before it")
        if pair.tag == "SPDXREF":
            self._matching(REFERENCE, pair, pair.value)
        else:
            self.last["Annotator"][FIELDS["annotation"][pair.tag]] = _Leaf(pair.value, pair.at)

    def _artifact(self, pair: Pair) -> None:
        found = {"name": _Leaf(pair.value, pair.at), "homePage": _Leaf("", pair.at), "URI": _Leaf("", pair.at)}
        self.current.setdefault("artifactOfs", []).append(found)
        self.last["ArtifactOfProjectName"] = found

    def _matching(self, pattern: re.Pattern[str], pair: Pair, value: str) -> str:
        if not pattern.fullmatch(value):
            raise self._fault(pair, f"got {value[:60]!r}, expected SPDXRef- and a name")
        return value

    def _fault(self, pair: Pair, message: str) -> Malformed:
        return self.text.fault(message, pair.at)


def _plain(tree: Any) -> Any:
    if isinstance(tree, _Leaf):
        return tree.value
    if isinstance(tree, dict):
        return {key: _plain(each) for key, each in tree.items()}
    return [_plain(each) for each in tree]


def _first(tree: Any) -> int:
    """Give the first offset in a part of the tree."""
    while not isinstance(tree, _Leaf):
        tree = next(iter(tree.values() if isinstance(tree, dict) else tree))
    return tree.at


def _places(tree: Any, text: Text) -> dict[Path, Position]:
    found: dict[Path, Position] = {}
    waiting: list[tuple[Path, Any]] = [((), tree)]
    while waiting:
        path, part = waiting.pop()
        found[path] = text.position(_first(part))
        if not isinstance(part, _Leaf):
            pairs = part.items() if isinstance(part, dict) else enumerate(part)
            waiting += [((*path, key), each) for key, each in pairs]
    return found
