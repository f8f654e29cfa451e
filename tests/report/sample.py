# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""One report with all that reports can have, hostile names included, and others made of it."""

from __future__ import annotations

from pkgtools.model.finding import (
    BytecodeClass,
    CheckReport,
    CheckVerdict,
    Confidence,
    Coverage,
    Finding,
    Gap,
    Holding,
    Ignored,
    Page,
    Persona,
    Repair,
    RepairResult,
    RuleFacts,
    Severity,
)
from pkgtools.model.package import CodeMatch, Kind, Obstacle

HOSTILE = (
    "/usr/share/acme/<img src=x onerror=alert(1)>.py",
    "/usr/share/acme/[red]bold[/red] \x1b[31mx\x07\n::error::owned.py",
    "/usr/share/acme/gr\udcfc\udcdfe,50%:25\r.py",
    "/usr/share/acme/\u202eyp.txt\u2066 ]]>&amp;\"'`.py",
    '/usr/share/acme/</script><script>document.title="owned"</script>.py',
    "/usr/share/acme/{{ 7 * 7 }}{% raw %}|**x**|~~y~~.py",
)
"""Names that some reader of some format takes for something else."""


def _rule(identifier: str, title: str, severity: Severity, page: Page, **facts: object) -> RuleFacts:
    confidence = facts.get("confidence", Confidence.HIGH)
    persona = facts.get("persona", Persona.MAINTAINER)
    assert isinstance(confidence, Confidence)
    assert isinstance(persona, Persona)
    return RuleFacts(id=identifier, title=title, severity=severity, confidence=confidence, persona=persona, page=page)


WRITABLE = _rule(
    "world-writable-source",
    "Everybody can change what root imports",
    Severity.DANGER,
    Page(
        what="Sources and cache directories that others than their owner can write to.",
        why="Whoever can write to a `.py` file, or to the `__pycache__` beside it, decides what the next process that\n"
        "imports the module does. If root imports it, that is root.\n\n"
        "The interpreter checks neither owner nor mode.",
        example="-rw-rw-rw- root/root  812 /usr/share/acme/plugins/loader.py\n",
        fix="Ship the file with mode 0644, its directory with 0755. What users may change belongs into\n"
        "`/var` or `/etc`, and is not to be imported by root.",
        references=("Debian Policy 10.9", "PEP 3147", "CWE-732"),
    ),
    persona=Persona.AUDITOR,
)
LEFT = _rule(
    "pyc-not-removed",
    "Bytecode stays when the package goes",
    Severity.ERROR,
    Page(
        what="Modules that nothing cleans up after: no maintainer script, no trigger, no list.",
        why="The package manager removes what it installed. The pycs that came into being later are not in its list:\n"
        "they stay, with directories that nobody owns, and the next version may find modules that it no longer has.",
        example="$ dpkg --purge acme\n"
        "dpkg: warning: while removing acme, directory '/usr/share/acme' not empty so not removed\n",
        fix="Let `pkgtools generate` write the scripts, or call `dh_pkgtools` after `dh_install`.",
        references=("Debian Python Policy 2.6", "py3clean(1)"),
    ),
)
SHIPPED = _rule(
    "pyc-in-payload",
    "The package ships bytecode",
    Severity.WARNING,
    Page(
        what="Files `__pycache__/*.pyc` in a package whose strategy is not `shipped`.",
        why="They are for one interpreter, they double the size, and their time stamps rarely fit their sources.",
        example="/usr/lib/python3/dist-packages/acme/__pycache__/cli.cpython-311.pyc\n",
        fix="Remove them at build time; the system makes its own.",
        references=("PEP 3147",),
    ),
)
HASH = _rule(
    "unchecked-hash",
    "Bytecode that is never compared with its source",
    Severity.INFO,
    Page(
        what="Pycs whose header says `unchecked-hash`.",
        why="The interpreter believes them, whatever becomes of the source.",
        example="flags 0b01 in acme/__pycache__/core.cpython-311.pyc\n",
        fix="Nothing, if the image is read-only. Else compile with `--invalidation-mode checked-hash`.",
        references=("PEP 552",),
    ),
    confidence=Confidence.MEDIUM,
    persona=Persona.AUDITOR,
)
SCRIPT = _rule(
    "script-ignores-failure",
    "A script hides that compiling failed",
    Severity.WARNING,
    Page(
        what="Maintainer scripts and scriptlets with `|| true` after a compiler.",
        why="A full disk or a missing interpreter goes unnoticed.",
        example="py3compile -p acme || true\n",
        fix="Take it away; `pkgtools-compile` succeeds where one bad module is all that is wrong.",
        references=(),
    ),
    confidence=Confidence.LOW,
)
SYNTAX = _rule(
    "source-does-not-compile",
    "A module that no interpreter of the target accepts",
    Severity.ERROR,
    Page(
        what="Sources that none of the interpreters compiles which the package is for.",
        why="Importing them fails.",
        example="print 'hello'\n",
        fix="Port it, or leave it out of the package.",
        references=("compileall(1)",),
    ),
)
RULES = tuple(sorted((WRITABLE, LEFT, SHIPPED, HASH, SCRIPT, SYNTAX), key=lambda rule: rule.id))


def finding(rule: RuleFacts, text: str, path: str = "", **more: object) -> Finding:
    return Finding(rule=rule, severity=rule.severity, text=text, path=path, **more)  # type: ignore[arg-type] # by their names


def pycs(number: int, directory: str = "/usr/lib/python3/dist-packages/acme") -> tuple[Finding, ...]:
    names = (f"{directory}/__pycache__/m{index:04}.cpython-311.pyc" for index in range(number))
    return tuple(finding(SHIPPED, "compiled for 3.11 alone", name) for name in names)


