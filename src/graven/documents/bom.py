"""Owns the shape of a CycloneDX document: which fields its objects have, and where they stand in its XML form.

A field is written ``json=xml>path:Type`` with what follows the type: ``@`` an attribute, ``#`` the text of the element,
``*`` a list, ``!`` there in JSON even when it is empty. Without ``=`` the element is called as the field, without ``:``
it is a string. ``?`` marks what CycloneDX has and this table has not. From the specification, versions 1.0 to 1.7.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

__all__ = ["VERSIONS", "Field", "fields"]

VERSIONS = tuple(f"1.{minor}" for minor in range(8))

_COMMON = "externalReferences=externalReferences>reference:Reference* properties=properties>property:Property*"
_TABLE = {
    "Bom": "serialNumber@ version@:int! metadata:Metadata components=components>component:Component*"
    " services=services>service:Service* dependencies=dependencies>dependency:Dependency*"
    " compositions=compositions>composition:Composition* annotations=annotations>annotation:Annotation*"
    f" vulnerabilities=vulnerabilities>vulnerability:Vulnerability* {_COMMON}"
    " formulation:? declarations:? definitions:? citations:?",
    "Metadata": "timestamp lifecycles=lifecycles>lifecycle:Lifecycle* tools:Tools authors=authors>author:Contact*"
    " component:Component manufacture:Entity manufacturer:Entity supplier:Entity licenses:Licenses"
    " properties=properties>property:Property* distributionConstraints:?",
    "Lifecycle": "name phase description",
    "Tool": "vendor name! version hashes=hashes>hash:Hash* externalReferences=externalReferences>reference:Reference*",
    "Component": "bom-ref@ mime-type@ type@! supplier:Entity manufacturer:Entity author authors=authors>author:Contact*"
    " publisher group name! version description scope hashes=hashes>hash:Hash* licenses:Licenses copyright cpe purl"
    " omniborId* swhid* swid:Swid modified:bool pedigree:Pedigree components=components>component:Component*"
    f" evidence:Evidence releaseNotes:ReleaseNotes tags=tags>tag* isExternal:bool versionRange {_COMMON}"
    " modelCard:ModelCard data:Data* cryptoProperties:Crypto patentAssertions:?",
    "Entity": "bom-ref@ name! address:Address url* contact:Contact*",
    "Contact": "bom-ref@ name email phone",
    "Address": "bom-ref@ country region locality postOfficeBoxNumber postalCode streetAddress",
    "Hash": "alg@! content#!",
    "License": "bom-ref@ id name acknowledgement@ text:Text url licensing:Licensing"
    " properties=properties>property:Property*",
    "Licensing": "altIds=altIds>altId* licensor:Party licensee:Party purchaser:Party purchaseOrder"
    " licenseTypes=licenseTypes>licenseType* lastRenewal expiration",
    "Party": "organization:Entity individual:Contact",
    "Text": "content#! contentType=content-type@ encoding@",
    "Swid": "text:Text url@ tagId@! name@! version@ tagVersion@:int patch@:bool",
    "Pedigree": "ancestors=ancestors>component:Component* descendants=descendants>component:Component*"
    " variants=variants>component:Component* commits=commits>commit:Commit* patches=patches>patch:Patch* notes",
    "Commit": "uid url author:Action committer:Action message",
    "Action": "timestamp name email",
    "Patch": "diff:Diff resolves=resolves>issue:Issue* type@!",
    "Diff": "text:Text url",
    "Issue": "id! name description! source:Source references=references>url* type@!",
    "Source": "name url",
    "Reference": "url! comment hashes=hashes>hash:Hash* type@! properties=properties>property:Property*",
    "Property": "name@! value#!",
    "Evidence": "identity:Identity* occurrences=occurrences>occurrence:Occurrence* callstack:Callstack"
    " licenses:Licenses copyright=copyright>text:Copyright*",
    "Identity": "field confidence:float concludedValue methods=methods>method:Method* tools=tools>tool:Ref*",
    "Method": "technique confidence:float value",
    "Occurrence": "bom-ref@ location line@:int offset@:int symbol@ additionalContext@",
    "Callstack": "frames=frames>frame:Frame*",
    "Frame": "package module function parameters=parameters>parameter* line:int column:int fullFilename",
    "Copyright": "text#!",
    "Service": "bom-ref@ provider:Entity group name! version description endpoints=endpoints>endpoint*"
    " authenticated:bool x-trust-boundary:bool data=data>dataflow:Dataflow* licenses:Licenses"
    f" services=services>service:Service* releaseNotes:ReleaseNotes tags=tags>tag* trustZone {_COMMON}"
    " patentAssertions:?",
    "Dataflow": "flow=classification>flow@! classification! name@ description@ governance:Governance source=source>url*"
    " destination=destination>url*",
    "Composition": "bom-ref@ aggregate! assemblies=assemblies>assembly:Ref* dependencies=dependencies>dependency:Ref*"
    " vulnerabilities=vulnerabilities>vulnerability:Ref*",
    "Dependency": "ref@! dependsOn=dependency:Ref* provides:Ref*",
    "Vulnerability": "bom-ref@ id! source:Source references=references>reference:VulnerabilityReference*"
    " ratings=ratings>rating:Rating* cwes=cwes>cwe:int* description detail recommendation workaround"
    " proofOfConcept:Proof advisories=advisories>advisory:Advisory* created published updated rejected credits:Credits"
    " tools:Tools analysis:Analysis affects=affects>target:Affects* properties=properties>property:Property*",
    "VulnerabilityReference": "id source:Source",
    "Rating": "source:Source score:float severity method vector justification",
    "Proof": "reproductionSteps environment supportingMaterial=supportingMaterial>attachment:Text*",
    "Advisory": "title url!",
    "Credits": "organizations=organizations>organization:Entity* individuals=individuals>individual:Contact*",
    "Analysis": "state justification response=responses>response* detail firstIssued lastUpdated",
    "Affects": "ref! versions=versions>version:Affected*",
    "Affected": "version range status!",
    "Annotation": "bom-ref@ subjects=subjects>subject:Ref* annotator:Annotator timestamp text",
    "Annotator": "organization:Entity individual:Contact component:Component service:Service",
    "ReleaseNotes": "type! title featuredImage socialImage description timestamp aliases=aliases>alias* tags=tags>tag*"
    " resolves=resolves>issue:Issue* notes=notes>note:Note* properties=properties>property:Property*",
    "Note": "locale text:Text!",
    "ModelCard": "bom-ref@ modelParameters:ModelParameters quantitativeAnalysis:Analysed considerations:Considerations",
    "ModelParameters": "approach:Approach task architectureFamily modelArchitecture datasets:?"
    " inputs=inputs>input:Form* outputs=outputs>output:Form*",
    "Approach": "type",
    "Form": "format",
    "Analysed": "performanceMetrics=performanceMetrics>performanceMetric:Metric* graphics:Graphics",
    "Metric": "type value slice confidenceInterval:Interval",
    "Interval": "lowerBound upperBound",
    "Graphics": "description collection=collection>graphic:Graphic*",
    "Graphic": "name image:Text",
    "Considerations": "users=users>user* useCases=useCases>useCase*"
    " technicalLimitations=technicalLimitations>technicalLimitation*"
    " performanceTradeoffs=performanceTradeoffs>performanceTradeoff*"
    " ethicalConsiderations=ethicalConsiderations>ethicalConsideration:Ethical*"
    " fairnessAssessments=fairnessAssessments>fairnessAssessment:Fairness* environmentalConsiderations:?",
    "Ethical": "name mitigationStrategy",
    "Fairness": "groupAtRisk benefits harms mitigationStrategy",
    "Data": "bom-ref@ type name contents:Contents classification sensitiveData* graphics:Graphics description"
    " governance:Governance",
    "Contents": "attachment:Text url properties:?",
    "Governance": "custodians=custodians>custodian:Responsible* stewards=stewards>steward:Responsible*"
    " owners=owners>owner:Responsible*",
    "Responsible": "organization:Entity contact:Contact",
    "Crypto": "assetType! algorithmProperties:Algorithm certificateProperties:Certificate"
    " relatedCryptoMaterialProperties:Material protocolProperties:Protocol oid",
    "Algorithm": "primitive parameterSetIdentifier algorithmFamily curve ellipticCurve executionEnvironment"
    " implementationPlatform certificationLevel* mode padding cryptoFunctions=cryptoFunctions>cryptoFunction*"
    " classicalSecurityLevel:int nistQuantumSecurityLevel:int",
    "Certificate": "serialNumber subjectName issuerName notValidBefore notValidAfter signatureAlgorithmRef"
    " subjectPublicKeyRef certificateFormat certificateExtension certificateFileExtension fingerprint:Hash"
    " creationDate activationDate deactivationDate revocationDate destructionDate certificateState:?"
    " certificateExtensions:? relatedCryptographicAssets:?",
    "Material": "type id state algorithmRef creationDate activationDate updateDate expirationDate value size:int format"
    " securedBy:Secured fingerprint:Hash relatedCryptographicAssets:?",
    "Secured": "mechanism algorithmRef",
    "Protocol": "type version cipherSuites:? ikev2TransformTypes:? cryptoRefArray:? relatedCryptographicAssets:?",
}


class Field(NamedTuple):
    """One field of an object."""

    name: str
    path: tuple[str, ...]
    """The elements in the XML form, down to it; attributes are named ``-name``, the text of the element is none."""
    kind: str
    """``str``, ``int``, ``float``, ``bool``, ``?`` for what is not read, or the name of a type."""
    several: bool
    always: bool


@cache
def fields(kind: str) -> tuple[Field, ...]:
    """Give the fields of a type.

    >>> fields("Hash")[0]
    Field(name='alg', path=('-alg',), kind='str', several=False, always=True)
    """
    return tuple(map(_field, _TABLE[kind].split()))


def _field(text: str) -> Field:
    head, _, kind = text.partition(":")
    marks = "".join(mark for mark in "@#*!" if mark in text)
    head, kind = head.rstrip("@#*!"), kind.rstrip("*!") or "str"
    name, _, path = head.partition("=")
    steps = (path or name).split(">") if "#" not in marks else []
    if "@" in marks:
        steps[-1] = f"-{steps[-1]}"
    return Field(name, tuple(steps), kind, "*" in marks, "!" in marks)
