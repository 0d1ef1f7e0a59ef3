"""Imports and unknown goods, as a person at a terminal meets them."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from app import cli
from tests.factories import BREAD
from tests.imports import write
from tests.imports.test_formats import GOODS
from tests.stories import place

runner = CliRunner()


@pytest.fixture
def orderhub(dsn, tmp_path):
    """Run one command against this test's database, in a thread as it has a loop of its own."""
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "COLUMNS": "200", "HUB_LANG": "en"}

    async def run(*words, code=0, **more):
        words = [str(word) for word in words]
        done = await asyncio.to_thread(runner.invoke, cli.app, words, env=env | more)
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


@pytest.fixture
def file(tmp_path):
    def written(raw, name="goods.csv"):
        path = tmp_path / name
        path.write_bytes(raw)
        return path

    return written


BAD = b"sku;name;vat;price\n900;Bread;reduced;64,90\n901;Loaf;20.5%;1\n;Nothing;;\n"


async def test_twice_is_once_and_problems_have_their_rows(hub, orderhub, file):
    said = await orderhub("import", file(BAD))
    assert "new 1 · changed 0 · as they were 0 · refused 2 · deactivated 0" in said
    assert "The VAT rate «20.5%» is not known" in said
    assert "left out" in said
    assert "as they were 1" in await orderhub("import", file(BAD))


async def test_a_person_reads_it_in_russian_and_a_program_as_json(hub, orderhub, file):
    said = await orderhub("import", file(BAD), HUB_LANG="ru")
    assert "новых 1" in said
    assert "Ставка НДС «20.5%» неизвестна" in said
    told = json.loads(await orderhub("import", file(BAD), "--json"))
    assert [each["row"] for each in told["problems"]] == [3, 4]
    assert (told["same"], told["refused"], told["applied"]) == (1, 2, True)


@pytest.mark.parametrize(
    ("make", "name"),
    [("as_csv", "a.csv"), ("as_xlsx", "a.xlsx"), ("as_json", "a.json"), ("as_commerceml", "a.zip")],
)
async def test_any_format_is_taken(hub, orderhub, file, make, name):
    path = file(getattr(write, make)(GOODS), name)
    told = json.loads(await orderhub("import", path, "--store", "MSK-07", "--json"))
    assert (told["new"] + told["changed"], told["problems"]) == (len(GOODS), [])


async def test_strictly_nothing_is_written_and_the_code_says_so(hub, orderhub, file):
    assert "every row must be good" in await orderhub("import", file(BAD), "--strict", code=1)
    assert "Nothing was written." in await orderhub("import", file(BAD), "--dry-run")
    assert "new 1" in await orderhub("import", file(BAD), "--strict", "--dry-run", code=1)


async def test_many_problems_are_cut_off_and_counted(hub, orderhub, file):
    said = await orderhub("import", file(b"sku;name\n" + b";x\n" * 100))
    assert said.count("The row has no SKU") == 40
    assert "and 60 more problems" in said


@pytest.mark.parametrize(
    ("raw", "words", "said"),
    [
        (b"", [], "The file is empty"),
        (b"name\nx", [], "No column is called sku"),
        (BAD, ["--store", "NOWHERE"], "No store is called NOWHERE"),
        (BAD, ["--format", "xlsx"], "not in the XLSX format"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(hub, orderhub, file, raw, words, said):
    assert said in await orderhub("import", file(raw), *words, code=1)


async def test_ordered_goods_nobody_knows_are_listed(api, hub, orderhub):
    assert "Every ordered article is in the catalogue." in await orderhub("goods", "unmapped")
    await place(api, hub, "H1", BREAD)
    said = await orderhub("goods", "unmapped")
    assert all(word in said for word in ("300901", "Хлеб", "MSK-07", "H1"))
    (one,) = json.loads(await orderhub("goods", "unmapped", "--store", "MSK-07", "--json"))
    assert (one["sku"], one["seen"]) == ("300901", 1)
    assert json.loads(await orderhub("goods", "unmapped", "--store", "MSK-12", "--json")) == []
