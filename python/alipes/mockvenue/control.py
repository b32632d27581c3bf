"""The control endpoint: what a test or an operator asks of the venue, never a client. Loopback only."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from alipes.config.names import nearest
from alipes.errors import AlipesError, InputError
from alipes.mockvenue.bodies import amount, check_keys, flag, text, whole
from alipes.mockvenue.clock import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from alipes.mockvenue.server import VenueServer


_CHANGES: Final = ("tick_size", "lot_size", "status")


def control_app(server: VenueServer) -> web.Application:
    """The control endpoint of a venue.

    ``GET``: ``/status`` tells time and counts, ``/requests`` how many requests of each kind arrived and how
    many orders of each client id were accepted, ``/faults`` which faults are on.

    ``POST`` with a JSON object: ``/faults`` ``{"name": …}`` puts one on, ``/step`` ``{"ms": …}`` (speed 0),
    ``/accounts`` ``{"balance": …, "public_pem": …, "can_withdraw": …}`` opens one, ``/deposit``
    ``{"account": …, "asset": …, "amount": …}``, ``/instrument`` ``{"symbol": …, "tick_size": …, "lot_size":
    …, "status": "halted"}`` with
    one or more of the last three, ``/save``. ``DELETE``: ``/faults/1`` takes that one off, ``/faults`` all.

    What is refused is answered with 400 and ``{"error": …}``; with 403 what does not come from this machine.
    """
    app = web.Application(middlewares=[local_only])
    app.router.add_get("/status", _answer(server, _status))
    app.router.add_get("/requests", _answer(server, _requests))
    app.router.add_get("/faults", _answer(server, _faults))
    app.router.add_post("/faults", _answer(server, _add_fault))
    app.router.add_delete("/faults", _answer(server, _clear_faults))
    app.router.add_delete("/faults/{id}", _answer(server, _remove_fault))
    app.router.add_post("/step", _answer(server, _step))
    app.router.add_post("/accounts", _answer(server, _open_account))
    app.router.add_post("/deposit", _answer(server, _deposit))
    app.router.add_post("/instrument", _answer(server, _set_instrument))
    app.router.add_post("/save", _answer(server, _save))
    return app


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses, with 403, what does not come from this machine, and what a page of another site sends."""
    origin = request.headers.get("Origin")
    if not _is_loopback(request.remote or ""):
        reason = f"from {request.remote}: only this machine may"
    elif request.url.host is None or not _is_loopback(request.url.host):
        reason = f"Host {request.host}: expected a loopback address"
    elif origin is not None and origin != f"http://{request.host}":
        reason = f"Origin {origin}: expected none"
    else:
        return await handler(request)
    return web.Response(
        body=orjson.dumps({"error": reason}), status=HTTPStatus.FORBIDDEN, content_type="application/json"
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _answer(
    server: VenueServer, handler: Callable[[VenueServer, dict[str, Any]], dict[str, Any]]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            body = orjson.loads(raw) if raw else {}
            if not isinstance(body, dict):
                raise InputError("the body: expected a JSON object")
            body |= request.match_info
            found, status = handler(server, body), 200
        except orjson.JSONDecodeError as error:
            found, status = {"error": f"the body is no JSON: {error}"}, 400
        except (AlipesError, ValueError, TypeError) as error:
            found, status = {"error": str(error)}, 400
        return web.Response(body=orjson.dumps(found), status=status, content_type="application/json")

    return answer


def _status(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    del body
    exchange = server.exchange
    exchange.advance(server.clock.now_ns())
    return {
        "now": exchange.now,
        "speed": server.config.speed,
        "seed": server.config.seed,
        "symbols": [
            {
                "symbol": market.listing.symbol,
                "id": market.listing.id,
                "mark": market.listing.price_text(market.mark_ticks),
                "trades": len(market.tape.trades),
                "update_id": market.depth.update_id,
            }
            for market in exchange.markets
        ],
        "messages": server.hub.published,
        "frames": server.hub.frames,
    }


def _step(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    check_keys(body, needed=("ms",))
    return {"now": server.step(whole(body, "ms") * NS_PER_MS)}


def _open_account(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    check_keys(body, others=("balance", "public_pem", "can_withdraw"))
    key = server.exchange.accounts.open(
        balance=amount(body, "balance") if body.get("balance") is not None else None,
        public_pem=text(body, "public_pem"),
        can_withdraw=flag(body, "can_withdraw"),
    )
    return {"account": key.account, "key": key.key, "secret": key.secret}


def _deposit(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    check_keys(body, needed=("account", "asset", "amount"))
    account, asset = whole(body, "account"), text(body, "asset")
    server.exchange.accounts.deposit(account, asset, amount(body, "amount"))
    margin = server.exchange.accounts.margin(account, asset)
    return {"account": account, "asset": asset, "wallet": str(margin.wallet)}


def _set_instrument(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    check_keys(body, needed=("symbol",), others=_CHANGES)
    exchange = server.exchange
    exchange.advance(server.clock.now_ns())
    found = [market for market in exchange.markets if market.listing.symbol == body["symbol"]]
    if not found:
        names = [market.listing.symbol for market in exchange.markets]
        raise InputError(
            f"symbol {body['symbol']}: the venue does not list it{nearest(str(body['symbol']), names)}:"
            f" expected {', '.join(names)}"
        )
    changes = {name: value for name, value in body.items() if name != "symbol"}
    if not changes:
        raise InputError(f"changes none: expected some of {', '.join(_CHANGES)}")
    exchange.set_instrument(found[0], **changes)
    listing = found[0].listing
    grids = {"tick_size": listing.terms.tick, "lot_size": listing.terms.lot}
    return {"symbol": listing.symbol, **grids, "status": listing.status}


def _save(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    del body
    if server.config.state is None:
        raise InputError("there is no state file: start the venue with one")
    server.save()
    return {"saved": str(server.config.state)}


def _requests(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    del body
    return {"requests": server.dispatcher.counts.view(), "accepted": dict(server.exchange.accepted)}


def _faults(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    del body
    return {"faults": [switch.view() for switch in server.faults]}


def _add_fault(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    return {"id": server.faults.put(body).number}


def _remove_fault(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    server.faults.remove(whole(body, "id"))
    return _faults(server, body)


def _clear_faults(server: VenueServer, body: dict[str, Any]) -> dict[str, Any]:
    server.faults.clear()
    return _faults(server, body)
