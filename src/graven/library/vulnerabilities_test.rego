package graven.vulnerabilities_test

import data.graven.example
import data.graven.vulnerabilities

finding := {
	"id": "CVE-2026-1",
	"component": "pkg:pypi/flask@1.0",
	"severity": "high",
	"fixed": ["1.1"],
	"kev": false,
	"age_days": 5,
	"vex": null,
}

told := {"term": "CVE-2026-1", "component": "pkg:pypi/flask@1.0", "severity": "high", "msg": "CVE-2026-1 (high) in pkg:pypi/flask@1.0, mended in 1.1"}

with_findings(findings) := example.put("/vulnerabilities/findings", findings)

at_dev(findings) := object.union(with_findings(findings), {"target": {"stage": "dev"}})

test_no_finding_is_enough if {
	vulnerabilities.deny == set() with input as example.question with data.parameters as example.parameters
	vulnerabilities.warn == set() with input as example.question with data.parameters as example.parameters
}

severities := {"none", "low", "medium", "high", "critical", "unknown", "a word that nobody knows"}

test_a_setting_refuses_all_from_it_upwards[name] if {
	some name, case in {
		"none": {"want": severities},
		"low": {"want": severities - {"none"}},
		"medium": {"want": severities - {"none", "low"}},
		"high": {"want": severities - {"none", "low", "medium"}},
		"critical": {"want": severities - {"none", "low", "medium", "high"}},
	}
	each := [object.union(finding, {"severity": severity}) | some severity in severities]
	refused := vulnerabilities.deny with input as with_findings(each) with data.parameters as example.set_to("severity", name)
	case.want == {refusal.severity | some refusal in refused}
}

test_each_finding_is_told[name] if {
	some name, case in {
		"that is mended": {"finding": finding, "want": told},
		"that two versions mend": {
			"finding": object.union(finding, {"fixed": ["1.1", "2.0"]}),
			"want": object.union(told, {"msg": "CVE-2026-1 (high) in pkg:pypi/flask@1.0, mended in 1.1 or 2.0"}),
		},
		"that nothing mends": {
			"finding": object.union(finding, {"fixed": []}),
			"want": object.union(told, {"msg": "CVE-2026-1 (high) in pkg:pypi/flask@1.0, with no version that mends it"}),
		},
		"that is exploited": {
			"finding": object.union(finding, {"kev": true}),
			"want": object.union(told, {"msg": "CVE-2026-1 (high, known to be exploited) in pkg:pypi/flask@1.0, mended in 1.1"}),
		},
		"of which nothing is known": {
			"finding": {},
			"want": {"term": "an advisory", "component": "a package", "severity": "unknown", "msg": "an advisory (unknown) in a package, with no version that mends it"},
		},
	}
	{case.want} == vulnerabilities.deny with input as with_findings([case.finding]) with data.parameters as example.parameters
}

test_what_is_exploited_refuses_whatever_its_severity_while_kev_is_set[name] if {
	some name, case in {
		"exploited": {"finding": object.union(finding, {"severity": "low", "kev": true}), "kev": true, "want": 1},
		"perhaps exploited": {"finding": object.remove(object.union(finding, {"severity": "low"}), ["kev"]), "kev": true, "want": 1},
		"not exploited": {"finding": object.union(finding, {"severity": "low"}), "kev": true, "want": 0},
		"exploited, and nobody cares": {"finding": object.union(finding, {"severity": "low", "kev": true}), "kev": false, "want": 0},
	}
	refused := vulnerabilities.deny with input as with_findings([case.finding]) with data.parameters as example.set_to("kev", case.kev)
	count(refused) == case.want
}

young(days) := object.union(told, {"severity": "critical", "msg": sprintf("CVE-2026-1 (critical) in pkg:pypi/flask@1.0 is %d days old; it refuses from 10 days on", [days])})

# At dev there are 10 days of leeway.
test_a_young_finding_is_told_and_does_not_refuse[name] if {
	some name, case in {
		"of today": {"change": {"age_days": 0}, "refused": 0, "told": {young(0)}},
		"of this week": {"change": {"age_days": 5}, "refused": 0, "told": {young(5)}},
		"of the last day": {"change": {"age_days": 9}, "refused": 0, "told": {young(9)}},
		"of the day after": {"change": {"age_days": 10}, "refused": 1, "told": set()},
		"of tomorrow": {"change": {"age_days": -1}, "refused": 1, "told": set()},
		"of an unknown age": {"change": {"age_days": null}, "refused": 1, "told": set()},
		"of an age that is no number": {"change": {"age_days": "5"}, "refused": 1, "told": set()},
		"that is exploited": {"change": {"kev": true}, "refused": 1, "told": set()},
		"below the severity": {"change": {"severity": "high"}, "refused": 0, "told": set()},
		"that is excused": {"change": {"vex": {"status": "fixed"}}, "refused": 0, "told": set()},
	}
	question := at_dev([object.union(object.union(finding, {"severity": "critical"}), case.change)])
	refused := vulnerabilities.deny with input as question with data.parameters as example.parameters
	count(refused) == case.refused
	case.told == vulnerabilities.warn with input as question with data.parameters as example.parameters
}

test_vex_excuses_what_is_not_affected_or_fixed[name] if {
	some name, case in {
		"not_affected": {"want": set()},
		"fixed": {"want": set()},
		"under_investigation": {"want": {told}},
		"affected": {"want": {told}},
	}
	question := with_findings([object.union(finding, {"vex": {"status": name, "by": "security@team"}})])
	case.want == vulnerabilities.deny with input as question with data.parameters as example.parameters
}

test_what_was_not_scanned_refuses[name] if {
	some name, case in {
		"nothing is said": {"question": example.cut("/vulnerabilities")},
		"not scanned": {"question": example.put("/vulnerabilities/scanned", false)},
		"no snapshot": {"question": example.put("/vulnerabilities/snapshot", null)},
		"no findings": {"question": example.cut("/vulnerabilities/findings")},
		"findings that are no list": {"question": with_findings({})},
	}
	unscanned := {{"msg": "what is inside was not matched against advisories"}}
	unscanned == vulnerabilities.deny with input as case.question with data.parameters as example.parameters
}

unreadable := {"msg": "the settings severity, leeway_days and kev are not all readable"}

test_settings_that_are_missing_or_unknown_refuse[name] if {
	some name, case in {
		"none": {"parameters": {}, "want": {unreadable}},
		"no severity": {"parameters": example.unset("severity"), "want": {unreadable}},
		"no leeway": {"parameters": example.unset("leeway_days"), "want": {unreadable, told}},
		"no kev": {"parameters": example.unset("kev"), "want": {unreadable, told}},
		"a severity that nobody knows": {"parameters": example.set_to("severity", "hihg"), "want": {unreadable, told}},
		"an unknown severity": {"parameters": example.set_to("severity", "unknown"), "want": {unreadable, told}},
		"a leeway below zero": {"parameters": example.set_to("leeway_days", -1), "want": {unreadable, told}},
		"a leeway that is no number": {"parameters": example.set_to("leeway_days", "7"), "want": {unreadable}},
		"a kev that is neither true nor false": {"parameters": example.set_to("kev", "true"), "want": {unreadable, told}},
	}
	case.want == vulnerabilities.deny with input as with_findings([finding]) with data.parameters as case.parameters
}
