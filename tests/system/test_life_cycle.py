# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Install, reinstall, upgrade, downgrade, remove, purge, and upgrades that fail, in public directories."""

from __future__ import annotations

import pytest

from tests.lab.debs import SampleFile, SamplePackage, downstream
from tests.lab.machine import DIST, Machine, caches, pyc_of

FIRST = {
    f"{DIST}/shop/__init__.py": "",
    f"{DIST}/shop/till.py": "print('till', 1)\n",
    f"{DIST}/shop/cellar/__init__.py": "",
    f"{DIST}/shop/cellar/wine.py": "AGE = 3\n",
    f"{DIST}/shopkeeper.py": "import shop.till\n",
}
SECOND = {
    f"{DIST}/shop/__init__.py": "",
    f"{DIST}/shop/till.py": "print('till', 2)\n",  # the same size and modification time
    f"{DIST}/shop/attic/__init__.py": "",
    f"{DIST}/shopkeeper.py": "import shop.till, shop.attic\n",
}


def test_install_caches_every_module_whole_and_root_owned(each_machine: Machine) -> None:
    """T1, T4, T8: at install time, by the packaging, with modes of its own."""
    result = each_machine.install(downstream("shop", FIRST))
    assert "Processing triggers for pkgtools-runtime" in result.output
    assert each_machine.cached() == caches(FIRST, each_machine.python[0])
    assert each_machine.imports("shop.till") == "till 1\n"


def test_trigger_reports_what_it_compiled(machine: Machine) -> None:
    machine.install(downstream("shop", FIRST))
    assert machine.outcomes("compiled") == {("compiled", "missing", source) for source in FIRST}
    assert machine.report()["summary"]["compiled"] == len(FIRST)
    assert machine.report()["exit"] == 0


def test_one_batch_for_many_packages(machine: Machine) -> None:
    packages = [downstream(f"box{n}", {f"{DIST}/box{n}.py": f"N = {n}\n"}) for n in range(20)]
    result = machine.install(*packages)
    assert result.output.count("Processing triggers for pkgtools-runtime") == 1
    assert machine.cached() == caches([f"{DIST}/box{n}.py" for n in range(20)], "3.11")
    machine.dpkg("--purge", *(package.name for package in packages))
    machine.assert_nothing_left()


def test_install_is_silent(machine: Machine) -> None:
    assert machine.install(downstream("shop", FIRST)).stderr == ""


@pytest.mark.parametrize("action", ["--remove", "--purge"])
def test_removal_leaves_nothing(each_machine: Machine, action: str) -> None:
    """T11: what goes leaves no litter behind."""
    each_machine.install(downstream("shop", FIRST))
    assert each_machine.dpkg(action, "shop").stderr == ""
    each_machine.assert_nothing_left()


def test_reinstall_gives_the_same_files(machine: Machine) -> None:
    package = downstream("shop", FIRST)
    machine.install(package)
    before = machine.cached()
    machine.install(package)
    assert machine.cached() == before
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_upgrade_follows_added_removed_and_changed_modules(each_machine: Machine) -> None:
    """Stale bytecode of equal size and mtime is what two builds from one template lead to."""
    each_machine.install(downstream("shop", FIRST))
    each_machine.install(downstream("shop", SECOND, version="2"))
    assert each_machine.cached() == caches(SECOND, each_machine.python[0])
    assert each_machine.imports("shop.till") == "till 2\n"
    assert not each_machine.system.exists(f"{DIST}/shop/cellar")
    each_machine.dpkg("--purge", "shop")
    each_machine.assert_nothing_left()


def test_upgrade_takes_back_what_is_unchanged(each_machine: Machine) -> None:
    each_machine.install(downstream("shop", FIRST))
    each_machine.install(downstream("shop", {**FIRST, f"{DIST}/shop/till.py": "print('till', 2)\n"}, version="2"))
    reasons = {source: reason for _, reason, source in each_machine.outcomes("compiled")}
    assert reasons == {**dict.fromkeys(FIRST, "reused"), f"{DIST}/shop/till.py": "missing"}
    assert each_machine.cached() == caches(FIRST, each_machine.python[0])
    assert each_machine.imports("shop.till") == "till 2\n"
    each_machine.dpkg("--purge", "shop")
    assert each_machine.system.run("ls", "/var/lib/pkgtools/store").stdout == ""
    each_machine.assert_nothing_left()


def test_downgrade_follows_too(machine: Machine) -> None:
    machine.install(downstream("shop", SECOND, version="2"))
    machine.install(downstream("shop", FIRST))
    assert machine.cached() == caches(FIRST, "3.11")
    assert machine.imports("shop.till") == "till 1\n"
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_module_that_becomes_a_package_and_back(machine: Machine) -> None:
    module = {f"{DIST}/shop.py": "print('module')\n"}
    package = {f"{DIST}/shop/__init__.py": "print('package')\n"}
    machine.install(downstream("shop", module))
    for version, files, said in (("2", package, "package\n"), ("3", module, "module\n")):
        machine.install(downstream("shop", files, version=version))
        assert machine.cached() == caches(files, "3.11")
        assert machine.imports("shop") == said


def test_module_that_moves_to_another_package(machine: Machine) -> None:
    machine.install(downstream("shop", FIRST))
    wine = f"{DIST}/shop/cellar/wine.py"
    kept = {path: content for path, content in FIRST.items() if "cellar" not in path}
    cellar = {path: content for path, content in FIRST.items() if "cellar" in path}
    takes_over = {"Breaks": "shop (<< 2)", "Replaces": "shop (<< 2)"}
    machine.install(downstream("shop", kept, version="2"), downstream("cellar", cellar, fields=takes_over))
    assert machine.cached() == caches(FIRST, "3.11")
    machine.dpkg("--purge", "shop")
    assert machine.cached() == caches([wine, f"{DIST}/shop/cellar/__init__.py"], "3.11")
    machine.dpkg("--purge", "cellar")
    machine.assert_nothing_left()


