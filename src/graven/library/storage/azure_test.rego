package graven.storage.azure_test

import data.graven.storage.azure

good := {"type": "azurerm_storage_account", "values": {
	"blob_properties": [{"versioning_enabled": true, "delete_retention_policy": [{"days": 7}]}],
	"immutability_policy": [{"state": "Locked", "period_since_creation_in_days": 1}],
}}

messages(changes) := {result.msg | some result in azure.deny with input as json.patch(good, changes)}

versions := "the account keeps no versions: what is overwritten is lost"

immutability := "no locked immutability policy: blobs can be deleted and replaced"

test_a_good_account_passes if {
	messages([]) == set()
	azure.warn == set() with input as good
}

test_other_resources_are_left_alone if {
	azure.deny == set() with input as {"type": "azurerm_key_vault", "values": {"locked": false, "rule": [{"enabled": true, "actions": [{"base_blob": [{"delete_after_days_since_creation_greater_than": 3}]}]}]}}
	azure.warn == set() with input as {"type": "azurerm_key_vault", "values": {}}
}

test_each_form[name] if {
	some name, case in {
		"no versions": {"change": [{"op": "remove", "path": "/values/blob_properties/0/versioning_enabled"}], "want": {versions}},
		"versions off": {"change": [{"op": "replace", "path": "/values/blob_properties/0/versioning_enabled", "value": false}], "want": {versions}},
		"versions by a word": {"change": [{"op": "replace", "path": "/values/blob_properties/0/versioning_enabled", "value": "true"}], "want": set()},
		"no policy": {"change": [{"op": "remove", "path": "/values/immutability_policy"}], "want": {immutability}},
		"unlocked": {"change": [{"op": "replace", "path": "/values/immutability_policy/0/state", "value": "Unlocked"}], "want": {immutability}},
		"for no time": {"change": [{"op": "replace", "path": "/values/immutability_policy/0/period_since_creation_in_days", "value": 0}], "want": {immutability}},
	}
	messages(case.change) == case.want
}

test_deleted_blobs_are_kept_for_a_week if {
	azure.warn == {{"msg": "deleted blobs are not kept for seven days"}} with input as json.patch(good, [{"op": "replace", "path": "/values/blob_properties/0/delete_retention_policy/0/days", "value": 6}])
	azure.warn == {{"msg": "deleted blobs are not kept for seven days"}} with input as json.patch(good, [{"op": "remove", "path": "/values/blob_properties/0/delete_retention_policy"}])
}

test_the_policy_of_a_container_is_locked if {
	policy := {"type": "azurerm_storage_container_immutability_policy", "values": {"locked": true}}
	azure.deny == set() with input as policy
	azure.deny == {{"msg": "the immutability policy is not locked: it can be taken away"}} with input as json.patch(policy, [{"op": "replace", "path": "/values/locked", "value": false}])
	azure.deny == {{"msg": "the immutability policy is not locked: it can be taken away"}} with input as json.patch(policy, [{"op": "remove", "path": "/values/locked"}])
}

managed(rule) := {result.msg | some result in azure.deny with input as {"type": "azurerm_storage_management_policy", "values": {"rule": [rule]}}}

test_management_rules_that_delete[name] if {
	some name, case in {
		"blobs": {"rule": {"enabled": true, "actions": [{"base_blob": [{"delete_after_days_since_modification_greater_than": 0}]}]}, "want": {"a management rule deletes blobs (base_blob.delete_after_days_since_modification_greater_than)"}},
		"versions": {"rule": {"enabled": true, "actions": [{"version": [{"delete_after_days_since_creation": 30}]}]}, "want": {"a management rule deletes blobs (version.delete_after_days_since_creation)"}},
		"snapshots only": {"rule": {"enabled": true, "actions": [{"snapshot": [{"delete_after_days_since_creation_greater_than": 30}]}]}, "want": set()},
		"not set": {"rule": {"enabled": true, "actions": [{"base_blob": [{"delete_after_days_since_modification_greater_than": -1}]}]}, "want": set()},
		"off": {"rule": {"enabled": false, "actions": [{"base_blob": [{"delete_after_days_since_modification_greater_than": 30}]}]}, "want": set()},
		"a move": {"rule": {"enabled": true, "actions": [{"base_blob": [{"tier_to_cool_after_days_since_modification_greater_than": 30}]}]}, "want": set()},
	}
	managed(case.rule) == case.want
}
