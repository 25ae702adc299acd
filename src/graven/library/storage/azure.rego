# METADATA
# title: Immutable storage on Azure
# description: Storage accounts that hold what was released keep every version of it under a locked immutability policy.
# related_resources:
# - https://learn.microsoft.com/azure/storage/blobs/immutable-storage-overview
package graven.storage.azure

# METADATA
# title: Versioned
# description: Blob versioning is enabled.
# custom:
#   id: graven-azure-versioning
#   severity: high
#   remediation: Add blob_properties { versioning_enabled = true } to the storage account.
deny contains {"msg": "the account keeps no versions: what is overwritten is lost"} if {
	input.type == "azurerm_storage_account"
	not versioned
}

versioned if yes(input.values.blob_properties[_].versioning_enabled)

# METADATA
# title: Under a locked immutability policy
# description: The account has an immutability policy in state Locked, so that nobody can shorten or remove it.
# custom:
#   id: graven-azure-immutability
#   severity: high
#   remediation: Add immutability_policy { state = "Locked", period_since_creation_in_days = DAYS } to the account.
deny contains {"msg": "no locked immutability policy: blobs can be deleted and replaced"} if {
	input.type == "azurerm_storage_account"
	not immutable
}

immutable if {
	some policy in input.values.immutability_policy
	policy.state == "Locked"
	to_number(policy.period_since_creation_in_days) > 0
}

# METADATA
# title: The policy of a container is locked
# description: An immutability policy of a container that is not locked can be shortened and removed.
# custom:
#   id: graven-azure-container-immutability
#   severity: high
#   remediation: Set locked = true.
deny contains {"msg": "the immutability policy is not locked: it can be taken away"} if {
	input.type == "azurerm_storage_container_immutability_policy"
	not policy_locked
}

policy_locked if yes(input.values.locked)

# METADATA
# title: Deleted blobs can be restored
# description: Blobs that were deleted are kept for at least seven days.
# custom:
#   id: graven-azure-soft-delete
#   severity: medium
#   remediation: Add delete_retention_policy { days = 7 } to blob_properties.
warn contains {"msg": "deleted blobs are not kept for seven days"} if {
	input.type == "azurerm_storage_account"
	not restorable
}

restorable if to_number(input.values.blob_properties[_].delete_retention_policy[_].days) >= 7

# METADATA
# title: Not deleted by rule
# description: No enabled management rule deletes blobs or their versions.
# custom:
#   id: graven-azure-lifecycle
#   severity: high
#   remediation: Take the delete action out of the rule, or keep releases in an account without one.
deny contains {"msg": msg} if {
	input.type == "azurerm_storage_management_policy"
	some rule in input.values.rule
	yes(rule.enabled)
	some what in ["base_blob", "version"]
	some action in rule.actions[_][what]
	some key, days in action
	startswith(key, "delete_after_days")
	days >= 0
	msg := sprintf("a management rule deletes blobs (%s.%s)", [what, key])
}

yes(value) if value in {true, "true"}
