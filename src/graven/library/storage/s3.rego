# METADATA
# title: Immutable storage on S3
# description: >-
#   Buckets that hold what was released keep every version of it, lock it, and are not deleted by hand or by rule.
# related_resources:
# - https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
package graven.storage.s3

# METADATA
# title: Versioned
# description: >-
#   Versioning is enabled, by the attribute of the bucket or by an aws_s3_bucket_versioning that refers to it.
# custom:
#   id: graven-s3-versioning
#   severity: high
#   remediation: Add an aws_s3_bucket_versioning with status "Enabled" for the bucket.
deny contains {"msg": "the bucket keeps no versions: what is overwritten is lost"} if {
	input.type == "aws_s3_bucket"
	not versioned
}

versioned if yes(input.values.versioning[_].enabled)

versioned if {
	some other in input.referrers
	other.type == "aws_s3_bucket_versioning"
	other.values.versioning_configuration[_].status == "Enabled"
}

# METADATA
# title: Locked
# description: >-
#   Object lock is on, and says for how long objects are kept in mode COMPLIANCE or GOVERNANCE.
# custom:
#   id: graven-s3-object-lock
#   severity: high
#   remediation: Set object_lock_enabled, and add an aws_s3_bucket_object_lock_configuration with a default retention.
deny contains {"msg": "objects are not locked: they can be deleted and replaced"} if {
	input.type == "aws_s3_bucket"
	not locked
}

locked if {
	lockable
	retains(input.values.object_lock_configuration[_])
}

locked if {
	some other in input.referrers
	other.type == "aws_s3_bucket_object_lock_configuration"
	retains(other.values)
}

lockable if yes(input.values.object_lock_enabled)

lockable if input.values.object_lock_configuration[_].object_lock_enabled == "Enabled"

retains(configuration) if {
	retention := configuration.rule[_].default_retention[_]
	retention.mode in {"COMPLIANCE", "GOVERNANCE"}
	some unit in ["days", "years"]
	to_number(retention[unit]) > 0
}

# METADATA
# title: Not deleted with its objects
# description: A bucket with force_destroy is deleted with everything in it.
# custom:
#   id: graven-s3-force-destroy
#   severity: critical
#   remediation: Take force_destroy away.
deny contains {"msg": "force_destroy deletes the bucket with all its objects"} if {
	input.type == "aws_s3_bucket"
	yes(input.values.force_destroy)
}

# METADATA
# title: Protected from deletion
# description: lifecycle.prevent_destroy keeps a plan from deleting the bucket.
# custom:
#   id: graven-s3-prevent-destroy
#   severity: medium
#   remediation: Add lifecycle { prevent_destroy = true } to the bucket.
warn contains {"msg": "nothing keeps a plan from deleting the bucket"} if {
	input.type == "aws_s3_bucket"
	not protected
}

protected if yes(input.lifecycle.prevent_destroy)

# METADATA
# title: Not deleted by rule
# description: No enabled lifecycle rule expires objects or their versions.
# custom:
#   id: graven-s3-lifecycle
#   severity: high
#   remediation: Take the expiration out of the lifecycle rule, or keep releases in a bucket without one.
deny contains {"msg": msg} if {
	some rule in enabled_rules
	some what in deletions(rule)
	msg := sprintf("a lifecycle rule deletes objects (%s)", [what])
}

enabled_rules contains rule if {
	input.type == "aws_s3_bucket"
	some rule in input.values.lifecycle_rule
	yes(rule.enabled)
}

enabled_rules contains rule if {
	input.type == "aws_s3_bucket_lifecycle_configuration"
	some rule in input.values.rule
	rule.status == "Enabled"
}

deletions(rule) := {what |
	some what in ["expiration", "noncurrent_version_expiration"]
	some end in rule[what]
	some unit in ["days", "date", "noncurrent_days"]
	set_to(end, unit)
}

set_to(object, key) if not object[key] in {0, "", null}

yes(value) if value in {true, "true"}
