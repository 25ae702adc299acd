from __future__ import annotations

import pytest

from archives import ELF, GO, JAR, PE, Entry, file, folder, hard_link, metadata, report_of, stanza, symlink
from graven.inventory import Coverage, Unread, squash

DPKG = "var/lib/dpkg/"


def coverage(*entries: Entry) -> Coverage:
    return squash([report_of(entries)]).coverage


def status(*names: str) -> Entry:
    return file(f"{DPKG}status", "".join(stanza(name, "1") for name in names))


def owned(*paths: str, name: str = "one") -> Entry:
    return file(f"{DPKG}info/{name}.list", "/.\n" + "".join(f"/{path}\n" for path in paths))


def test_executables_that_no_package_owns_are_told() -> None:
    found = coverage(file("usr/bin/a", ELF), file("opt/b.exe", PE), file("usr/bin/c", "#!/bin/sh\n" + " " * 99))
    assert found.unowned_executables == ("opt/b.exe", "usr/bin/a")


def test_executables_of_a_distribution_package_are_not_told() -> None:
    assert coverage(status("one"), owned("usr/bin/a"), file("usr/bin/a", ELF)) == Coverage()


def test_the_list_of_a_package_that_is_not_installed_does_not_count() -> None:
    left = file(f"{DPKG}status", stanza("one", "1", Status="deinstall ok config-files"))
    assert coverage(left, owned("usr/bin/a"), file("usr/bin/a", ELF)).unowned_executables == ("usr/bin/a",)


def test_a_list_for_one_architecture_counts() -> None:
    assert coverage(status("one"), owned("usr/bin/a", name="one:amd64"), file("usr/bin/a", ELF)) == Coverage()


def test_sums_count_where_the_list_was_stripped() -> None:
    sums = "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\n"
    slim = file(f"{DPKG}status.d/one", stanza("one", "1").replace("Status: install ok installed\n", ""))
    assert coverage(status("one"), file(f"{DPKG}info/one.md5sums", sums), file("usr/bin/a", ELF)) == Coverage()
    assert coverage(slim, file(f"{DPKG}status.d/one.md5sums", sums), file("usr/bin/a", ELF)) == Coverage()


@pytest.mark.parametrize(("listed", "stands"), [("lib/a.so", "usr/lib/a.so"), ("usr/lib/a.so", "lib/a.so")])
def test_a_root_folder_behind_a_link_is_the_same_place(listed: str, stands: str) -> None:
    assert coverage(status("one"), owned(listed), symlink("lib", "usr/lib"), file(stands, ELF)) == Coverage()


def test_links_of_the_root_that_go_in_circles_do_no_harm() -> None:
    found = coverage(symlink("a", "b"), symlink("b", "a"), symlink("c", "c"), symlink("d", "../d"), file("e/x", ELF))
    assert found.unowned_executables == ("e/x",)


def test_a_diverted_file_is_still_its_packages() -> None:
    moved = file(f"{DPKG}diversions", "/usr/bin/a\n/usr/bin/a.real\ntwo\n")
    listed = (status("one", "two"), owned("usr/bin/a"), moved)
    assert coverage(*listed, file("usr/bin/a.real", ELF)) == Coverage()
    assert coverage(*listed[:2], file("usr/bin/a.real", ELF)).unowned_executables == ("usr/bin/a.real",)


SITE = "venv/lib/python3.12/site-packages/"


def test_what_a_wheel_recorded_is_its_own_and_nothing_else_is() -> None:
    rows = 'a/__init__.py,,\na/_x.so,sha256=x,9\n"a/y,z.so",,\n../../../bin/a,,\n/opt/elsewhere,,\na-1.dist-info/RECORD,,\n'
    wheel = [file(f"{SITE}a-1.dist-info/METADATA", metadata("a", "1")), file(f"{SITE}a-1.dist-info/RECORD", rows)]
    own = [
        file(f"{SITE}a/_x.so", ELF),
        file(f"{SITE}a/y,z.so", ELF),
        file("venv/bin/a", ELF),
        file(f"{SITE}a/__init__.py"),
    ]
    assert coverage(*wheel, *own) == Coverage()
    assert coverage(*wheel, *own, file(f"{SITE}a/_y.so", ELF)).unowned_executables == (f"{SITE}a/_y.so",)


