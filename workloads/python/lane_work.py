# SPDX-License-Identifier: MIT
"""What a lane prepares: a twin's work, or that of somebody's own callable."""
import importlib
import inspect
import os
import sys

import twins
from twins import _squares


def refuse_unrun(name, function):
    """What only runs when somebody iterates or awaits it would be timed doing nothing."""
    for is_such, kind in (
        (inspect.iscoroutinefunction, "a coroutine function"),
        (inspect.isasyncgenfunction, "an asynchronous generator"),
        (inspect.isgeneratorfunction, "a generator"),
    ):
        if is_such(function):
            raise TypeError(f"{name!r} is {kind}: a call of it runs nothing")


def is_done(output):
    """False is never said: what has still to be run was timed doing nothing."""
    if inspect.isawaitable(output) or inspect.isasyncgen(output):
        raise TypeError("it returned something to await: nothing of that has run")
    if inspect.isgenerator(output) or isinstance(output, (map, filter)):
        raise TypeError("it returned a generator or its like: nothing of that has run")
    return True


def import_from(folder, module_name):
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(module_name)


def import_file(path):
    """The file as a module of its name; refused where that means another one."""
    folder, file_name = os.path.split(os.path.abspath(path))
    found = import_from(folder, file_name[:-3])
    file = getattr(found, "__file__", None)
    if file is None or os.path.realpath(file) != os.path.realpath(path):
        raise ImportError(f"{path!r}: Python has another module {file_name[:-3]!r}: {file}")
    return found


def find_callable(name):
    """`module:function` or `path/file.py:function`, or an exception that says why."""
    module_name, _, attribute = name.rpartition(":")
    if not module_name or not attribute:
        raise ValueError(f"{name!r}: not of the form module:function")
    is_file = module_name.endswith(".py")
    found = import_file(module_name) if is_file else import_from(os.getcwd(), module_name)
    for part in attribute.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{name!r} cannot be called")
    refuse_unrun(name, found)
    return found


def prepare_callable(request, tasks):
    arguments = request.get("arguments") or [[]]
    if not all(isinstance(some, list) for some in arguments):
        raise ValueError("arguments: not a list of lists")
    function = find_callable(request["callable"])
    items = [tuple(arguments[i % len(arguments)]) for i in range(tasks)]
    return twins.Work(function, items, lambda i, output: is_done(output)), {}


def prepare_twin(request, tasks):
    twin = twins.find(request["workload"])
    steps_per_ms = request.get("steps_per_ms")
    _squares.known_steps_per_ms = None if steps_per_ms is None else float(steps_per_ms)
    values = twins.values_of(twin, request.get("parameters") or {})
    work = twin.prepare(values, tasks, int(request.get("seed", 0)))
    return work._replace(items=[(item,) for item in work.items]), values


def prepare(request):
    """The work, and all parameters."""
    tasks = int(request.get("tasks", 0))
    if tasks < 1:
        raise ValueError("tasks: at least 1")
    if "callable" in request:
        return prepare_callable(request, tasks)
    if "workload" in request:
        return prepare_twin(request, tasks)
    raise ValueError("prepare: neither a workload nor a callable")
