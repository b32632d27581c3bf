"""``alipes venue``: a local exchange that unmodified Binance USD-M clients trade on."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from alipes.cli.console import Flag  # noqa: TC001 - cyclopts reads the annotations
from alipes.errors import InputError

if TYPE_CHECKING:
    from decimal import Decimal

    from alipes.mockvenue import Faults, VenueConfig


def venue(
    *,
    port: int = 0,
    control_port: int = 0,
    seed: int = 1,
    symbols: str = "BTC/USDT:USDT,ETH/USDT:USDT",
    speed: float = 1.0,
    capture: Annotated[Path | None, Parameter(show_default=False)] = None,
    balance: str = "100000",
    print_ccxt: Flag = False,
    state: Annotated[Path | None, Parameter(show_default=False)] = None,
    faults: Annotated[Path | None, Parameter(show_default=False)] = None,
) -> int:
    """Serve a local exchange that speaks Binance USD-M; it runs until it is stopped.

    When it is ready it prints one line of JSON on stdout: its addresses, and the key and secret of a funded
    account. Ctrl-C or SIGTERM stops it in order.

    Args:
        port: Port of REST, streams and WebSocket API; 0 picks a free one.
        control_port: Port of the control endpoint; 0 picks a free one.
        seed: Seed of the market: the same seed gives the same market, keys and ids.
        symbols: Linear perpetuals, separated by commas.
        speed: Venue seconds in a real second; 0 stands still until the control endpoint steps it.
        capture: Recording of Binance USD-M to play in place of the synthetic market.
        balance: Deposit of the account in each settlement asset.
        print_ccxt: Print on stderr the Python that points ccxt at it.
        state: File to keep accounts and orders in over restarts.
        faults: File of faults (TOML, docs/faults.md): lost answers, dropped frames, an order accepted then
            timed out, and so on. The control endpoint switches more on and off.
    """
    from alipes.mockvenue import Faults, VenueConfig
    from alipes.mockvenue.faults import load

    config = VenueConfig(
        symbols=tuple(symbol.strip() for symbol in symbols.split(",") if symbol.strip()),
        seed=seed,
        speed=speed,
        capture=capture,
        balance=_amount(balance),
        port=port,
        control_port=control_port,
        state=state,
    )
    switches = Faults(seed=seed) if faults is None else load(faults, seed=seed)
    asyncio.run(_serve(config, switches, prints_ccxt=print_ccxt))
    return 0


def _amount(text: str) -> Decimal:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text)
    except InvalidOperation:
        raise InputError(f"--balance {text}: expected a number such as 100000") from None


async def _serve(config: VenueConfig, faults: Faults, *, prints_ccxt: bool) -> None:
    from alipes.mockvenue import VenueServer
    from alipes.mockvenue.clients import SNIPPET

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with VenueServer(config, faults) as server:
        sys.stdout.write(json.dumps(server.addresses()) + "\n")
        sys.stdout.flush()
        if prints_ccxt:
            sys.stderr.write(SNIPPET.format(**server.addresses()))
        ended = asyncio.ensure_future(server.wait_ended())
        waiting = asyncio.ensure_future(stopped.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if ended.done():
            await ended
        ended.cancel()
