"""Every pair of an ordered list is in order: RPM, Alpine, Maven, Ruby gems, NuGet."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from graven.versions import apk_key, gem_key, maven_key, nuget_key, rpm_key

Key = Callable[[str], bytes | None]

ORDERED: dict[Key, str] = {
    rpm_key: """0~~ 0~a 0 1.0~beta1-1 1.0~rc1-1 1.0-1 1.0-1.el8 1.0-1.el8_2 1.0-1.el9 1.0-2 1.0-10 1.0^git1-1 1.0^git2-1
        1.0a-1 1.0.a-9z 1.0b-1 1.0.1-1 1.0.10-1 1.1-1 2a-1 2.0-1 10-1 1:0.1-1 2:0-1""",
    apk_key: """0.9_alpha 0.9_alpha1 0.9_beta 0.9_pre2 0.9_rc 0.9_rc10-r0 0.9 0.9-r0 0.9-r1 0.9-r10 0.9_cvs1 0.9_git20200101
        0.9_p1 0.9_p1-r3 0.9a 0.9b-r1 0.9.0 0.9.01 0.9.1 0.9.10 0.10 1 1.2.3-r0 10""",
    maven_key: """1-alpha 1-alpha-1 1.0-alpha-2 1a3 1-alpha-10 1-beta1 1-m1 1.0.0.M2 1-rc1 2.0.0.rc2 2.0.0-SNAPSHOT 2.0.0.Final 2-sp 2-sp-1
        2-foo 2-jre 2-1 2-2 2.0.1 2.0.1-1 2.1 2.10 10.0-rc1 10.0""",
    gem_key: """0.9.a 0.9.b 0.9 1.0.a 1.0.a.1 1.0.a.2 1.0.a10 1.0.b1 1.0.pre 1.0.rc.1 1.0.rc1.0.1 1.0 1.0.1.pre1 1.0.1 1.0.1.1 1.0.10 1.1 2""",
    nuget_key: "1.0.0-1 1.0.0-2 1.0.0-10 1.0.0-a 1.0.0-a.1 1.0.0-a.b 1.0.0-ab 1.0 1.0.0.1 1.0.1-x 1.0.1 1.1 1.10 2",
}
PAIRS = [(order, one, other) for order, text in ORDERED.items() for one, other in combinations(text.split(), 2)]
EQUAL = [
    (rpm_key, "1.0", "0:1.0"),
    (rpm_key, "1_0", "1.0"),
    (rpm_key, "01.1-1", "1.01-1"),
    (apk_key, "1.2~abcdef", "1.2"),
    (maven_key, "1", "1.0.0"),
    (maven_key, "1.ga", "1-FINAL"),
    (maven_key, "1cr2", "1-rc-2"),
    (maven_key, "1-b2", "1-beta-2"),
    (gem_key, "1.0.0", "1"),
    (gem_key, "1-rc.1", "1.pre.rc.1"),
    (nuget_key, "1.0.0-RC.1+x", "1-rc.1"),
]
NONE = [
    (rpm_key, ["", "1.0-1-1", "a:1", "1 0", "é"]),
    (apk_key, ["", "a", "1.", "1_gamma", "1-1", "1.2-rc1"]),
    (maven_key, ["", "v1", "1.x.2", "1.final-2", "1 2", "${version}"]),
    (gem_key, ["", "a", "1..2", "1_0"]),
    (nuget_key, ["", "v1", "1.2.3.4.5", "1-", "1-a..b"]),
]


@pytest.mark.parametrize("order", ORDERED)
def test_every_pair_of_an_ordered_list_is_in_order(order: Key) -> None:
    for order_, one, other in PAIRS:
        if order_ is order:
            low, high = order(one), order(other)
            assert low is not None, one
            assert high is not None, other
            assert low < high, (one, other)


@pytest.mark.parametrize(("order", "one", "other"), EQUAL)
def test_versions_that_are_the_same_share_a_key(order: Key, one: str, other: str) -> None:
    assert order(one) == order(other) is not None


@pytest.mark.parametrize(("order", "versions"), NONE)
def test_what_is_no_version_has_no_key(order: Key, versions: list[str]) -> None:
    assert [order(version) for version in (*versions, "1" * 300)] == [None] * (len(versions) + 1)


JARS = [Path("/usr/share/maven/lib") / name for name in ("maven-artifact-3.x.jar", "commons-lang3.jar")]


@pytest.mark.interop
def test_maven_itself_orders_random_versions_so() -> None:
    if shutil.which("java") is None or not all(jar.exists() for jar in JARS):
        pytest.skip("neither Java nor Maven's own classes are here")
    versions = [version for version in map(_random, range(4000)) if maven_key(version) is not None]
    main = "org.apache.maven.artifact.versioning.ComparableVersion"
    command = ["java", "-cp", ":".join(map(str, JARS)), main, *versions]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    signs = [words[1] for words in map(str.split, told) if len(words) == 3 and words[1] in ("<", "==", ">")]
    assert len(signs) == len(versions) - 1
    for (one, other), sign in zip(pairwise(versions), signs, strict=True):
        low, high = maven_key(one), maven_key(other)
        assert low is not None and high is not None
        assert sign == ("<" if low < high else ">" if low > high else "=="), (one, other)


def _random(seed: int) -> str:
    """Make versions as people write them."""
    dice = random.Random(seed)  # noqa: S311 - versions, no secrets
    words = [
        "alpha",
        "beta",
        "m",
        "rc",
        "cr",
        "snapshot",
        "final",
        "ga",
        "sp",
        "jre",
        "a",
        "b",
        "x",
        "RELEASE",
        "RC",
        "redhat",
    ]
    version = ".".join(str(dice.choice((0, 0, 1, 2, 10))) for _ in range(dice.randrange(1, 4)))
    if dice.random() < 0.75:
        version += dice.choice((".", "-", "")) + dice.choice(words)
        version += dice.choice(("-", "", ".")) + str(dice.choice((1, 2, 10))) if dice.random() < 0.5 else ""
        version += "-" + dice.choice(("SNAPSHOT", "redhat", "jre")) if dice.random() < 0.3 else ""
    return version
