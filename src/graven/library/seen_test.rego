package graven.seen_test

import data.graven.example
import data.graven.seen

inventory(change) := object.union(example.question, {"coverage": {"inventory": change}})

test_nothing_unseen_is_enough if {
	seen.deny == set() with input as example.question with data.parameters as example.parameters
	seen.warn == set() with input as example.question with data.parameters as example.parameters
}

# The parameters list executables alone, and tolerate what is in opt/vendor.
test_what_is_unseen_refuses_or_is_told[name] if {
	some name, case in {
		"a database": {
			"inventory": {"unread_databases": [{"kind": "rpm", "path": "opt/vendor/rpmdb.sqlite"}]},
			"refused": {{"msg": "a package database that no cataloguer reads: opt/vendor/rpmdb.sqlite (rpm)", "term": "opt/vendor/rpmdb.sqlite (rpm)"}},
			"told": set(),
		},
		"a database of which nothing is known": {
			"inventory": {"unread_databases": [{}]},
			"refused": {{"msg": "a package database that no cataloguer reads: somewhere (unknown)", "term": "somewhere (unknown)"}},
			"told": set(),
		},
		"a limit": {
			"inventory": {"limits": ["opt/vendor/x"]},
			"refused": {{"msg": "a limit that cut the reading short: opt/vendor/x", "term": "opt/vendor/x"}},
			"told": set(),
		},
		"an executable": {
			"inventory": {"unowned_executables": ["usr/bin/x"]},
			"refused": {{"msg": "an executable that no package owns: usr/bin/x", "term": "usr/bin/x"}},
			"told": set(),
		},
		"an archive": {
			"inventory": {"unowned_archives": ["srv/x.jar"]},
			"refused": set(),
			"told": {{"msg": "an archive that no package owns: srv/x.jar", "term": "srv/x.jar"}},
		},
		"a folder": {
			"inventory": {"bare_folders": ["srv/lib"]},
			"refused": set(),
			"told": {{"msg": "a folder of packages without metadata: srv/lib", "term": "srv/lib"}},
		},
		"what is tolerated": {
			"inventory": {"unowned_executables": ["opt/vendor/x"], "unowned_archives": ["opt/vendor/x.jar"], "bare_folders": ["opt/vendor/lib"]},
			"refused": set(),
			"told": set(),
		},
	}
	question := inventory(case.inventory)
	case.refused == seen.deny with input as question with data.parameters as example.parameters
	case.told == seen.warn with input as question with data.parameters as example.parameters
}

more(number) := {"msg": sprintf("an executable that no package owns: %d more that are not named", [number]), "term": "unowned_executables"}

test_what_is_counted_and_not_named_refuses_even_if_all_that_is_named_is_tolerated[name] if {
	some name, case in {
		"many": {"omitted": {"unowned_executables": 7}, "want": {more(7)}},
		"one": {"omitted": {"unowned_executables": 1}, "want": {more(1)}},
		"none": {"omitted": {"unowned_executables": 0}, "want": set()},
		"of a kind that is not asked for": {"omitted": {"bare_folders": 7}, "want": set()},
	}
	question := inventory({"unowned_executables": ["opt/vendor/x"], "omitted": case.omitted})
	case.want == seen.deny with input as question with data.parameters as example.parameters
}

apart(component, reason) := {"msg": sprintf("%s could not be held against advisories: %s", [component, reason]), "component": component}

together(number, reason) := {"msg": sprintf("%s could not be held against advisories: %s", [number, reason]), "term": reason}

npm := "the snapshot has no advisories for npm"

alpine := "the snapshot has no advisories for Alpine 3.99"

test_packages_that_could_not_be_held_against_advisories_refuse[name] if {
	some name, case in {
		"one": {
			"unmatched": [{"component": "pkg:x/y@1", "cause": "version", "reason": "no key"}],
			"want": {apart("pkg:x/y@1", "no key")},
		},
		"one of which nothing is known": {"unmatched": [{}], "want": {apart("a package", "nobody knows why")}},
		"all of an ecosystem, and all of a system": {
			"unmatched": [
				{"component": "pkg:npm/a@1", "cause": "ecosystem", "reason": npm},
				{"component": "pkg:npm/b@1", "cause": "ecosystem", "reason": npm},
				{"component": "pkg:apk/alpine/c@1", "cause": "distro", "reason": alpine},
			],
			"want": {together("2 packages", npm), together("1 package", alpine)},
		},
		"one of an ecosystem, for no reason": {
			"unmatched": [{"component": "pkg:npm/a@1", "cause": "ecosystem"}],
			"want": {apart("pkg:npm/a@1", "nobody knows why")},
		},
		"one of an ecosystem, for a reason without words": {
			"unmatched": [{"component": "pkg:npm/a@1", "cause": "ecosystem", "reason": null}],
			"want": {apart("pkg:npm/a@1", "null")},
		},
		"nobody knows which": {
			"unmatched": null,
			"want": {{"msg": "it is not known which packages could not be held against advisories"}},
		},
	}
	case.want == seen.deny with input as example.put("/coverage/unmatched", case.unmatched) with data.parameters as example.parameters
}

