# METADATA
# title: An artifact that every shipped rule lets through; tests change one part of it
package graven.example

parameters := {
	"default": {
		"identities": [],
		"severity": "high",
		"kev": true,
		"leeway_days": 0,
		"unseen": ["unowned_executables"],
		"tolerated": ["opt/vendor/*"],
		"snapshot_max_age_hours": 168,
	},
	"stages": {"dev": {"severity": "critical", "leeway_days": 10}},
}

finding := {
	"id": "CVE-2026-1",
	"aliases": [],
	"component": "pkg:pypi/flask@1.0",
	"version": "1.0",
	"severity": "high",
	"score": 7.5,
	"fixed": ["1.1"],
	"kev": false,
	"published": "2026-01-01T00:00:00Z",
	"age_days": 5,
	"advisories": [],
	"vex": null,
}

question := {
	"artifact": {"repository": "team/web", "digest": "sha256:1"},
	"signature": {"verified": true, "identities": ["release@team"]},
	"signatures": [{"verified": true, "identity": "release@team"}],
	"sbom": {
		"present": true, "verified": true, "matches": true,
		"missing": [], "missing_count": 0, "fault": "", "evidence": "sha256:2",
	},
	"vulnerabilities": {"scanned": true, "findings": [], "snapshot": {"age_seconds": 60}},
	"target": {
		"stage": "test", "from": "dev",
		"history": [{"stage": "dev", "since": "2026-01-01T00:00:00Z", "current": true, "revoked": false}],
	},
	"coverage": {
		"inventory": {
			"present": true, "unread_databases": [], "unowned_executables": [],
			"unowned_archives": [], "bare_folders": [], "limits": [],
		},
		"unmatched": [],
	},
}

without(key) := object.remove(question, [key])

with_finding(change) := object.union(question, {"vulnerabilities": {"findings": [object.union(finding, change)]}})
