"""The house rules: what keeps every file readable in one sitting; exceptions stand here."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("scheduler/**/*.py")])
TESTS = sorted(ROOT.glob("tests/**/*.py"))

LONGEST_FILE = 250
LONGEST_FUNCTION = 30  # without its docstring
MOST_PARAMETERS = 5  # by position; named ones say themselves what they are
MAGNETS = {"utils", "util", "helpers", "common", "base", "core", "manager", "service", "misc"}
#: Longer functions that are tables, not programs: one line per column.
TABLES = {"_whole", "from_env"}
#: Arguments that everything of their layer takes; they do not count.
GIVEN = ("self", "cls", "conn")
#: Where an unknown error must not stop the others: they go on, and the log says `bug`.
MAY_CATCH_ANYTHING = {
    "app/actions/drain.py",
    "app/actions/answers.py",
    "app/actions/chat_work.py",
    "app/actions/reconcile.py",  # code of other packages
    "app/marketplaces/registry.py",  # the same
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def positional(function: Function) -> int:
    arguments = [*function.args.posonlyargs, *function.args.args]
    return len([each for each in arguments if each.arg not in GIVEN])


def long_functions(tree: ast.Module) -> Iterator[str]:
    for function in functions(tree):
        if length(function) > LONGEST_FUNCTION and function.name not in TABLES:
            yield f"{function.name}: {length(function)}"


def wide_functions(tree: ast.Module) -> Iterator[str]:
    return (f.name for f in functions(tree) if positional(f) > MOST_PARAMETERS)


def globals_written(tree: ast.Module) -> Iterator[str]:
    return (", ".join(node.names) for node in ast.walk(tree) if isinstance(node, ast.Global))


def inner_imports(tree: ast.Module) -> Iterator[str]:
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{function.name}, line {node.lineno}"


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Public functions and classes at the top, and the public functions of those classes."""
    for node in tree.body:
        seen = isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        members = node.body if seen else []
        for each in (node, *members):
            public = isinstance(each, Function | ast.ClassDef) and not each.name.startswith("_")
            if public and not ast.get_docstring(each):
                yield each.name


def catches_anything(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = ast.walk(node.type) if node.type else [ast.Name("BaseException")]
            for kind in kinds:
                if isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException"):
                    yield f"line {node.lineno}"


def types_learned_on_the_way(tree: ast.Module) -> Iterator[str]:
    """Where msgspec learns a type at a first call: outside of module level, `type=`, or by name."""
    for function in functions(tree):
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called.endswith(("Decoder", "msgspec.convert")) or any(
                each.arg == "type" for each in node.keywords
            ):
                yield f"{function.name}, line {node.lineno}"


RULES: dict[str, Callable[[ast.Module], Iterator[str]]] = {
    "a function fits on a screen": long_functions,
    "a function takes few parameters by position": wide_functions,
    "nothing is global": globals_written,
    "imports stand at the top": inner_imports,
    "what others call is explained": undocumented,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_code_keeps_the_rule(rule):
    broken = {name(path): list(RULES[rule](parsed(path))) for path in CODE}
    assert not {path: found for path, found in broken.items() if found}


def test_only_the_drain_catches_an_unknown_error():
    found = {name(path) for path in CODE if list(catches_anything(parsed(path)))}
    assert found <= MAY_CATCH_ANYTHING


def test_whoever_calls_out_gets_the_client_that_keeps_no_cookies():
    near = ("app/calling.py", "app/sandbox/", "app/bench/", "app/cli/smoke.py")
    made = {name(path) for path in CODE if "httpx.AsyncClient(" in path.read_text()}
    assert not {path for path in made if not path.startswith(near)}


def test_what_threads_read_is_of_types_known_before_they_start():
    in_threads = [path for path in CODE if name(path).startswith(("app/render/", "app/imports/"))]
    found = {name(path): list(types_learned_on_the_way(parsed(path))) for path in in_threads}
    assert not {path: lines for path, lines in found.items() if lines}


def test_files_are_short():
    lengths = {name(path): len(path.read_text().splitlines()) for path in CODE}
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}


def test_a_module_says_on_its_first_line_what_it_is_for():
    assert not [name(path) for path in CODE if not path.read_text().startswith('"""')]


def test_no_module_is_a_magnet():
    words = {name(path): set(re.split(r"[_/.]", name(path))) for path in CODE + TESTS}
    assert not {path for path, parts in words.items() if parts & MAGNETS}


def test_tests_use_seams_not_patches_and_skip_nothing():
    banned = re.compile(r"mock\.patch|monkeypatch\.setattr|pytest\.(mark\.)?(skip|xfail)")
    ours = [path for path in TESTS if path != Path(__file__)]
    assert not [name(path) for path in ours if banned.search(path.read_text())]


def test_a_test_is_a_sentence():
    tests = [
        function.name
        for path in TESTS
        for function in functions(parsed(path))
        if function.name.startswith("test_")
    ]
    assert not [each for each in tests if each.count("_") < 3]


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_a_stand_in_knows_nothing_of_the_adapter_it_judges():
    own = re.compile(r"app\.sandbox\b|app\.marketplaces\.\w+\.stand_in\b|(?!app\b)")
    found = [path for path in CODE if re.search(r"/marketplaces/\w+/stand_in", name(path))]
    strange = {name(path): [m for m in imports(parsed(path)) if not own.match(m)] for path in found}
    assert found
    assert not {path: modules for path, modules in strange.items() if modules}
