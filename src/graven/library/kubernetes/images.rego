# METADATA
# title: Images of Kubernetes workloads
# description: >-
#   Each container runs an image by its digest, from a registry that is trusted, whose signature is known. The document
#   data.trusted_registries lists prefixes of repositories; data.signed_digests the digests that are signed.
package graven.kubernetes.images

# METADATA
# title: Pinned by digest
# description: A tag can point at something else tomorrow; a digest cannot.
# custom:
#   id: graven-k8s-digest
#   severity: high
#   remediation: Name the image as REPOSITORY@sha256:DIGEST.
deny contains {"msg": msg} if {
	image := input.values.image
	not pinned
	msg := sprintf("the image %v is not pinned by digest", [image.reference])
}

pinned if startswith(input.values.image.digest, "sha256:")

pinned if startswith(input.values.image.digest, "sha512:")

# METADATA
# title: From a trusted registry
# description: The repository begins with one of data.trusted_registries.
# custom:
#   id: graven-k8s-registry
#   severity: critical
#   remediation: Push the image to a trusted registry, or add its prefix to the data trusted_registries.
deny contains {"msg": msg} if {
	image := input.values.image
	is_array(data.trusted_registries)
	not trusted
	msg := sprintf("the image %v is from no trusted registry", [image.reference])
}

# METADATA
# title: Trusted registries are told
# description: The data trusted_registries is a list; without it no image is from a trusted registry.
# custom:
#   id: graven-k8s-registries-told
#   severity: critical
#   remediation: Give a file with trusted_registries by --data.
deny contains {"msg": "nothing says which registries are trusted: give the data trusted_registries"} if {
	input.values.image
	not told
}

told if is_array(data.trusted_registries)

trusted if {
	some prefix in data.trusted_registries
	under(input.values.image.repository, prefix)
}

under(repository, prefix) if repository == prefix

under(repository, prefix) if startswith(repository, concat("", [trim_right(prefix, "/"), "/"]))

# METADATA
# title: Signature known
# description: The digest is one of data.signed_digests, where that is given.
# custom:
#   id: graven-k8s-signed
#   severity: critical
#   remediation: Sign the digest (graven sign), and let what lists signed digests run again.
deny contains {"msg": msg} if {
	image := input.values.image
	asked
	not known
	msg := sprintf("no signature of %v is known", [image.reference])
}

known if input.values.image.digest in data.signed_digests

asked if type_name(data.signed_digests)
