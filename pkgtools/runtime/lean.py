# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What typing, enum, functools and signal give, for a twentieth of the 18 ms that importing those takes.

A run with nothing to do, or a package of five modules, would spend most of its time on these imports. Type checkers
see the real ones: a class is written, and checked, as if it were `typing.NamedTuple`'s or `enum.Enum`'s.
"""

from __future__ import annotations

__all__ = ["Enum", "Generic", "IntEnum", "NamedTuple", "NewType", "TypeVar", "partial", "signal"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from enum import Enum, IntEnum
    from functools import partial
    from typing import Generic, NamedTuple, NewType, TypeVar
else:
    import _signal as signal
    from _functools import partial
    from _operator import itemgetter

    try:
        from _collections import _tuplegetter
    except ImportError:  # PyPy

        def _tuplegetter(index, text):
            """Return a read-only attribute that is the item of a tuple."""
            return property(itemgetter(index), doc=text)

    def NewType(_name, kind):
        """Return the type itself: at run time a new type is the old one."""
        return kind

    def TypeVar(_name):
        """Return something to stand between brackets."""
        return object

    class Generic:
        """A class that may be written with types in brackets."""

        __slots__ = ()

        def __class_getitem__(cls, _types):
            """Return the class itself."""
            return cls

    class _TupleMaker(type):
        """Turns the body of a class below NamedTuple into a tuple class with named items."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = tuple(body.pop(field) for field in fields if field in body)
            made = {
                "__slots__": (),
                "__new__": _constructor(fields, defaults),
                "__match_args__": fields,
                "_fields": fields,
                **{field: _tuplegetter(index, "") for index, field in enumerate(fields)},
                **body,
            }
            return type(name, (_NamedTuple,), made)

    class NamedTuple(metaclass=_TupleMaker):
        """The base of a tuple class whose items have names, types and perhaps defaults."""

    class _NamedTuple(tuple):
        __slots__ = ()
        _fields = ()

        def _replace(self, **changes):
            """Return a tuple in which some items are others."""
            made = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"{type(self).__name__} has no {', '.join(changes)}")
            return made

        def __repr__(self):
            """Write it as it would be called."""
            items = ", ".join(f"{field}={item!r}" for field, item in zip(self._fields, self))
            return f"{type(self).__name__}({items})"

        def __getnewargs__(self):
            """Return what pickle and copy make an equal one of."""
            return tuple(self)

    _constructors = {}

    def _constructor(fields, defaults):
        """Return `__new__`: one eval for each number of fields, 15 us; renaming its arguments takes a tenth of that."""
        made = _constructors.get(len(fields))
        if made is None:
            names = ", ".join(fields)
            made = eval(f"lambda _cls, {names}: _new(_cls, ({names}{',' if fields else ''}))", {"_new": tuple.__new__})
            _constructors[len(fields)] = made
        code = made.__code__.replace(co_varnames=("_cls", *fields))
        return type(made)(code, made.__globals__, "__new__", defaults)

    class _MemberMaker(type):
        """Turns the plain values in the body of a class below Enum into its members."""

        def __new__(cls, name, bases, body):
            values = {key: value for key, value in body.items() if key[0] != "_" and isinstance(value, (str, int))}
            made = super().__new__(cls, name, bases, {key: body[key] for key in body.keys() - values.keys()})
            made._members = {}
            for key, value in values.items():
                member = int.__new__(made, value) if issubclass(made, int) else object.__new__(made)
                member.name, member.value = key, value
                made._members[value] = member
                setattr(made, key, member)
            return made

        def __call__(cls, value):
            """Return the member of a value."""
            try:
                return cls._members[value]
            except KeyError:
                raise ValueError(f"{value!r} is not a valid {cls.__name__}") from None

        def __iter__(cls):
            """Give the members in their order."""
            return iter(cls._members.values())

    class Enum(metaclass=_MemberMaker):
        """The base of a closed set of named values."""

        def __repr__(self):
            """Write it as it is named in source code, with its value."""
            return f"<{type(self).__name__}.{self.name}: {self.value!r}>"

        def __reduce__(self):
            """Let pickle and copy find the one member again."""
            return type(self), (self.value,)

    class IntEnum(int, Enum):
        """The base of a closed set of named numbers, which can be compared."""

        __reduce__ = Enum.__reduce__
        __repr__ = Enum.__repr__
