"""How each rule's incident comes about and ends: one function per rule, named like it.

A way is an async generator: what it does before its one `yield` brings the incident about, what it
does after it mends the cause. A module may have ALONG: rules whose incidents come with another's,
because they are true as well: {"courier_waits": {"order_stuck"}}.
"""

from importlib import import_module
from inspect import isasyncgenfunction
from pkgutil import iter_modules

_MODULES = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
WAYS = {
    name: way
    for module in _MODULES
    for name, way in vars(module).items()
    if isasyncgenfunction(way) and way.__module__ == module.__name__
}
ALONG = {
    rule: others for module in _MODULES for rule, others in getattr(module, "ALONG", {}).items()
}
