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
			"present": true, "fault": "", "unread_databases": [], "unowned_executables": [],
			"unowned_archives": [], "bare_folders": [], "limits": [], "omitted": {},
		},
		"unmatched": [],
	},
}

# The question with another value at a path, and the question without what is there.
put(path, value) := json.patch(question, [{"op": "add", "path": path, "value": value}])

cut(path) := json.patch(question, [{"op": "remove", "path": path}])

# The parameters with another default of a setting, and those without the setting.
set_to(name, value) := object.union(parameters, {"default": {name: value}})

unset(name) := {"default": object.remove(parameters["default"], [name]), "stages": {}}
