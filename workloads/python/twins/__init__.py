# SPDX-License-Identifier: MIT
"""The twins of cfbench's workloads, one module each.

A twin has STANDARD, its parameters with the standard values of C, and
prepare(values, tasks, seed), which returns a Work. Its items go to task(item),
which returns the bytes that the task in C returns.
"""
import importlib
import pkgutil
from typing import Any, Callable, List, NamedTuple, Optional


class Work(NamedTuple):
    """What a twin prepares."""

    task: Callable[[Any], bytes]
    items: List[Any]
    is_right: Callable[[int, bytes], bool]
    dispose: Optional[Callable[[], None]] = None


def names():
    """The twins there are; what begins with _ is shared between them."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_")


def find(name):
    """The twin called `name`, or ValueError."""
    if name not in names():
        raise ValueError(f"no twin of workload {name!r}: there are {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")


def values_of(twin, parameters):
    """All of the twin's parameters, those not given by their standard values.

    A value has the type of the standard one: int, float or str.
    """
    values = dict(twin.STANDARD)
    for name, value in parameters.items():
        if name not in values:
            raise ValueError(f"no parameter {name!r}: it has {', '.join(values) or 'none'}")
        kind = type(values[name])
        number = value if kind is str else float(value)
        if kind is int and number != int(number):
            raise ValueError(f"parameter {name}={value}: not a whole number")
        values[name] = kind(number)
    return values
