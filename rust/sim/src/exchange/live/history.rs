//! How much of the past an account keeps: the newest rows, so that a venue that runs for days needs no more memory.
//!
//! A history is cut to what must be kept when it holds twice as much: cutting costs next to nothing for each row.

use super::order::AccountId;
use super::{LiveError, LiveExchange};
use alipes_market::mutants::is_on;

/// Orders of an account in an instrument that are kept at least; open ones always are.
pub const ORDERS_KEPT: usize = 10_000;
/// Fills of an account in an instrument that are kept at least.
pub const FILLS_KEPT: usize = 10_000;
/// Ledger entries of an account that are kept at least.
pub const ENTRIES_KEPT: usize = 50_000;

/// Adds a row; a history of twice `kept` rows is cut to the newest `kept` first.
pub(super) fn append<Row>(rows: &mut Vec<Row>, row: Row, kept: usize) {
    if rows.len() >= 2 * kept {
        rows.drain(..rows.len() - kept);
    }
    rows.push(row);
}

impl LiveExchange {
    /// Forgets the oldest closed orders of an account in an instrument, where there are twice as many as are kept.
    pub(super) fn forget_orders(&mut self, account: AccountId, index: u16) -> Result<(), LiveError> {
        let holder = self.accounts.get_mut(account)?;
        let mut ids = std::mem::take(&mut holder.stake(index).orders);
        if ids.len() >= 2 * ORDERS_KEPT {
            let recent = ids.split_off(ids.len() - ORDERS_KEPT);
            ids.retain(|id| {
                let is_open = holder.open.contains(id) && !is_on("live_forget_open");
                let order = if is_open { None } else { self.orders.remove(id) };
                if let Some(client_id) = order.map(|order| order.terms.client_id)
                    && (holder.newest.get(&client_id) == Some(id) || is_on("live_forget_name"))
                {
                    holder.newest.remove(&client_id);
                }
                is_open
            });
            ids.extend(recent);
        }
        holder.stake(index).orders = ids;
        Ok(())
    }
}
