package graven.bill_test

import data.graven.bill
import data.graven.example

no_bill := {"msg": "no signed bill of materials is attached"}

unlike(difference) := {"msg": concat(": ", ["the bill of materials does not say what is inside", difference]), "evidence": ["sha256:2"]}

test_each_bill[name] if {
	some name, case in {
		"matches": {"bill": {}, "want": set()},
		"is not there": {"bill": {"present": false}, "want": {no_bill}},
		"is not signed": {"bill": {"verified": false}, "want": {no_bill}},
		"lacks a package": {"bill": {"matches": false, "missing": ["pkg:deb/debian/bash@5"], "missing_count": 1}, "want": {unlike("it lacks pkg:deb/debian/bash@5")}},
		"lacks many": {"bill": {"matches": false, "missing": ["a", "b"], "missing_count": 2}, "want": {unlike("it lacks 2 packages, the first is a")}},
		"cannot be read": {"bill": {"matches": false, "missing_count": null, "fault": "no JSON"}, "want": {unlike("no JSON")}},
		"is unlike for no reason": {"bill": {"matches": false, "missing": ["a"], "missing_count": null}, "want": {unlike("it could not be compared")}},
	}
	case.want == bill.deny with input as object.union(example.question, {"sbom": case.bill})
}

test_a_bill_that_lost_its_evidence_refuses_too if {
	question := json.patch(example.cut("/sbom/evidence"), [{"op": "replace", "path": "/sbom/matches", "value": false}])
	bill.deny == {object.union(unlike("it could not be compared"), {"evidence": []})} with input as question
}

test_a_question_that_says_nothing_of_bills_refuses if {
	bill.deny == {no_bill} with input as {}
}
