# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: results as lines of JSON, between the enclosed process and its parent, who takes no objects from it."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from typing import Any

from pkgtools.model.finding import Severity
from pkgtools.model.trial import ImportTrial, LifeStep, PycChange, StepResult, StepStatus, TrialFault
from pkgtools.runtime.errors import EnvironmentFault


def to_line(said: StepResult | str) -> bytes:
    """Write a note or a result as one line."""
    given = said if isinstance(said, str) else asdict(said)
    return json.dumps(given, default=_value).encode("ascii") + b"\n"


def from_line(line: bytes) -> StepResult | str:
    """Read what `to_line` wrote. Raises EnvironmentFault for anything else."""
    try:
        given = json.loads(line)
        return given if isinstance(given, str) else _result(given)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise EnvironmentFault("the process that plays the package's life gave no report that can be read") from error


def _result(given: dict[str, Any]) -> StepResult:
    """Make a result of what JSON has. Raises ValueError, TypeError, KeyError, AttributeError."""
    return StepResult(
        step=LifeStep(given.pop("step")),
        status=StepStatus(given.pop("status")),
        changes=tuple(PycChange(**one) for one in given.pop("changes")),
        imports=tuple(ImportTrial(**one) for one in given.pop("imports")),
        faults=tuple(TrialFault(severity=Severity(one.pop("severity")), **one) for one in given.pop("faults")),
        **given,
    )


def _value(one: object) -> object:
    return one.value if isinstance(one, Enum) else str(one)
