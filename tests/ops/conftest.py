"""Each test here runs against every nginx there is."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.ops.gateway import Gateway, programs, running, stub_workers


@pytest.fixture(scope="session")
def workers():
    with stub_workers() as sockets:
        yield sockets


@pytest.fixture(scope="session", params=programs().values(), ids=programs().keys())
def nginx(request, workers) -> Iterator[Gateway]:
    with running(request.param, workers) as gateway:
        yield gateway


@pytest.fixture
def client(nginx) -> Iterator[httpx.Client]:
    with nginx.client() as client:
        yield client
