# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The steps of a Debian package's life as commands of dpkg."""

from __future__ import annotations

from .package_steps import InstalledVersion, PackageSteps, StepEnded, full_disk

_FAILING = "/tmp/failing"  # noqa: S108 - in the throw-away system
_BUILD_FAILING = f"""
set -e
rm -rf {_FAILING} {_FAILING}.deb
dpkg-deb --raw-extract "$1" {_FAILING}
printf '#!/bin/sh\\nexit 1\\n' > {_FAILING}/DEBIAN/preinst
chmod 755 {_FAILING}/DEBIAN/preinst
dpkg-deb --build -Znone {_FAILING} {_FAILING}.deb >/dev/null
rm -rf {_FAILING}
"""
"""Makes a package whose preinst fails of the one that is named."""


class DebianSteps(PackageSteps):
    """What dpkg does in the throw-away system."""

    suffix = ".deb"

    def prepare_manager(self) -> None:
        """See to it that all packages are configured."""
        self.do("dpkg", "--configure", "-a")

    def put(self, which: InstalledVersion) -> None:
        """Install a version."""
        self.do("dpkg", "--install", *self.shelf(which.value))
        self.installed = which

    def remove(self) -> None:
        """Remove the package, whose configuration stays."""
        self.do("dpkg", "--remove", "--", self.name)
        self.installed = InstalledVersion.CONFIGURATION

    def purge(self) -> None:
        """Purge the package."""
        self.do("dpkg", "--purge", "--", self.name)
        self.installed = InstalledVersion.NOTHING

    def fail_upgrade(self) -> None:
        """Have an upgrade fail in the new version's preinst, which takes dpkg all the way back."""
        self.do("sh", "-c", _BUILD_FAILING, "sh", *self.shelf("new"))
        if self.note(self.fence.run("dpkg", "--install", f"{_FAILING}.deb")).exit == 0:
            raise StepEnded("an upgrade whose preinst fails succeeded")
        self.do("sh", "-c", f"rm -f {_FAILING}.deb; dpkg --configure -a")

    def fill(self) -> None:
        """Have the scripts find a full disk; then there is room again, and the package is configured."""
        self.do("dpkg", "--unpack", *self.shelf("new"))
        with full_disk():
            self.note(self.fence.run("dpkg", "--configure", self.name))
        self.do("dpkg", "--configure", "-a")
        self.installed = InstalledVersion.NEW

    def kill(self) -> None:
        """Kill dpkg and its children as soon as it says that it configures the package; then have it go on."""
        state = f"status: {self.name}: half-configured".encode()
        self.note(self.fence.run("dpkg", "--status-fd", "1", "--install", *self.shelf("new"), until=state))
        self.do("dpkg", "--configure", "-a")
        self.installed = InstalledVersion.NEW

    def add(self, *files: str) -> None:
        """Install packages."""
        self.do("dpkg", "--install", *files)

    def erase(self, *files: str) -> None:
        """Purge the packages that files are."""
        script = 'for deb; do dpkg-deb --field "$deb" Package; done'
        self.do("dpkg", "--purge", "--", *self.do("sh", "-c", script, "sh", *files).output.split())

    def fetch_dependencies(self) -> None:
        """Have apt install the package with what it needs, and remove it again."""
        quiet = ("apt-get", "-qy", "-o", "Dpkg::Use-Pty=0")
        self.do(*quiet, "update")
        self.do(*quiet, "install", "--no-install-recommends", *self.shelf("new"))
        self.do("dpkg", "--purge", "--", self.name)
