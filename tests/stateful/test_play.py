"""Whatever anybody does on the floor, orders stay whole."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.floor import Theatre
from tests.stateful.machine import Play

#: So many plays by chance instead of the few that are always the same: HUB_TEST_PLAYS=2000.
PLAYS = int(os.environ.get("HUB_TEST_PLAYS", "0"))


def test_whatever_anybody_does_orders_stay_whole(seeded):
    with Theatre(seeded) as theatre:
        stage = type("Stage", (Play,), {"theatre": theatre})
        run_state_machine_as_test(
            stage,
            settings=settings(
                max_examples=PLAYS or 40,
                derandomize=not PLAYS,
                stateful_step_count=40,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
                print_blob=bool(PLAYS),
            ),
        )