not_catalogued(fault) := {"msg": sprintf("the contents were not catalogued: %s", [fault])}

silent(kind) := {"msg": sprintf("the contents say nothing about %s", [kind]), "term": kind}

test_contents_that_are_not_known_refuse[name] if {
	some name, case in {
		"for a reason": {"question": inventory({"present": false, "fault": "a layer is encrypted"}), "want": {not_catalogued("a layer is encrypted")}},
		"for no reason": {"question": inventory({"present": false}), "want": {not_catalogued("nobody knows why")}},
		"in silence": {"question": example.cut("/coverage/inventory"), "want": {not_catalogued("nobody knows why")}},
		"in what is always asked for": {"question": example.cut("/coverage/inventory/unread_databases"), "want": {silent("unread_databases")}},
		"in what the settings list": {"question": inventory({"unowned_executables": {}}), "want": {silent("unowned_executables")}},
		"in what the settings do not list": {"question": example.cut("/coverage/inventory/bare_folders"), "want": set()},
	}
	case.want == seen.deny with input as case.question with data.parameters as example.parameters
}

undated := {"msg": "there is no snapshot of advisories"}

old(hours) := {"msg": sprintf("the advisories are %d hours old, at most 168", [hours])}

test_each_age_of_the_advisories[name] if {
	some name, case in {
		"of today": {"snapshot": {"age_seconds": 60}, "want": set()},
		"of the last second": {"snapshot": {"age_seconds": 604800}, "want": set()},
		"of the second after": {"snapshot": {"age_seconds": 604801}, "want": {old(169)}},
		"of the hour after": {"snapshot": {"age_seconds": 608400}, "want": {old(169)}},
		"by a clock that is a little wrong": {"snapshot": {"age_seconds": -300}, "want": set()},
		"of two hours after": {"snapshot": {"age_seconds": 608401}, "want": {old(170)}},
		"of the future": {"snapshot": {"age_seconds": -301}, "want": {{"msg": "the advisories are dated in the future"}}},
		"of no time": {"snapshot": {}, "want": {undated}},
		"that are not there": {"snapshot": null, "want": {undated}},
	}
	case.want == seen.deny with input as example.put("/vulnerabilities/snapshot", case.snapshot) with data.parameters as example.parameters
}

unreadable := {"msg": "the settings unseen, tolerated and snapshot_max_age_hours are not all readable"}

test_settings_that_are_missing_or_unknown_refuse[name] if {
	some name, case in {
		"none": {"parameters": {}, "want": {unreadable}},
		"unseen is missing": {"parameters": example.unset("unseen"), "want": {unreadable}},
		"unseen is an object": {"parameters": example.set_to("unseen", {"kind": "limits"}), "want": {unreadable}},
		"unseen has a word that nobody knows": {"parameters": example.set_to("unseen", ["unowned_executable"]), "want": {unreadable, silent("unowned_executable")}},
		"tolerated is missing": {"parameters": example.unset("tolerated"), "want": {unreadable}},
		"tolerated is one pattern": {"parameters": example.set_to("tolerated", "opt/*"), "want": {unreadable}},
		"the age is missing": {"parameters": example.unset("snapshot_max_age_hours"), "want": {unreadable}},
		"the age is below zero": {"parameters": example.set_to("snapshot_max_age_hours", -1), "want": {unreadable, {"msg": "the advisories are 1 hours old, at most -1"}}},
		"the age is zero": {"parameters": example.set_to("snapshot_max_age_hours", 0), "want": {{"msg": "the advisories are 1 hours old, at most 0"}}},
	}
	case.want == seen.deny with input as example.question with data.parameters as case.parameters
}
