# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""All rules. A new one is a module in this folder and a line in `_MODULES`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rule import Rule

_MODULES = """
    acl_on_cache
    bad_module_breaks_install
    broken_pyc
    build_path_in_pyc
    bytecode_in_deb
    cache_prefix_in_use
    clean_by_glob
    code_differs
    code_of_another_release
    compile_directory_not_shipped
    compiled_but_not_cleaned
    compiles_another_package
    digest_mismatch
    file_trigger_prefix_without_slash
    incomplete_bytecode
    interest_awaits
    leftover_tag
    legacy_pyc
    linked_cache
    modules_not_compiled
    modules_writable_by_others
    no_dependency_on_python
    owner_differs
    pyc_without_source
    python2_leftover
    python_after_removal
    python_not_isolated
    python_scriptlet
    refused_at_installation
    script_ignores_dpkg_root
    sourceless_module
    stale_pyc
    syntax_error
    temporary_file
    transfiletriggerpostun_reads_stdin
    trigger_without_runtime
    umask_decides_mode
    unchecked_hash_pyc
    unclamped_times
    undeclared_version
    unimportable_pyc_name
    unowned_cache_directory
    unowned_module
    unserved_directory
    untrusted_path
    upgrade_undoes_compilation
    wrong_cache_mode
    wrong_cache_owner
    wrong_magic
    wrong_shebang
""".split()


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by id."""
    rules: list[Rule] = [import_module(f".{name}", __package__).RULE for name in _MODULES]
    return tuple(sorted(rules, key=lambda rule: rule.facts.id))


def rule_of(rule_id: str) -> Rule | None:
    """Return the rule with an id, None if there is none."""
    return next((rule for rule in all_rules() if rule.facts.id == rule_id), None)
