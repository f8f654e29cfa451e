# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The steps of an RPM package's life as commands of rpm, in a system of that family or in a Debian one with rpm."""

from __future__ import annotations

from pkgtools.model.trial import LifeStep

from .package_steps import InstalledVersion, PackageSteps, StepEnded, full_disk

_OPTIONS = """
[ -e /etc/debian_version ] || exit 0
echo --nodeps
case $(rpm --version) in *' 4.1'[0-9].*) echo --force-debian --dbpath /var/lib/rpm;; esac
"""
"""Prints what rpm needs where dpkg manages the system, and rpm's database doesn't have what is installed."""

_WITHOUT_UNSHARE = "--define=__transaction_unshare %{nil}"
"""rpm 4.20 and later run scriptlets in namespaces that they make, which nothing may do here."""


class RpmSteps(PackageSteps):
    """What rpm does in the throw-away system."""

    suffix = ".rpm"
    _options: tuple[str, ...] = ()

    def prepare_manager(self) -> None:
        """Ask for rpm, and for what it needs there."""
        said = self.do("sh", "-c", f"rpm --version >/dev/null && {{ {_OPTIONS} }}").output
        self._options = (_WITHOUT_UNSHARE, *said.split())

    def skipped(self, step: LifeStep) -> str:
        """Return why there is no purge."""
        return "rpm has no purge: it removes configuration with the package" if step is LifeStep.PURGE else ""

    def put(self, which: InstalledVersion) -> None:
        """Install a version."""
        self._upgrade(*self.shelf(which.value))
        self.installed = which

    def remove(self) -> None:
        """Erase the package."""
        self.do("rpm", "--erase", *self._options, "--", self.name)
        self.installed = InstalledVersion.NOTHING

    def purge(self) -> None:
        """Erase the package if it is there."""
        if self.installed is not InstalledVersion.NOTHING:
            self.remove()

    def fail_upgrade(self) -> None:
        """Have an upgrade find a full disk."""
        with full_disk():
            self.note(self.fence.run("rpm", *self._argv(), *self.shelf("new")))

    def fill(self) -> None:
        """Install while the disk is full; then there is room again."""
        with full_disk():
            self.note(self.fence.run("rpm", *self._argv(), *self.shelf("new")))
        self.put(InstalledVersion.NEW)

    def kill(self) -> None:
        """Kill rpm as soon as it says that it installs the package; then install it again."""
        self.note(self.fence.run("rpm", "--verbose", *self._argv(), *self.shelf("new"), until=f"{self.name}-".encode()))
        self.put(InstalledVersion.NEW)

    def add(self, *files: str) -> None:
        """Install packages."""
        self._upgrade(*files)

    def erase(self, *files: str) -> None:
        """Erase the packages that files are."""
        names = self.do("rpm", "--query", "--queryformat", "%{NAME}\\n", "--package", *files).output
        self.do("rpm", "--erase", *self._options, "--", *names.split())

    def fetch_dependencies(self) -> None:
        """Refuse: what dnf or zypper would do is not played."""
        raise StepEnded("--network fetches dependencies by apt-get alone; give them with --needs")

    def _argv(self) -> tuple[str, ...]:
        return ("--upgrade", "--oldpackage", "--replacepkgs", *self._options, "--")

    def _upgrade(self, *files: str) -> None:
        self.do("rpm", *self._argv(), *files)
