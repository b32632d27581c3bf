//! What Python can ask of the exchange: [`with_reads!`] adds it to the methods that the class lists itself.

use crate::error::IntoPyErr;
use crate::number::to_python;
use alipes_market::decimal::Decimal;
use alipes_market::types::Level;
use alipes_sim::exchange::live::LiveError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::collections::BTreeMap;
use std::sync::Arc;

pub type Tuples<'py> = PyResult<Vec<Bound<'py, PyTuple>>>;
pub type Levels = Vec<(i64, i64)>;

pub fn known<T>(result: Result<T, LiveError>) -> PyResult<T> {
    result.map_err(IntoPyErr::into_py_err)
}

pub fn amounts<'py>(py: Python<'py>, amounts: &BTreeMap<Arc<str>, Decimal>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (asset, &amount) in amounts {
        dict.set_item(&**asset, to_python(py, amount)?)?;
    }
    Ok(dict)
}

pub fn pairs([bids, asks]: [Vec<Level>; 2]) -> (Levels, Levels) {
    let pairs = |levels: Vec<Level>| levels.iter().map(|level| (level.price.0, level.size.0)).collect();
    (pairs(bids), pairs(asks))
}

pub type Best = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);

pub fn best((bids, asks): (Levels, Levels)) -> Best {
    let (bid, ask) = (bids.first(), asks.first());
    (bid.map(|level| level.0), bid.map(|level| level.1), ask.map(|level| level.0), ask.map(|level| level.1))
}

