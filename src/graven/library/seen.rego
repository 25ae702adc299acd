# METADATA
# title: Nothing unseen, and advisories that are fresh
# description: >-
#   The contents were catalogued; no package database was left unread, nothing that `unseen` lists was found without a
#   package that explains it (but for the paths that `tolerated` lists), every package could be held against advisories,
#   and the snapshot of advisories is not older than `snapshot_max_age_hours`.
# custom:
#   severity: high
#   remediation: Install software through its package manager, keep its databases in the image, and refresh advisories.
package graven.seen

import data.graven.settings

kinds := {
	"unread_databases": "a package database that no cataloguer reads",
	"unowned_executables": "an executable that no package owns",
	"unowned_archives": "an archive that no package owns",
	"bare_folders": "a folder of packages without metadata",
	"limits": "a limit that cut the reading short",
}

deny contains {"msg": sprintf("the contents were not catalogued: %s", [fault])} if {
	not catalogued
}

deny contains {"msg": "the settings unseen, tolerated and snapshot_max_age_hours are not all readable"} if {
	not settled
}

deny contains {"msg": sprintf("the contents say nothing about %s", [kind]), "term": kind} if {
	catalogued
	some kind in refused
	not listed(kind)
}

deny contains {"msg": sprintf("%s: %s", [kinds[gap.kind], gap.place]), "term": gap.place} if {
	some gap in gaps
	gap.kind in refused
}

deny contains {"msg": msg, "term": kind} if {
	some kind, number in input.coverage.inventory.omitted
	kind in refused
	number != 0
	msg := sprintf("%s: %v more that are not named", [kinds[kind], number])
}

warn contains {"msg": sprintf("%s: %s", [kinds[gap.kind], gap.place]), "term": gap.place} if {
	some gap in gaps
	not gap.kind in refused
}

deny contains {"msg": msg, "component": named(unmatched)} if {
	some unmatched in input.coverage.unmatched
	not wholesale(unmatched)
	reason := object.get(unmatched, "reason", "nobody knows why")
	msg := sprintf("%s could not be held against advisories: %s", [named(unmatched), reason])
}

deny contains {"msg": "it is not known which packages could not be held against advisories"} if {
	not held_against_advisories
}

deny contains {"msg": "there is no snapshot of advisories"} if {
	not dated
}

deny contains {"msg": msg} if {
	age := input.vulnerabilities.snapshot.age_seconds
	age > settings.value("snapshot_max_age_hours") * 3600
	msg := sprintf("the advisories are %d hours old, at most %v", [ceil(age / 3600), settings.value("snapshot_max_age_hours")])
}

deny contains {"msg": "the advisories are dated in the future"} if {
	input.vulnerabilities.snapshot.age_seconds < -300
}

# Where nothing is known of a whole ecosystem or operating system, one sentence says so for all its packages.
deny contains {"msg": msg, "term": reason} if {
	some reason in {unmatched.reason | some unmatched in input.coverage.unmatched; wholesale(unmatched)}
	number := count([unmatched | some unmatched in input.coverage.unmatched; unmatched.reason == reason])
	msg := sprintf("%s could not be held against advisories: %s", [counted(number), reason])
}

counted(number) := "1 package" if number == 1

counted(number) := sprintf("%d packages", [number]) if number != 1

wholesale(unmatched) if {
	unmatched.cause in {"ecosystem", "distro"}
	is_string(unmatched.reason)
}

named(unmatched) := object.get(unmatched, "component", "a package")

catalogued if {
	input.coverage.inventory.present == true
}

default fault := "nobody knows why"

fault := input.coverage.inventory.fault if {
	input.coverage.inventory.fault != ""
}

listed(kind) if {
	is_array(input.coverage.inventory[kind])
}

held_against_advisories if {
	is_array(input.coverage.unmatched)
}

dated if {
	is_number(input.vulnerabilities.snapshot.age_seconds)
}

settled if {
	is_array(settings.value("unseen"))
	every kind in settings.value("unseen") { kinds[kind] }
	is_array(settings.value("tolerated"))
	settings.number_at_least("snapshot_max_age_hours", 0)
}

# A package database and a limit hide packages that nothing else could show: no setting tolerates them.
refused contains "unread_databases"

refused contains "limits"

refused contains kind if {
	some kind in settings.value("unseen")
}

gaps contains {"kind": "unread_databases", "place": place} if {
	some database in input.coverage.inventory.unread_databases
	place := sprintf("%s (%s)", [object.get(database, "path", "somewhere"), object.get(database, "kind", "unknown")])
}

gaps contains {"kind": kind, "place": place} if {
	some kind in {"unowned_executables", "unowned_archives", "bare_folders", "limits"}
	some place in input.coverage.inventory[kind]
	not tolerated(kind, place)
}

tolerated(kind, place) if {
	kind != "limits"
	some pattern in settings.value("tolerated")
	glob.match(pattern, null, place)
}
