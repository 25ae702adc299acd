"""Random texts of each format, from grammars: what is in marks stands for one of its forms, with ``*`` for up to four of them.

The first form of each name must come to an end by itself; it is taken where a text has become deep. ``damaged`` spoils a text a little,
so that what is refused is compared too.
"""

from __future__ import annotations

import re
from random import Random

__all__ = ["GRAMMARS", "damaged", "written"]

_MARK = re.compile(r"«(\w+)(\*?)»")
_DEEP = 9

GRAMMARS: dict[str, dict[str, list[str]]] = {
    "hocon": {
        "text": ["a {\nx = 1\nl = [1, 2]\no { y = z w }\n}\n«object»", "{\na { x = ${?none} }\n«object» }"],
        "object": ["o«id» {\n«entry*»}\n«object»", "", "a.b { «entry»}\n", "c { x = 1 }\nc { «entry»}\n"],
        "entry": [
            "k«id» = «value»\n", "«key» = «value»\n", "«key» : «value»,", "«key» {\n«entry*»}\n", "«key».«key» = «value»\n", "# «word»\n", "k«id» = «value»\nk«id» += «value»\n", "«key» += «value»\n",
            "// c\n", "«key» = «value» # «word»\n", "k«id» = ${?«path»}\n",
        ],
        "key": ["a", "b", "c«id»", '"q k"', "two words", "d-e", "1", "é"],
        "path": ["a.x", "a.l", "a.o", "a.o.y", "none", "a.b.c"],
        "value": [
            "«word»", "«word»", '"«inner»"', "[«items»]", "{«entry*»}", "«word» «word»", '"""«inner»\n"x" """', "null", "«word»  \t«word»",
            '"«inner»" «word»', "[]", "{}", "[1,2] [3]", '"a" "b"', "1.50 MB", "[\n«word»\n«word»\n]", '""', '" x "',
        ],
        "items": ["1", "«word»", "«word»,«word»", "«word», «word»,", "a\n b\n", "{k«id» = «word»}, {k«id» = «word»}", "[«items»]", '"«inner»"'],
        "word": ["x", "1", "-2.5", "true", "yes", "t", "0x1F", "1e3", "10s", "a.b", "a/b", "é", "1_0", "a-b", "FALSE", "'q'"],
        "inner": ["x", "a b", "\\n", '\\"', "\\u00e9", "\\\\", "", "  ", "1", "true", "#", "${a}", "é"],
    },
    "xml": {
        "text": ["«head»«element»«tail»"],
        "head": ["", '<?xml version="1.0"?>\n', '<?xml version="1.0" encoding="UTF-8"?><!-- c -->', "<!DOCTYPE a>", "\n <?pi x?>"],
        "tail": ["", "\n", "<!-- c -->", "\n<?pi?>"],
        "element": [
            "<«name»/>", "<«name» «attribute*»/>", "<a «attribute*»>«content*»</a>", "<b>«content*»</b >", "<n:c xmlns:n='u'>«content*»</n:c>",
            "<d>«content*»</d>",
        ],
        "name": ["a", "b", "c-d", "e.f", "_g", "x:y", "é", "a1"],
        "attribute": ['«name»«id»="«quoted»"\n', "«name»«id» = '«quoted»' ", 'xmlns:n«id»="u" '],
        "quoted": ["", "v", " v ", "&lt;&amp;", "&#65;&#x42;", ">", "é", "&quot;", "&apos;"],
        "content": [
            "«element»", "x", " ", "\n  ", "<!-- c -->", "<![CDATA[ <x> ]]>", "&lt;", "a b", "&#xA0;", "<?p i?>", "é", "1", "\u2003", "«element»\n",
            "]]", "&gt; y", "\u200b",
        ],
    },
    "spdx": {
        "text": [
            (
                "SPDXVersion: SPDX-«version»\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: «value»\nDocumentNamespace: https://x/«id»\n"
                "«document*»Creator: Tool: «word»\n«creation*»Created: 2020-01-01T00:00:00Z\n«file*»«package*»«licence*»«review*»"
            ),
        ],
        "version": ["2.3", "2.2", "2.1", "2.0"],
        "document": ["DocumentComment: «value»\n", "ExternalDocumentRef: DocumentRef-a http://x SHA1:aa\n", "# c\n", "\n",
                     "ExternalDocumentRef: DocumentRef-b http://y SHA256: bb\n"],
        "creation": ["Creator: «agent»\n", "LicenseListVersion: 3.«id»\n", "CreatorComment: «value»\n", "«relation»", "«note»"],
        "agent": ["Person: «word» (a@b)", "Organization: «word»", "Tool: t-1"],
        "relation": [
            "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-P1\n", "Relationship: SPDXRef-P1 DEPENDS_ON NONE\nRelationshipComment: «value»\n",
            "Relationship: DocumentRef-a:SPDXRef-P1 CONTAINS NOASSERTION\n", "Relationship: SPDXRef-P1 CONTAINED_BY DocumentRef-a:SPDXRef-2\n",
        ],
        "note": [
            "Annotator: «agent»\nAnnotationDate: 2020\nAnnotationType: REVIEW\nSPDXREF: SPDXRef-P1\nAnnotationComment: «value»\n",
            "Annotator: «agent»\nAnnotationComment: «value»\n",
        ],
        "package": ["PackageName: «word»\nSPDXID: SPDXRef-P«id»\n«packed*»«packed*»«file*»"],
        "packed": [
            "PackageVersion: «value»\n", "PackageFileName: «value»\n", "PackageSupplier: «agent»\n", "PackageSupplier: NOASSERTION\n",
            "PackageOriginator: «agent»\n", "PackageDownloadLocation: «value»\n", "FilesAnalyzed: «truth»\n",
            "PackageVerificationCode: aa«excludes»\n", "PackageChecksum: SHA1: aa«id»\n", "PackageChecksum: «algorithm»: bb\n",
            "PackageHomePage: «value»\n", "PackageSourceInfo: «value»\n", "PackageLicenseConcluded: «value»\n",
            "PackageLicenseInfoFromFiles: «value»\n", "PackageLicenseDeclared: «value»\n", "PackageLicenseComments: «value»\n",
            "PackageCopyrightText: «value»\n", "PackageSummary: «value»\n", "PackageDescription: «value»\n", "PackageComment: «value»\n",
            "PackageAttributionText: «value»\n", "ExternalRef: «category» purl pkg:a/b@1\n", "PrimaryPackagePurpose: «value»\n",
            "ExternalRef: SECURITY cpe23Type cpe:2.3:a\nExternalRefComment: «value»\n", "BuiltDate: «value»\n", "ReleaseDate: «value»\n",
            "ValidUntilDate: «value»\n", "«relation»", "«note»",
        ],
        "excludes": ["", " (excludes: ./a.spdx)", " (excludes: ./a, ./b)", "(excludes:x"],
        "category": ["SECURITY", "PACKAGE-MANAGER", "PACKAGE_MANAGER", "OTHER", "PERSISTENT-ID", "x"],
        "algorithm": ["SHA256", "MD5", "BLAKE3", "SHA3-256", "sha1", "ADLER32"],
        "truth": ["true", "false", "yes", "TRUE", ""],
        "file": ["FileName: ./«word»\nSPDXID: SPDXRef-F«id»\n«filed*»«filed*»«snippet*»"],
        "filed": [
            "FileType: SOURCE\n", "FileChecksum: SHA1: aa\n", "LicenseConcluded: «value»\n", "LicenseInfoInFile: «value»\n", "LicenseComments: «value»\n",
            "FileCopyrightText: «value»\n", "FileComment: «value»\n", "FileNotice: «value»\n", "FileContributor: «value»\n",
            "FileAttributionText: «value»\n", "FileDependency: «value»\n", "«relation»", "«note»",
            "ArtifactOfProjectName: «word»\nArtifactOfProjectHomePage: «value»\nArtifactOfProjectURI: «value»\n", "ArtifactOfProjectName: p\n",
        ],
        "snippet": [
            "SnippetSPDXID: SPDXRef-S«id»\nSnippetFromFileSPDXID: SPDXRef-F1\nSnippetByteRange: 1:2\nSnippetLineRange: 3:4\nSnippetLicenseConcluded: MIT\n",
            "SnippetSPDXID: SPDXRef-S«id»\nSnippetName: «value»\nSnippetComment: «value»\nSnippetCopyrightText: «value»\n",
        ],
        "licence": ["LicenseID: LicenseRef-«id»\nExtractedText: «value»\nLicenseName: «value»\nLicenseCrossReference: http://x\nLicenseComment: «value»\n"],
        "review": ["Reviewer: «agent»\nReviewDate: 2020-01-01\nReviewComment: «value»\n"],
        "value": ["«word»", "«word» «word»", "<text>«word»\n«word»</text>", "NOASSERTION", "", "a: b", "<text></text>", "  x  ", "<text> a </text> z"],
        "word": ["x", "MIT", "é", "1.0", "(A OR B)", "#h", "a:b"],
    },
    "textproto": {
        "text": ["# proto-message: test.v1.Thing\n«field*»«field*»", "# proto-message: known.v1.Known\n«known»«known»"],
        "known": [
            "at { seconds: «whole» nanos: «whole» }\n", "wait { seconds: «whole» nanos: «whole» }\n", "number { value: «whole» }\n", "flag {}\n",
            "free { fields { key: 'a' value { «any» } } }\n", "values { «any» }\n", "mask { paths: 'a_b' paths: «string» }\n", "waits { key: 'k' value { seconds: «whole» } }\n",
            "Pair { left: «string» }\n", "row { n: «whole» }\n", "[known.v1.note]: «string»\n", "[known.v1.marks]: [«whole», «whole»]\n", "[known.v1.inside] { «known» }\n",
            "any { [a.b/test.v1.Inner] { «inner» } }\n", "empty {}\n", "any { [x/google.protobuf.Duration] { seconds: «whole» } }\n",
        ],
        "any": ["number_value: «real»", "string_value: «string»", "bool_value: «truth»", "null_value: NULL_VALUE", "list_value { values { «any» } }", "struct_value {}", ""],
        "whole": ["1", "0", "-1", "120000000", "999999999", "253402300799", "5000", "-62135596800"],
        "field": [
            "name: «string»\n", "i32: «integer» ", "i64: «integer»;", "u64: «integer»,\n", "b: «truth»\n", "data: «string»\n", "d: «real»\n",
            "f: «real»\n", "kind: «kind»\n", "tags: «string»\n", "tags: [«string», «string»]\n", "inners { «inner» }\n", "inners: [{«inner»}, <«inner»>]\n",
            "inner: { «inner» }\n", "inner <«inner»>\n", "counts { key: «string» value: «integer» }\n", "counts: [{key: «string»}, {value: 2}]\n",
            "byname { key: «string» value { «inner» } }\n", "opt: «integer»\n", "left: «string»\n", "right: «integer»\n", "nested { deep: «deep» }\n",
            "longs: [«integer»,«integer»]\n", "longs: «integer»\n", "kinds { key: «truth» value: «kind» }\n", "camelCase: «integer»\n", "# c\n", "tags: []\n",
        ],
        "inner": ["", "s: «string»", "n: «integer»", "next { «inner» }", "s: «string» n: «integer»", "# c\n n: 1;"],
        "string": ['"x"', "'y'", '"a" \'b\'', '"\\n\\x41\\101"', '"é"', '""', '"\\u00e9"', '"a\\"b"', '"\\377"', '"\\U0001F600"', '"\\q"'],
        "integer": ["1", "0", "-1", "0x1F", "017", "2147483648", "-2147483648", "9223372036854775807", "18446744073709551615", "- 5", "1.0", "08", "+1"],
        "real": ["1.5", "1", "-0.0", "1e10", "1e400", "inf", "-inf", "nan", "1f", "1.5F", ".5", "0x10", "1.", "3.4028235e38", "1e39", "0.1", "-nan", "infinity"],
        "truth": ["true", "false", "t", "f", "True", "False", "1", "0", "TRUE", "yes", "0x1", "01"],
        "kind": ["KIND_A", "KIND_UNKNOWN", "1", "0", "-1", "KIND_NEG", "7", "NOPE", '"KIND_A"'],
        "deep": ["D0", "D1", "0", "1"],
    },
    "groovy": {
        "text": ["«statement»\n«statement»\n«statement»\n"],
        "block": ["{ }", "{\n«statement»\n}", "{ «statement»; «statement» }"],
        "statement": [
            "x = 1", "def «name» = «value»", "«name» = «value»", "«name» «value»", "«name»(«args»)", "if («value») «block»",
            "if («value») «block» else «block»", "for («name» in «value») «block»", "for (int i = 0; i < «value»; i++) «block»", "while («value») «block»",
            "try «block» catch (Exception e) «block»", "try «block» catch (A | B e) «block» finally «block»",
            "switch («value») {\ncase «value»:\n«statement»\nbreak\ndefault:\n«statement»\n}", "return «value»", "throw new «type»(«args»)",
            "def «name»(«parameters») «block»", "«type» «name» = «value»", "«type» «name»(«parameters») «block»", "import «path»", "import static «path».*",
            "@«type» «statement»", "«name» «name»: «value», «name»: «value»", "«name» «closure»", "«name»(«args») «closure»", "«name» {\n«statement»\n«statement»\n}",
            "assert «value» : «value»", "// c", "/* c */ «statement»", "«value»", "«name»++", "(a, b) = «value»", "def (a, b) = «value»", "final «name» = «value»",
            "private static «type» «name» = «value»", "«name» += «value»", "do «block» while («value»)", "l: for (i in x) { break l }", "synchronized (x) «block»",
            "«class»", "«value».«name» «value»", "int «name» = «value», b = 2", "«name» «value», «closure»", "try (A a = b()) «block»", "import a.B as C",
            "package a.b", "def <T> T «name»(T t) «block»", "«statement»;", "«name» «name» «value»",
        ],
        "class": [
            "class A { }", "class «type» extends B implements C, D {\n«member»\n«member»\n}", "interface I {\n«type» «name»(«parameters»)\n}",
            "enum E { A, B }", "enum E {\nA(1), B(2)\nint n\n}", "trait T {\n«member»\n}", "@interface An { String value() default 'x' }", "abstract class A<T> {\n«member»\n}",
            "@Field\nclass A {\n«member»\n}",
        ],
        "member": [
            "int x", "«type» «name»", "def «name» = «value»", "«type» «name»(«parameters») «block»", "A(«parameters») «block»", "static { «statement» }",
            "private final «type» «name» = «value»", "@Override\n«type» «name»(«parameters») «block»", "static main(args) «block»", "«class»", "abstract void f()", "{ «statement» }",
        ],
        "type": ["String", "List<String>", "int", "Map<String, List<A>>", "a.b.C", "int[]", "Object", "A", "void", "def"],
        "path": ["a.B", "java.util.List", "a.b.c"],
        "parameters": ["", "x", "int x, y", "«type» x = «value»", "String... xs", "def x, «type» y", "final x", "@A x"],
        "args": ["", "«value»", "«value», «value»", "a: «value»", "«value», b: «value»", "*x", "*: m", "'k': «value»", "(k): «value»"],
        "name": ["a", "foo", "sh", "Bar", "x1", "$d", "_u", "in1", "stage"],
        "closure": ["{ }", "{ it }", "{ x -> «statement» }", "{ int x, y = 1 -> «value» }", "{ -> «value» }", "{\n«statement»\n}", "{ a, b ->\n«statement»\n}"],
        "value": [
            "1", "'s'", "«name»", '"g ${«value»} $a.b"', "«value» + «value»", "[«value», «value»]", "[a: «value», 'b': «value»]", "[:]", "[]", "«closure»", "«name».«name»(«args»)",
            "«name»?.«name»", "new «type»(«args»)", "«value» ? «value» : «value»", "«value» ?: «value»", "!«value»", "-«value»", "(«value»)", "«value» as «type»", "«value» instanceof «type»",
            "«name»[«value»]", "1.5", "0x1F", "10L", "1e3", "'''m\nn'''", '"""m ${x}\n"""', "/re.*/", "$/d $x/$", "true", "null", "«value» == «value»", "«value» && «value»", "1..3", "0..<«value»",
            "«name»*.«name»", "«name».&«name»", "«name».@«name»", "«name»(«args») «closure»", "«name».«name» «closure»", "a =~ /x/", "«value» in «value»", "«value» <=> «value»", "«value» << «value»",
            "(int) «value»", "(String) «name»", "x -> «value»", "(x, y) -> «value»", "«name»::«name»", "a**2", "~/x/", "++a", "a--", "a.'b c'", 'a."${b}"', "new int[3]", "new A() { «member» }",
            "a !in b", "a !instanceof B", "[*a, 1]", "[*: a]", '"x"', "a ==~ b", "this.a", "super.b(1)", "[(a): 1]", "a?[0]", "-1.abs()", "'a\\'b'", "1_000", "a.class", "[\n1,\n2,\n]",
            "a\n.b()\n.c()", "a.b {\nit\n}.c()", "@A({ x }) b", "switch (a) { case 1 -> 2 }", "{ -> }", "a b c", "a.b c: 1", '"${-> x}"', '"$x"', '"\\$x"',
        ],
    },
    "cyclonedx": {
        "text": ['<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.«minor»" version="«number»" serialNumber="urn:uuid:«id»"><!-- c -->«bom»</bom>'],
        "minor": ["5", "4", "6", "3", "2", "1", "0", "7"],
        "number": ["1", "2"],
        "bom": [
            "<metadata><timestamp>2020</timestamp>«metadata»</metadata>", "<components>«component*»</components>", "<services>«service*»</services>",
            "<externalReferences>«reference*»</externalReferences>", "<dependencies>«dependency*»</dependencies>", "«properties»",
            "<compositions><composition><aggregate>complete</aggregate><assemblies><assembly ref='a'/></assemblies></composition></compositions>",
            "<vulnerabilities>«vulnerability*»</vulnerabilities>", "<annotations>«annotation*»</annotations>", "<formulation>«formula*»</formulation>",
            "<definitions><standards>«standard*»</standards><patents>«patent*»«patent*»</patents></definitions>", "<definitions/>", "<citations><citation bom-ref='c'><pointers><pointer>«word»</pointer></pointers><timestamp>t</timestamp><attributedTo ref='a'/><process>p</process></citation><citation><attributedTo/><expressions><expression>«word»</expression></expressions></citation></citations>", "<declarations>«declared*»</declarations>", "<x:unknown xmlns:x='u'>y</x:unknown>", "<!-- c -->",
        ],
        "metadata": [
            "<tools>«tool*»</tools>", "<tools><components>«component*»</components></tools>", "<authors><author><name>«word»</name><email>e</email></author></authors>",
            "«component»", "<supplier>«entity»</supplier>", "<manufacture>«entity»</manufacture>", "«licenses»", "«properties»",
            "<lifecycles><lifecycle><phase>build</phase></lifecycle><lifecycle><name>n</name><description>d</description></lifecycle></lifecycles>", "<manufacturer>«entity»</manufacturer>",
            "<tools><services>«service*»</services></tools>", "<distributionConstraints><tlp>«word»</tlp></distributionConstraints>",
        ],
        "tool": ["<tool><vendor>v</vendor><name>«word»</name><version>1</version><hashes>«hash*»</hashes></tool>", "<tool><name/></tool>"],
        "entity": ["<name>«word»</name>", "<url>«word»</url>", "<contact><name>«word»</name><email>e</email><phone>1</phone></contact>", "<address><country>x</country></address>"],
        "component": [
            '<component type="«type»"«attributes»><name>«word»</name>«part»</component>',
        ],
        "type": ["library", "application", "container", "", "machine-learning-model", "cryptographic-asset"],
        "attributes": ["", ' bom-ref="r«id»"', ' mime-type="a/b" bom-ref="r«id»"'],
        "part": [
            "<version>«word»</version>", "<group>«word»</group>", "<description>«word»</description>", "<scope>required</scope>", "<hashes>«hash*»</hashes>", "«licenses»",
            "<copyright>«word»</copyright>", "<cpe>c</cpe>", "<purl>pkg:a/b@1</purl>", "<swid tagId='t' name='n' tagVersion='1' patch='true'><text content-type='a' encoding='base64'>x</text></swid>",
            "<modified>true</modified>", "<pedigree><ancestors>«component*»</ancestors><commits><commit><uid>u</uid><author><name>n</name></author></commit></commits><notes>n</notes></pedigree>",
            "<externalReferences>«reference*»</externalReferences>", "«properties»", "<components>«component*»</components>", "<publisher>p</publisher>", "<author>a</author>",
            "<evidence><licenses><license><id>MIT</id></license></licenses><copyright><text>«word»</text></copyright></evidence>",
            "<evidence><identity><field>purl</field><confidence>0.«id»</confidence><methods><method><technique>a</technique><confidence>1</confidence></method></methods></identity></evidence>",
            "<evidence><occurrences><occurrence bom-ref='o'><location>l</location><line>3</line></occurrence></occurrences><callstack><frames><frame><module>m</module><line>2</line></frame></frames></callstack></evidence>",
            "<supplier>«entity»</supplier>", "<tags><tag>t</tag></tags>", "<releaseNotes><type>major</type><title>«word»</title><aliases><alias>a</alias></aliases><notes><note><locale>en</locale><text>x</text></note></notes></releaseNotes>",
            "<modelCard bom-ref='m'>«card»</modelCard>", "<patentAssertions>«assertion*»</patentAssertions>", "<data><type>dataset</type><name>n</name><contents><url>u</url></contents></data>", "<cryptoProperties>«crypto»</cryptoProperties>", "<omniborId>o</omniborId>", "<swhid>s</swhid>",
            "<manufacturer>«entity»</manufacturer>", "<authors><author><name>n</name></author></authors>", "<pedigree><patches><patch type='backport'><diff><text>t</text><url>u</url></diff><resolves><issue type='defect'><id>1</id><name>n</name><description>d</description><source><name>s</name></source><references><url>u</url></references></issue></resolves></patch></patches></pedigree>",
        ],
        "hash": ["<hash alg='SHA-1'>«word»</hash>", "<hash alg='SHA-256'> a </hash>", "<hash/>"],
        "licenses": ["<licenses><license><id>MIT</id></license></licenses>", "<licenses>«licence*»</licenses>", "<licenses><expression>MIT OR «word»</expression></licenses>", "<licenses/>",
                     "<licenses><expression bom-ref='e' acknowledgement='declared'>A</expression></licenses>",
                     "<licenses><expression-detailed expression='«type»' bom-ref='b'><details license-identifier='MIT'><text>«word»</text><url>u</url></details><details/></expression-detailed><license><id>B</id></license><expression>C</expression><license><id>D</id></license></licenses>"],
        "licence": ["<license><name>«word»</name></license>", "<license bom-ref='l' acknowledgement='concluded'><id>MIT</id><text content-type='t'>«word»</text><url>u</url></license>",
                    "<license><id>X</id><licensing><altIds><altId>a</altId></altIds><licensor><organization><name>o</name></organization></licensor><licenseTypes><licenseType>perpetual</licenseType></licenseTypes></licensing>«properties»</license>"],
        "reference": ["<reference type='vcs'><url>u«id»</url></reference>", "<reference type='website'><url>«word»</url><comment>c</comment><hashes>«hash*»</hashes></reference>"],
        "dependency": ["<dependency ref='a«id»'/>", "<dependency ref='b'>«dependency*»</dependency>", "<dependency ref='c'><dependency ref='d'/><provides ref='e'/></dependency>"],
        "properties": ["<properties><property name='n'>«word»</property></properties>", "<properties/>", "<properties><property name='a'/><property>«word»</property></properties>"],
        "service": ["<service bom-ref='s«id»'><name>«word»</name>«served»</service>"],
        "served": ["<version>1</version>", "<endpoints><endpoint>e</endpoint></endpoints>", "<authenticated>true</authenticated>", "<x-trust-boundary>false</x-trust-boundary>", "<trustZone>z</trustZone>",
                   "<data><classification flow='inbound'>PII</classification></data>", "<data><dataflow name='n' description='d'><classification flow='inbound'>PII</classification>«flowing»</dataflow></data>",
                   "<provider>«entity»</provider>", "«licenses»", "<services>«service*»</services>", "«properties»", "<externalReferences>«reference*»</externalReferences>"],
        "flowing": ["<source><url>u</url></source>", "<destination><url>u</url><url>v</url></destination>", "<governance><owners><owner><organization><name>o</name></organization></owner></owners></governance>"],
        "vulnerability": ["<vulnerability bom-ref='v«id»'><id>CVE-«id»</id>«rated»</vulnerability>"],
        "rated": ["<source><name>n</name><url>u</url></source>", "<ratings><rating><source><name>n</name></source><score>9.«id»</score><severity>high</severity><method>CVSSv3</method><vector>v</vector></rating></ratings>",
                  "<cwes><cwe>79</cwe><cwe>80</cwe></cwes>", "<description>«word»</description>", "<detail>«word»</detail>", "<recommendation>r</recommendation>", "<advisories><advisory><title>t</title><url>u</url></advisory></advisories>",
                  "<created>c</created>", "<credits><individuals><individual><name>n</name></individual></individuals></credits>", "<tools>«tool*»</tools>", "<analysis><state>resolved</state><responses><response>update</response></responses></analysis>",
                  "<affects><target><ref>r</ref><versions><version><version>1</version><status>affected</status></version><version><range>vers:a</range></version></versions></target></affects>", "«properties»",
                  "<references><reference><id>x</id><source><url>u</url></source></reference></references>", "<published>p</published>", "<workaround>w</workaround>", "<proofOfConcept><reproductionSteps>r</reproductionSteps></proofOfConcept>"],
        "annotation": ["<annotation bom-ref='x'><subjects><subject ref='s'/></subjects><annotator><individual><name>n</name></individual></annotator><timestamp>t</timestamp><text>«word»</text></annotation>",
                       "<annotation><annotator>«component»</annotator><text>x</text></annotation>"],
        "card": ["<modelParameters><task>t</task><architectureFamily>a</architectureFamily><modelArchitecture>m</modelArchitecture><approach><type>supervised</type></approach><inputs><input><format>f</format></input></inputs><outputs><output><format>f</format></output></outputs></modelParameters>",
                 "<quantitativeAnalysis><performanceMetrics><performanceMetric><type>t</type><value>v</value><confidenceInterval><lowerBound>1</lowerBound><upperBound>2</upperBound></confidenceInterval></performanceMetric></performanceMetrics></quantitativeAnalysis>",
                 "<considerations><users><user>u</user></users><useCases><useCase>u</useCase></useCases><technicalLimitations><technicalLimitation>t</technicalLimitation></technicalLimitations></considerations>", "«properties»", "<modelParameters><datasets>«dataset*»</datasets></modelParameters>",
                 "<considerations><environmentalConsiderations><energyConsumptions>«energy*»</energyConsumptions>«properties»</environmentalConsiderations></considerations>"],
        "crypto": ["<assetType>protocol</assetType><protocolProperties><type>tls</type><version>1</version>«suite*»<ikev2TransformTypes>«transforms*»</ikev2TransformTypes><cryptoRefArray ref='a'/><cryptoRefArray>b</cryptoRefArray>«asset»</protocolProperties>",
                   "<certificateProperties><signatureAlgorithmRef>a</signatureAlgorithmRef><subjectPublicKeyRef ref='k'/>«state*»<certificateExtensions>«extension*»</certificateExtensions>«asset»</certificateProperties>", "<relatedCryptoMaterialProperties><algorithmRef ref='a'/><securedBy><algorithmRef>x</algorithmRef></securedBy><size>0</size>«asset»</relatedCryptoMaterialProperties>",
                   "<assetType>algorithm</assetType>", "<oid>1.2</oid>", "<algorithmProperties><primitive>ae</primitive><parameterSetIdentifier>128</parameterSetIdentifier><cryptoFunctions><cryptoFunction>sign</cryptoFunction></cryptoFunctions><nistQuantumSecurityLevel>1</nistQuantumSecurityLevel></algorithmProperties>",
                   "<certificateProperties><subjectName>s</subjectName><notValidBefore>2020</notValidBefore></certificateProperties>"],
        "formula": ["<formula bom-ref='f'><components>«component*»</components><workflows>«workflow*»</workflows></formula>", "<formula><services>«service*»</services>«properties»</formula>"],
        "workflow": ["<workflow bom-ref='w'><uid>u</uid><name>n</name><taskTypes><taskType>build</taskType><taskType>«word»</taskType></taskTypes>«task*»</workflow>", "<workflow><tasks>«tasks*»</tasks><taskDependencies>«dependency*»</taskDependencies></workflow>"],
        "tasks": ["<task bom-ref='t«id»'><uid>«word»</uid>«task*»</task>"],
        "task": ["<description>«word»</description>", "<resourceReferences>«resource*»</resourceReferences>", "<inputs>«input*»</inputs>", "<outputs><output>«flow»<type>artifact</type></output>«output*»</outputs>", "<timeStart>s</timeStart><timeEnd>e</timeEnd>",
                 "<trigger bom-ref='t'><uid>u</uid><type>manual</type><event><uid>«word»</uid><timeReceived>t</timeReceived><data content-type='a'>«word»</data><source><ref>r</ref></source>«properties»</event><conditions><condition><expression>«word»</expression></condition></conditions><timeActivated>t</timeActivated><inputs>«input*»</inputs></trigger>",
                 "<steps><step><name>n</name><commands><command><executed>«word»</executed>«properties»</command></commands></step></steps>", "<runtimeTopology>«dependency*»</runtimeTopology>", "«properties»", "<workspaces><workspace bom-ref='w'><uid>u</uid><aliases><alias>«word»</alias></aliases><accessMode>read-only</accessMode><volume><mode>block</mode><persistent>false</persistent><remote>«truth»</remote></volume></workspace></workspaces>"],
        "truth": ["true", "false", " 1 ", ""],
        "resource": ["<resourceReference><ref>«word»</ref></resourceReference>", "<resourceReference><externalReference type='vcs'><url>u</url></externalReference></resourceReference>", "<resourceReference/>"],
        "input": ["<input>«flow»</input>", "<input><source><ref>s</ref></source><target><ref>t</ref></target>«flow»</input>"],
        "output": ["<output>«flow»</output>"],
        "flow": ["<resource><ref>«word»</ref></resource>", "<parameters><parameter><name>n</name><value>«word»</value><dataType>d</dataType></parameter></parameters>", "<environmentVars>«variable*»</environmentVars>", "<data encoding='base64'>«word»</data>", "«properties»"],
        "variable": ["<value>«word»</value>", "<environmentVar name='n'>«word»</environmentVar>", "<environmentVar/>", "<environmentVar name='a'/>"],
        "standard": ["<standard bom-ref='s'><name>n</name><version>1</version><requirements><requirement bom-ref='r'><identifier>i</identifier><title>«word»</title><descriptions><description>d</description></descriptions><openCre>CRE:1</openCre><openCre>«word»</openCre><parent>p</parent>«properties»</requirement></requirements><levels><level bom-ref='l'><title>t</title><requirements><requirement>«word»</requirement></requirements></level></levels></standard>", "<standard/>"],
        "patent": ["<patent bom-ref='p'><patentNumber>«word»</patentNumber><priorityApplication><jurisdiction>US</jurisdiction></priorityApplication><patentLegalStatus>granted</patentLegalStatus><patentAssignee><organization><name>«word»</name></organization></patentAssignee><patentAssignee><individual><name>n</name></individual></patentAssignee></patent>",
                   "<patentFamily bom-ref='f'><familyId>«word»</familyId><members><ref ref='a'/><ref>b</ref></members></patentFamily>", "<patent/>", "<patentFamily/>", "<patent><externalReferences>«reference*»</externalReferences></patent>"],
        "declared": ["<assessors><assessor bom-ref='a'><thirdParty>«truth»</thirdParty><organization>«entity»</organization></assessor></assessors>", "<claims><claim bom-ref='c'><target>t</target><predicate>«word»</predicate><evidence ref='e'/><evidence>x</evidence><counterEvidence ref='k'/><mitigationStrategies><mitigationStrategy ref='m'/></mitigationStrategies></claim></claims>",
                     "<attestations><attestation><summary>«word»</summary><assessor ref='a'/><map><requirement>r</requirement><claims><claim ref='c'/></claims><conformance><score>0.«id»</score><rationale>«word»</rationale></conformance><confidence><score>1</score></confidence></map><map/></attestation></attestations>",
                     "<evidence><evidence bom-ref='e'><propertyName>p</propertyName><data><name>n</name><contents><attachment>«word»</attachment></contents><sensitiveData>s</sensitiveData></data><created>t</created><author><name>«word»</name></author></evidence></evidence>",
                     "<targets><organizations><organization><name>«word»</name></organization></organizations><components>«component*»</components></targets>", "<affirmation><statement>«word»</statement><signatories><signatory><name>n</name><role>r</role><externalReference type='x'><url>u</url></externalReference></signatory></signatories></affirmation>"],
        "assertion": ["<patentAssertion bom-ref='a'><patentRefs><bom-ref ref='x'/><bom-ref>y</bom-ref></patentRefs><assertionType>license</assertionType><asserter>«asserter»</asserter><notes>«word»</notes></patentAssertion>", "<patentAssertion/>"],
        "asserter": ["<organization>«entity»</organization>", "<contact><name>«word»</name></contact>", "<ref ref='r'/>", "<ref/>", "", "<ref ref='r'/><contact/>"],
        "energy": ["<energyConsumption><activity>training</activity><activityEnergyCost><value>0.«id»1</value><unit>kWh</unit></activityEnergyCost>«consumed»</energyConsumption>", "<energyConsumption/>"],
        "consumed": ["<energyProviders bom-ref='p'><description>«word»</description><organization>«entity»</organization><energySource>coal</energySource><energyProvided><value>16777217</value></energyProvided></energyProviders>", "<energyProviders/>", "<co2CostEquivalent><value>3</value><unit>tCO2eq</unit></co2CostEquivalent>", "<co2CostOffset/>", "«properties»"],
        "dataset": ["<dataset><ref>«word»</ref></dataset>", "<dataset bom-ref='d'><type>dataset</type><name>«word»</name><contents><url>u</url><properties name='n'>«word»</properties></contents><sensitiveData>s</sensitiveData></dataset>", "<dataset/>", "<dataset><ref/><name>x</name></dataset>"],
        "suite": ["<cipherSuites><name>«word»</name><algorithms ref='a'/><algorithms>b</algorithms><identifiers>0xC0</identifiers><identifiers>«word»</identifiers><tlsGroups><group>x</group></tlsGroups></cipherSuites>", "<cipherSuites/>"],
        "transforms": ["<encr><name>«word»</name><keyLength>256</keyLength></encr>", "<encr> ref-«id» </encr>", "<ke><group>1</group></ke>", "<ke>r</ke>", "<prf/>", "<esn>«truth»</esn>", "<auth><algorithm>«word»</algorithm></auth>", "<integ>a<name>n</name></integ>", "<ke><group>0</group>x</ke>"],
        "state": ["<certificateState><state>active</state><reason>«word»</reason></certificateState>", "<certificateState><name>«word»</name><description>d</description><reason>r</reason></certificateState>", "<certificateState/>", "<certificateState><state>a</state><name>n</name></certificateState>"],
        "extension": ["<certificateExtension><commonExtensionName>keyUsage</commonExtensionName><commonExtensionValue>«word»</commonExtensionValue></certificateExtension>", "<certificateExtension><customExtensionName>«word»</customExtensionName></certificateExtension>", "<certificateExtension/>"],
        "asset": ["<relatedCryptographicAssets><relatedCryptographicAsset><type>t</type><ref>«word»</ref></relatedCryptographicAsset><relatedCryptographicAsset/></relatedCryptographicAssets>"],
        "word": ["x", "a b", " c ", "&amp;", "é", "1", "<![CDATA[d]]>", "", "\n e\n"],
    },
    "ini": {
        "text": ["«line*»«section*»«section*»"],
        "section": ["[s«id»]\n«line*»«line*»", "[a b]\n«line*»", "[DEFAULT]\n«line*»", "[s1.x]\n«line*»", "[a]\r\nk = v\r\n", "[ s ]\n«line*»", "[«key»] ; c\n«line*»", '[s "q"]\n«line*»'],
        "line": ["k«id» = «value»\n", "«key» = «value»\n", "«key»=«value»\n", "«key» : «value»\n", "; c\n", "# c\n", "\n", "  «key» = «value»\n", "«key» =\n", "«key»\n", "- = «value»\n",
                 "«key» = «value» \\\n  «value»\n", '«key» = """a\nb"""\n', "«key» = `a\nb`\n", "«key» = «value» ; c\n", "«key» = «value» # c\n", "«key»+=«value»\n"],
        "key": ["a", "b.c", "d e", '"q"', "`b`", "é", "A", "a[]", '"q = r"', '"""t"""', "'s'"],
        "value": ["x", "1", "1.5", "true", "t", "0", "0x1F", "1_000", "1e3", "a b", '"q"', "'s'", '"a ; b"', "%(a)s", "a=b", "a;b", "a\\#b", "inf", "'it''s'", '"open', "é", "`x ; y`", "a\\", '"a" b', "-1", "+2", "NaN", "Yes", "off"],
    },
    "properties": {
        "text": ["«line*»«line*»«line*»"],
        "line": ["k«id»=«value»\n", "«key»=«value»\n", "«key» : «value»\r\n", "«key» «value»\n", "# c\n", "! c\n", "\n", "  «key»=«value»\n", "«key»\n", "«key»=«value»\\\n   «value»\n", "«key»==«value»\n", "«key»=${«key»}\n", "=x\n", "«key»\t«value»\n"],
        "key": ["a", "b.c", "d\\ e", "é", "\\u0041", "a\\:b", "x/y", "a\\=b", "a\\nb"],
        "value": ["x", "1", "", "a b", "\\u00e9", "\\t|", "c:\\\\d", "${a}", "${", "a\\", "#n", " y ", "é", "\\q", "\\ud83d\\ude00", "\\u12", "${b.c} ${a}", "$a", "}", "a=b"],
    },
    "dotenv": {
        "text": ["«line*»«line*»"],
        "line": ["K«id»=«value»\n", "«key»=«value»\n", "export «key»=«value»\n", "# c\n", "\n", "  «key» = «value»\n", "«key»: «value»\n", "«key»=«value» # c\n", "«key»=\n", '«key»="a\nb"\n', "«key»='a\n#b'\n", "«key»\n", "«key»=«value»\r\n"],
        "key": ["A", "B_C", "d.e", "F1", "1X"],
        "value": ["x", "1", '"q r"', "'s t'", '"a\\nb"', "$A", "${A}z", "'$A'", '"$A ${B_C}"', "a b", "a#b", '"a # b"', "\\$A", '"\\$A"', "é", '"\\""', "''", '""', "a='b'", '"x', "$Z", "${", "$$A", "\"it's\"", "a\\ b", "'a\\nb'", "$a", "${A:-x}"],
    },
    "edn": {
        "text": ["«value»", " «value» ; c\n", "#_ «value» «value»"],
        "value": ["1", "«key»", "[«value*»]", "(«value*»)", "{«pair*»}", "#{«integer» 7 3}", "«atom»", "{:a «value»}", "[«value», «value»]", '#inst "2020-01-02T03:04:05Z"', "#my/tag «atom»", '#uuid "a"', "[#_«value» «value»]",
                  '#inst "2020-01-02T03:04:05.120+02:00"', '#base64 "aGk="'],
        "pair": [":k«id» «value» ", "«key» «value», ", "«atom» «value»\n", '"«id»" «value» '],
        "key": [":a", ":b/c", "d", '"s"', ":é", "e.f/g", "+", "-x", "->y", "a'"],
        "atom": ["«integer» ", "nil ", "true ", "false ", "\\a ", "\\newline ", "\\u0041 ", '"s t" ', '"\\n\\"\\u00e9" ', "1.5 ", "-2.5e10 ", ":kw ", "sym ", "3M ", "1e5 ", '"é" ', "-0 ", "0.1 ", "1234567.5 ", "/ ", "\\; ", '\\" '],
        "integer": ["1", "-2", "+3", "0", "9223372036854775807", "00", "1a"],
    },
    "nginx": {
        "text": ["«directive*»", "«directive*»http {\n«directive*»«server*»}\n", "«server»«directive*»"],
        "directive": ["worker_processes «word»;\n", "listen «word» «word»;\n", "# c\n", "root «word»; # c\n", "add_header X «quoted»;\n", "if ($a = «word») {\n«directive*»}\n", "events { worker_connections 1; }\n", "location «path» {\n«directive*»}\n",
                      "upstream u«id» {\n«upstream*»}\n", "include a.conf;\n", "return 301 https://$host$request_uri;\n", "rewrite ^/(.*)$ /x/$1 last;\n", "log_format main '$a \"$b\"'\n '$c';\n", "map $a $b {\ndefault 0;\n~*x 1;\n}\n", "set $x «quoted»;\n",
                      "content_by_lua_block {\n a = {1}\n}\n", "proxy_set_header H ${x}y;\n", "gzip on;\n", "server_name *.a b;\n", "limit_except GET { deny all; }\n", "types { text/html html htm; }\n"],
        "server": ["server {\n«directive*»}\n", "server { listen 80; «directive» }\n"],
        "upstream": ["server «word»;\n", "server a:80 weight=5 backup;\n", "server b max_fails=3 fail_timeout=30s down;\n", "keepalive 16;\n", "least_conn;\n", "server c backup a=1 weight=2;\n", "# c\n"],
        "path": ["/", "= /x", "~ \\.php$", "~* \\.(a|b)$", "@n", "^~ /i", '"/q r"'],
        "word": ["1", "80", "auto", "a.b:80", "$var", '"q r"', "'s;t'", "é", "10m", "a\\ b", "/p/q", "[::]:80"],
        "quoted": ['"a;b"', "'c{d'", '"e\\"f"', "g", '"$h"', "'#i'", '""'],
    },
    "ignore": {
        "text": ["«line*»«line*»«line*»"],
        "line": ["a\n", "*.log\n", "!b\n", "# c\n", "\n", "  x\n", "y  \n", "z\\ \n", "\\#h\n", "\\!n\n", "!\n", "#\n", "\t\n", "a\\b\n", "a\\\\ \n", "k\r\n", "  \n", "!  e  \n", "/**/d/\n", "# \n", "!#x\n", "q\\  \n"],
    },
    "toml": {
        "text": ["«pair*»«table*»«table*»"],
        "pair": ["k«id» = «value»\n", "«key» = «value»\n", "x«id».«key» = «value» # c\n", "# c\n", "\n", '"q k«id»" = «value»\n'],
        "table": ["[t«id»]\n«pair*»", "[[l]]\n«pair*»", "[s.b«id»]\n«pair*»", "[[l.m]]\n«pair*»", "[ 'q' . x«id» ]\n«pair*»"],
        "key": ["a", "b-c", "'d e'", '"f"', "1", "g_h", "''"],
        "scalar": ["1", "'s'", "[«scalar», «scalar»]", "1.5", "true", "[]"],
        "value": ["1", "'s'", '"t\\n\\u00e9"', "[«scalar», «scalar»]", "[{ a = «value» }, {}]", "{ a = «value», b.c = 1 }", "1.5", "true", "1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5", "07:32:00", "0x1F", "1_000", "1e3", "-0.0", '"""\na\\\n  b"""',
                  "'''c'd'''", "[\n1,\n2,\n]", "[]", "{}", "+1", "0o17", "0b11", "1979-05-27T07:32:00-07:00", "00:00:00.999999", "9223372036854775807", "9223372036854775808", "1979-05-27T07:32:00.123456789Z", "01", "07:32:00.120", "5e+22", "1979-02-30",
                  "{\n a = «value»,\n}", "{ # c\n a = «value»\n , b = {},}", '"\\e\\x41"', "'\\e'", "07:32", "1979-05-27T07:32Z", "1979-05-27 07:32", "{ a\n= 1 }", "{ a = 1,, }", "{,}", '{ "\\x41" = 1,}'],
    },
    "cue": {
        "text": [
            'n: 3\ns: "abc"\no: {a: 1}\nl: [1, 2]\n#D: {p: int, c?: string}\n«decl»',
            'n: 3\ns: "abc"\no: {a: 1}\nl: [1, 2]\n#D: {p: int, c?: string}\n«decl»«decl»',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {«tmember»}\nx: #D & {«member»}\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {«tmember»«tmember»}\nx: #D & {«member»}\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {«tmember»«tmember»}\nx: {#D\n«member»}\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {«tmember»«tmember»}\n_h: {«tmember»}\nx: _h & {«member»}\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: «choice»\nx: #D & {«member»}\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {p: _}\n_t: «type»\nx: _t & «fit»\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {p: _}\n_t: «choice»\n_u: «choice»\nx: _t & _u\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {«tmember»\n}\n#E: {#D\n«tmember»\n}\nx: #E & {«member»}\n',
            'n: 1\ns: "x"\no: {a: 5}\nl: [1, 2]\n#D: {«tmember»}\n#E: {e: #D, «tmember»}\nx: #E & {e: {«member»}}\n',
            "package p\n\nn: «num»\ns: «str»\no: {a: «num»}\nl: «list»\n#D: p: int\n",
            'n: 2\ns: "b"\no: {a: 1}\nl: [4, «num»]\nr: {«clauses» {«member»}}\nq: [for i, v in «iter» «clauses» {«fit»}]\n#D: {}\n',
        ],
        "tmember": [
            "«member»", "a: «type»\n", "b: «type»\n", "f: «type»\n", "e: {«tmember»}\n", "[string]: «type»\n", "c: «type»\n", "a?: «type»\n",
            "e: [...{«tmember»}]\n", "e?: {«tmember»«tmember»}\n", "p: «choice»\n",
        ],
        "decl": [
            "d«id»: «value»\n", "d«id»: «value»\nd1: «value»\n", '"q «id»": «value»\n', "d«id»: e: f: «value»\n", "// c\n", "d«id»: «value» // c\n",
            "_h«id»: «value»\n", "#E«id»: «value»\n", "let L«id» = «value»\nd«id»: L1\n", "if «bool» {d«id»: «value»}\n",
            'for k, v in «iter» {"\\(k)«id»": v}\n', "for v in «iter» «clauses» {d«id»: «value»}\n", "d«id»?: «value»\n", '"\\(s)«id»": «value»\n',
            '("y«id»"): «value»\n', "d«id»: «value» @go(a,b=c)\n", "o: c«id»: «value»\n", "[string]: _\n", "g«id»: [string]: «type»\ng«id»: a: «fit»\n",
            '[N="w"]: {name: N}\nw: {}\n', "V«id»=d«id»: «value»\ne«id»: V1\n", "d«id»: X={a: 1, b: X.a}\n", "d«id»: #D & {p: «fit»}\n",
            "d«id»: {#D\np: «fit»}\n", "d«id»: o & {«member*»}\n", "d«id»: close({«member*»})\nd«id»: {«member*»}\n", "o: {«member*»}\n", "l: [...«type»]\n",
            "n: «type»\n", "s: «type»\n", "d«id»: *«fit» | «type»\ne«id»: d1\n", "d«id»: «choice»\n", "d«id»: «choice»\nd«id»: {«member*»}\n",
            "d«id»: «choice» & «choice»\n", "d«id»: {«member*»}\nd«id»: {«member*»}\n", "d«id»: {#D, «member*»}\n", "d«id»: {o, «member*»}\n",
            "d«id»: («type» | «fit») & («fit» | «type»)\n", "d«id»!: «type»\nd«id»: «fit»\n",
        ],
        "member": [
            "a: «value»\n", "a: «fit»\n", "b: «type»\n", "b: «fit»\n", "c?: «type»\n", "c: «fit»\n", "p: «fit»\n", "a: b: «fit»\n", "e: {«member*»}\n",
            "e: «member»", "...\n", "[string]: «type»\n", "x«id»: «fit»\n", "f: *«fit» | «type»\n", "f: «type» | *«fit»\n", "f: «fit»\n", "if n > 1 {g: «fit»}\n",
            "c!: «type»\n", "_h: «fit»\n", "#d: «fit»\n", '[=~"^a"]: «type»\n', 'for k, v in {q: 1} {"\\(k)x": v}\n', "o\n", "#D\n", "e: [...{«member*»}]\n",
            "e: [{«member*»}, {«member*»}]\n", "e: {«member*»} | {«member*»}\n", '"a": «fit»\n', "e: #D\n", "a: n\n", "b: a\na: «fit»\n",
            "if c != _|_ {h: 1}\nc?: «type»\n", "let L = 1\ni: L\n",
        ],
        "struct": ["{a: 1}", "{a: «num»}", "{a: «value», b: a}", "{«member*»}", "{a: b: c: 1}", '{a: «str», "b c": «value»}', "{}", "{a: X={y: 1, z: X.y}}"],
        "list": [
            "[1, 2]", "[«value», «value»]", "[«num», ...]", "[...int]", "[for v in [1, 2, 3] if v > 1 {v * 2}]", '[for k, v in {a: 1, b: 2} {"\\(k)\\(v)"}]',
            "[]", "[{a: 1}, {a: 2}]", "[1, ...int] & [_, «num»]", "[\n1,\n2,\n]",
        ],
        "choice": [
            '{k: "a", p: int} | {k: "b", q: int}', "{a: int} | {b: int}", "*{a: 1} | {b: 2}", "({a: 1} | {b: 2}) & ({c: 1} | {d: 2})", "int | *1",
            "«type» | «fit»", "*«fit» | «type» | «fit»", "1 | 2 | *3", "(1 | *2) | 3", "*(1 | 2) | 3", "{a: *1 | int} | {a: string}", "null | {a: 1}",
            "string | [...string]", "{a: 1} | {a: 1}", "or([1, 2, n])", "close({a: int}) | close({a: int, b: int})", "*1 | *2 | int",
        ],
        "type": [
            "int", "string", "number", "_", "bool", ">0", "int & >=0", ">=0 & <=10", '=~"^a"', '!="x"', "uint8", "«fit» | «fit»", "string | int", "{...}",
            "[...]", "*1 | int", "float", "null | int", "!=null", "{a: int}", "[...int]", "<100", "int | *3", 'string | *"x"',
        ],
        "fit": ["1", '"abc"', "true", "5", "null", "1.5", "{a: 1}", "[1]", '"x"', "n", "s", "o.a", "l[0]", "-1", "0", "300"],
        "value": [
            "«num»", "«str»", "«bool»", "«struct»", "«list»", "null", "«type»", "«choice»", "o", "l", "x", "n", "#D", "'by\\x41'", "«fit»", "{«member*»}",
            "[«value»]", "(«value»)", "«value» & «type»", "«value» & «value»", "_h", "len(«iter»)", "and([int, 1])", "o & {z: 1}",
        ],
        "num": [
            "1", "2", "n", "0x1F", "1_000", "1.5", "1K", "2Mi", "«num» + «num»", "«num» * 2", "«num» - 1", "10 / 4", "6 / 3", "div(7, «num»)", "mod(-7, 3)",
            "len(s)", "o.a", "l[0]", "-«num»", "(«num»)", "1e3", "quo(-7, 2)", "rem(-7, 2)", "0.1 + 0.2", "1.0", "0b101", "l[1]", "n & int",
        ],
        "str": [
            '"x"', '"a\\(n)b"', "s", '"é\\n\\u00e9"', '"""\n  two\n  lines\n  """', '#"raw \\(n) "q" "#', '#"r\\#(n)"#', '"a" + "b"',
            '"ab" * 2', '"\\(s)-\\(n + 1)"', '""', "'''\n\tb\n\t'''", '"\\(o.a)"', '"\\(1.50)"', "s & string", '"\\""',
            '"""\n\ta\\("b")\n\n\t c\\t\n\t"""', '"\\("in\\(n)")"',
        ],
        "bool": [
            "true", "false", "n > 1", 's == "x"', "!«bool»", "«bool» && «bool»", "«bool» || false", 's =~ "^x"', "n != 2", "o.a != _|_", "o.zz == _|_",
            "o == {a: 1}", "l == [1, 2]", '"a" < "b"', "1 == 1.0", "n == null", "true == false",
        ],
        "iter": ["l", "o", "[1, 2]", "{a: 1, b: 2}", "{b: 2, a: 1, #h: 1, _j: 2}", "[{a: 1}, {a: 2}]", "x", "[]"],
        "clauses": ["if true", "if «bool»", "for j in [1, 2] if j > 1", "for j in l let q = j if q != 0", "for j in [1]"],
    },
}  # fmt: skip


def written(parser: str, random: Random) -> str:
    """Write a text of a format."""
    grammar = GRAMMARS[parser]
    count = 0

    def form(name: str, depth: int) -> str:
        nonlocal count
        if name == "id":
            count += 1
            return str(count)
        chosen = grammar[name][0] if depth > _DEEP else random.choice(grammar[name])

        def fill(mark: re.Match[str]) -> str:
            times = 1 if not mark[2] else 0 if depth > _DEEP else random.randrange(5)
            return "".join(form(mark[1], depth + 1) for _ in range(times))

        return _MARK.sub(fill, chosen)

    return form("text", 0)


def damaged(text: str, random: Random) -> str:
    """Take something away from a text, put it in twice, or exchange it with what stands elsewhere."""
    if not text:
        return text
    start, other = random.randrange(len(text)), random.randrange(len(text))
    end = start + random.choice((1, 1, 1, 2, 5))
    instead = random.choice(
        ("", text[start:end] * 2, text[other : other + 1], random.choice("\"'{}[]()<>=:;#\\/$\n ,.&x1"))
    )
    return text[:start] + instead + text[end:]
