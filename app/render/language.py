"""Russian and English: gettext catalogues under locale/<language>/, one per topic, read once."""

from __future__ import annotations

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_LOCALE: Final = Path(__file__).with_name("locale")
LANGUAGES: Final = ("ru", "en")


@cache
def _catalogue(language: str) -> NullTranslations:
    whole = NullTranslations()
    for path in sorted((_LOCALE / language).glob("*.po")):
        whole.add_fallback(_compiled(path, language))
    return whole


def _compiled(path: Path, language: str) -> GNUTranslations:
    with path.open("rb") as file:
        compiled = BytesIO()
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def say(language: str, text: str, **values: object) -> str:
    """A text of the catalogue with its values put in; an unknown text stands for itself."""
    return _said(language, text) % values if values else _said(language, text)


@lru_cache(maxsize=4096)
def _said(language: str, text: str) -> str:
    """Through twenty catalogues once: a register says the same words for every line."""
    return _catalogue(language).gettext(text)


def negotiate(accept_language: str, default: str = "ru") -> str:
    """The language of an Accept-Language header that we speak (RFC 9110 §12.5.4, order given)."""
    asked = [part.split(";")[0].strip().replace("-", "_") for part in accept_language.split(",")]
    return negotiate_locale([tag for tag in asked if tag.isascii()][:10], LANGUAGES) or default
