package graven.bill_test

import data.graven.bill
import data.graven.example

refusals(change) := found if {
	found := bill.deny with input as object.union(example.question, {"sbom": change})
}

test_a_matching_bill_is_enough if count(refusals({})) == 0

test_no_bill_refuses if {
	some refusal in refusals({"present": false})
	refusal.msg == "no signed bill of materials is attached"
}

test_an_unsigned_bill_refuses if count(refusals({"verified": false})) == 1

test_a_bill_that_lacks_a_package_refuses if {
	some refusal in refusals({"matches": false, "missing": ["pkg:deb/debian/bash@5"], "missing_count": 1})
	endswith(refusal.msg, "it lacks pkg:deb/debian/bash@5")
}

test_a_bill_that_lacks_many_says_how_many if {
	some refusal in refusals({"matches": false, "missing": ["a", "b"], "missing_count": 2})
	endswith(refusal.msg, "it lacks 2 packages, the first is a")
}

test_a_bill_that_cannot_be_read_refuses if {
	some refusal in refusals({"matches": false, "missing_count": null, "fault": "no JSON"})
	endswith(refusal.msg, "no JSON")
}

test_a_question_that_says_nothing_of_bills_refuses if {
	count(bill.deny) == 1 with input as {}
}
