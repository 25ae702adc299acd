"""Owns the shape of a CycloneDX document: which fields its objects have, and where they stand in its XML form.

A field is written ``json=xml>path:Type`` with what follows the type: ``@`` an attribute, ``#`` the text of the element,
``*`` a list, ``!`` there in JSON even when it is empty, ``+`` even when it is empty if its element is there, ``~`` null
if its element is not. Without ``=`` the element is called as the field, without ``:`` it is a string. From the
specification, versions 1.0 to 1.7, and the answers of conftest.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

__all__ = ["VERSIONS", "Field", "fields"]

VERSIONS = tuple(f"1.{minor}" for minor in range(8))

_COMMON = "externalReferences=externalReferences>reference:Reference* properties=properties>property:Property*"
_ASSETS = "relatedCryptographicAssets=relatedCryptographicAssets>relatedCryptographicAsset:Asset*"
_NAMED = (
    "bom-ref@ uid name description resourceReferences=resourceReferences>resourceReference:Resource*"
    " properties=properties>property:Property*"
)
_FLOWS = "inputs=inputs>input:Input* outputs=outputs>output:Output*"
_TASK = (
    f"{_NAMED} taskTypes=taskTypes>taskType* trigger:Trigger steps=steps>step:Step* {_FLOWS} timeStart timeEnd"
    " workspaces=workspaces>workspace:Workspace* runtimeTopology=runtimeTopology>dependency:Dependency*"
)
_INPUT = (
    "resource:Resource parameters=parameters>parameter:Parameter* environmentVars:Variables data:Text source:Resource"
    " target:Resource properties=properties>property:Property*"
)
_TABLE = {
    "Bom": "serialNumber@ version@:int! metadata:Metadata components=components>component:Component*"
    " services=services>service:Service* dependencies=dependencies>dependency:Dependency*"
    " compositions=compositions>composition:Composition* annotations=annotations>annotation:Annotation*"
    f" vulnerabilities=vulnerabilities>vulnerability:Vulnerability* {_COMMON}"
    " formulation=formulation>formula:Formula* declarations:Declarations definitions:Definitions"
    " citations=citations>citation:Citation*",
    "Metadata": "timestamp lifecycles=lifecycles>lifecycle:Lifecycle* tools:Tools authors=authors>author:Contact*"
    " component:Component manufacture:Entity manufacturer:Entity supplier:Entity licenses:Licenses"
    " properties=properties>property:Property* distributionConstraints:Constraints",
    "Constraints": "tlp",
    "Lifecycle": "name phase description",
    "Tool": "vendor name! version hashes=hashes>hash:Hash* externalReferences=externalReferences>reference:Reference*",
    "Component": "bom-ref@ mime-type@ type@! supplier:Entity manufacturer:Entity author authors=authors>author:Contact*"
    " publisher group name! version description scope hashes=hashes>hash:Hash* licenses:Licenses copyright cpe purl"
    " omniborId* swhid* swid:Swid modified:bool pedigree:Pedigree components=components>component:Component*"
    f" evidence:Evidence releaseNotes:ReleaseNotes tags=tags>tag* isExternal:bool versionRange {_COMMON}"
    " modelCard:ModelCard data:Data* cryptoProperties:Crypto"
    " patentAssertions=patentAssertions>patentAssertion:PatentAssertion*",
    "Entity": "bom-ref@ name! address:Address url* contact:Contact*",
    "Contact": "bom-ref@ name email phone",
    "Address": "bom-ref@ country region locality postOfficeBoxNumber postalCode streetAddress",
    "Hash": "alg@! content#!",
    "License": "bom-ref@ id name acknowledgement@ text:Text url licensing:Licensing"
    " properties=properties>property:Property*",
    "Choice": "license:License expression acknowledgement bom-ref expressionDetails:Detail* licensing:Licensing"
    " properties=properties>property:Property*",
    "Simple": "expression# acknowledgement@ bom-ref@",
    "Detailed": "expression@ acknowledgement@ bom-ref@ expressionDetails=details:Detail*",
    "Detail": "licenseIdentifier=license-identifier@! text:Text url",
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
    "Identity": "field confidence:single concludedValue methods=methods>method:Method* tools=tools>tool:Ref*",
    "Method": "technique confidence:single value",
    "Occurrence": "bom-ref@ location line@:int offset@:int symbol@ additionalContext@",
    "Callstack": "frames=frames>frame:Frame*",
    "Frame": "package module function parameters=parameters>parameter* line:int column:int fullFilename",
    "Copyright": "text#!",
    "Service": "bom-ref@ provider:Entity group name! version description endpoints=endpoints>endpoint*"
    " authenticated:bool x-trust-boundary:bool data=data>dataflow:Dataflow* licenses:Licenses"
    f" services=services>service:Service* releaseNotes:ReleaseNotes tags=tags>tag* trustZone {_COMMON}"
    " patentAssertions=patentAssertions>patentAssertion:PatentAssertion*",
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
    "ModelParameters": "approach:Approach task architectureFamily modelArchitecture datasets=datasets>dataset:Dataset*"
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
    " fairnessAssessments=fairnessAssessments>fairnessAssessment:Fairness* environmentalConsiderations:Environmental",
    "Environmental": "energyConsumptions=energyConsumptions>energyConsumption:Energy*"
    " properties=properties>property:Property*",
    "Energy": "activity! energyProviders:Provider*~ activityEnergyCost:Measure! co2CostEquivalent:Measure"
    " co2CostOffset:Measure properties=properties>property:Property*",
    "Provider": "bom-ref@ description organization:Entity~ energySource! energyProvided:Measure~"
    " externalReferences=externalReferences>reference:Reference*",
    "Measure": "value:single! unit!",
    "Dataset": "ref bom-ref@ type name contents:Contents classification sensitiveData* graphics:Graphics description"
    " governance:Governance",
    "Ethical": "name mitigationStrategy",
    "Fairness": "groupAtRisk benefits harms mitigationStrategy",
    "Data": "bom-ref@ type name contents:Contents classification sensitiveData* graphics:Graphics description"
    " governance:Governance",
    "Contents": "attachment:Text url properties:Property*",
    "Governance": "custodians=custodians>custodian:Responsible* stewards=stewards>steward:Responsible*"
    " owners=owners>owner:Responsible*",
    "Responsible": "organization:Entity contact:Contact",
    "Crypto": "assetType! algorithmProperties:Algorithm certificateProperties:Certificate"
    " relatedCryptoMaterialProperties:Material protocolProperties:Protocol oid",
    "Algorithm": "primitive parameterSetIdentifier algorithmFamily curve ellipticCurve executionEnvironment"
    " implementationPlatform certificationLevel* mode padding cryptoFunctions=cryptoFunctions>cryptoFunction*"
    " classicalSecurityLevel:int nistQuantumSecurityLevel:int",
    "Certificate": "serialNumber subjectName issuerName notValidBefore notValidAfter signatureAlgorithmRef:Ref"
    " subjectPublicKeyRef:Ref certificateFormat certificateExtension certificateFileExtension fingerprint:Hash"
    " creationDate activationDate deactivationDate revocationDate destructionDate certificateState:State*"
    " certificateExtensions=certificateExtensions>certificateExtension:Extension*"
    f" {_ASSETS}",
    "Asset": "type ref",
    "State": "state name! description reason",
    "Extension": "commonExtensionName commonExtensionValue customExtensionName! customExtensionValue",
    "Material": "type id state algorithmRef:Ref creationDate activationDate updateDate expirationDate value size:int"
    f" format securedBy:Secured fingerprint:Hash {_ASSETS}",
    "Secured": "mechanism algorithmRef:Ref",
    "Protocol": f"type version cipherSuites:Suite* ikev2TransformTypes:Transforms cryptoRefArray:Ref* {_ASSETS}",
    "Suite": "name algorithms:Ref* identifiers* tlsGroups=tlsGroups>group*"
    " tlsSignatureSchemes=tlsSignatureSchemes>signatureScheme*",
    "Transforms": "encr:Transform* prf:Transform* integ:Transform* ke:Exchange* esn:bool! auth:Transform*",
    "Transform": "name keyLength:int algorithm",
    "Exchange": "group:int algorithm",
    "Formula": "bom-ref@ components=components>component:Component* services=services>service:Service*"
    " workflows=workflows>workflow:Workflow* properties=properties>property:Property*",
    "Workflow": f"tasks=tasks>task:Task* taskDependencies=taskDependencies>dependency:Dependency* {_TASK}",
    "Task": _TASK,
    "Resource": "ref externalReference:Reference",
    "Trigger": f"{_NAMED} type event:Event conditions=conditions>condition:Condition* timeActivated {_FLOWS}",
    "Event": "uid description timeReceived data:Text source:Resource target:Resource"
    " properties=properties>property:Property*",
    "Condition": "description expression properties=properties>property:Property*",
    "Input": _INPUT,
    "Output": f"{_INPUT} type",
    "Parameter": "name value dataType",
    "Step": "name description commands=commands>command:Command* properties=properties>property:Property*",
    "Command": "executed properties=properties>property:Property*",
    "Workspace": f"{_NAMED} aliases=aliases>alias* accessMode mountPath managedDataType volumeRequest volume:Volume",
    "Volume": "uid name mode path sizeAllocated persistent:bool remote:bool properties=properties>property:Property*",
    "Declarations": "assessors=assessors>assessor:Assessor* attestations=attestations>attestation:Attestation*"
    " claims=claims>claim:Claim* evidence=evidence>evidence:Proven* targets:Targets affirmation:Affirmation",
    "Assessor": "bom-ref@ thirdParty:flag organization:Entity",
    "Attestation": "summary assessor:Ref map:Mapped*",
    "Mapped": "requirement claims=claims>claim:Ref* counterClaims=counterClaims>counterClaim:Ref*"
    " conformance:Conformance confidence:Confidence",
    "Conformance": "score:float rationale mitigationStrategies=mitigationStrategies>mitigationStrategy:Ref*",
    "Confidence": "score:float rationale",
    "Claim": "bom-ref@ target:Ref predicate mitigationStrategies=mitigationStrategies>mitigationStrategy:Ref* reasoning"
    " evidence:Ref* counterEvidence:Ref* externalReferences=externalReferences>reference:Reference*",
    "Proven": "bom-ref@ propertyName description data:ProvenData* created expires author:Contact reviewer:Contact",
    "ProvenData": "name contents:ProvenContents classification=data>classification:Unread sensitiveData*"
    " governance:Governance",
    "ProvenContents": "attachment:Text url",
    "Targets": "organizations=organizations>organization:Entity* components=components>component:Component*"
    " services=services>service:Service*",
    "Affirmation": "statement signatories=signatories>signatory:Signatory*",
    "Signatory": "name role organization:Entity externalReference:Reference",
    "Definitions": "standards=standards>standard:Standard* patents:Patents",
    "Standard": "bom-ref@ name version description owner requirements=requirements>requirement:Requirement*"
    " levels=levels>level:Level* externalReferences=externalReferences>reference:Reference*",
    "Requirement": f"bom-ref@ identifier title text descriptions=descriptions>description* openCre* parent {_COMMON}",
    "Level": "bom-ref@ identifier title description requirements=requirements>requirement*",
    "Patent": "bom-ref@ patentNumber! applicationNumber jurisdiction! priorityApplication:Priority publicationNumber"
    " title abstract filingDate grantDate patentExpirationDate patentLegalStatus! patentAssignee:Party*"
    " externalReferences=externalReferences>reference:Reference*",
    "PatentFamily": "bom-ref@ familyId! priorityApplication:Priority members=members>ref:Ref*"
    " externalReferences=externalReferences>reference:Reference*",
    "Priority": "applicationNumber! jurisdiction! filingDate!",
    "PatentAssertion": "bom-ref@ patentRefs=patentRefs>bom-ref:Ref* assertionType! asserter:Asserter~ notes",
    "Asserter": "organization:Entity individual=contact:Contact ref:Ref+",
    "Citation": "bom-ref@ pointers=pointers>pointer* expressions=expressions>expression* timestamp attributedTo:Ref+"
    " process note",
}


class Field(NamedTuple):
    """One field of an object."""

    name: str
    path: tuple[str, ...]
    """The elements in the XML form, down to it; attributes are named ``-name``, the text of the element is none."""
    kind: str
    """``str``, ``int``, ``float``, ``single``, ``bool``, ``flag`` (not told when false), or the name of a type."""
    several: bool = False
    marks: str = ""
    """Of ``!``, ``+`` and ``~``."""


@cache
def fields(kind: str) -> tuple[Field, ...]:
    """Give the fields of a type.

    >>> fields("Hash")[0]
    Field(name='alg', path=('-alg',), kind='str', several=False, marks='!')
    """
    return tuple(map(_field, _TABLE[kind].split()))


def _field(text: str) -> Field:
    head, _, kind = text.partition(":")
    marks = "".join(mark for mark in "@#*!+~" if mark in text)
    head, kind = head.rstrip("@#*!+~"), kind.rstrip("*!+~") or "str"
    name, _, path = head.partition("=")
    steps = (path or name).split(">") if "#" not in marks else []
    if "@" in marks:
        steps[-1] = f"-{steps[-1]}"
    return Field(name, tuple(steps), kind, "*" in marks, marks.strip("@#*"))
