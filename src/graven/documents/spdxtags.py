"""Owns the tags of SPDX's tag-value form: how a text is cut into pairs, and which tags are for which part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from graven.documents.faults import Text

__all__ = [
    "ALGORITHMS",
    "ALWAYS",
    "ELEMENT",
    "FIELDS",
    "FOLLOWS",
    "OPENS",
    "REFERENCE",
    "SINCE",
    "VERSIONS",
    "Pair",
    "pairs",
]

VERSIONS = ("SPDX-2.1", "SPDX-2.2", "SPDX-2.3")
_SECOND = frozenset({"SHA224", "SHA384", "SHA512", "MD2", "MD4", "MD6"})
_FIRST = frozenset({"SHA1", "SHA256", "MD5", *_SECOND})
ALGORITHMS = frozenset(
    (
        *_FIRST,
        *("SHA3-256", "SHA3-384", "SHA3-512"),
        *("BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3", "ADLER32"),
    )
)
_SIMPLE = {
    "document": "DocumentComment=comment SPDXVersion=spdxVersion DataLicense=dataLicense DocumentName=name"
    " DocumentNamespace=documentNamespace",
    "creation": "LicenseListVersion=licenseListVersion Created=created CreatorComment=comment",
    "package": "PackageName=name PackageVersion=versionInfo PackageFileName=packageFileName"
    " PackageDownloadLocation=downloadLocation PackageHomePage=homepage PackageSourceInfo=sourceInfo"
    " PackageLicenseConcluded=licenseConcluded PackageLicenseInfoFromFiles=licenseInfoFromFiles*"
    " PackageLicenseDeclared=licenseDeclared PackageLicenseComments=licenseComments PackageCopyrightText=copyrightText"
    " PackageSummary=summary PackageDescription=description PackageComment=comment BuiltDate=builtDate"
    " PrimaryPackagePurpose=primaryPackagePurpose ReleaseDate=releaseDate ValidUntilDate=validUntilDate"
    " PackageAttributionText=attributionTexts*",
    "file": "FileName=fileName FileType=fileTypes* LicenseConcluded=licenseConcluded"
    " LicenseInfoInFile=licenseInfoInFiles* LicenseComments=licenseComments FileCopyrightText=copyrightText"
    " FileComment=comment FileNotice=noticeText FileContributor=fileContributors* FileDependency=fileDependencies*"
    " FileAttributionText=attributionTexts*",
    "licence": "LicenseID=licenseId ExtractedText=extractedText LicenseName=name LicenseCrossReference=seeAlsos*"
    " LicenseComment=comment",
    "snippet": "SnippetLicenseConcluded= LicenseInfoInSnippet= SnippetLicenseComments= SnippetCopyrightText="
    " SnippetComment= SnippetName= SnippetAttributionText= SnippetByteRange= SnippetLineRange= SnippetFromFileSPDXID=",
    "review": "ReviewDate= ReviewComment=",
    "annotation": "AnnotationDate=annotationDate AnnotationType=annotationType AnnotationComment=comment SPDXREF=",
}
"""What the tags of each part become; ``*`` a list, nothing what is left out."""
FIELDS = {kind: dict(word.split("=") for word in words.split()) for kind, words in _SIMPLE.items()}
ALWAYS = frozenset(
    (
        *("document spdxVersion", "document dataLicense", "document name", "document documentNamespace"),
        *("creation created", "package name", "package downloadLocation", "file fileName", "file copyrightText"),
        *("licence licenseId", "licence extractedText", "ArtifactOfProjectName homePage", "ArtifactOfProjectName URI"),
    )
)
"""The fields that the JSON form has even when they are empty, each with its part."""
SINCE = {
    **dict.fromkeys(("PackageAttributionText", "FileAttributionText", "SnippetAttributionText"), "SPDX-2.2"),
    **dict.fromkeys(("BuiltDate", "PrimaryPackagePurpose", "ReleaseDate", "ValidUntilDate"), "SPDX-2.3"),
    **dict.fromkeys(ALGORITHMS - _FIRST, "SPDX-2.3"),
    **dict.fromkeys(_SECOND, "SPDX-2.2"),
}
"""The version that brought a tag or an algorithm, if it is not the first."""
OPENS = {
    "PackageName": "package", "FileName": "file", "LicenseID": "licence", "Reviewer": "review",
    "SnippetSPDXID": "snippet",
}  # fmt: skip
FOLLOWS = {
    "document": (),
    "creation": ("package", "file", "licence", "review"),
    "package": ("package", "file", "licence", "review"),
    "file": ("package", "file", "snippet", "licence", "review"),
    "snippet": ("package", "file", "snippet", "licence", "review"),
    "licence": ("licence", "review"),
    "review": ("review",),
}
"""Which parts may begin within which."""
ELEMENT = re.compile(r"SPDXRef-[^:]+")
REFERENCE = re.compile(r"(DocumentRef-[^:]+:)?SPDXRef-[^:]+")


class Pair(NamedTuple):
    """A tag, its value, and where that begins."""

    tag: str
    value: str
    at: int


def pairs(text: Text) -> Iterator[Pair]:
    """Cut a text into its tags and values.

    Raises:
        Malformed: a line has no colon, or a text is not closed.
    """
    at = 0
    while at < len(text.text):
        end = text.text.find("\n", at)
        end = len(text.text) if end < 0 else end
        line = text.text[at:end].removesuffix("\r")
        tag, colon, value = line.partition(":")
        if not line.strip() or line.lstrip()[0] == "#":
            at = end + 1
            continue
        if not colon:
            raise text.fault("got a line without a colon, expected a tag and a value", at)
        start = at + len(tag) + 1
        opened = value.find("<text>")
        if opened < 0:
            yield Pair(tag.strip(), value.strip(), start + len(value) - len(value.lstrip()))
        else:
            start += opened + len("<text>")
            close = text.text.find("</text>", start)
            if close < 0:
                raise text.fault("got <text> that is never closed", start)
            yield Pair(tag.strip(), text.text[start:close].replace("\r\n", "\n"), start)
            end = text.text.find("\n", close)
            end = len(text.text) if end < 0 else end
        at = end + 1
