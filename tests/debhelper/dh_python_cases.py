# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Requirements that dh_python3 and dh_pkgtools translate alike, and those where they differ, each with the reason.

A difference is `reason, major versions of dh-python that it is from, requirements`.
"""

OVERRIDES = """\
aa python3-aa; PEP386
bb python3-bb
cc python3-cc; PEP440
dd python3-dd (>= 1), python3-dd (<< 2)
ee
ff python3-ff; s/^/1:/
gg python3-gg | python3-hh; PEP386
old 3.2 python3-old
old 3.2- python3-new
"""
BUILD_DEPENDS = {"python3-bb": ">= 3"}

DIFFERENCES = (
    ("1.0-1 is 1.0: `<=` and `==` let it in, `>` keeps it out (6: 1.0.5 is 1.0, 1.110 follows 1.19)", "567", (
        "aa<=1.0", "aa==1.0", "aa>1.0", "aa==1.9", "aa==1.19", "aa>1.0,<2.0", "cc==1.0",
    )),
    ("!= is left out, and what stands beside it", "567", (
        "aa!=1.0", "aa>=1.0,!=1.4", "aa!=1.4,>=1", "aa~=1.0,!=1.3",
    )),
    ("1.4 is a 1.4.*, and 1 a 1.*", "567", (
        "aa==1.*", "aa==1.4.*",
    )),
    ("=== isn't read", "567", (
        "aa===1.0",
    )),
    ("a third specifier isn't read", "567", (
        "aa>=1,<2,!=1.4", "cc>1,<2,>=1.2,!=1.4", "aa>= 1.0, != 1.5, < 3",
    )),
    ("epochs aren't read", "567", (
        "aa>=1!2.0", "aa~=1!2.1",
    )),
    ("local versions aren't read", "567", (
        "aa==1.0+x",
    )),
    ("1.0-1 of PEP 440 is 1.0.post1; Debian's is a revision of 1.0", "567", (
        "aa>=1.0-1",
    )),
    ("dh-python 5 doesn't know PEP440 in a rule", "5", (
        "cc>=1.0", "cc<2", "cc~=1.4", "cc>=1.0rc1", "cc>=1.0a1", "cc>=1.0b2,<2",
    )),
    (".dev3 comes before the release", "567", (
        "cc>=1.0.dev3",
    )),
    ("each alternative needs the limit, or an old one of the other package is enough", "567", (
        "gg>=1", "gg>=1; python_version < '3.12'",
    )),
    ("a rule for Python 3.2 isn't for today's", "567", (
        "old",
    )),
    ("Debian's sys_platform is linux", "7", (
        'bb; sys_platform != "linux"',
    )),
    ("python3 is CPython", "56", (
        'bb; platform_python_implementation != "PyPy"', 'bb; implementation_name != "pypy"',
    )),
    ("python3 is CPython", "567", (
        'bb; platform_python_implementation == "PyPy"', 'bb; implementation_name == "pypy"',
    )),
    ("python_version is 3.8 where Python is 3.8.1", "5", (
        'bb; python_version < "3.8.1"', 'bb; python_version > "3.8.1"', 'bb; python_version >= "3.8.1"',
    )),
    ("python_version is 3.8 where Python is 3.8.1", "567", (
        'bb; python_version <= "3.8.1"', 'bb; python_version == "3.8.1"', 'bb; python_version === "3.8.1"',
    )),
    ("Pythons that no system has make no relation", "567", (
        'bb; python_version <= "2.7"', 'bb; python_version <= "3"', 'bb; python_version <= "3.0"',
        'bb; python_version == "2.7"', 'bb; python_version == "3"', 'bb; python_version == "3.0"',
        'bb; python_version === "2.7"', 'bb; python_version === "3"', 'bb; python_version === "3.0"',
        'bb; python_full_version <= "3.0.0"', 'bb; python_full_version == "3.0.0"',
    )),
    ("Pythons that no system has make no relation", "67", (
        'bb; python_version <= "3.5"', 'bb; python_version <= "3.8"', 'bb; python_version == "3.5"',
        'bb; python_version == "3.8"', 'bb; python_version === "3.5"', 'bb; python_version === "3.8"',
        'bb; python_full_version <= "3.8"', 'bb; python_full_version == "3.8"',
    )),
    ("Pythons that no system has make no relation", "5", (
        'bb; python_full_version > "3.0.0"', 'bb; python_full_version >= "3.0.0"',
    )),
    ("the same, spelt otherwise", "67", (
        'bb; python_version <= "4"', 'bb; python_version > "4"', 'bb; python_version === "3.11"',
        'bb; python_version === "3.12"', 'bb; python_version === "4.0"',
    )),
    ("the same, spelt otherwise", "567", (
        'bb; python_version === "4"',
    )),
    ("!= can be said: with a relation for older ones and one for newer ones", "5", (
        'bb; python_version != "3.5"', 'bb; python_version != "3.8"', 'bb; python_full_version != "3.8"',
    )),
    ("!= can be said: with a relation for older ones and one for newer ones", "567", (
        'bb; python_version != "3.11"', 'bb; python_version != "3.12"', 'bb; python_version != "4"',
        'bb; python_version != "4.0"', 'bb; python_full_version != "3.12.0"', 'bb; python_full_version != "3.12.1"',
        'bb; implementation_version != "3.12.0"', 'bb; implementation_version != "3.12.1"',
        'bb; python_version != "3.12.*"',
    )),
    ("~= 3.8 holds for 3.9, too; what can't hold isn't demanded", "567", (
        'bb; python_version ~= "2.7"', 'bb; python_version ~= "3"', 'bb; python_version ~= "3.0"',
        'bb; python_version ~= "3.5"', 'bb; python_version ~= "3.8"', 'bb; python_version ~= "3.11"',
        'bb; python_version ~= "3.12"', 'bb; python_version ~= "4"', 'bb; python_version ~= "4.0"',
        'bb; python_version ~= "3.8.1"', 'bb; python_full_version ~= "3.0.0"', 'bb; python_full_version ~= "3.8"',
        'bb; python_full_version ~= "3.12.1rc1"', 'bb; implementation_version ~= "3.12.1rc1"',
    )),
    ("~= 3.8 holds for 3.9, too; what can't hold isn't demanded", "67", (
        'bb; python_full_version ~= "3.12.0"', 'bb; python_full_version ~= "3.12.1"',
        'bb; implementation_version ~= "3.12.0"', 'bb; implementation_version ~= "3.12.1"',
    )),
    ("python3-supported-max is 3.12 where Python is 3.12.1", "67", (
        'bb; python_full_version < "3.12.0"', 'bb; python_full_version < "3.12.1"',
        'bb; python_full_version <= "3.12.0"', 'bb; python_full_version <= "3.12.1"',
        'bb; python_full_version == "3.12.0"', 'bb; python_full_version == "3.12.1"',
        'bb; python_full_version > "3.12.0"', 'bb; python_full_version > "3.12.1"',
        'bb; python_full_version >= "3.12.0"', 'bb; python_full_version >= "3.12.1"',
        'bb; implementation_version < "3.12.0"', 'bb; implementation_version < "3.12.1"',
        'bb; implementation_version <= "3.12.0"', 'bb; implementation_version <= "3.12.1"',
        'bb; implementation_version == "3.12.0"', 'bb; implementation_version == "3.12.1"',
        'bb; implementation_version > "3.12.0"', 'bb; implementation_version > "3.12.1"',
        'bb; implementation_version >= "3.12.0"', 'bb; implementation_version >= "3.12.1"',
    )),
    ("a pre-release isn't cut to the release before it", "567", (
        'bb; python_full_version < "3.12.1rc1"', 'bb; python_full_version == "3.12.1rc1"',
        'bb; python_full_version >= "3.12.1rc1"', 'bb; implementation_version < "3.12.1rc1"',
        'bb; implementation_version == "3.12.1rc1"', 'bb; implementation_version >= "3.12.1rc1"',
    )),
    ("a pre-release isn't cut to the release before it", "67", (
        'bb; python_full_version <= "3.12.1rc1"', 'bb; python_full_version > "3.12.1rc1"',
        'bb; implementation_version <= "3.12.1rc1"', 'bb; implementation_version > "3.12.1rc1"',
    )),
    ("=== of the full version can be said", "567", (
        'bb; python_full_version === "3.12.0"', 'bb; python_full_version === "3.12.1"',
        'bb; implementation_version === "3.12.0"', 'bb; implementation_version === "3.12.1"',
    )),
    ("no extra was asked for (dh_python3 looks at extras before it asks this)", "567", (
        'bb; extra == "x"',
    )),
    ("kernels differ: the package is demanded rather than left out", "567", (
        'bb; platform_release >= "2"', 'bb; platform_version >= "2"',
    )),
    ("`and` and `or` aren't read", "567", (
        'bb; python_version >= "3.8" and sys_platform == "linux"',
        'bb; python_version >= "3.8" and python_version < "4.0"',
        'bb; python_version < "3.8" or python_version > "3.12"',
    )),
    ("`in` isn't read", "567", (
        'bb; python_version in "3.11, 3.12"', 'bb; sys_platform in "linux darwin"',
    )),
    ("reversed operands aren't read", "567", (
        'bb; "3.12" <= python_version', 'bb; "linux" in sys_platform', 'bb; "linux" == sys_platform',
    )),
    ("each part of a conjunction needs the Python, or the first one is always demanded", "567", (
        "dd; python_version < '3.12'",
    )),
)  # fmt: skip

# with --accept-upstream-versions
KEPT_DIFFERENCES = (
    ("1.0-1 is 1.0: `<=` and `==` let it in, `>` keeps it out (6: 1.0.5 is 1.0, 1.110 follows 1.19)", "567", (
        "bb<=1.0", "bb==1.0",
    )),
    ("!= is left out, and what stands beside it", "567", (
        "bb!=1.0",
    )),
    ("1.4 is a 1.4.*, and 1 a 1.*", "567", (
        "bb==1.*",
    )),
    ("pre-releases come before the release, whoever keeps the version", "567", (
        "bb>=1.0rc1",
    )),
)  # fmt: skip

EQUAL = (
    "aa", "aa>=1.0", "aa<1.0", "aa~=1.0", "aa~=1.4.5", "aa>=1.0,<2", "aa>=1.0rc1", "aa>=1.0a1", "aa>=1.0.dev3",
    "aa>=1.0.post1", "aa(>=1.0)", "cc", "bb", "bb>=1", "bb==1.*", "dd", "dd>=3", "ee", "ee>=1", "ff", "ff>=1.0",
    "ff<2", "ff~=1.4", "ff>=1.0rc1", "ff>=1.0,<2", "gg", "zz", "zz>=1", 'bb; os_name == "posix"',
    'bb; os_name != "nt"', 'bb; sys_platform == "linux"', 'bb; sys_platform == "win32"',
    'bb; sys_platform != "win32"', 'bb; platform_system == "Linux"', 'bb; platform_system == "Windows"',
    'bb; platform_system != "Windows"', 'bb; platform_machine == "x86_64"', 'bb; platform_machine == "aarch64"',
    'bb; platform_machine != "aarch64"', 'bb; platform_python_implementation == "CPython"',
    'bb; implementation_name == "cpython"', 'bb; python_version < "2.7"', 'bb; python_version < "3"',
    'bb; python_version < "3.0"', 'bb; python_version < "3.5"', 'bb; python_version < "3.8"',
    'bb; python_version < "3.11"', 'bb; python_version < "3.12"', 'bb; python_version < "4"',
    'bb; python_version < "4.0"', 'bb; python_version <= "3.11"', 'bb; python_version <= "3.12"',
    'bb; python_version <= "4.0"', 'bb; python_version == "3.11"', 'bb; python_version == "3.12"',
    'bb; python_version == "4"', 'bb; python_version == "4.0"', 'bb; python_version != "2.7"',
    'bb; python_version != "3"', 'bb; python_version != "3.0"', 'bb; python_version != "3.8.1"',
    'bb; python_version > "2.7"', 'bb; python_version > "3"', 'bb; python_version > "3.0"',
    'bb; python_version > "3.5"', 'bb; python_version > "3.8"', 'bb; python_version > "3.11"',
    'bb; python_version > "3.12"', 'bb; python_version > "4.0"', 'bb; python_version >= "2.7"',
    'bb; python_version >= "3"', 'bb; python_version >= "3.0"', 'bb; python_version >= "3.5"',
    'bb; python_version >= "3.8"', 'bb; python_version >= "3.11"', 'bb; python_version >= "3.12"',
    'bb; python_version >= "4"', 'bb; python_version >= "4.0"', 'bb; python_full_version < "3.0.0"',
    'bb; python_full_version < "3.8"', 'bb; python_full_version != "3.0.0"',
    'bb; python_full_version != "3.12.1rc1"', 'bb; python_full_version > "3.8"', 'bb; python_full_version >= "3.8"',
    'bb; python_full_version === "3.0.0"', 'bb; python_full_version === "3.8"',
    'bb; python_full_version === "3.12.1rc1"', 'bb; implementation_version != "3.12.1rc1"',
    'bb; implementation_version === "3.12.1rc1"', 'bb; python_version == "3.12.*"',
    'bb; python_full_version == "3.12.*"', 'bb; (python_version < "3.8")',
    'bb; os_name == "nt" and python_version < "3"', "bb; python_version>='3.12'", 'bb; nonesuch == "x"',
    "aa>=1; python_version < '3.12'", "aa>=1,<2; python_version < '3.12'", "aa~=1.4; python_version >= '3.12'",
    "aa[x]>=1", "aa[x]; python_version < '3.12'", "AA>=1", "Aa", "a.a", "aa (>=1,<2)", "aa>=1, <2", "aa >= 1 , < 2",
    "aa>=1,", "aa @ https://example.org/aa", "aa 1.0", "bb ; sys_platform=='win32'",
)  # fmt: skip

KEPT_EQUAL = (
    "bb>=1.0", "bb<1.0", "bb~=1.4", "bb>=1.0,<2", "bb(>=1.0)", "bb>=1.0.post1", "bb",
)  # fmt: skip
