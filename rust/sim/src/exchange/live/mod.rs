//! The live exchange: several accounts and an outside market trade with each other in one book.
//!
//! Where the historical exchange (the parent module) asks what *would have* happened to one client's orders, this one
//! decides what happens: it is the matching core of the local venue. It shares the historical one's checks, reasons,
//! fees and position arithmetic. Every call carries the venue's time; nothing here reads a clock or draws a random
//! number. The rules, numbered, are in docs/exchange-rules.md.

mod account;
mod book;
mod fill;
mod funding;
mod grid;
mod history;
mod margin;
mod order;
mod outside;
mod plan;
mod reads;
mod requests;
mod state;

pub use account::{Account, Rates};
pub use history::{ENTRIES_KEPT, FILLS_KEPT, ORDERS_KEPT};
pub use margin::Margin;
pub use order::{
    AccountId, Entry, EntryKind, Event, Fill, Holding, Order, SelfTrade, Status as OrderStatus, Trade,
};
pub use reads::PositionView;
pub use state::StateError;

use super::fees::{FeeError, Fees};
use super::order::Reason;
use crate::account::{AccountError, Terms};
use account::{Accounts, Cause};
use alipes_market::decimal::Decimal;
use alipes_market::instrument::{Kind, Spec};
use alipes_market::types::{Ns, Tick};
use book::Book;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use thiserror::Error;

/// Public trades kept of each instrument.
pub const TRADES_KEPT: usize = 10_000;

/// A call that the exchange cannot serve. The fate of an order is never an error.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LiveError {
    /// No such instrument.
    #[error("instrument {0} was not added to this exchange")]
    UnknownInstrument(u16),
    /// An index that is taken.
    #[error("instrument {0} was already added")]
    RepeatedInstrument(u16),
    /// No such account.
    #[error("account {0} was not added to this exchange")]
    UnknownAccount(AccountId),
    /// The outside market takes no requests.
    #[error("account 0 is the outside market: it takes no orders and no settings")]
    OutsideAccount,
    /// Only linear instruments.
    #[error("the live exchange trades linear instruments, not {0} ones")]
    NotLinear(&'static str),
    /// A spec of something else.
    #[error("the new spec is not one of {0}: symbol, assets, kind and contract size must stay")]
    OtherInstrument(String),
    /// A number out of its range.
    #[error("{name} must be {expected}, got {value}")]
    OutOfRange {
        /// Which one.
        name: &'static str,
        /// What it may be.
        expected: &'static str,
        /// Its value.
        value: String,
    },
    /// Fees that cannot be charged.
    #[error(transparent)]
    Fee(#[from] FeeError),
    /// A position that cannot be counted.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Amounts beyond 128 bits.
    #[error("{0} needs more than 128 bits")]
    Overflow(&'static str),
}

/// Whether an instrument trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum TradingStatus {
    /// Open.
    Trading = 0,
    /// Halted: orders stay, may be cancelled, and nothing trades.
    Halted = 1,
    /// On its way to settlement: as halted.
    Settling = 2,
}

/// An instrument as it is added.
#[derive(Clone, Debug)]
pub struct NewListing {
    /// Its terms.
    pub spec: Arc<Spec>,
    /// Fee rates of accounts that have none of their own.
    pub rates: Rates,
    /// Highest leverage.
    pub max_leverage: u32,
    /// Maintenance margin as a share of the position's value.
    pub maintenance_rate: Decimal,
}

impl NewListing {
    /// The maintenance rate of a listing that states none: 0.4 %.
    pub const MAINTENANCE_RATE: Decimal = Decimal { mantissa: 4, decimals: 3 };
}

/// One instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Listing {
    /// Grids and rules of today, which orders and the book count on.
    spec: Arc<Spec>,
    /// Units that positions and money count in: the finest grids so far.
    terms: Terms,
    /// Ticks of `terms` in one tick of `spec`, and the same of size steps.
    tick_scale: i64,
    step_scale: i64,
    settle: Arc<str>,
    rates: Rates,
    max_leverage: u32,
    maintenance_rate: Decimal,
    status: TradingStatus,
    /// Mark price in ticks of `terms`.
    mark: Option<Tick>,
    book: Book,
    has_single_trades: bool,
    /// Trades so far; the id of the last one.
    traded: u64,
    trades: VecDeque<Trade>,
}

/// The live exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LiveExchange {
    now: Ns,
    listings: BTreeMap<u16, Listing>,
    accounts: Accounts,
    /// Orders by id: all that are open, and the newest of those that are not.
    orders: BTreeMap<u64, Order>,
    /// Orders that liquidations made.
    liquidations: u64,
    /// Accounts and instruments whose positions moved since reduce-only orders were last looked at.
    #[serde(skip)]
    moved: BTreeSet<(AccountId, u16)>,
    #[serde(skip)]
    events: Vec<Event>,
}

impl Default for LiveExchange {
    fn default() -> Self {
        Self::new()
    }
}

