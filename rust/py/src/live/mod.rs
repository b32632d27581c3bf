//! `LiveExchange`: the matching core of the local venue.

mod output;
mod reads;

use crate::account::side_of_code;
use crate::error::{DataError, InputError, IntoPyErr};
use crate::feed::PyFeedDecoder;
use crate::gate::is_market_code;
use crate::instrument::PyInstrumentSpec;
use crate::market_events::read_events;
use crate::number::{decimal, to_python};
use crate::sim::tif_of_code;
use alipes_market::instrument::Spec;
use alipes_market::types::{Ns, Size, Tick};
use alipes_sim::exchange::NewOrder;
use alipes_sim::exchange::live::{
    AccountId, LiveError, LiveExchange, NewListing, Rates, SelfTrade, StateError, TradingStatus,
};
use output::{entry_tuple, events, fill_tuple, margin_tuple, order_tuple, position_tuple, trade_tuple};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple, PyType};
use reads::{Best, Levels, Tuples, amounts, best, known, pairs, with_reads};

impl IntoPyErr for LiveError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

impl IntoPyErr for StateError {
    fn into_py_err(self) -> PyErr {
        DataError::new_err(self.to_string())
    }
}

/// The matching core of the local venue: accounts and an outside market in one book.
///
/// The rules are in docs/exchange-rules.md. Account 0 is the outside market, driven by `ingest` and
/// `ingest_events`; accounts 1, 2, ... are ours. Every call carries the venue's time `now` (int ns UTC; an
/// earlier time counts as the latest one given). Prices are ticks, sizes size steps, money is `Decimal`.
/// Calls that change something return the events they caused, in order, for all accounts. An event is a
/// tuple whose first field is its kind:
///
/// 0 accepted, 1 rejected, 3 cancelled, 4 expired, 5 amended, 6 amend_rejected, 7 cancel_rejected: (kind,
/// account, order, now, reason). 2 fill: (kind, account, order, now, trade_id, price, size, is_maker, fee,
/// fee_asset, realised_pnl). 8 trade: (kind, index, now, trade_id, price, size, taker_side). 9 balance:
/// (kind, account, asset, wallet, change, now, why). 10 position: (kind, account, index, size_steps,
/// entry_price or None, unrealised, realised_cum, now).
///
/// An order is (order_id, client_id, index, side, type, tif, post_only, reduce_only, price, size, filled,
/// average_price or None, status, ts_created, ts_updated, stp); a refused one has order_id 0.
#[pyclass(name = "LiveExchange", module = "alipes._core")]
pub struct PyLiveExchange {
    exchange: LiveExchange,
}

fn self_trade_of_code(code: u8) -> PyResult<SelfTrade> {
    match code {
        0 => Ok(SelfTrade::Allow),
        1 => Ok(SelfTrade::ExpireTaker),
        2 => Ok(SelfTrade::ExpireMaker),
        3 => Ok(SelfTrade::ExpireBoth),
        _ => Err(InputError::new_err(format!(
            "stp must be 0 (none), 1 (expire taker), 2 (expire maker) or 3 (expire both), got {code}"
        ))),
    }
}

fn status_of(name: &str) -> PyResult<TradingStatus> {
    match name {
        "trading" => Ok(TradingStatus::Trading),
        "halted" => Ok(TradingStatus::Halted),
        "settling" => Ok(TradingStatus::Settling),
        _ => Err(InputError::new_err(format!(
            "status must be \"trading\", \"halted\" or \"settling\", got {name:?}"
        ))),
    }
}

fn rates(
    spec: &Spec,
    maker_fee: &Bound<'_, PyAny>,
    taker_fee: &Bound<'_, PyAny>,
    fee_asset: Option<&str>,
    fee_price: Option<&Bound<'_, PyAny>>,
) -> PyResult<Rates> {
    let (maker, taker) = (decimal(maker_fee, "maker_fee")?, decimal(taker_fee, "taker_fee")?);
    let price = fee_price.map(|price| decimal(price, "fee_price")).transpose()?;
    Rates::new(spec, maker, taker, fee_asset, price).map_err(IntoPyErr::into_py_err)
}

