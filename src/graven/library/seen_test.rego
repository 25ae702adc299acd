package graven.seen_test

import data.graven.example
import data.graven.seen

denied(question) := found if {
	found := seen.deny with input as question with data.parameters as example.parameters
}

inventory(change) := object.union(example.question, {"coverage": {"inventory": change}})

test_nothing_unseen_is_enough if count(denied(example.question)) == 0

test_an_unread_database_refuses_and_cannot_be_tolerated if {
	some refusal in denied(inventory({"unread_databases": [{"kind": "rpm", "path": "opt/vendor/rpmdb.sqlite"}]}))
	refusal.term == "opt/vendor/rpmdb.sqlite (rpm)"
}

test_a_limit_refuses_and_cannot_be_tolerated if count(denied(inventory({"limits": ["opt/vendor/x"]}))) == 1

test_an_executable_that_no_package_owns_refuses_unless_it_is_tolerated if {
	count(denied(inventory({"unowned_executables": ["usr/local/bin/x"]}))) == 1
	count(denied(inventory({"unowned_executables": ["opt/vendor/bin/x"]}))) == 0
}

test_what_is_counted_and_not_named_refuses_even_if_all_that_is_named_is_tolerated if {
	many := {"unowned_executables": ["opt/vendor/bin/x"], "omitted": {"unowned_executables": 7}}
	count(denied(inventory(many))) == 1
}

test_what_the_settings_do_not_list_is_told_and_does_not_refuse if {
	bare := inventory({"bare_folders": ["srv/lib"]})
	count(denied(bare)) == 0
	count(seen.warn) == 1 with input as bare with data.parameters as example.parameters
}

test_a_package_without_advisories_refuses if {
	blind := object.union(example.question, {"coverage": {"unmatched": [{"component": "pkg:x/y@1", "reason": "no key"}]}})
	count(denied(blind)) == 1
}

test_an_ecosystem_without_advisories_refuses_in_one_sentence if {
	reason := "the snapshot has no advisories for npm"
	some_ := [{"component": c, "cause": "ecosystem", "reason": reason} | some c in ["pkg:npm/a@1", "pkg:npm/b@1"]]
	found := denied(object.union(example.question, {"coverage": {"unmatched": some_}}))
	found == {{"msg": sprintf("2 packages could not be held against advisories: %s", [reason]), "term": reason}}
}

test_contents_that_were_not_catalogued_refuse if {
	count(denied(inventory({"present": false}))) == 1
	count(denied(object.union(example.without("coverage"), {"coverage": {"unmatched": []}}))) == 1
}

test_a_part_of_the_inventory_that_is_missing_refuses if {
	parts := object.remove(example.question.coverage.inventory, ["unread_databases"])
	cut := object.union(example.without("coverage"), {"coverage": {"unmatched": [], "inventory": parts}})
	count(denied(cut)) == 1
}

test_advisories_that_are_missing_stale_or_from_the_future_refuse if {
	count(denied(example.without("vulnerabilities"))) == 1
	count(denied(object.union(example.question, {"vulnerabilities": {"snapshot": null}}))) == 1
	count(denied(object.union(example.question, {"vulnerabilities": {"snapshot": {"age_seconds": 604801}}}))) == 1
	count(denied(object.union(example.question, {"vulnerabilities": {"snapshot": {"age_seconds": 604800}}}))) == 0
	count(denied(object.union(example.question, {"vulnerabilities": {"snapshot": {"age_seconds": -301}}}))) == 1
}

test_settings_that_are_missing_or_unknown_refuse if {
	count(seen.deny) == 1 with input as example.question with data.parameters as {}
	strange := object.union(example.parameters, {"default": {"unseen": ["unowned_executable"]}})
	some refusal in seen.deny with input as example.question with data.parameters as strange
	startswith(refusal.msg, "the settings")
}