impl LiveExchange {
    /// An exchange without instruments or accounts.
    #[must_use]
    pub const fn new_at(now: Ns, accounts: Accounts) -> Self {
        Self {
            now,
            listings: BTreeMap::new(),
            accounts,
            orders: BTreeMap::new(),
            liquidations: 0,
            moved: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    /// An exchange without instruments or accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::new_at(Ns::MIN, Accounts::new())
    }

    /// Adds an instrument.
    ///
    /// # Errors
    /// [`LiveError::RepeatedInstrument`], [`LiveError::NotLinear`], [`LiveError::OutOfRange`].
    pub fn add_instrument(&mut self, index: u16, listing: NewListing) -> Result<(), LiveError> {
        if self.listings.contains_key(&index) {
            return Err(LiveError::RepeatedInstrument(index));
        }
        let NewListing { spec, rates, max_leverage, maintenance_rate } = listing;
        if spec.kind != Kind::Linear {
            return Err(LiveError::NotLinear(spec.kind.name()));
        }
        if max_leverage == 0 {
            let (name, expected) = ("max_leverage", "at least 1");
            return Err(LiveError::OutOfRange { name, expected, value: max_leverage.to_string() });
        }
        if maintenance_rate.mantissa < 0 {
            let (name, expected) = ("maintenance_rate", "at least 0");
            return Err(LiveError::OutOfRange { name, expected, value: maintenance_rate.to_string() });
        }
        let listing = Listing {
            settle: Arc::from(spec.names.settle.as_str()),
            book: Book::new(spec.lot_steps()),
            terms: Terms::new(Arc::clone(&spec))?,
            spec,
            tick_scale: 1,
            step_scale: 1,
            rates,
            max_leverage,
            maintenance_rate,
            status: TradingStatus::Trading,
            mark: None,
            has_single_trades: false,
            traded: 0,
            trades: VecDeque::new(),
        };
        self.listings.insert(index, listing);
        Ok(())
    }

    /// Opens an account and gives its number: 1, 2, …
    pub fn add_account(&mut self) -> AccountId {
        self.accounts.all.push(Account::default());
        AccountId::try_from(self.accounts.all.len() - 1).unwrap_or(AccountId::MAX)
    }

    /// Adds to a wallet; a negative amount is a withdrawal. Gives the events.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::Overflow`].
    pub fn deposit(
        &mut self,
        now: Ns,
        account: AccountId,
        asset: &str,
        amount: Decimal,
    ) -> Result<Vec<Event>, LiveError> {
        self.advance(now);
        let (asset, kind) = (Arc::from(asset), EntryKind::Transfer);
        let cause = Cause { kind, instrument: None, trade_id: None };
        let left = account::add(self.accounts.get(account)?.wallet(&asset), amount)?;
        if amount.mantissa < 0 && left.mantissa < 0 {
            let (name, expected) = ("amount", "no more than the wallet holds");
            return Err(LiveError::OutOfRange { name, expected, value: amount.to_string() });
        }
        self.accounts.book(account, &asset, amount, cause, self.now)?;
        let report = self.accounts.report(account, &asset, amount, kind.name(), self.now)?;
        self.events.extend(report);
        Ok(std::mem::take(&mut self.events))
    }

    /// Fee rates of one account in one instrument.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::UnknownInstrument`], [`LiveError::OutsideAccount`].
    pub fn set_fees(&mut self, account: AccountId, index: u16, rates: Rates) -> Result<(), LiveError> {
        self.ours(account, index)?;
        self.accounts.get_mut(account)?.stake(index).rates = Some(rates);
        Ok(())
    }

    /// Leverage of one account in one instrument; gives the reason of a refusal.
    ///
    /// # Errors
    /// [`LiveError::UnknownAccount`], [`LiveError::UnknownInstrument`], [`LiveError::OutsideAccount`].
    pub fn set_leverage(
        &mut self,
        account: AccountId,
        index: u16,
        leverage: u32,
    ) -> Result<Reason, LiveError> {
        self.ours(account, index)?;
        if leverage == 0 || leverage > self.listing(index)?.max_leverage {
            return Ok(Reason::Leverage);
        }
        let before = self.accounts.get_mut(account)?.stake(index).clone();
        self.accounts.get_mut(account)?.stake(index).leverage = leverage;
        if leverage < self.leverage_of(index, &before) && self.is_short_of_margin(account, index)? {
            self.accounts.get_mut(account)?.stake(index).leverage = before.leverage;
            return Ok(Reason::InsufficientMargin);
        }
        Ok(Reason::None)
    }

    /// The terms of an instrument.
    ///
    /// # Errors
    /// [`LiveError::UnknownInstrument`].
    pub fn spec(&self, index: u16) -> Result<&Arc<Spec>, LiveError> {
        Ok(&self.listing(index)?.spec)
    }

    fn advance(&mut self, now: Ns) {
        self.now = self.now.max(now);
    }

    fn listing(&self, index: u16) -> Result<&Listing, LiveError> {
        self.listings.get(&index).ok_or(LiveError::UnknownInstrument(index))
    }

    fn listing_mut(&mut self, index: u16) -> Result<&mut Listing, LiveError> {
        self.listings.get_mut(&index).ok_or(LiveError::UnknownInstrument(index))
    }

    /// Whether a request can name this account and this instrument.
    fn ours(&self, account: AccountId, index: u16) -> Result<(), LiveError> {
        self.listing(index)?;
        self.accounts.get(account)?;
        if account == 0 { Err(LiveError::OutsideAccount) } else { Ok(()) }
    }
}

impl Rates {
    /// Rates in an asset of choice, with the settlement asset as the one to fall back to.
    ///
    /// # Errors
    /// [`FeeError`].
    pub fn new(
        spec: &Spec,
        maker: Decimal,
        taker: Decimal,
        asset: Option<&str>,
        price: Option<Decimal>,
    ) -> Result<Self, FeeError> {
        let settled = Fees::new(spec, maker, taker, None, None)?;
        Ok(Self { chosen: Fees::new(spec, maker, taker, asset, price)?, settled })
    }
}
