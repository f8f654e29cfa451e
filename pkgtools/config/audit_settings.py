# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: audit.toml, the settings of `pkgtools audit`."""

from __future__ import annotations

from datetime import date

from pkgtools.model.ignore import Ignore

from .problems import ConfigError, dotted
from .schema import audit_schema
from .shape import check_shape
from .tables import Table
from .toml_text import parse_toml


def parse_audit_settings(text: str, where: str) -> tuple[Ignore, ...]:
    """Return the ignores of one file; `where` names it. Raises ConfigError, which names all problems at once."""
    document = _dates_as_text(parse_toml(text, where))
    problems = list(check_shape(document, audit_schema(), {"date": _wrong_date}))
    if problems:
        raise ConfigError(where, problems)
    return tuple(_ignore(table, where) for table in Table(document).tables("ignores"))


def _dates_as_text(value: object) -> object:
    """TOML has dates, JSON Schema has texts."""
    if isinstance(value, dict):
        return {key: _dates_as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _wrong_date(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "must be a date, as 2027-01-31"
    return None


def _ignore(table: Table, where: str) -> Ignore:
    expires = table.text("expires")
    return Ignore(
        rule=table.text("rule") or "",
        paths=table.texts("paths") or (),
        packages=table.texts("packages") or (),
        reason=table.text("reason") or "",
        expires=date.fromisoformat(expires) if expires else None,
        digest=table.text("digest") or "",
        origin=f"{where}: {dotted(table.at)}",
    )