with_reads! {
    #[new]
    fn new() -> Self {
        Self { exchange: LiveExchange::new() }
    }

    /// The exchange of a `state`.
    ///
    /// Raises:
    ///     DataError: The bytes are of another version, torn or changed.
    #[classmethod]
    fn restore(_cls: &Bound<'_, PyType>, state: &[u8]) -> PyResult<Self> {
        Ok(Self { exchange: LiveExchange::restore(state).map_err(IntoPyErr::into_py_err)? })
    }

    /// Adds a linear instrument under the index that its market events carry.
    ///
    /// Args:
    ///     index: 0 to 65,535.
    ///     spec: Its terms.
    ///     maker_fee: Share of the traded value that makers pay (0.0002 is 2 bps); negative is a rebate.
    ///     taker_fee: Share of the traded value that takers pay.
    ///     fee_asset: Base, quote or a third asset; by default the settlement asset.
    ///     fee_price: Price of one unit of a third fee asset in quote, > 0.
    ///     max_leverage: Highest leverage, >= 1.
    ///     maintenance_rate: Maintenance margin as a share of the position's value, >= 0.
    ///
    /// Raises:
    ///     InputError: The index is taken, the instrument is not linear, or a number is out of range.
    #[pyo3(signature = (index, spec, *, maker_fee, taker_fee, fee_asset=None, fee_price=None, max_leverage=125,
                        maintenance_rate=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only terms of an instrument")]
    fn add_instrument(
        &mut self,
        index: u16,
        spec: &PyInstrumentSpec,
        maker_fee: &Bound<'_, PyAny>,
        taker_fee: &Bound<'_, PyAny>,
        fee_asset: Option<&str>,
        fee_price: Option<&Bound<'_, PyAny>>,
        max_leverage: u32,
        maintenance_rate: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let rates = rates(&spec.spec, maker_fee, taker_fee, fee_asset, fee_price)?;
        let rate = maintenance_rate.map(|rate| decimal(rate, "maintenance_rate")).transpose()?;
        let maintenance_rate = rate.unwrap_or(NewListing::MAINTENANCE_RATE);
        let listing = NewListing { spec: spec.spec.clone(), rates, max_leverage, maintenance_rate };
        self.exchange.add_instrument(index, listing).map_err(IntoPyErr::into_py_err)
    }

    /// Changes an instrument's grids, least notional or status.
    ///
    /// Open orders off the new grids expire (`price_rule`, `lot`); the others keep their places and count on
    /// the new grids, as does everything after; closed orders, fills and trades keep the old. Where a grid
    /// changes the outside market leaves until its next reset, and depth has to be read anew.
    ///
    /// Args:
    ///     now: Venue time, ns.
    ///     index: The instrument.
    ///     spec: Its new terms: the same symbol, assets and contract size.
    ///     status: ``"trading"``, ``"halted"`` or ``"settling"``.
    ///
    /// Raises:
    ///     InputError: The instrument or status is unknown, or the spec is one of another instrument.
    #[pyo3(signature = (now, index, spec, *, status))]
    fn set_instrument<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        index: u16,
        spec: &PyInstrumentSpec,
        status: &str,
    ) -> PyResult<Bound<'py, PyList>> {
        let status = status_of(status)?;
        events(py, self.exchange.set_instrument(now, index, spec.spec.clone(), status))
    }

    /// Opens an account and gives its number, from 1.
    fn add_account(&mut self) -> AccountId {
        self.exchange.add_account()
    }

    /// Adds to a wallet; a negative amount is a withdrawal.
    ///
    /// Raises:
    ///     InputError: The account is unknown, or the wallet does not hold what is withdrawn.
    fn deposit<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        account: AccountId,
        asset: &str,
        amount: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        events(py, self.exchange.deposit(now, account, asset, decimal(amount, "amount")?))
    }

    /// Sets an account's leverage in an instrument; gives the reason of a refusal, else `None`.
    ///
    /// Raises:
    ///     InputError: The account or the instrument is unknown.
    fn set_leverage(
        &mut self,
        account: AccountId,
        index: u16,
        leverage: u32,
    ) -> PyResult<Option<&'static str>> {
        let refusal = self.exchange.set_leverage(account, index, leverage);
        Ok(Some(refusal.map_err(IntoPyErr::into_py_err)?.name()).filter(|name| !name.is_empty()))
    }

    /// Sets an account's own fee rates in an instrument; see `add_instrument`.
    ///
    /// Raises:
    ///     InputError: The account or the instrument is unknown, or a third fee asset has no price.
    #[pyo3(signature = (account, index, *, maker_fee, taker_fee, fee_asset=None, fee_price=None))]
    fn set_fees(
        &mut self,
        account: AccountId,
        index: u16,
        maker_fee: &Bound<'_, PyAny>,
        taker_fee: &Bound<'_, PyAny>,
        fee_asset: Option<&str>,
        fee_price: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let spec = self.exchange.spec(index).map_err(IntoPyErr::into_py_err)?;
        let rates = rates(spec, maker_fee, taker_fee, fee_asset, fee_price)?;
        self.exchange.set_fees(account, index, rates).map_err(IntoPyErr::into_py_err)
    }

    /// Takes in the events of the last frame that a decoder decoded, as the outside market.
    ///
    /// Raises:
    ///     BookBusyError: A batch call in another thread holds the decoder's books.
    fn ingest<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        decoder: &PyFeedDecoder,
    ) -> PyResult<Bound<'py, PyList>> {
        let feed = decoder.feed.lock()?;
        events(py, self.exchange.ingest(now, feed.frame()))
    }

    /// Takes in market events of the outside market, given as the tuples of `SimExchange.ingest_events`.
    ///
    /// Raises:
    ///     InputError: An unknown kind or a negative size.
    fn ingest_events<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        events: &Bound<'_, PyList>,
    ) -> PyResult<Bound<'py, PyList>> {
        let frame = read_events(now, events)?;
        output::events(py, self.exchange.ingest(now, &frame))
    }

    /// A new order arrives.
    ///
    /// Args:
    ///     now: Venue time, ns.
    ///     account: Whose it is, from 1.
    ///     client_id: Its owner's id; refused while an open order of the account has it.
    ///     index: The instrument.
    ///     side: 0 buy, 1 sell.
    ///     type: 0 limit, 1 market.
    ///     tif: 0 GTC, 1 IOC, 2 FOK.
    ///     post_only: Refused if it would take.
    ///     reduce_only: Only ever reduces the position.
    ///     price_ticks: Limit price in ticks; ignored for market orders.
    ///     size_steps: Size in size steps.
    ///     stp: Where it would trade with its own account: 0 it does, 1 the taker's rest expires, 2 the maker
    ///         expires, 3 both.
    ///
    /// Raises:
    ///     InputError: The account or instrument is unknown, or side, type, tif or stp is no valid code.
    #[pyo3(signature = (now, account, client_id, index, side, r#type, tif, post_only, reduce_only, price_ticks,
                        size_steps, stp=0))]
    #[expect(clippy::too_many_arguments, reason = "the terms of an order")]
    fn submit<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        account: AccountId,
        client_id: &str,
        index: u16,
        side: u8,
        r#type: u8,
        tif: u8,
        post_only: bool,
        reduce_only: bool,
        price_ticks: i64,
        size_steps: i64,
        stp: u8,
    ) -> PyResult<Bound<'py, PyList>> {
        let terms = NewOrder {
            client_id: client_id.into(),
            instrument: index,
            side: side_of_code(side)?,
            is_market: is_market_code(r#type)?,
            tif: tif_of_code(tif)?,
            is_post_only: post_only,
            is_reduce_only: reduce_only,
            price: Tick(price_ticks),
            size: Size(size_steps),
        };
        events(py, self.exchange.submit(now, account, terms, self_trade_of_code(stp)?))
    }

    /// New price (ticks) and total size (size steps, what is filled included) of an open order.
    ///
    /// Raises:
    ///     InputError: The account is unknown.
    fn amend<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        account: AccountId,
        order_id: u64,
        price_ticks: i64,
        size_steps: i64,
    ) -> PyResult<Bound<'py, PyList>> {
        events(py, self.exchange.amend(now, account, order_id, Tick(price_ticks), Size(size_steps)))
    }

    /// Withdraws an open order.
    ///
    /// Raises:
    ///     InputError: The account is unknown.
    fn cancel<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        account: AccountId,
        order_id: u64,
    ) -> PyResult<Bound<'py, PyList>> {
        events(py, self.exchange.cancel(now, account, order_id))
    }

    /// Withdraws all open orders of an account in an instrument, by id.
    ///
    /// Raises:
    ///     InputError: The account or the instrument is unknown.
    fn cancel_all<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        account: AccountId,
        index: u16,
    ) -> PyResult<Bound<'py, PyList>> {
        events(py, self.exchange.cancel_all(now, account, index))
    }

    /// A new mark price, 1 to 10^12; accounts below their maintenance margin are liquidated.
    ///
    /// Raises:
    ///     InputError: The instrument is unknown or the price out of range.
    fn mark<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        index: u16,
        price_ticks: i64,
    ) -> PyResult<Bound<'py, PyList>> {
        events(py, self.exchange.mark(now, index, Tick(price_ticks)))
    }

    /// Pays funding at the mark: longs pay value times rate, shorts receive it; a negative rate turns it.
    ///
    /// Raises:
    ///     InputError: The instrument is unknown or has no mark price yet.
    fn fund<'py>(
        &mut self,
        py: Python<'py>,
        now: Ns,
        index: u16,
        rate: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        events(py, self.exchange.fund(now, index, decimal(rate, "rate")?))
    }
}
