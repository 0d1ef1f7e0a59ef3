"""Ways to each refusal code: a module per topic, a function per code, named like the code."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from app.domain.refusals import Code, Notice

MODULES = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]

#: A way to each code.
WAYS = {
    Code[name.upper()]: way
    for module in MODULES
    for name, way in vars(module).items()
    if name.upper() in Code.__members__
}

#: A way to each notice.
NOTICES = {
    Notice[name.upper()]: way
    for module in MODULES
    for name, way in vars(module).items()
    if name.upper() in Notice.__members__
}
