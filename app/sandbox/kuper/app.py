"""The stand-in's HTTP surface as one list of routes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from app.sandbox.kuper import control, notifications, shipments
from app.sandbox.kuper.stand_in import StandIn


def create_app(stand_in: StandIn) -> Starlette:
    """Build the application; mount it under /kuper and enter `stand_in.running()`."""
    app = Starlette(routes=routes())
    app.state.stand_in = stand_in
    return app


def routes() -> list[BaseRoute]:
    """List what the marketplace answers, and what the workbench does."""
    read_side = "/ofm/api/v1/shipments"
    return [
        *(
            Route(path, notifications.receiver(guard), methods=["POST"])
            for path, guard in notifications.GUARDS.items()
        ),
        Route("/auth/token", notifications.token, methods=["POST"]),
        Route(read_side, shipments.guarded(shipments.listing)),
        Route(read_side + "/{shipment_id}", shipments.guarded(shipments.one)),
        Route(read_side + "/{shipment_id}/state", shipments.guarded(shipments.state)),
        Route("/_control", control.control, methods=["GET", "POST"]),
        Route("/_state", control.state),
        Route("/_orders", control.create, methods=["POST"]),
        Route("/_orders/{order_id}/events", control.happen, methods=["POST"]),
    ]
