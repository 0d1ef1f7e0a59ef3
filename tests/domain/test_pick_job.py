"""Who may pick: claims, leases, and what a picker is offered."""

from datetime import UTC, datetime

import pytest

from app.domain.order import OrderState as S
from app.domain.pick_job import JobState, PickJob, allowed, may_claim, must_hold
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED, PICKER_STATES
from tests.domain.build import uid

ME, OTHER = uid(1), uid(2)
FREE = PickJob()
MINE = PickJob(JobState.ACTIVE, ME, "1001", "Я", held=True)
MINE_RUN_OUT = PickJob(JobState.ACTIVE, ME, "1001", "Я", held=False)
TAKEN = PickJob(JobState.CLAIMED, OTHER, "1002", "Другой",
                datetime(2026, 3, 2, tzinfo=UTC), held=True)  # fmt: skip
TAKEN_RUN_OUT = PickJob(JobState.ACTIVE, OTHER, "1002", "Другой", held=False)
DONE = PickJob(JobState.DONE, ME, "1001", "Я")


def refusal(check, *args):
    try:
        check(*args)
    except Refused as error:
        return error.code
    return None


@pytest.mark.parametrize("state", PICKER_STATES)
@pytest.mark.parametrize(
    ("job", "code"),
    [(FREE, None), (MINE, None), (MINE_RUN_OUT, None), (TAKEN_RUN_OUT, None),
     (TAKEN, Code.ALREADY_CLAIMED)],
)  # fmt: skip
def test_a_free_a_forgotten_and_my_own_order_may_be_claimed(state, job, code):
    assert refusal(may_claim, job, ME, state) == code


@pytest.mark.parametrize("state", sorted(set(S) - set(PICKER_STATES)))
def test_an_order_that_is_not_for_picking_is_not_claimed(state):
    expected = Code.ORDER_CANCELLED if state in ENDED else Code.ILLEGAL_TRANSITION
    assert refusal(may_claim, FREE, ME, state) == expected


@pytest.mark.parametrize(
    ("job", "code"),
    [(MINE, None), (MINE_RUN_OUT, None), (DONE, None), (FREE, Code.NOT_ASSIGNED),
     (TAKEN, Code.LEASE_LOST), (TAKEN_RUN_OUT, Code.NOT_ASSIGNED)],
)  # fmt: skip
def test_only_the_holder_writes_and_a_run_out_lease_nobody_took_still_counts(job, code):
    assert refusal(must_hold, job, ME) == code


@pytest.mark.parametrize(
    ("job", "state", "actions"),
    [
        (FREE, S.ACCEPTED, ("claim",)),
        (FREE, S.PICKING, ("claim",)),
        (MINE, S.ACCEPTED, ("release", "start")),
        (MINE, S.PICKING, ("release", "scan", "complete")),
        (MINE, S.PICKED, ("release", "ready")),
        (MINE_RUN_OUT, S.PICKING, ("release", "scan", "complete")),
        (TAKEN, S.PICKING, ()),
        (TAKEN_RUN_OUT, S.PICKING, ("claim",)),
        *((MINE, state, ()) for state in sorted(set(S) - set(PICKER_STATES))),
    ],
)
def test_a_picker_is_offered_what_would_be_allowed(job, state, actions):
    assert allowed(job, ME, state) == actions
