"""SQL is source code: every query is understood by PostgreSQL, explained, and used."""

import re

import pytest

from app.db.queries import SQL, load

FILES = sorted((SQL / "queries").glob("*.sql"))
QUERIES = [(path.stem, name) for path in FILES for name in load(path.stem)]
MODULES = SQL.parent / "app" / "db"


@pytest.mark.parametrize("stem", [path.stem for path in FILES])
async def test_every_query_of_a_file_prepares_against_the_migrated_schema(pool, stem):
    async with pool.acquire() as conn:
        for name, sql in load(stem).items():
            statement = await conn.prepare(sql, name=f"try_{name}")
            assert len(statement.get_parameters()) == highest_parameter(sql), name
            if uncommented(sql).lstrip().startswith("CREATE FUNCTION pg_temp."):
                await conn.execute(sql)  # what the file's other queries call


def highest_parameter(sql):
    return max(map(int, re.findall(r"\$(\d+)", uncommented(sql))), default=0)


def uncommented(sql):
    return re.sub(r"--.*", "", sql)


@pytest.mark.parametrize(("stem", "name"), QUERIES)
def test_every_query_is_used_by_its_own_module(stem, name):
    code = (MODULES / f"{stem}.py").read_text(encoding="utf-8")
    by_table = "_SQL[name]" in code and re.search(rf'"{name}"', code)
    assert f'_SQL["{name}"]' in code or by_table


@pytest.mark.parametrize("module", sorted(path.stem for path in MODULES.glob("*.py")))
def test_a_module_asks_only_for_queries_that_are_there(module):
    code = (MODULES / f"{module}.py").read_text(encoding="utf-8")
    stems = re.findall(r'^_SQL = load\("(\w+)"\)', code, re.MULTILINE)
    known = {name for stem in stems for name in load(stem)}
    assert stems in ([], [module])
    assert set(re.findall(r'_SQL\["(\w+)"\]', code)) <= known


@pytest.mark.parametrize(("stem", "name"), QUERIES)
def test_every_parameter_is_listed_above_its_query(stem, name):
    sql = load(stem)[name]
    listed = {
        int(n) for comment in re.findall(r"--.*", sql) for n in re.findall(r"\$(\d+)", comment)
    }
    assert listed >= set(range(1, highest_parameter(sql) + 1))


def test_no_module_but_those_of_db_holds_sql():
    word = re.compile(r'"(SELECT|INSERT INTO|UPDATE|DELETE FROM) ')
    elsewhere = [
        str(path)
        for path in (SQL.parent / "app").rglob("*.py")
        if path.parent != MODULES and word.search(path.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []
