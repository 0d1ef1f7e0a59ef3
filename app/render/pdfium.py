"""PDFium may be called by one thread at a time, whatever is drawn."""

from __future__ import annotations

from threading import Lock
from typing import Final

PDFIUM: Final = Lock()
