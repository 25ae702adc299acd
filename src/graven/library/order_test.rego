package graven.order_test

import data.graven.example
import data.graven.order

denied(target) := found if {
	found := order.deny with input as object.union(example.question, {"target": target})
}

test_an_artifact_that_stood_in_the_stage_before_may_go_on if count(denied({})) == 0

test_the_first_stage_asks_nothing if count(denied({"stage": "dev", "from": null, "history": []})) == 0

test_a_stage_cannot_be_skipped if {
	some refusal in denied({"stage": "production", "from": "test"})
	refusal.msg == "it has not stood in test, the stage before production"
}

test_a_revoked_stay_does_not_count if {
	count(denied({"history": [{"stage": "dev", "since": "", "current": true, "revoked": true}]})) == 1
}

test_a_question_that_says_nothing_of_stages_refuses if {
	count(order.deny) == 1 with input as {}
}
