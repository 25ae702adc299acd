package graven.storage.s3_test

import data.graven.storage.s3

retention(mode, unit, count) := {"rule": [{"default_retention": [{"mode": mode, unit: count}]}]}

good := {
	"type": "aws_s3_bucket",
	"values": {"object_lock_enabled": true, "versioning": [{"enabled": true}], "object_lock_configuration": [retention("COMPLIANCE", "days", 30)]},
	"lifecycle": {"prevent_destroy": true},
	"referrers": [],
}

messages(changes) := {result.msg | some result in s3.deny with input as json.patch(good, changes)}

versioning := "the bucket keeps no versions: what is overwritten is lost"

lock := "objects are not locked: they can be deleted and replaced"

test_a_good_bucket_passes if {
	messages([]) == set()
	s3.warn == set() with input as good
}

test_other_resources_are_left_alone if {
	s3.deny == set() with input as {"type": "aws_s3_object", "values": {"force_destroy": true, "lifecycle_rule": [{"enabled": true, "expiration": [{"days": 1}]}], "rule": [{"status": "Enabled", "expiration": [{"days": 1}]}]}, "referrers": []}
	s3.warn == set() with input as {"type": "aws_s3_object", "values": {}, "referrers": []}
}

test_versioning_of_each_form[name] if {
	some name, case in {
		"absent": {"change": [{"op": "remove", "path": "/values/versioning"}], "want": {versioning}},
		"off": {"change": [{"op": "replace", "path": "/values/versioning/0/enabled", "value": false}], "want": {versioning}},
		"word": {"change": [{"op": "replace", "path": "/values/versioning/0/enabled", "value": "true"}], "want": set()},
		"apart": {"change": [{"op": "remove", "path": "/values/versioning"}, {"op": "replace", "path": "/referrers", "value": [{"type": "aws_s3_bucket_versioning", "values": {"versioning_configuration": [{"status": "Enabled"}]}}]}], "want": set()},
		"suspended": {"change": [{"op": "remove", "path": "/values/versioning"}, {"op": "replace", "path": "/referrers", "value": [{"type": "aws_s3_bucket_versioning", "values": {"versioning_configuration": [{"status": "Suspended"}]}}]}], "want": {versioning}},
		"another kind": {"change": [{"op": "remove", "path": "/values/versioning"}, {"op": "replace", "path": "/referrers", "value": [{"type": "aws_s3_bucket_policy", "values": {"versioning_configuration": [{"status": "Enabled"}]}}]}], "want": {versioning}},
	}
	messages(case.change) == case.want
}

locking(configuration) := [{"op": "replace", "path": "/values/object_lock_configuration", "value": configuration}]

apart(kind, values) := [
	{"op": "remove", "path": "/values/object_lock_configuration"},
	{"op": "replace", "path": "/referrers", "value": [{"type": kind, "values": values}]},
]

test_locks_of_each_form[name] if {
	some name, case in {
		"absent": {"change": locking([]), "want": {lock}},
		"no retention": {"change": locking([{}]), "want": {lock}},
		"no days": {"change": locking([retention("COMPLIANCE", "days", 0)]), "want": {lock}},
		"one day": {"change": locking([retention("COMPLIANCE", "days", 1)]), "want": set()},
		"years": {"change": locking([retention("GOVERNANCE", "years", "7")]), "want": set()},
		"no such mode": {"change": locking([retention("LOOSE", "days", 30)]), "want": {lock}},
		"no such unit": {"change": locking([retention("COMPLIANCE", "weeks", 30)]), "want": {lock}},
		"not lockable": {"change": [{"op": "remove", "path": "/values/object_lock_enabled"}], "want": {lock}},
		"lockable by the block": {"change": array.concat([{"op": "remove", "path": "/values/object_lock_enabled"}], locking([object.union(retention("COMPLIANCE", "days", 30), {"object_lock_enabled": "Enabled"})])), "want": set()},
		"not lockable by the block": {"change": array.concat([{"op": "remove", "path": "/values/object_lock_enabled"}], locking([object.union(retention("COMPLIANCE", "days", 30), {"object_lock_enabled": "Disabled"})])), "want": {lock}},
		"apart": {"change": apart("aws_s3_bucket_object_lock_configuration", retention("COMPLIANCE", "days", 30)), "want": set()},
		"apart without days": {"change": apart("aws_s3_bucket_object_lock_configuration", retention("COMPLIANCE", "days", 0)), "want": {lock}},
		"apart of another kind": {"change": apart("aws_s3_bucket_acl", retention("COMPLIANCE", "days", 30)), "want": {lock}},
	}
	messages(case.change) == case.want
}

test_force_destroy if {
	messages([{"op": "add", "path": "/values/force_destroy", "value": true}]) == {"force_destroy deletes the bucket with all its objects"}
	messages([{"op": "add", "path": "/values/force_destroy", "value": false}]) == set()
}

test_nothing_that_prevents_a_plan_from_deletion_is_told if {
	s3.warn == {{"msg": "nothing keeps a plan from deleting the bucket"}} with input as json.remove(good, ["/lifecycle"])
	s3.warn == {{"msg": "nothing keeps a plan from deleting the bucket"}} with input as json.patch(good, [{"op": "replace", "path": "/lifecycle/prevent_destroy", "value": false}])
}

expiring(rule) := [{"op": "add", "path": "/values/lifecycle_rule", "value": [rule]}]

test_lifecycle_rules_that_delete[name] if {
	some name, case in {
		"days": {"rule": {"enabled": true, "expiration": [{"days": 30}]}, "want": {"a lifecycle rule deletes objects (expiration)"}},
		"a date": {"rule": {"enabled": true, "expiration": [{"date": "2030-01-01"}]}, "want": {"a lifecycle rule deletes objects (expiration)"}},
		"versions": {"rule": {"enabled": true, "noncurrent_version_expiration": [{"days": 30}]}, "want": {"a lifecycle rule deletes objects (noncurrent_version_expiration)"}},
		"versions in the later form": {"rule": {"enabled": true, "noncurrent_version_expiration": [{"noncurrent_days": 30}]}, "want": {"a lifecycle rule deletes objects (noncurrent_version_expiration)"}},
		"off": {"rule": {"enabled": false, "expiration": [{"days": 30}]}, "want": set()},
		"no days": {"rule": {"enabled": true, "expiration": [{"days": 0, "date": "", "noncurrent_days": null}]}, "want": set()},
		"markers only": {"rule": {"enabled": true, "expiration": [{"expired_object_delete_marker": true}]}, "want": set()},
		"a move": {"rule": {"enabled": true, "transition": [{"days": 30}]}, "want": set()},
	}
	messages(expiring(case.rule)) == case.want
}

test_lifecycle_configurations_that_delete if {
	rule := {"status": "Enabled", "expiration": [{"days": 30}]}
	s3.deny == {{"msg": "a lifecycle rule deletes objects (expiration)"}} with input as {"type": "aws_s3_bucket_lifecycle_configuration", "values": {"rule": [rule]}, "referrers": []}
	s3.deny == set() with input as {"type": "aws_s3_bucket_lifecycle_configuration", "values": {"rule": [object.union(rule, {"status": "Disabled"})]}, "referrers": []}
	s3.deny == set() with input as {"type": "aws_s3_bucket_policy", "values": {"rule": [rule]}, "referrers": []}
}
