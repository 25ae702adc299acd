package graven.kubernetes.images_test

import data.graven.kubernetes.images

digest := "sha256:aa"

image(values) := {"values": {"image": object.union({"registry": "ghcr.io", "repository": "ghcr.io/signed/web", "reference": "R"}, values)}}

messages(document) := {result.msg | some result in images.deny with input as document with data.trusted_registries as ["ghcr.io/signed/"] with data.signed_digests as [digest]}

test_a_good_image_passes if messages(image({"digest": digest})) == set()

test_nothing_is_said_of_what_is_no_image if {
	messages({"kind": "Pod"}) == set()
	images.deny == set() with input as {"kind": "Pod"}
}

test_each_form[name] if {
	some name, case in {
		"by tag": {"image": {"tag": "1"}, "want": {"the image R is not pinned by digest", "no signature of R is known"}},
		"by another digest": {"image": {"digest": "sha256:bb"}, "want": {"no signature of R is known"}},
		"by a long digest": {"image": {"digest": "sha512:bb"}, "want": {"no signature of R is known"}},
		"by a weak digest": {"image": {"digest": "md5:bb"}, "want": {"the image R is not pinned by digest", "no signature of R is known"}},
		"from elsewhere": {"image": {"digest": digest, "repository": "docker.io/library/web"}, "want": {"the image R is from no trusted registry"}},
		"from a name that only begins so": {"image": {"digest": digest, "repository": "ghcr.io/signed-by-nobody/web"}, "want": {"the image R is from no trusted registry"}},
	}
	messages(image(case.image)) == case.want
}

test_a_prefix_with_or_without_a_slash_and_a_whole_name if {
	every prefix in ["ghcr.io/signed", "ghcr.io/signed/", "ghcr.io/signed/web", "ghcr.io"] {
		images.deny == set() with input as image({"digest": digest}) with data.trusted_registries as [prefix]
	}
	every prefix in ["ghcr.io/signed/we", "ghcr.io/sign", "cr.io/signed"] {
		images.deny == {{"msg": "the image R is from no trusted registry"}} with input as image({"digest": digest}) with data.trusted_registries as [prefix]
	}
}

test_registries_that_nobody_told_are_not_trusted if {
	images.deny == {{"msg": "nothing says which registries are trusted: give the data trusted_registries"}} with input as image({"digest": digest})
}

test_signatures_are_asked_for_where_they_are_told if {
	images.deny == set() with input as image({"digest": digest}) with data.trusted_registries as ["ghcr.io/signed"]
	every signed in [[], {}, "sha256:aa", null, false] {
		images.deny == {{"msg": "no signature of R is known"}} with input as image({"digest": digest}) with data.trusted_registries as ["ghcr.io/signed"] with data.signed_digests as signed
	}
}
