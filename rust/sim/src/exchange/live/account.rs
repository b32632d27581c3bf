//! Accounts: wallets, positions, what open orders could cost, and the ledger.

use super::super::fees::Fees;
use super::super::order::ClientId;
use super::LiveError;
use super::history::{ENTRIES_KEPT, append};
use super::order::{AccountId, Entry, EntryKind, Event, Fill};
use crate::account::Position;
use crate::amount::sum;
use alipes_market::decimal::Decimal;
use alipes_market::types::{Ns, Side};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Zero.
pub const ZERO: Decimal = Decimal { mantissa: 0, decimals: 0 };

/// The exact sum of two amounts.
pub fn add(a: Decimal, b: Decimal) -> Result<Decimal, LiveError> {
    sum(a, b).ok_or(LiveError::Overflow("an amount"))
}

/// Rates of one account in one instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// In the asset that the account chose.
    pub chosen: Fees,
    /// In the settlement asset, where the wallet of the chosen asset does not cover a fee.
    pub settled: Fees,
}

/// What an account has in one instrument.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stake {
    /// The position.
    pub position: Position,
    /// Leverage; 0 is the instrument's default.
    pub leverage: u32,
    /// Its own fee rates.
    pub rates: Option<Rates>,
    /// Cost of the unfilled part of resting bids and asks that are not reduce-only.
    #[serde(with = "crate::wide::pair")]
    pub resting: [i128; 2],
    /// Resting reduce-only orders.
    pub reducing: BTreeSet<u64>,
    /// Ids of its orders: all that are open, and the newest of those that are not.
    pub orders: Vec<u64>,
    /// Its newest fills.
    pub fills: Vec<Fill>,
}

/// One account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Balances by asset.
    pub wallets: BTreeMap<Arc<str>, Decimal>,
    /// What it has in each instrument.
    pub stakes: BTreeMap<u16, Stake>,
    /// Newest order of each client id.
    pub newest: BTreeMap<ClientId, u64>,
    /// Open orders.
    pub open: BTreeSet<u64>,
    /// The newest changes of its wallets.
    pub ledger: Vec<Entry>,
}

impl Account {
    /// Balance of an asset.
    #[must_use]
    pub fn wallet(&self, asset: &str) -> Decimal {
        self.wallets.get(asset).copied().unwrap_or(ZERO)
    }

    /// What it has in an instrument, made where there is nothing.
    pub fn stake(&mut self, instrument: u16) -> &mut Stake {
        self.stakes.entry(instrument).or_default()
    }

    /// Units of a position, signed.
    #[must_use]
    pub fn units(&self, instrument: u16) -> i128 {
        self.stakes.get(&instrument).map_or(0, |stake| stake.position.units)
    }
}

impl Stake {
    /// Adds to (or takes from) what resting orders of a side could cost.
    pub fn add_resting(&mut self, side: Side, cost: i128) {
        self.resting[side as usize] += cost;
    }
}

/// Where a change of a wallet comes from.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// Why.
    pub kind: EntryKind,
    /// The instrument, if one.
    pub instrument: Option<u16>,
    /// The trade, if one.
    pub trade_id: Option<u64>,
}

/// All accounts; index 0 is the outside market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// The accounts by number.
    pub all: Vec<Account>,
    /// Fees that the exchange earned, by asset.
    pub fees: BTreeMap<Arc<str>, Decimal>,
    /// Ledger entries so far.
    pub entries: u64,
}

impl Accounts {
    /// The outside market alone.
    #[must_use]
    pub fn new() -> Self {
        Self { all: vec![Account::default()], fees: BTreeMap::new(), entries: 0 }
    }

    /// An account.
    pub fn get(&self, account: AccountId) -> Result<&Account, LiveError> {
        self.all.get(account as usize).ok_or(LiveError::UnknownAccount(account))
    }

    /// An account, to change.
    pub fn get_mut(&mut self, account: AccountId) -> Result<&mut Account, LiveError> {
        self.all.get_mut(account as usize).ok_or(LiveError::UnknownAccount(account))
    }

    /// Moves an amount into a wallet and writes the entry; no amount, no entry.
    pub fn book(
        &mut self,
        account: AccountId,
        asset: &Arc<str>,
        amount: Decimal,
        cause: Cause,
        time: Ns,
    ) -> Result<(), LiveError> {
        if amount.mantissa == 0 {
            return Ok(());
        }
        let id = self.entries + 1;
        let holder = self.get_mut(account)?;
        let wallet = add(holder.wallet(asset), amount)?;
        holder.wallets.insert(Arc::clone(asset), wallet);
        let Cause { kind, instrument, trade_id } = cause;
        let entry = Entry { id, time, asset: Arc::clone(asset), amount, kind, instrument, trade_id };
        append(&mut holder.ledger, entry, ENTRIES_KEPT);
        self.entries = id;
        Ok(())
    }

    /// The report of a changed wallet; none for the outside market or no change.
    pub fn report(
        &self,
        account: AccountId,
        asset: &Arc<str>,
        change: Decimal,
        why: &'static str,
        time: Ns,
    ) -> Result<Option<Event>, LiveError> {
        if account == 0 || change.mantissa == 0 {
            return Ok(None);
        }
        let (wallet, asset) = (self.get(account)?.wallet(asset), Arc::clone(asset));
        Ok(Some(Event::Balance { account, asset, wallet, change, time, why }))
    }
}
