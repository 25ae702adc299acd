# METADATA
# title: Signed by a trusted identity
# description: >-
#   The artifact, or an index that lists it, carries a signature that verifies against a key of the trust root, by an
#   identity that the trust root lets speak for this repository. With `identities` set, by one of those.
# custom:
#   severity: critical
#   remediation: Sign the digest with the key of a trusted identity (graven sign, or cosign sign).
package graven.signed

import data.graven.settings

deny contains {"msg": "nobody trusted has signed this artifact"} if {
	not verified
}

deny contains {"msg": "the setting identities is not readable"} if {
	not settled
}

deny contains {"msg": msg} if {
	verified
	settled
	not by_somebody_named
	msg := sprintf("signed by %s, and not by any of %s", [signers, concat(", ", settings.value("identities"))])
}

verified if {
	input.signature.verified == true
}

settled if {
	is_array(settings.value("identities"))
	every pattern in settings.value("identities") { is_string(pattern) }
}

default signers := "somebody without a name"

signers := concat(", ", sort(input.signature.identities))

by_somebody_named if {
	settings.value("identities") == []
	some signature in input.signatures
	signature.verified == true
}

by_somebody_named if {
	some signature in input.signatures
	signature.verified == true
	some pattern in settings.value("identities")
	glob.match(pattern, null, signature.identity)
}