def test_a_record_without_its_metadata_does_not_count() -> None:
    found = coverage(file(f"{SITE}a-1.dist-info/RECORD", "a/_x.so,,\n"), file(f"{SITE}a/_x.so", ELF))
    assert found.unowned_executables == (f"{SITE}a/_x.so",)


def test_an_egg_owns_all_of_its_top_folders() -> None:
    old = [file(f"{SITE}a-1.egg-info/PKG-INFO", metadata("a", "1")), file(f"{SITE}a-1.egg-info/top_level.txt", "b\n")]
    assert coverage(*old, file(f"{SITE}b/_x.so", ELF), file(f"{SITE}b/__init__.py")) == Coverage()
    egg = file(f"{SITE}a-1.egg/EGG-INFO/PKG-INFO", metadata("a", "1"))
    assert coverage(egg, file(f"{SITE}a-1.egg/a/_x.so", ELF)) == Coverage()


def test_python_folders_without_metadata_are_told() -> None:
    entries = [
        file(f"{SITE}a/__init__.py"),
        file(f"{SITE}b.py"),
        file(f"{SITE}__pycache__/b.py"),
        folder(f"{SITE}empty"),
    ]
    assert coverage(*entries).bare_folders == (f"{SITE}a", f"{SITE}b.py")


def test_python_folders_of_a_distribution_package_are_not_told() -> None:
    here = "usr/lib/python3/dist-packages/a"
    assert coverage(status("one"), owned(here, f"{here}/__init__.py"), file(f"{here}/__init__.py")) == Coverage()


def test_the_distribution_package_that_owns_a_python_package_is_named() -> None:
    here = "usr/lib/python3/dist-packages/a-1.egg-info"
    found = squash([report_of([status("one"), owned(here), file(here, metadata("a", "1"))])])
    assert [(c.purl.type, c.owner) for c in found.components] == [("deb", ""), ("pypi", "one")]


def test_node_packages_own_their_folders() -> None:
    package = file("app/node_modules/@s/a/package.json", '{"name":"@s/a","version":"1"}')
    assert coverage(package, file("app/node_modules/@s/a/build/x.node", ELF)) == Coverage()
    nested = file("app/node_modules/@s/a/node_modules/b/x.node", ELF)
    assert coverage(package, nested).bare_folders == ("app/node_modules/@s/a/node_modules/b",)


def test_a_node_folder_that_came_inside_a_package_is_its_own() -> None:
    package = file("app/node_modules/a/package.json", '{"name":"a","version":"1"}')
    assert coverage(package, file("app/node_modules/a/test/x/node_modules/b/index.js")) == Coverage()
    assert coverage(package, file("app/node_modules/a/node_modules/b/index.js")).bare_folders == (
        "app/node_modules/a/node_modules/b",
    )


def test_scripts_that_pip_put_beside_the_packages_are_the_wheels_own() -> None:
    wheel = [file("t/site-packages/a-1.dist-info/METADATA", metadata("a", "1"))]
    wheel += [file("t/site-packages/a-1.dist-info/RECORD", "../../bin/a,,\n"), file("t/site-packages/bin/a", ELF)]
    assert coverage(*wheel, file("t/site-packages/bin/a.py")) == Coverage()
    assert coverage(*wheel, file("t/site-packages/bin/b", ELF)).unowned_executables == ("t/site-packages/bin/b",)


def test_node_folders_without_metadata_are_told() -> None:
    entries = [
        file("app/node_modules/a/index.js"),
        file("app/node_modules/@s/b/index.js"),
        file("app/node_modules/.bin/c"),
        file("app/node_modules/d/package.json", '{"name": "d"}'),
        file("app/node_modules/e/package.json", "{broken"),
    ]
    found = coverage(*entries).bare_folders
    assert found == tuple(f"app/node_modules/{name}" for name in ("@s/b", "a", "d", "e"))


