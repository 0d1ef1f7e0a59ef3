"""What `orderhub setup` takes: the shapes of a merchant's description, checked while it is read."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.actions.describe_erp import DestinationSetUp
from app.actions.describe_party import Requisites, Series
from app.domain.badge import PREFIX, badge_of
from app.domain.money import MAX_KOPECKS
from app.domain.quantity import DEFAULT

#: PostgreSQL keeps no NUL, and nobody finds what is called by spaces alone.
_SEEN: Final = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=_SEEN)]
Short = Annotated[str, Meta(min_length=1, max_length=50, pattern=_SEEN)]
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\u0000]*$")]
Span = tuple[Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=1)]]
Factor = Annotated[int, Meta(ge=1, le=1_000_000)]
Kept = Literal["ambient", "chilled", "frozen", "non_food"]
Hour = Annotated[int, Meta(ge=0, le=23)]
Limit = Annotated[float, Meta(ge=0, le=1e9)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$(?!\n)")]


class ToleranceSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """Percent of the requested weight: beyond soft the picker is warned, beyond hard refused."""

    soft_under: Annotated[int, Meta(ge=0, le=100)] = DEFAULT.soft_under
    hard_under: Annotated[int, Meta(ge=0, le=100)] = DEFAULT.hard_under
    soft_over: Annotated[int, Meta(ge=0, le=1000)] = DEFAULT.soft_over
    hard_over: Annotated[int, Meta(ge=0, le=1000)] = DEFAULT.hard_over

    def __post_init__(self) -> None:
        """A warning beyond the refusal would never be heard."""
        if self.soft_under > self.hard_under or self.soft_over > self.hard_over:
            raise ValueError("a soft tolerance is wider than the hard one")


class AisleSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One aisle; the least rank comes first on the way through the shop."""

    aisle: Short
    rank: Annotated[int, Meta(ge=0, le=1_000_000)]


class PlaceSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """What a location code stands for; `capacity`: how many bags a staging place takes."""

    code: Short
    kind: Literal["shelf", "staging"]
    name: Text = ""
    aisle: Text = ""
    temperature: Kept | None = None
    capacity: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class LabelSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One layout of in-store labels; `item` and `value_at` are [from, until) in the code, the value
    times `multiplier`, divided by `divisor`, gives grams, kopecks or pieces. The first label that
    matches wins."""

    prefix: Annotated[str, Meta(pattern=r"^[0-9]{1,12}$(?!\n)")]
    item: Span
    value_at: Span
    value: Literal["weight", "price", "count"] = "weight"
    divisor: Factor = 1
    length: Annotated[int, Meta(ge=8, le=48)] = 13
    check_digit: bool = True
    multiplier: Factor = 1

    def __post_init__(self) -> None:
        """Spans are parts of the code; the value is not in the prefix, nor in the item number."""
        last = self.length - self.check_digit
        (item, item_end), (value, value_end) = self.item, self.value_at
        inside = item < item_end <= last and len(self.prefix) <= value < value_end <= last
        if not inside or value_end - value > 9 or max(item, value) < min(item_end, value_end):
            raise ValueError(f"item and value_at cannot stand so in a code of {self.length}")


class StoreSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One shop; without a chat of its own its alarms go to the merchant's. `paused` unsaid stays as
    it is: supervisors change it too. `devices`: which handhelds are admitted; `shifts`, `bags`:
    whether they are needed; `mark_check`: whether product marks are checked online; `tolerances` by
    category, '' for all others. `requisites`: of the shop itself, as papers name where goods leave
    from. Lists are whole: what is not in them is forgotten; requisites unsaid stay."""

    code: Word
    name: Word
    timezone: str = "Europe/Moscow"
    telegram_chat: int | None = None
    telegram_people: list[TelegramPerson] = []
    paused: bool | None = None
    devices: Literal["any", "registered"] = "any"
    shifts: Literal["optional", "required"] = "optional"
    zone_picking: bool = False
    bags: Literal["optional", "required"] = "optional"
    mark_check: Literal["off", "permissive", "strict"] = "off"
    tolerances: dict[Text, ToleranceSetUp] = {}
    aisles: list[AisleSetUp] = []
    places: list[PlaceSetUp] = []
    labels: list[LabelSetUp] = []
    requisites: Requisites = UNSET

    def __post_init__(self) -> None:
        """One rank for an aisle, one meaning for a code."""
        for what, names in (
            ("aisle", [each.aisle for each in self.aisles]),
            ("place", [each.code for each in self.places]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"the same {what} stands there twice")


class AccountSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One connection to a marketplace; `stores`: its store ids and our store codes; `rules`: the
    hub's own for it, by the names of AccountRules; `buyer`: whom documents name as the buyer."""

    code: Code
    adapter: str
    settings: dict[str, Any]
    secrets: dict[str, Word]
    stores: dict[str, str]
    rules: dict[str, Any] = {}
    buyer: Requisites = UNSET


class PickerSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One picker or supervisor of one store."""

    badge: Word
    name: Word
    pin: Annotated[str, Meta(min_length=4, max_length=50)]
    store: str
    role: Literal["picker", "supervisor"] = "picker"

    def __post_init__(self) -> None:
        """A badge as printed is the badge without its prefix."""
        self.badge, self.name = badge_of(self.badge), self.name.strip()
        if not self.badge or self.badge.upper().startswith(PREFIX):
            raise ValueError(f"{self.badge!r} is no badge")


class OperatorSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One operator."""

    login: Word
    password: Annotated[str, Meta(min_length=8, max_length=200)]


class ClientSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One picking application that speaks the original's protocol."""

    name: Word
    token: Annotated[str, Meta(min_length=16, max_length=200, pattern=r"^[\x21-\x7e]*$(?!\n)")]


class TelegramPerson(msgspec.Struct, forbid_unknown_fields=True):
    """Who may press and ask in Telegram without a code: known by number. `store`: of one only."""

    user_id: Annotated[int, Meta(ge=1, le=2**52)]
    name: Word
    role: Literal["duty", "supervisor"] = "duty"
    store: str | None = None


class GoodsSetUp(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One product, by the names of GoodsRow; what is not said stays as it is. `plu` is the item
    number of in-store labels; price, zone, aisle, shelf and available go to all stores of the
    merchant."""

    sku: Word
    name: Word
    vat: Literal["standard", "reduced", "zero", "none", "five", "seven", "unknown"]
    unit: Literal["piece", "weight"] | UnsetType = UNSET
    unit_grams: Annotated[int, Meta(ge=1, le=1000000)] | UnsetType | None = UNSET
    barcodes: tuple[Short, ...] | UnsetType = UNSET
    plu: Short | UnsetType | None = UNSET
    marked: bool | UnsetType = UNSET
    category: Text | UnsetType = UNSET
    temperature: Kept | UnsetType = UNSET
    min_age: Annotated[int, Meta(ge=1, le=21)] | UnsetType | None = UNSET
    restriction: Literal["none", "blocked", "pickup_only"] | UnsetType = UNSET
    photo_url: Annotated[str, Meta(pattern=r"^https?://[^\s\u0000]+$(?!\n)")] | UnsetType | None = (
        UNSET
    )
    price: Annotated[int, Meta(ge=0, le=MAX_KOPECKS)] | UnsetType | None = UNSET
    zone: Text | UnsetType = UNSET
    aisle: Text | UnsetType = UNSET
    shelf: Text | UnsetType = UNSET
    available: bool | UnsetType = UNSET
    substitutes: tuple[Word, ...] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Goods by weight cost so much for so many grams."""
        if self.unit == "weight" and not self.unit_grams:
            raise ValueError("goods sold by weight need unit_grams")


class ThresholdSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """Limits of one monitoring rule that differ from its file's: in a store, for an account, in
    hours of the store's day (22, 6 goes over midnight), or everywhere. What is not said is as in
    the less special ones, and in the file at last. `hold` is written `for`: seconds; `least`: how
    many cases a rate needs; `off`: nobody is told."""

    rule: Word
    store: Word | None = None
    account: Code | None = None
    hours: tuple[Hour, Hour] | None = None
    warn: Limit | UnsetType = UNSET
    critical: Limit | UnsetType = UNSET
    clear: Limit | UnsetType = UNSET
    least: Count | UnsetType = UNSET
    hold: Count | UnsetType = msgspec.field(name="for", default=UNSET)
    off: bool = False

    def __post_init__(self) -> None:
        """It says something, and of some hours."""
        said = (self.warn, self.critical, self.clear, self.least, self.hold)
        if not self.off and all(one is UNSET for one in said):
            raise ValueError(f"a threshold of {self.rule} that says nothing")
        if self.hours and self.hours[0] == self.hours[1]:
            raise ValueError("hours that end where they begin: leave them out for the whole day")


class Description(msgspec.Struct, forbid_unknown_fields=True):
    """A merchant with everything that belongs to it; `requisites`: as documents name him, their
    numbers begin with `document_series`. Those and `thresholds` stay as they are when nothing is
    said of them; said, they are all there is."""

    merchant: Word
    requisites: Requisites = UNSET
    document_series: Series | UnsetType = UNSET
    stores: list[StoreSetUp] = []
    accounts: list[AccountSetUp] = []
    pickers: list[PickerSetUp] = []
    operators: list[OperatorSetUp] = []
    clients: list[ClientSetUp] = []
    products: list[GoodsSetUp] = []
    thresholds: list[ThresholdSetUp] | UnsetType = UNSET
    destinations: list[DestinationSetUp] = []
    telegram_chat: int | None = None
    telegram_people: list[TelegramPerson] = []
