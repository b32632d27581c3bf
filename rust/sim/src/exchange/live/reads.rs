//! What can be asked of the exchange; nothing here changes it.

use super::account::add;
use super::margin::Margin;
use super::order::{AccountId, Entry, Fill, Holding, Order, Trade};
use super::{LiveError, LiveExchange};
use alipes_market::decimal::Decimal;
use alipes_market::types::{Level as Quote, Side, Tick};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A position with what it binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionView {
    /// The instrument.
    pub index: u16,
    /// The position.
    pub holding: Holding,
    /// Initial margin of the position.
    pub initial: Decimal,
    /// Maintenance margin.
    pub maintenance: Decimal,
    /// Leverage.
    pub leverage: u32,
}

impl LiveExchange {
    /// An order by its id.
    #[must_use]
    pub fn order_at(&self, id: u64) -> Option<&Order> {
        self.orders.get(&id)
    }

    /// An order of an account, open or closed.
    #[must_use]
    pub fn order(&self, account: AccountId, id: u64) -> Option<&Order> {
        self.order_at(id).filter(|order| order.account == account)
    }

    /// The newest order of an account with a client id.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`].
    pub fn order_by_client_id(&self, account: AccountId, id: &str) -> Result<Option<&Order>, LiveError> {
        let newest = self.accounts.get(account)?.newest.get(id);
        Ok(newest.and_then(|&id| self.order_at(id)))
    }

    /// The open order of an account with a client id.
    pub(super) fn open_by_client_id(
        &self,
        account: AccountId,
        id: &str,
    ) -> Result<Option<&Order>, LiveError> {
        Ok(self.order_by_client_id(account, id)?.filter(|order| order.is_open()))
    }

    /// An open order of an account.
    #[must_use]
    pub fn open_order(&self, account: AccountId, id: u64) -> Option<&Order> {
        self.order(account, id).filter(|order| order.is_open())
    }

    /// Ids of open orders, in one instrument or all.
    pub(super) fn open_ids(&self, account: AccountId, index: Option<u16>) -> Result<Vec<u64>, LiveError> {
        Ok(self.open_orders(account, index)?.iter().map(|order| order.id).collect())
    }

    /// Open orders by id, in one instrument or all.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`].
    pub fn open_orders(&self, account: AccountId, index: Option<u16>) -> Result<Vec<&Order>, LiveError> {
        let open = self.accounts.get(account)?.open.iter().filter_map(|&id| self.order_at(id));
        let is_asked = |order: &&Order| index.is_none_or(|index| order.terms.instrument == index);
        Ok(open.filter(is_asked).collect())
    }

    /// Orders of every state from an id on, by id.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`].
    pub fn orders(
        &self,
        account: AccountId,
        index: u16,
        from_id: u64,
        limit: usize,
    ) -> Result<Vec<&Order>, LiveError> {
        let Some(stake) = self.accounts.get(account)?.stakes.get(&index) else { return Ok(Vec::new()) };
        let start = stake.orders.partition_point(|&id| id < from_id);
        Ok(stake.orders[start..].iter().take(limit).filter_map(|&id| self.order_at(id)).collect())
    }

    /// Fills from a trade id on, by trade id.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`].
    pub fn fills(
        &self,
        account: AccountId,
        index: u16,
        from_id: u64,
        limit: usize,
    ) -> Result<&[Fill], LiveError> {
        let Some(stake) = self.accounts.get(account)?.stakes.get(&index) else { return Ok(&[]) };
        let start = stake.fills.partition_point(|fill| fill.trade_id < from_id);
        let end = stake.fills.len().min(start.saturating_add(limit));
        Ok(&stake.fills[start..end])
    }

    /// The last public trades, oldest first.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`].
    pub fn trades(&self, index: u16, limit: usize) -> Result<impl Iterator<Item = &Trade>, LiveError> {
        let kept = &self.listing(index)?.trades;
        Ok(kept.iter().skip(kept.len().saturating_sub(limit)))
    }

    /// Wallets by asset.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`].
    pub fn balances(&self, account: AccountId) -> Result<&BTreeMap<Arc<str>, Decimal>, LiveError> {
        Ok(&self.accounts.get(account)?.wallets)
    }

    /// What the exchange earned in fees, by asset.
    #[must_use]
    pub const fn fee_account(&self) -> &BTreeMap<Arc<str>, Decimal> {
        &self.accounts.fees
    }

    /// Ledger entries from an id on, by id.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`].
    pub fn ledger(&self, account: AccountId, from_id: u64, limit: usize) -> Result<&[Entry], LiveError> {
        let ledger = &self.accounts.get(account)?.ledger;
        let start = ledger.partition_point(|entry| entry.id < from_id);
        let end = ledger.len().min(start.saturating_add(limit));
        Ok(&ledger[start..end])
    }

    /// Signed position in size steps.
    #[must_use]
    pub fn position_steps(&self, account: AccountId, index: u16) -> i64 {
        let listing = self.listings.get(&index);
        let units = self.accounts.get(account).map_or(0, |holder| holder.units(index));
        listing.and_then(|listing| listing.steps(units)).unwrap_or(0)
    }

    /// Positions in every instrument in which the account traded or set something.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::Overflow`].
    pub fn positions(&self, account: AccountId) -> Result<Vec<PositionView>, LiveError> {
        let stakes = self.accounts.get(account)?.stakes.iter();
        let view = |(&index, stake)| {
            let listing = self.listing(index)?;
            let leverage = self.leverage_of(index, stake);
            let Margin { position_initial, maintenance, .. } = listing.margin(stake, leverage, [0, 0])?;
            let holding = listing.holding(&stake.position)?;
            Ok(PositionView { index, holding, initial: position_initial, maintenance, leverage })
        };
        stakes.map(view).collect()
    }

    /// The best levels of both sides, ours included.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`].
    pub fn depth(&self, index: u16, levels: usize) -> Result<[Vec<Quote>; 2], LiveError> {
        let book = &self.listing(index)?.book;
        Ok([Side::Buy, Side::Sell].map(|side| book.quotes(side).take(levels).collect()))
    }

    /// Sizes of the levels that changed since the last call, ours included; 0 for a level that is gone.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`].
    pub fn take_depth(&mut self, index: u16) -> Result<[Vec<Quote>; 2], LiveError> {
        Ok(self.listing_mut(index)?.book.take_changed())
    }

    /// The mark price.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`].
    pub fn mark_price(&self, index: u16) -> Result<Option<Tick>, LiveError> {
        let listing = self.listing(index)?;
        Ok(listing.mark.map(|mark| Tick(mark.0 / listing.tick_scale)))
    }

    /// All wallets, all unrealised profit and all fees of an asset: what was deposited, whatever happened since. Without
    /// a mark any price gives the same sum, as all positions add up to nothing.
    ///
    /// # Errors
    /// [`LiveError::Overflow`].
    pub fn total(&self, asset: &str) -> Result<Decimal, LiveError> {
        let mut total = self.accounts.fees.get(asset).copied().unwrap_or(super::account::ZERO);
        for holder in &self.accounts.all {
            total = add(total, holder.wallet(asset))?;
            for (&index, stake) in &holder.stakes {
                let listing = self.listing(index)?;
                if *listing.settle == *asset {
                    let mark = listing.mark.unwrap_or(Tick(1));
                    let gain = stake.position.unrealised(&listing.terms, mark);
                    let gain = gain.and_then(|gain| listing.terms.amount(gain));
                    total = add(total, gain.ok_or(LiveError::Overflow("a profit"))?)?;
                }
            }
        }
        Ok(total)
    }
}
