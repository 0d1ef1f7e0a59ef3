"""The shape of a way to an ERP."""

from __future__ import annotations

from typing import Final, Protocol

from app.domain.destination import Destination, Parcel, Receipt

#: Seconds a way may take for one document.
ERP_LIMIT: Final = 30.0


class ErpWay(Protocol):
    """A way to the books of whoever sells."""

    async def hand(self, destination: Destination, parcel: Parcel) -> Receipt:
        """Bring one document; a repeat of the same parcel is taken as the same. Raises
        RemoteRefused for this document, DestinationAmiss or RemoteBusy for all of them,
        RemoteUnavailable, `ambiguous` when it may have arrived; and within ERP_LIMIT."""
