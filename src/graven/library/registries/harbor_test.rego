package graven.registries.harbor_test

import data.graven.registries.harbor

good := {
	"type": "harbor_project",
	"values": {"enable_content_trust_cosign": true},
	"referrers": [{"type": "harbor_immutable_tag_rule", "values": {"repo_matching": "**", "tag_matching": "**"}}],
}

messages(changes) := {result.msg | some result in harbor.deny with input as json.patch(good, changes)}

moved := "tags can be moved to other images"

test_each_form[name] if {
	some name, case in {
		"good": {"change": [], "want": set()},
		"no rule": {"change": [{"op": "replace", "path": "/referrers", "value": []}], "want": {moved}},
		"another kind": {"change": [{"op": "replace", "path": "/referrers/0/type", "value": "harbor_retention_policy"}], "want": {moved}},
		"some repositories": {"change": [{"op": "replace", "path": "/referrers/0/values/repo_matching", "value": "a/**"}], "want": {moved}},
		"some tags": {"change": [{"op": "replace", "path": "/referrers/0/values/tag_matching", "value": "v*"}], "want": {moved}},
		"disabled": {"change": [{"op": "add", "path": "/referrers/0/values/disabled", "value": true}], "want": {moved}},
		"not disabled": {"change": [{"op": "add", "path": "/referrers/0/values/disabled", "value": false}], "want": set()},
		"unsigned": {"change": [{"op": "replace", "path": "/values/enable_content_trust_cosign", "value": false}], "want": {"unsigned images can be pulled"}},
		"signing not said": {"change": [{"op": "remove", "path": "/values/enable_content_trust_cosign"}], "want": {"unsigned images can be pulled"}},
		"signing by a word": {"change": [{"op": "replace", "path": "/values/enable_content_trust_cosign", "value": "true"}], "want": set()},
		"deleted": {"change": [{"op": "add", "path": "/values/force_destroy", "value": true}], "want": {"force_destroy deletes the project with all its images"}},
		"kept": {"change": [{"op": "add", "path": "/values/force_destroy", "value": false}], "want": set()},
	}
	messages(case.change) == case.want
}

test_other_resources_are_left_alone if {
	harbor.deny == set() with input as {"type": "harbor_user", "values": {"force_destroy": true}, "referrers": []}
}