def test_a_package_of_the_application_does_not_own_what_lies_around() -> None:
    found = coverage(file("app/package.json", '{"name":"app","version":"1"}'), file("app/tool", ELF))
    assert found.unowned_executables == ("app/tool",)


def test_archives_that_no_package_owns_are_told() -> None:
    found = coverage(
        file("opt/a.jar", JAR), file("opt/b.war", "no zip"), status("one"), owned("usr/c.jar"), file("usr/c.jar", JAR)
    )
    assert found.unowned_archives == ("opt/a.jar",)


def test_programs_of_go_are_a_database_that_is_not_read() -> None:
    found = coverage(file("usr/bin/a", GO), status("one"), owned("usr/bin/b"), file("usr/bin/b", GO))
    assert found == Coverage(unread_databases=(Unread("go", "usr/bin/a"),))


DATABASES = {
    "lib/apk/db/installed": "apk",
    "usr/lib/apk/db/installed": "apk",
    "var/lib/rpm/Packages": "rpm",
    "var/lib/rpm/rpmdb.sqlite": "rpm",
    "usr/lib/sysimage/rpm/Packages.db": "rpm",
    "var/lib/rpmmanifest/container-manifest-2": "rpm",
    "usr/lib/opkg/status": "opkg",
    "app/vendor/composer/installed.json": "composer",
    "root/.cargo/.crates2.json": "cargo",
    "app/app.deps.json": "dotnet",
    "home/linuxbrew/.linuxbrew/Cellar/x/1/INSTALL_RECEIPT.json": "homebrew",
    "opt/bitnami/redis/.spdx-redis.json": "bitnami",
    "opt/conda/conda-meta/python-3.json": "conda",
    "usr/local/lib/R/site-library/x/DESCRIPTION": "r",
    "app/data/installed": "",
    "app/Packages": "",
    "var/lib/other/status": "",
}


@pytest.mark.parametrize("path", DATABASES)
def test_databases_that_no_cataloguer_reads_are_told(path: str) -> None:
    kinds = [unread.kind for unread in coverage(file(path, "x")).unread_databases]
    assert kinds == ([DATABASES[path]] if DATABASES[path] else [])


def test_a_database_that_a_distribution_package_owns_is_not_told() -> None:
    here = "usr/share/rubygems-integration/all/specifications/a.gemspec"
    assert coverage(status("one"), owned(here), file(here)) == Coverage()


def test_a_hard_link_is_as_good_as_the_file() -> None:
    entries = [file("usr/bin/a", ELF), hard_link("usr/bin/b", "usr/bin/a"), hard_link("usr/bin/c", "usr/bin/b")]
    assert coverage(*entries).unowned_executables == ("usr/bin/a", "usr/bin/b", "usr/bin/c")
    wheel = [
        file("cache/a-1.dist-info/METADATA", metadata("a", "1")),
        file("cache/a-1.dist-info/RECORD", "a/x.so,,\n"),
        hard_link(f"{SITE}a-1.dist-info/METADATA", "cache/a-1.dist-info/METADATA"),
        hard_link(f"{SITE}a-1.dist-info/RECORD", "cache/a-1.dist-info/RECORD"),
        file(f"{SITE}a/x.so", ELF),
    ]
    assert coverage(*wheel) == Coverage()
    linked = squash(
        [report_of([status("one"), owned("usr/bin/a"), hard_link(f"{DPKG}info/two.list", f"{DPKG}info/one.list")])]
    )
    assert linked.coverage == Coverage()


@pytest.mark.parametrize("target", ["unwanted", "lower", "node_modules/a/package.json"])
def test_a_hard_link_whose_contents_were_not_kept_is_told(target: str) -> None:
    found = coverage(file("unwanted", '{"name":"a","version":"1"}'), hard_link("node_modules/a/package.json", target))
    assert any("hard link" in limit for limit in found.limits)
