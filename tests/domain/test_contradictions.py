"""News that cannot be true if the order is what we take it for."""

import pytest

from app.domain import events as ev
from app.domain.decide import decide
from app.domain.order import OrderState as S
from tests.domain.build import an_order, the_terms

NEWS = (ev.Paid(), ev.CourierAssigned(), ev.CourierArrived(), ev.Cancelled("x"))
ROAD = (ev.Taken(), ev.Delivering(), ev.Delivered())


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", [*NEWS, *ROAD])
def test_only_goods_on_the_road_contradict_an_order_that_was_called_off(state, event):
    told = decide(an_order(state=state), event, the_terms())
    assert told.contradicts is (state in (S.REJECTED, S.CANCELLED) and event in ROAD)
    assert told.contradicts <= (not told.applied)
