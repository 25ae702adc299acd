# METADATA
# title: No known vulnerability at or above a severity
# description: >-
#   No advisory at or above `severity` matches what is inside, and none that is known to be exploited while `kev` is
#   true, unless a trusted party stated by VEX that the product is not affected or is fixed. An advisory that is younger
#   than `leeway_days` is told and does not refuse, unless it is known to be exploited. A severity that nobody knows
#   counts as critical.
# custom:
#   severity: critical
#   remediation: Rebuild with the version that mends it, or state by VEX, signed, why the product is not affected.
package graven.vulnerabilities

import data.graven.settings

rank := {severity: number | some number, severity in ["none", "low", "medium", "high", "critical"]}

deny contains {"msg": "what is inside was not matched against advisories"} if {
	not scanned
}

deny contains {"msg": "the settings severity, leeway_days and kev are not all readable"} if {
	not settled
}

deny contains object.union(told(finding), {"msg": msg}) if {
	some finding in counted
	not young(finding)
	msg := sprintf("%s (%s%s) in %s%s", [
		told(finding).term, told(finding).severity, exploited(finding), told(finding).component, mended(finding),
	])
}

warn contains object.union(told(finding), {"msg": msg}) if {
	some finding in counted
	young(finding)
	msg := sprintf("%s (%s) in %s is %d days old; it refuses from %d days on", [
		told(finding).term, told(finding).severity, told(finding).component, finding.age_days, settings.value("leeway_days"),
	])
}

scanned if {
	input.vulnerabilities.scanned == true
	is_object(input.vulnerabilities.snapshot)
	is_array(input.vulnerabilities.findings)
}

settled if {
	settings.value("severity") in object.keys(rank)
	settings.number_at_least("leeway_days", 0)
	is_boolean(settings.value("kev"))
}

counted contains finding if {
	some finding in input.vulnerabilities.findings
	severe(finding)
	not excused(finding)
}

severe(finding) if {
	object.get(rank, told(finding).severity, rank.critical) >= object.get(rank, settings.value("severity"), rank.none)
}

severe(finding) if {
	object.get(finding, "kev", true) != false
	settings.value("kev") == true
}

excused(finding) if {
	finding.vex.status in {"not_affected", "fixed"}
}

young(finding) if {
	finding.kev == false
	finding.age_days >= 0
	finding.age_days < settings.value("leeway_days")
}

told(finding) := {
	"term": object.get(finding, "id", "an advisory"),
	"component": object.get(finding, "component", "a package"),
	"severity": object.get(finding, "severity", "unknown"),
}

exploited(finding) := ", known to be exploited" if {
	finding.kev == true
} else := ""

mended(finding) := sprintf(", mended in %s", [concat(" or ", finding.fixed)]) if {
	count(finding.fixed) > 0
} else := ", with no version that mends it"
