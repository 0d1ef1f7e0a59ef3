"""Printing aside: few wait, nobody waits for ever, no process is left behind."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from app.domain.refusals import Code, Refused
from app.errors import RemoteUnavailable, Unprintable
from app.render.aside import AsidePress


def saying(code):
    """A press that does this instead of printing."""
    return (sys.executable, "-c", code)


ECHO = saying("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())")
HANGS = saying("import time; time.sleep(600)")


def started():
    """Processes of this one, dead ones that nobody has buried among them."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.fixture(autouse=True)
def children():
    before = started()
    return lambda: started() - before


async def test_what_is_printed_comes_back_and_no_process_stays(children):
    assert await AsidePress(program=ECHO).typeset("x", {"a": 1}, "ru") == b'{"a":1}'
    assert not children()


async def test_a_refusal_of_the_press_is_one_of_ours():
    code = 'import sys; sys.stderr.write(\'["requisites", "seller.inn"]\'); sys.exit(3)'
    with pytest.raises(Unprintable) as caught:
        await AsidePress(program=saying(code)).typeset("x", [], "ru")
    assert caught.value.missing == ("seller.inn",)


@pytest.mark.parametrize(
    "program",
    [saying("import os; os.kill(os.getpid(), 9)"), saying("raise SystemExit(1)"), ("/none/such",)],
)
async def test_a_press_that_dies_or_does_not_start_is_a_passing_fault(program, children):
    press = AsidePress(program=program)
    for _ in range(3):  # each gives its turn back
        with pytest.raises(RemoteUnavailable):
            await press.typeset("x", ["much"] * 100_000, "ru")
    assert not children()


async def test_what_a_press_died_of_is_told_without_anybodys_data():
    press = AsidePress(program=saying("raise ValueError('Иванов')"))
    with pytest.raises(RemoteUnavailable) as caught:
        await press.typeset("x", [], "ru")
    assert "ValueError" in str(caught.value)
    assert "Иванов" not in str(caught.value)


async def test_waiting_for_a_turn_counts_as_waiting(children):
    press = AsidePress(patience=0.5, program=HANGS)
    found = await asyncio.gather(
        *(press.typeset("x", [], "ru") for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in found] == [RemoteUnavailable] * 3
    assert not children()


async def test_few_wait_for_a_turn_and_more_are_asked_to_come_again(children):
    press = AsidePress(patience=600, waiting=2, program=HANGS)
    waiting = [asyncio.create_task(press.typeset("x", [], "ru")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as caught:
        await press.typeset("x", [], "ru")
    assert caught.value.code is Code.TOO_MANY_REQUESTS
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not children()


async def test_who_is_told_to_stop_leaves_no_process(children):
    press = AsidePress(program=HANGS)
    printing = asyncio.create_task(press.typeset("x", [], "ru"))
    await asyncio.wait({printing}, timeout=0.5)
    assert children()
    printing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await printing
    assert not children()
