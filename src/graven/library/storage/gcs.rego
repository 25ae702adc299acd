# METADATA
# title: Immutable storage on Google Cloud Storage
# description: Buckets that hold what was released keep every version of it, retain it, and are not deleted.
# related_resources:
# - https://cloud.google.com/storage/docs/bucket-lock
package graven.storage.gcs

# METADATA
# title: Versioned
# description: Object versioning is enabled.
# custom:
#   id: graven-gcs-versioning
#   severity: high
#   remediation: Add versioning { enabled = true } to the bucket.
deny contains {"msg": "the bucket keeps no versions: what is overwritten is lost"} if {
	input.type == "google_storage_bucket"
	not versioned
}

versioned if yes(input.values.versioning[_].enabled)

# METADATA
# title: Retained
# description: A retention policy is set and locked, so that nobody can shorten it.
# custom:
#   id: graven-gcs-retention
#   severity: high
#   remediation: Add retention_policy { is_locked = true, retention_period = SECONDS } to the bucket.
deny contains {"msg": "no locked retention policy: objects can be deleted and replaced"} if {
	input.type == "google_storage_bucket"
	not retained
}

retained if {
	some policy in input.values.retention_policy
	yes(policy.is_locked)
	to_number(policy.retention_period) > 0
}

# METADATA
# title: Not deleted with its objects
# description: A bucket with force_destroy is deleted with everything in it.
# custom:
#   id: graven-gcs-force-destroy
#   severity: critical
#   remediation: Take force_destroy away.
deny contains {"msg": "force_destroy deletes the bucket with all its objects"} if {
	input.type == "google_storage_bucket"
	yes(input.values.force_destroy)
}

# METADATA
# title: Deleted objects can be restored
# description: Soft delete is not turned off; where nothing is said of it, Google keeps what was deleted for seven days.
# custom:
#   id: graven-gcs-soft-delete
#   severity: medium
#   remediation: Take soft_delete_policy away, or let it retain for a week (retention_duration_seconds = 604800).
warn contains {"msg": "deleted objects are not kept: soft delete is off"} if {
	input.type == "google_storage_bucket"
	to_number(input.values.soft_delete_policy[_].retention_duration_seconds) == 0
}

# METADATA
# title: Not deleted by rule
# description: No lifecycle rule deletes objects or their versions.
# custom:
#   id: graven-gcs-lifecycle
#   severity: high
#   remediation: Take the rule with the action Delete away, or keep releases in a bucket without one.
deny contains {"msg": "a lifecycle rule deletes objects"} if {
	input.type == "google_storage_bucket"
	input.values.lifecycle_rule[_].action[_].type == "Delete"
}

yes(value) if value in {true, "true"}
