# METADATA
# title: SBOM attached, signed and matching
# description: >-
#   A CycloneDX or SPDX document is attached to the artifact, is signed by an identity that is trusted for it, and lists
#   every package that was found inside.
# custom:
#   severity: high
#   remediation: Attach the bill of materials of this very digest, signed (graven sbom, then graven attest).
package graven.bill

deny contains {"msg": "no signed bill of materials is attached"} if {
	not attached
}

deny contains {"msg": msg, "evidence": evidence} if {
	attached
	not matching
	evidence := [proof | proof := input.sbom.evidence]
	msg := sprintf("the bill of materials does not say what is inside: %s", [difference])
}

matching if {
	input.sbom.matches == true
}

attached if {
	input.sbom.present == true
	input.sbom.verified == true
}

default difference := "it could not be compared"

difference := input.sbom.fault if {
	input.sbom.fault != ""
} else := sprintf("it lacks %d packages, the first is %s", [input.sbom.missing_count, input.sbom.missing[0]]) if {
	input.sbom.missing_count > 1
} else := sprintf("it lacks %s", [input.sbom.missing[0]]) if {
	input.sbom.missing_count == 1
}