def test_new_preinst_fails_and_the_old_modules_are_cached_again(machine: Machine) -> None:
    """The old prerm has cleaned already when the new preinst fails."""
    machine.install(downstream("shop", FIRST))
    machine.install(downstream("shop", SECOND, version="2", scripts={"preinst": "exit 1\n"}), fails=True)
    assert machine.system.run("dpkg-query", "-Wf${Version} ${db:Status-Status}", "shop").stdout == "1 installed"
    machine.dpkg("--configure", "--pending")
    machine.dpkg("--triggers-only", "--pending")
    assert machine.cached() == caches(FIRST, "3.11")
    assert machine.outcomes("compiled") == {("compiled", "reused", source) for source in FIRST}
    assert machine.imports("shop.till") == "till 1\n"
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_new_postinst_fails_and_the_new_modules_are_cached(machine: Machine) -> None:
    machine.install(downstream("shop", FIRST))
    broken = {"postinst": '[ "$1" != configure ] || [ -e /run/mended ]\n'}
    machine.install(downstream("shop", SECOND, version="2", scripts=broken), fails=True)
    assert machine.cached() == caches(SECOND, "3.11")
    machine.system.write("/run/mended", "")
    machine.dpkg("--configure", "--pending")
    assert machine.cached() == caches(SECOND, "3.11")
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_failed_installation_can_be_removed(machine: Machine) -> None:
    machine.install(downstream("shop", FIRST, scripts={"postinst": "exit 1\n"}), fails=True)
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_removed_package_with_kept_configuration_is_clean(machine: Machine) -> None:
    files = {**FIRST, "/etc/shop.conf": "open = 9\n"}
    machine.install(downstream("shop", files, scripts={"postrm": ":\n"}))
    machine.dpkg("--remove", "shop")
    machine.assert_nothing_left()
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_packaged_bytecode_without_source_stays_until_its_package_goes(machine: Machine) -> None:
    """T18: deleting the pyc of a pyc-only module deletes the program."""
    files: dict[str, str | bytes] = {
        **FIRST,
        f"{DIST}/sealed.pyc": b"not ours to judge",
        f"{DIST}/shop/both.pyc": b"packaged",
    }
    machine.install(downstream("shop", files))
    kept = {f"{DIST}/sealed.pyc": "file 0644 0:0", f"{DIST}/shop/both.pyc": "file 0644 0:0"}
    assert machine.cached() == dict(sorted({**caches(FIRST, "3.11"), **kept}.items()))
    machine.system.run("pkgtools-clean", "-p", "shop")
    assert machine.cached() == kept
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_modules_of_one_stem_with_glob_characters_keep_apart(machine: Machine) -> None:
    names = ("[x].py", "x.py", "x*.py", "a b.py", "$(touch x).py", "it's.py", 'quo"te.py', "%s.py", "-f.py")
    files = {f"{DIST}/odd/{name}": "" for name in names}
    machine.install(downstream("odd", files), downstream("even", {f"{DIST}/odd/xx.py": ""}))
    assert machine.cached() == caches([*files, f"{DIST}/odd/xx.py"], "3.11")
    machine.dpkg("--purge", "odd")
    assert machine.cached() == caches([f"{DIST}/odd/xx.py"], "3.11")
    machine.dpkg("--purge", "even")
    machine.assert_nothing_left()


def test_group_only_source_gets_group_only_bytecode(machine: Machine) -> None:
    """T3: who can read the source can read its pyc, nobody else; only root can write it."""
    source = f"{DIST}/secret.py"
    machine.install(downstream("secret", {source: SampleFile("KEY = 1\n", mode=0o640, gid=42)}))
    assert machine.cached()[pyc_of(source, "3.11")] == "file 0640 0:42"
    machine.dpkg("--purge", "secret")
    machine.assert_nothing_left()


def test_group_writable_source_gets_no_group_writable_bytecode(machine: Machine) -> None:
    """T4, T14: never writable by others than root."""
    source = f"{DIST}/loose.py"
    machine.install(downstream("loose", {source: SampleFile("", mode=0o666)}))
    assert machine.cached() == caches([source], "3.11")


def test_bytecode_planted_by_another_user_is_replaced(machine: Machine) -> None:
    """T16: a foreign-owned pyc with the right header is never fresh."""
    machine.install(downstream("shop", FIRST))
    planted = pyc_of(f"{DIST}/shop/till.py", "3.11")
    machine.system.run("chown", "65534:65534", planted)
    machine.system.run("pkgtools-trigger", "--all")
    assert machine.cached() == caches(FIRST, "3.11")


def test_truncated_bytecode_is_healed_by_a_run_that_is_about_it(machine: Machine) -> None:
    """T23: a re-run heals what it is asked about; that of another package leaves it alone."""
    machine.install(downstream("shop", FIRST))
    machine.settle()
    for path in (pyc_of(f"{DIST}/shop/till.py", "3.11"), pyc_of(f"{DIST}/shopkeeper.py", "3.11")):
        machine.system.run("truncate", "--size=20", path)
    spoilt = machine.system.tree(f"{DIST}/shop/__pycache__")
    machine.install(SamplePackage(name="other", files={f"{DIST}/other.py": ""}))
    assert machine.system.tree(f"{DIST}/shop/__pycache__") == spoilt
    machine.system.run("pkgtools-trigger", "--all")
    assert machine.imports("shop.till") == "till 1\n"
    assert machine.imports("shopkeeper") == "till 1\n"
