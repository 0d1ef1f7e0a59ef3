"""Files for 1C to look at, kept beside the tests; run as a program it writes them anew."""

from __future__ import annotations

from pathlib import Path

from app.render.commerceml import commerceml
from app.render.enterprise import enterprise
from tests.render.documents import CORRECTION, RETURN, SALE

FOLDER = Path(__file__).parent / "golden"


def made() -> dict[str, bytes]:
    """Every file by its name."""
    every = [SALE, RETURN, CORRECTION]
    return {
        "commerceml.xml": commerceml(every, "ru"),
        "enterprise.xml": enterprise(every, "ru"),
    }


if __name__ == "__main__":
    for name, file in made().items():
        (FOLDER / name).write_bytes(file)
