"""Everything a venue can be asked about an account, through ccxt: complete answers, or an error."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from alipes.connectors.ccxt_pages import Pages, paging_of
from alipes.connectors.ccxt_replies import (
    NS_PER_MS,
    balances_of,
    entry_of,
    fill_of,
    order_of,
    position_of,
)
from alipes.connectors.client_ids import KnownIds, rules_of
from alipes.connectors.sizes import instrument_spec
from alipes.errors import ConfigError, ConnectivityError, InputError, VenueError
from alipes.model import Capabilities, KeyPermissions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes._core import InstrumentSpec
    from alipes.model import (
        Instrument,
        LedgerEntry,
        VenueBalance,
        VenueFill,
        VenueOrder,
        VenuePosition,
    )
    from alipes.net.ccxt_session import CcxtSession

LOOKED_BACK_NS = 7 * 24 * 3600 * 1_000_000_000
"""How far back ended orders are searched for one that the venue does not find by client id, ns."""
VISIBILITY_LAG_S = 600.0
"""How long a live order may be missing from what a venue reports: observed up to ten minutes on Binance."""
_COUNTDOWNS = {"binanceusdm": "fapiPrivatePostCountdownCancelAll"}
_TRIGGER = {"trigger": True}


class CcxtReads:
    """An `alipes.ports.AccountReads` over a ccxt session.

    Args:
        session: The account's session.
        instruments: What the account trades.

    Attributes:
        session: As given.
        instruments: By symbol.
        rules: How the venue treats our client ids.
        ids: Venue and client ids that belong together.
    """

    def __init__(self, *, session: CcxtSession, instruments: Iterable[Instrument]) -> None:
        self.session = session
        self.instruments = {each.symbol: each for each in instruments}
        self.rules = rules_of(session.venue)
        self.ids = KnownIds()

    @property
    def capabilities(self) -> Capabilities:
        """What the venue can do through ccxt."""
        has = self.session.exchange.has
        return Capabilities(
            can_amend=self.rules.can_amend,
            keeps_client_ids=self.rules.is_kept,
            has_fill_stream=bool(has.get("watchMyTrades")),
            has_dead_man_timer=bool(has.get("cancelAllOrdersAfter")) or self.session.venue in _COUNTDOWNS,
            validity_window_s=self.session.recv_window_ms / 1000,
            visibility_lag_s=VISIBILITY_LAG_S,
        )

    async def instrument_specs(self, *, reload: bool = False) -> dict[str, InstrumentSpec]:
        """Grids and terms of everything the venue lists, by symbol, without what cannot be traded here.

        Args:
            reload: Whether to ask the venue again.

        Raises:
            VenueError: The venue did not answer.
        """
        markets = await self.session.read("load_markets", reload)
        specs = {}
        for symbol, market in markets.items():
            with suppress(ConfigError, InputError):  # options, markets without a grid
                specs[symbol] = instrument_spec(market, self.session.exchange.precisionMode)
        return specs

    # Orders

    async def order(self, instrument: Instrument, client_order_id: str) -> VenueOrder | None:
        """The order with that client id, regular or conditional; None where the venue knows none now.

        Raises:
            VenueError: It could not be asked.
        """
        found = await self._regular(instrument, client_order_id)
        if found is None and self.rules.takes_conditional:
            params = {**self.rules.change(client_order_id), **_TRIGGER}
            reply = await self._fetch_order(None, instrument, params)
            found = None if reply is None else self._order(instrument, reply, is_conditional=True)
        return found

    async def _regular(self, instrument: Instrument, client_order_id: str) -> VenueOrder | None:
        rules, venue_order_id = self.rules, self.ids.venue_of(client_order_id)
        if rules.on_fetch is not None:
            reply = await self._fetch_order(None, instrument, {rules.on_fetch: client_order_id})
            return None if reply is None else self._order(instrument, reply)
        params = {} if rules.on_list is None else {rules.on_list: client_order_id}
        listed = await self._listed(instrument, params)
        found = next((each for each in listed if each.client_order_id == client_order_id), None)
        if found is None and venue_order_id is not None:
            reply = await self._fetch_order(venue_order_id, instrument, {})
            found = None if reply is None else self._order(instrument, reply)
        if found is None:
            closed = await self.closed_orders(instrument, self.session.now() - LOOKED_BACK_NS)
            found = next((each for each in closed if each.client_order_id == client_order_id), None)
        return found

    async def _fetch_order(
        self, venue_order_id: str | None, instrument: Instrument, params: dict[str, Any]
    ) -> dict[str, Any] | None:
        reply = await self.session.read(
            "fetch_order", venue_order_id, instrument.symbol, params, absent="OrderNotFound"
        )
        if reply is not None and reply.get("id") is None:
            raise ConnectivityError(f"{self.session.account}: fetch_order: the reply holds no order")
        return None if reply is None else dict(reply)

    async def open_orders(self, instrument: Instrument | None = None) -> list[VenueOrder]:
        """Every open order in one instrument, or in all of the account's; conditional ones included.

        Raises:
            VenueError: Not all of them could be read.
        """
        found: list[VenueOrder] = []
        for each in self.instruments.values() if instrument is None else (instrument,):
            found += await self._listed(each, {})
            if self.rules.takes_conditional:
                found += await self._listed(each, _TRIGGER)
        return found

    async def _listed(self, instrument: Instrument, params: dict[str, Any]) -> list[VenueOrder]:
        replies = await self.session.read(
            "fetch_open_orders", instrument.symbol, None, None, params,
            begins=paging_of(self.session.venue).begins,
        )  # fmt: skip
        is_conditional = "trigger" in params
        return [self._order(instrument, each, is_conditional=is_conditional) for each in replies]

    async def closed_orders(self, instrument: Instrument, since: int) -> list[VenueOrder]:
        """Orders that ended, created since `since` (int ns UTC).

        Raises:
            VenueError: Not all of them could be read.
        """
        has = self.session.exchange.has
        if has.get("fetchOrders"):
            methods = ["fetch_orders"]
        elif has.get("fetchCanceledAndClosedOrders"):
            methods = ["fetch_canceled_and_closed_orders"]
        else:
            methods = ["fetch_closed_orders"]
            methods += ["fetch_canceled_orders"] if has.get("fetchCanceledOrders") else []
        found: dict[str, VenueOrder] = {}
        for method in methods:
            for reply in await Pages(self.session, method, instrument.symbol).since(since):
                order = self._order(instrument, reply)
                if order.state != "open":
                    found[order.venue_order_id] = order
        return list(found.values())

    def _order(
        self, instrument: Instrument, reply: dict[str, Any], *, is_conditional: bool = False
    ) -> VenueOrder:
        order = order_of(instrument, reply, is_conditional=is_conditional)
        self.ids.learn(instrument.symbol, order.client_order_id, order.venue_order_id)
        return order

    # Fills and money

    async def fills(self, instrument: Instrument, since: int) -> list[VenueFill]:
        """Every trade since `since` (int ns UTC), oldest first, with our client id where there is one.

        Raises:
            VenueError: Not all of them could be read.
        """
        replies = await Pages(self.session, "fetch_my_trades", instrument.symbol).since(since)
        fills = [fill_of(instrument, each, self.rules) for each in replies]
        return [await self._owned(each) for each in fills]

    async def _owned(self, fill: VenueFill) -> VenueFill:
        """The fill with its order's client id, which most venues keep out of their list of trades."""
        if fill.client_order_id is not None or fill.venue_order_id is None:
            return fill
        instrument, venue_order_id = fill.instrument, fill.venue_order_id
        known = self.ids.client_of(instrument.symbol, venue_order_id)
        if known is None:
            reply = await self._fetch_order(venue_order_id, instrument, {})
            known = None if reply is None else self._order(instrument, reply).client_order_id
        return replace(fill, client_order_id=known)

    async def balances(self) -> dict[str, VenueBalance]:
        """What the account holds, by asset.

        Raises:
            VenueError: They could not be read.
        """
        return balances_of(await self.session.read("fetch_balance"))

    async def positions(self) -> list[VenuePosition]:
        """Derivatives positions that are not flat.

        Raises:
            VenueError: They could not be read.
        """
        symbols = [each.symbol for each in self.instruments.values() if each.spec.kind != "spot"]
        if not symbols:
            return []
        replies = await self.session.read("fetch_positions", symbols)
        found = [
            position_of(self.instruments[each["symbol"]], each)
            for each in replies
            if each.get("symbol") in self.instruments
        ]
        return [each for each in found if each.size_steps]

    async def ledger(self, since: int) -> list[LedgerEntry]:
        """Movements of money since `since` (int ns UTC), oldest first.

        Raises:
            VenueError: Not all of them could be read, or the venue has no such list.
        """
        entries = await Pages(self.session, "fetch_ledger", None).since(since, is_windowed=False)
        return [entry_of(each) for each in entries]

    # The venue and the key

    async def server_time(self) -> int:
        """The venue's time, int ns UTC.

        Raises:
            VenueError: It did not answer.
        """
        return int(await self.session.read("fetch_time")) * NS_PER_MS

    async def key_permissions(self) -> KeyPermissions:
        """What the key may do.

        Raises:
            VenueError: It could not be asked.
        """
        venue, read = self.session.venue, self.session.read
        if venue in {"binance", "binanceusdm"}:
            said = await read("sapi_get_account_apirestrictions")
            trading = "enableFutures" if venue == "binanceusdm" else "enableSpotAndMarginTrading"
            return KeyPermissions(
                can_trade=said.get(trading),
                can_withdraw=bool(said.get("enableWithdrawals") or said.get("enableInternalTransfer")),
                is_ip_restricted=said.get("ipRestrict"),
            )
        if venue == "bybit":
            said = (await read("private_get_v5_user_query_api"))["result"]
            return KeyPermissions(
                can_trade=not int(said["readOnly"]),
                can_withdraw="Withdraw" in (said["permissions"].get("Wallet") or ()),
                is_ip_restricted="*" not in (said.get("ips") or ("*",)),
            )
        if venue == "okx":
            said = (await read("private_get_account_config"))["data"][0]
            granted = said["perm"].split(",")
            return KeyPermissions("trade" in granted, "withdraw" in granted, bool(said.get("ip")))
        return KeyPermissions()

    # Emergencies

    async def cancel_all(self, instrument: Instrument) -> None:
        """Takes every order in the instrument off the market, foreign and conditional ones included.

        Raises:
            VenueError: The venue did not confirm; orders may rest.
        """
        symbol = instrument.symbol
        if self.session.exchange.has.get("cancelAllOrders"):
            await self._urgent("cancel_all_orders", symbol)
            if self.rules.takes_conditional:
                await self._urgent("cancel_all_orders", symbol, _TRIGGER)
            return
        for order in await self.open_orders(instrument):
            await self._urgent("cancel_order", order.venue_order_id, symbol, absent="OrderNotFound")

    async def _urgent(self, method: str, *args: Any, absent: str | None = None) -> None:
        await self.session.read(method, *args, absent=absent, is_cancel=True)

    async def cancel_all_after(self, instrument: Instrument, timeout_s: float) -> None:
        """Sets the venue's dead-man timer, in seconds; 0 switches it off.

        On `binanceusdm` it counts for the instrument, elsewhere for every order of the account, protective
        stops included.

        Raises:
            VenueError: The venue did not confirm, or has no such timer.
        """
        ms, exchange = round(timeout_s * 1000), self.session.exchange
        countdown = _COUNTDOWNS.get(self.session.venue)
        if countdown is not None:
            symbol = exchange.market(instrument.symbol)["id"]
            await self._urgent(countdown, {"symbol": symbol, "countdownTime": ms})
        elif exchange.has.get("cancelAllOrdersAfter"):
            await self._urgent("cancel_all_orders_after", ms)
        else:
            raise VenueError(f"{self.session.account}: {self.session.venue} has no dead-man timer")
