package graven.vulnerabilities_test

import data.graven.example
import data.graven.vulnerabilities

denied(question) := found if {
	found := vulnerabilities.deny with input as question with data.parameters as example.parameters
}

warned(question) := found if {
	found := vulnerabilities.warn with input as question with data.parameters as example.parameters
}

at_dev(question) := object.union(question, {"target": {"stage": "dev"}})

test_no_finding_is_enough if count(denied(example.question)) == 0

test_a_finding_at_the_severity_refuses if {
	some refusal in denied(example.with_finding({}))
	refusal.msg == "CVE-2026-1 (high) in pkg:pypi/flask@1.0, mended in 1.1"
	refusal.term == "CVE-2026-1"
	refusal.component == "pkg:pypi/flask@1.0"
}

test_a_finding_below_the_severity_does_not_refuse if {
	count(denied(example.with_finding({"severity": "medium"}))) == 0
	count(denied(at_dev(example.with_finding({})))) == 0
}

test_a_known_exploited_finding_refuses_whatever_its_severity_and_age if {
	some refusal in denied(at_dev(example.with_finding({"severity": "low", "kev": true, "fixed": []})))
	refusal.msg == "CVE-2026-1 (low, known to be exploited) in pkg:pypi/flask@1.0, with no version that mends it"
}

test_an_unknown_severity_counts_as_critical if {
	count(denied(example.with_finding({"severity": "unknown"}))) == 1
	count(denied(example.with_finding({"severity": "a word that nobody knows"}))) == 1
}

test_a_young_finding_is_told_and_does_not_refuse if {
	young := at_dev(example.with_finding({"severity": "critical"}))
	count(denied(young)) == 0
	count(warned(young)) == 1
}

test_a_finding_of_unknown_age_has_no_leeway if {
	count(denied(at_dev(example.with_finding({"severity": "critical", "age_days": null})))) == 1
}

test_vex_excuses_what_is_not_affected_or_fixed if {
	count(denied(example.with_finding({"vex": {"status": "not_affected", "by": "security@team"}}))) == 0
	count(denied(example.with_finding({"vex": {"status": "fixed", "by": "security@team"}}))) == 0
	count(denied(example.with_finding({"vex": {"status": "under_investigation", "by": "security@team"}}))) == 1
	count(denied(example.with_finding({"vex": {"status": "affected", "by": "security@team"}}))) == 1
}

test_what_was_not_scanned_refuses if {
	count(denied(example.without("vulnerabilities"))) == 1
	count(denied(object.union(example.question, {"vulnerabilities": {"scanned": false}}))) == 1
	count(denied(object.union(example.question, {"vulnerabilities": {"snapshot": null}}))) == 1
}

test_settings_that_are_missing_or_unknown_refuse if {
	count(vulnerabilities.deny) == 1 with input as example.question with data.parameters as {}
	strange := object.union(example.parameters, {"default": {"severity": "hihg"}})
	count(vulnerabilities.deny) == 1 with input as example.question with data.parameters as strange
}