/// A class's own methods, and the reads.
macro_rules! with_reads {
    ($($own:tt)*) => {
        #[pymethods]
        impl PyLiveExchange {
            $($own)*

            /// An order, open or closed, by its id or as the newest with a client id; `None` if unknown.
            ///
            /// Raises:
            ///     InputError: The account is unknown, or neither or both of the ids are given.
            #[pyo3(signature = (account, *, order_id=None, client_id=None))]
            fn order<'py>(
                &self,
                py: Python<'py>,
                account: AccountId,
                order_id: Option<u64>,
                client_id: Option<&str>,
            ) -> PyResult<Option<Bound<'py, PyTuple>>> {
                known(self.exchange.balances(account))?;
                let order = match (order_id, client_id) {
                    (Some(id), None) => self.exchange.order(account, id),
                    (None, Some(id)) => known(self.exchange.order_by_client_id(account, id))?,
                    _ => return Err(InputError::new_err("give either order_id or client_id")),
                };
                order.map(|order| order_tuple(py, order)).transpose()
            }

            /// Open orders of an account by id, in one instrument or all.
            #[pyo3(signature = (account, index=None))]
            fn open_orders<'py>(&self, py: Python<'py>, account: AccountId, index: Option<u16>) -> Tuples<'py> {
                let orders = known(self.exchange.open_orders(account, index))?;
                orders.into_iter().map(|order| order_tuple(py, order)).collect()
            }

            /// At most `limit` orders of every state with an id of at least `from_id`, by id.
            #[pyo3(signature = (account, index, *, from_id=0, limit=500))]
            fn orders<'py>(
                &self,
                py: Python<'py>,
                account: AccountId,
                index: u16,
                from_id: u64,
                limit: usize,
            ) -> Tuples<'py> {
                let orders = known(self.exchange.orders(account, index, from_id, limit))?;
                orders.into_iter().map(|order| order_tuple(py, order)).collect()
            }

            /// At most `limit` fills with a trade id of at least `from_id`, by trade id.
            ///
            /// Each is (trade_id, order_id, now, side, price, size, is_maker, fee, fee_asset, realised_pnl).
            #[pyo3(signature = (account, index, *, from_id=0, limit=500))]
            fn fills<'py>(
                &self,
                py: Python<'py>,
                account: AccountId,
                index: u16,
                from_id: u64,
                limit: usize,
            ) -> Tuples<'py> {
                let fills = known(self.exchange.fills(account, index, from_id, limit))?;
                fills.iter().map(|fill| fill_tuple(py, fill)).collect()
            }

            /// The last public trades, oldest first, of the 10,000 that are kept.
            ///
            /// Each is (trade_id, now, price, size, taker_side).
            #[pyo3(signature = (index, *, limit=500))]
            fn trades<'py>(&self, py: Python<'py>, index: u16, limit: usize) -> Tuples<'py> {
                known(self.exchange.trades(index, limit))?.map(|trade| trade_tuple(py, trade)).collect()
            }

            /// Everything, exactly, as bytes for `restore`.
            fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
                Ok(PyBytes::new(py, &self.exchange.state().map_err(IntoPyErr::into_py_err)?))
            }

            /// Wallets by asset.
            fn balances<'py>(&self, py: Python<'py>, account: AccountId) -> PyResult<Bound<'py, PyDict>> {
                amounts(py, known(self.exchange.balances(account))?)
            }

            /// Positions in every instrument in which the account traded or set something.
            ///
            /// Each is (index, size_steps, entry_price or None, unrealised, realised_cum, initial_margin,
            /// maintenance_margin, leverage).
            fn positions<'py>(&self, py: Python<'py>, account: AccountId) -> Tuples<'py> {
                known(self.exchange.positions(account))?.iter().map(|view| position_tuple(py, view)).collect()
            }

            /// Margin in an asset.
            ///
            /// (wallet, unrealised, initial of positions, initial of open orders, maintenance, available); available
            /// is negative where the margin is not covered.
            fn margin<'py>(&self, py: Python<'py>, account: AccountId, asset: &str) -> PyResult<Bound<'py, PyTuple>> {
                margin_tuple(py, &known(self.exchange.margin(account, asset))?)
            }

            /// At most `limit` ledger entries with an id of at least `from_id`, by id.
            ///
            /// Each is (id, now, asset, amount, kind, index or None, trade_id or None). Kinds: transfer,
            /// realized_pnl, commission, funding, insurance_clear.
            #[pyo3(signature = (account, *, from_id=0, limit=1000))]
            fn ledger<'py>(&self, py: Python<'py>, account: AccountId, from_id: u64, limit: usize) -> Tuples<'py> {
                let entries = known(self.exchange.ledger(account, from_id, limit))?;
                entries.iter().map(|entry| entry_tuple(py, entry)).collect()
            }

            /// What the exchange earned in fees, by asset.
            fn fee_account<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                amounts(py, self.exchange.fee_account())
            }

            /// All wallets, unrealised profits and fees of an asset: what was deposited less withdrawn.
            fn total<'py>(&self, py: Python<'py>, asset: &str) -> PyResult<Bound<'py, PyAny>> {
                to_python(py, known(self.exchange.total(asset))?)
            }

            /// The best `levels` bids and asks, outside and ours, as (price_ticks, size_steps), best first.
            fn depth(&self, index: u16, levels: usize) -> PyResult<(Levels, Levels)> {
                Ok(pairs(known(self.exchange.depth(index, levels))?))
            }

            /// Bids and asks that changed since the last call, as (price_ticks, size_steps); 0 if gone.
            fn take_depth(&mut self, index: u16) -> PyResult<(Levels, Levels)> {
                Ok(pairs(known(self.exchange.take_depth(index))?))
            }

            /// (bid, bid_size, ask, ask_size) in ticks and size steps, each `None` on an empty side.
            fn best(&self, index: u16) -> PyResult<Best> {
                Ok(best(pairs(known(self.exchange.depth(index, 1))?)))
            }

            /// The mark price in ticks, `None` before the first.
            fn mark_price(&self, index: u16) -> PyResult<Option<i64>> {
                Ok(known(self.exchange.mark_price(index))?.map(|price| price.0))
            }
        }
    };
}

pub(crate) use with_reads;
