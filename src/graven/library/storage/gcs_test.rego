package graven.storage.gcs_test

import data.graven.storage.gcs

good := {"type": "google_storage_bucket", "values": {"versioning": [{"enabled": true}], "retention_policy": [{"is_locked": true, "retention_period": 86400}]}}

messages(changes) := {result.msg | some result in gcs.deny with input as json.patch(good, changes)}

versions := "the bucket keeps no versions: what is overwritten is lost"

retention := "no locked retention policy: objects can be deleted and replaced"

test_a_good_bucket_passes if messages([]) == set()

test_other_resources_are_left_alone if {
	gcs.deny == set() with input as {"type": "google_storage_bucket_object", "values": {"force_destroy": true, "lifecycle_rule": [{"action": [{"type": "Delete"}]}]}}
}

test_each_form[name] if {
	some name, case in {
		"no versions": {"change": [{"op": "remove", "path": "/values/versioning"}], "want": {versions}},
		"versions off": {"change": [{"op": "replace", "path": "/values/versioning/0/enabled", "value": false}], "want": {versions}},
		"versions by a word": {"change": [{"op": "replace", "path": "/values/versioning/0/enabled", "value": "true"}], "want": set()},
		"no retention": {"change": [{"op": "remove", "path": "/values/retention_policy"}], "want": {retention}},
		"not locked": {"change": [{"op": "replace", "path": "/values/retention_policy/0/is_locked", "value": false}], "want": {retention}},
		"for no time": {"change": [{"op": "replace", "path": "/values/retention_policy/0/retention_period", "value": 0}], "want": {retention}},
		"for a second": {"change": [{"op": "replace", "path": "/values/retention_policy/0/retention_period", "value": "1"}], "want": set()},
		"deleted with its objects": {"change": [{"op": "add", "path": "/values/force_destroy", "value": true}], "want": {"force_destroy deletes the bucket with all its objects"}},
		"kept with its objects": {"change": [{"op": "add", "path": "/values/force_destroy", "value": false}], "want": set()},
		"deleted by rule": {"change": [{"op": "add", "path": "/values/lifecycle_rule", "value": [{"action": [{"type": "Delete"}]}]}], "want": {"a lifecycle rule deletes objects"}},
		"moved by rule": {"change": [{"op": "add", "path": "/values/lifecycle_rule", "value": [{"action": [{"type": "SetStorageClass"}]}]}], "want": set()},
	}
	messages(case.change) == case.want
}

soft(type, seconds) := {result | some result in gcs.warn with input as {"type": type, "values": {"soft_delete_policy": [{"retention_duration_seconds": seconds}]}}}

test_soft_delete_that_is_off_is_told if {
	gcs.warn == set() with input as good
	soft("google_storage_bucket", "0") == {{"msg": "deleted objects are not kept: soft delete is off"}}
	soft("google_storage_bucket", 604800) == set()
	soft("google_storage_bucket_object", 0) == set()
}