def gap(number: int, tag: str = "", obstacle: Obstacle = Obstacle.NO_INTERPRETER) -> Gap:
    what = "pycs" if tag else "sources"
    return Gap(
        what=what, tag=tag, number=number, obstacle=obstacle, reason="nothing here loads them", remedy="name one"
    )


ACME = CheckVerdict(
    origin="build/acme_1.4-2_all.deb",
    name="acme",
    version="1.4-2",
    kind=Kind.DEB,
    findings=(
        finding(
            WRITABLE,
            "mode 0666: everybody can change it",
            "/usr/share/acme/plugins/loader.py",
            repair="chmod 0644 /usr/share/acme/plugins/loader.py",
        ),
        finding(LEFT, "nothing removes the bytecode of 12 modules", script="postrm"),
        finding(SYNTAX, "Missing parentheses in call to 'print'", "/usr/share/acme/old.py", line=3),
        *pycs(7),
        finding(SCRIPT, "`py3compile -p acme || true`", script="postinst", line=14),
        finding(HASH, "unchecked-hash", "/usr/share/acme/__pycache__/core.cpython-311.pyc"),
    ),
    ignored=(
        Ignored(
            finding=finding(SYNTAX, "invalid syntax", "/usr/share/acme/templates/skeleton.py", line=1),
            reason="a template: the name is filled in later",
        ),
    ),
    notes=("/usr/share/acme/data.zip: not looked into",),
    counts=(("sources", 64, 412_882), ("pycs", 7, 390_114), ("programs", 4, 2_210), ("other", 131, 1_204_551)),
    coverage=Coverage(is_required=False, pycs=7, compared=5, gaps=(gap(2, "cpython-313"),)),
)
HOSTILE_ONE = CheckVerdict(
    origin="build/b\udcff<d>,x:1.rpm",
    name="b&d",
    version="0:1~rc1-1",
    kind=Kind.RPM,
    findings=tuple(finding(SYNTAX, f"invalid syntax in {name}", name, line=1) for name in HOSTILE),
    ignored=(Ignored(finding=finding(HASH, "unchecked-hash", HOSTILE[0]), reason="<b>because\x00</b>"),),
    notes=("<script>alert(2)</script> 100%\n::warning::note",),
    counts=(("sources", 6, 6_000), ("pycs", 0, 0), ("programs", 1, 120), ("other", 0, 0)),
)
BROKEN = CheckVerdict(
    origin="build/torn.deb", error="data.tar.xz: Compressed file ended before the end-of-stream marker"
)
CLEAN = CheckVerdict(
    origin="staged/clean",
    name="clean",
    kind=Kind.TREE,
    counts=(("sources", 12, 51_000), ("pycs", 0, 0), ("programs", 2, 800), ("other", 3, 9_100)),
)
SYSTEM = CheckVerdict(
    origin="/",
    name="/",
    kind=Kind.ROOT,
    findings=(
        finding(
            LEFT,
            "no package owns it, and its source is gone",
            "/usr/lib/python3/dist-packages/gone/__pycache__/a.cpython-311.pyc",
            repair="pkgtools-clean --orphans",
        ),
        finding(
            HASH,
            "unchecked-hash",
            "/usr/lib/python3/dist-packages/b/__pycache__/b.cpython-311.pyc",
            package="python3-b",
        ),
    ),
    coverage=Coverage(is_required=True, pycs=9_000, compared=9_000),
    repairs=(
        Repair(result=RepairResult.COMPILED, path="/usr/lib/python3/a.pyc", text="its code differs"),
        Repair(result=RepairResult.LEFT, path="/opt/\x1b[2J.pyc", text="too new", command="pkgtools-compile /opt"),
    ),
    counts=(("sources", 9_000, 91_000_000), ("pycs", 9_000, 80_000_000), ("programs", 900, 700_000), ("other", 0, 0)),
    holdings=(
        Holding(package="", counts=(("sources", 1, 100), ("pycs", 2, 400))),
        Holding(package="python3-<i>a\x1b</i>", counts=(("sources", 20, 91_000), ("pycs", 20, 80_000))),
        Holding(package="python3-b", counts=(("sources", 1, 812), ("pycs", 1, 650))),
        Holding(package="python3-c", counts=(("sources", 2, 9_812), ("pycs", 0, 0))),
    ),
    matches=((CodeMatch.IDENTICAL, 8_000), (CodeMatch.EQUAL, 999), (CodeMatch.DIFFERENT, 1)),
    classes=((BytecodeClass.UNCHECKED_HASH, 1), (BytecodeClass.SOURCELESS, 0), (BytecodeClass.TRAILING, 2)),
)


def report(*verdicts: CheckVerdict, command: str = "check", fail_on: Severity = Severity.ERROR) -> CheckReport:
    return CheckReport(command=command, verdicts=verdicts, rules=RULES, fail_on=fail_on)


SAMPLE = report(ACME, HOSTILE_ONE, BROKEN, CLEAN)
AUDIT = report(SYSTEM, command="audit")


def large(number: int) -> CheckReport:
    """Return a report with so many findings, in a hundred packages."""
    verdicts = tuple(
        CheckVerdict(
            origin=f"pool/p{index:03}.deb",
            name=f"p{index:03}",
            version="1",
            kind=Kind.DEB,
            findings=pycs(number // 100, f"/usr/lib/python3/dist-packages/p{index:03}"),
            counts=(("sources", 100, 9_000 * (index + 1)), ("other", 3, 100_000)),
        )
        for index in range(100)
    )
    return report(*verdicts)
