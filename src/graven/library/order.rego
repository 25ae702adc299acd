# METADATA
# title: Stage after stage
# description: >-
#   The artifact has stood in the stage before this one, and that promotion was not revoked. The first stage asks
#   nothing.
# custom:
#   severity: high
#   remediation: Promote it to the stage before first.
package graven.order

deny contains {"msg": msg} if {
	not in_order
	msg := sprintf("it has not stood in %s, the stage before %s", [before, stage])
}

in_order if {
	input.target.from == null
	input.target.stage != ""
}

in_order if {
	some stay in input.target.history
	stay.stage == input.target.from
	stay.revoked == false
}

default before := "the stage before"

before := input.target.from

default stage := "this one"

stage := input.target.stage
