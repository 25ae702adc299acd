package graven.order_test

import data.graven.example
import data.graven.order

skipped(before, stage) := {"msg": sprintf("it has not stood in %s, the stage before %s", [before, stage])}

test_each_way[name] if {
	some name, case in {
		"from the stage before": {"target": {}, "want": set()},
		"into the first stage": {"target": {"stage": "dev", "from": null, "history": []}, "want": set()},
		"over a stage": {"target": {"stage": "production", "from": "test"}, "want": {skipped("test", "production")}},
		"after a stay that was revoked": {"target": {"history": [{"stage": "dev", "revoked": true}]}, "want": {skipped("dev", "test")}},
		"after a stay of which nobody says whether it was revoked": {"target": {"history": [{"stage": "dev"}]}, "want": {skipped("dev", "test")}},
	}
	case.want == order.deny with input as object.union(example.question, {"target": case.target})
}

test_a_stage_without_a_name_is_not_the_first if {
	count(order.deny) == 1 with input as object.union(example.question, {"target": {"stage": "", "from": null}})
}

test_a_question_that_says_nothing_of_stages_refuses if {
	order.deny == {skipped("the stage before", "this one")} with input as {}
}
