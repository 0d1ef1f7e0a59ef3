"""Who may pick: claims, leases, zones, and what a picker is offered."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.order import OrderState as S
from app.domain.pick_job import (
    AT_WORK,
    Claims,
    JobState,
    PickJob,
    allowed,
    may_claim,
    may_take,
    must_hold,
    must_pack,
    writable,
)
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED, PICKER_STATES
from tests.domain.build import uid

ME, OTHER, THIRD = uid(1), uid(2), uid(3)
WHEN = datetime(2026, 3, 2, tzinfo=UTC)
NOBODYS = PickJob()
MINE = PickJob(JobState.ACTIVE, ME, "1001", "Я", held=True)
PAUSED = PickJob(JobState.PAUSED, ME, "1001", "Я", held=True)
MINE_RUN_OUT = PickJob(JobState.ACTIVE, ME, "1001", "Я", held=False)
TAKEN = PickJob(JobState.CLAIMED, OTHER, "1002", "Другой", WHEN, held=True, since=WHEN)
TAKEN_RUN_OUT = PickJob(JobState.ACTIVE, OTHER, "1002", "Другой", held=False)
DONE = PickJob(JobState.DONE, ME, "1001", "Я")
MY_ZONE = PickJob(JobState.ACTIVE, ME, "1001", "Я", held=True, zone="A")
THEIR_ZONE = PickJob(JobState.ACTIVE, OTHER, "1002", "Другой", held=True, zone="B")

WALKED = PickJob(JobState.DONE, ME, "1001", "Я", zone="A")


def refusal(check, *args, **named):
    try:
        check(*args, **named)
    except Refused as error:
        return error.code
    return None


@pytest.mark.parametrize("state", PICKER_STATES)
@pytest.mark.parametrize(
    ("job", "code"),
    [(NOBODYS, None), (MINE, None), (MINE_RUN_OUT, None), (TAKEN_RUN_OUT, None),
     (TAKEN, Code.ALREADY_CLAIMED), (THEIR_ZONE, Code.ALREADY_CLAIMED)],
)  # fmt: skip
def test_a_free_a_forgotten_and_my_own_order_may_be_claimed(state, job, code):
    assert refusal(may_claim, Claims((job,)), ME, state) == code


@pytest.mark.parametrize("state", sorted(set(S) - set(PICKER_STATES)))
def test_an_order_that_is_not_for_picking_is_neither_claimed_nor_taken_over(state):
    expected = Code.ORDER_CANCELLED if state in ENDED else Code.ILLEGAL_TRANSITION
    assert refusal(may_claim, Claims(), ME, state) == expected
    assert refusal(may_take, Claims((TAKEN,)), ME, state, confirmed=True) == expected


@pytest.mark.parametrize(
    ("job", "code"),
    [(MINE, None), (MINE_RUN_OUT, None), (DONE, Code.NOT_ASSIGNED), (NOBODYS, Code.NOT_ASSIGNED),
     (TAKEN, Code.LEASE_LOST), (TAKEN_RUN_OUT, Code.NOT_ASSIGNED)],
)  # fmt: skip
def test_only_the_holder_writes_and_a_run_out_lease_nobody_took_still_counts(job, code):
    assert refusal(must_hold, Claims((job,)), ME) == code


@pytest.mark.parametrize(
    ("zone", "code"),
    [("", None), ("A", None), ("B", Code.NOT_ASSIGNED), ("C", Code.NOT_ASSIGNED)],
)
def test_a_zone_is_its_holders_and_lines_without_one_are_everybodys(zone, code):
    assert refusal(must_hold, Claims((MY_ZONE, THEIR_ZONE)), ME, zone) == code


@pytest.mark.parametrize(
    ("jobs", "code"),
    [((MINE,), None), ((WALKED,), None), ((WALKED, THEIR_ZONE), None), ((MY_ZONE,), None),
     ((WALKED, TAKEN), Code.LEASE_LOST), ((TAKEN,), Code.LEASE_LOST), ((), Code.NOT_ASSIGNED),
     ((THEIR_ZONE,), Code.LEASE_LOST), ((WALKED, TAKEN_RUN_OUT), None)],
)  # fmt: skip
def test_who_has_walked_a_zone_may_pack_until_another_takes_the_whole(jobs, code):
    assert refusal(must_pack, Claims(jobs), ME) == code


@pytest.mark.parametrize("unwalked", [(), ("A",), ("B",), ("A", "B"), ("C",)])
def test_a_zone_with_no_open_line_ends_and_the_last_one_does_not(unwalked):
    after = Claims((MY_ZONE, THEIR_ZONE)).walked(unwalked)
    ended = {job.zone for job in after.jobs if job.state is JobState.DONE and not job.held}
    assert ended == ({"A", "B"} - set(unwalked) if unwalked else set())
    assert Claims((MINE,)).walked(unwalked) == Claims((MINE,))


@pytest.mark.parametrize(
    ("jobs", "zone", "code"),
    [((THEIR_ZONE,), "A", None), ((THEIR_ZONE,), "B", Code.ALREADY_CLAIMED),
     ((TAKEN,), "A", Code.ALREADY_CLAIMED), ((MY_ZONE,), "A", None),
     ((MY_ZONE,), "", Code.ALREADY_CLAIMED), ((MINE,), "A", Code.ALREADY_CLAIMED)],
)  # fmt: skip
def test_a_zone_is_claimed_beside_other_zones_and_never_beside_the_whole(jobs, zone, code):
    assert refusal(may_claim, Claims(jobs), ME, S.PICKING, zone) == code


@pytest.mark.parametrize(
    ("jobs", "zone", "confirmed", "code"),
    [((TAKEN,), "", False, Code.TAKEOVER_UNCONFIRMED), ((TAKEN,), "", True, None),
     ((TAKEN_RUN_OUT,), "", False, None), ((MINE,), "", False, None), ((), "", False, None),
     ((THEIR_ZONE,), "", False, Code.TAKEOVER_UNCONFIRMED), ((THEIR_ZONE,), "B", True, None),
     ((THEIR_ZONE,), "A", False, None), ((TAKEN,), "A", True, Code.ALREADY_CLAIMED)],
)  # fmt: skip
def test_what_another_holds_is_taken_only_when_it_is_confirmed(jobs, zone, confirmed, code):
    assert refusal(may_take, Claims(jobs), ME, S.PICKING, zone, confirmed=confirmed) == code


def test_a_refusal_says_who_since_when_and_until_when():
    with pytest.raises(Refused) as caught:
        may_claim(Claims((TAKEN,)), ME, S.PICKING)
    assert caught.value.details == {
        "by": "Другой", "badge": "1002", "since": WHEN.isoformat(), "until": WHEN.isoformat(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("job", "state", "actions"),
    [
        (NOBODYS, S.ACCEPTED, ("claim",)),
        (NOBODYS, S.PICKING, ("claim",)),
        (MINE, S.ACCEPTED, ("release", "start")),
        (MINE, S.PICKING, ("release", "pause", "scan", "undo", "complete")),
        (MINE, S.PICKED, ("release", "pause", "ready")),
        (PAUSED, S.PICKING, ("release", "resume")),
        (MINE_RUN_OUT, S.PICKING, ("release", "pause", "scan", "undo", "complete")),
        (TAKEN, S.PICKING, ("takeover",)),
        (THEIR_ZONE, S.PICKING, ("claim", "takeover")),
        (MY_ZONE, S.PICKING, ("release", "pause", "scan", "undo", "complete", "claim")),
        (WALKED, S.PICKING, ("claim", "complete")),
        (WALKED, S.PICKED, ("claim", "ready")),
        (TAKEN_RUN_OUT, S.PICKING, ("claim",)),
    ],
)
def test_a_picker_is_offered_what_would_be_allowed(job, state, actions):
    about_claims = {"claim", "takeover", "release", "start", "pause", "resume", "scan", "undo",
                    "complete", "ready"}  # fmt: skip
    offered = [
        verb for verb in allowed(Claims((job,)), ME, state, ("A", "B")) if verb in about_claims
    ]
    assert offered == list(actions)


@pytest.mark.parametrize("state", sorted(set(S) - set(PICKER_STATES)))
def test_nothing_of_a_claim_is_offered_where_nothing_is_picked(state):
    assert not {"claim", "release", "scan", "pause"} & set(allowed(Claims((MINE,)), ME, state))


jobs = st.builds(
    PickJob,
    state=st.sampled_from(AT_WORK),
    picker_id=st.sampled_from([ME, OTHER, THIRD]),
    held=st.booleans(),
    zone=st.sampled_from(["", "A", "B"]),
)


@given(st.lists(jobs, max_size=3, unique_by=lambda job: job.zone), jobs)
def test_after_any_claim_the_whole_and_a_zone_do_not_stand_side_by_side(before, job):
    after = Claims(tuple(before)).renewed([job])
    zones = [each.zone for each in after.jobs]
    assert job in after.jobs
    assert len(zones) == len(set(zones))
    if job.zone == "":
        assert after.jobs == (job,)
    else:
        assert "" not in zones


@given(st.lists(jobs, max_size=3, unique_by=lambda job: job.zone), st.sampled_from(["", "A", "B"]))
def test_lines_are_offered_to_those_alone_who_may_write_them(before, zone):
    claims = Claims(tuple(before))
    if writable(claims, ME, zone):
        assert refusal(must_hold, claims, ME, zone) is None
    assert claims.without(ME).of(ME) == ()
