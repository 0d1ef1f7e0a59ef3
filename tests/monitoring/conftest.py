"""The scene that ways to incidents play on, and the same with the sandbox's Telegram."""

from contextlib import asynccontextmanager

import httpx
import pytest

from app.sandbox.server import create_app
from app.sandbox.settings import SandboxSettings
from app.telegram.sender import sender
from tests.conftest import CREDENTIALS, PATIENCE, quick
from tests.monitoring.scene import LEISURE, Scene
from tests.sandbox.conftest import serving
from tests.stories import RecordingChat


class Messenger(RecordingChat):
    """The real library to the sandbox's Telegram, remembered as well."""

    def __init__(self, chat, page):
        super().__init__()
        self._chat, self._page = chat, page

    async def tell(self, saying):
        await super().tell(saying)  # `fails` first
        return await self._chat.tell(saying)

    async def shown(self):
        """The messages as people see them now, in every chat."""
        chats = (await self._page.get("/_state")).json()["chats"]
        return [message for chat in chats for message in chat["messages"]]


@asynccontextmanager
async def messenger():
    """The sandbox's Telegram on a port of its own, and the way to it."""
    nobody = httpx.MockTransport(lambda _request: httpx.Response(503))  # no hub is called here
    app = create_app(CREDENTIALS, SandboxSettings(rate=0.0), nobody)
    async with (
        serving(app) as url,
        httpx.AsyncClient(base_url=f"{url}/telegram", timeout=PATIENCE) as page,
    ):
        await page.post("/_control", json={"switches": {"unlimited": True}})
        async with sender(CREDENTIALS["telegram"]["token"], f"{url}/telegram", PATIENCE) as chat:
            yield Messenger(chat, page)


@pytest.fixture
async def scene(api, hub):
    return Scene(api, quick(hub, chat=RecordingChat(), rule_patience=LEISURE))


@pytest.fixture
async def sandbox(api, hub):
    """The scene in the running sandbox."""
    async with messenger() as chat:
        yield Scene(api, quick(hub, chat=chat, rule_patience=LEISURE))
