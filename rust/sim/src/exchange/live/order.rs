//! Orders and events of the live exchange.

use super::super::order::{ClientId, NewOrder, Outcome, Reason, TimeInForce};
use alipes_market::decimal::Decimal;
use alipes_market::types::{Ns, Side, Size, Tick};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Number of an account; 0 is the outside market.
pub type AccountId = u32;

/// What happens where an order would trade with one of its own account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum SelfTrade {
    /// They trade.
    #[default]
    Allow = 0,
    /// The rest of the taker expires.
    ExpireTaker = 1,
    /// The maker expires.
    ExpireMaker = 2,
    /// Both expire.
    ExpireBoth = 3,
}

/// Where an order is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Status {
    /// Open, nothing filled.
    New = 0,
    /// Open, partly filled.
    PartiallyFilled = 1,
    /// Filled.
    Filled = 2,
    /// Withdrawn on request.
    Canceled = 3,
    /// Withdrawn by the exchange.
    Expired = 4,
    /// Refused.
    Rejected = 5,
}

impl Status {
    /// The status as text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::PartiallyFilled => "partially_filled",
            Self::Filled => "filled",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
        }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The exchange's id, from 1; 0 for a refused order.
    pub id: u64,
    /// Whose it is.
    pub account: AccountId,
    /// Its terms; an amendment changes price and size.
    pub terms: NewOrder,
    /// What it does to orders of its own account.
    pub stp: SelfTrade,
    /// Filled size in size steps.
    pub filled: i64,
    /// Value of the fills in cost units.
    #[serde(with = "crate::wide")]
    pub value: i128,
    /// Average price of the fills.
    pub average: Option<Decimal>,
    /// Where it is.
    pub status: Status,
    /// When it arrived.
    pub created: Ns,
    /// When it last changed.
    pub updated: Ns,
}

impl Order {
    /// An order that has just arrived.
    #[must_use]
    pub const fn new(id: u64, account: AccountId, terms: NewOrder, stp: SelfTrade, now: Ns) -> Self {
        let status = if id == 0 { Status::Rejected } else { Status::New };
        let (filled, value, average) = (0, 0, None);
        Self { id, account, terms, stp, filled, value, average, status, created: now, updated: now }
    }

    /// An order that nobody knows, for the refusal of a request about it.
    #[must_use]
    pub fn unknown(id: u64, account: AccountId, now: Ns) -> Self {
        let terms = NewOrder {
            client_id: ClientId::from(""),
            instrument: 0,
            side: Side::Buy,
            is_market: false,
            tif: TimeInForce::Gtc,
            is_post_only: false,
            is_reduce_only: false,
            price: Tick(0),
            size: Size(0),
        };
        let order = Self::new(id, account, terms, SelfTrade::Allow, now);
        Self { status: Status::Rejected, ..order }
    }

    /// Unfilled size.
    #[must_use]
    pub const fn leaves(&self) -> i64 {
        self.terms.size.0 - self.filled
    }

    /// Whether it can still trade.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.status, Status::New | Status::PartiallyFilled)
    }
}

/// One account's side of a trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Id of the trade, the same for both sides.
    pub trade_id: u64,
    /// The order.
    pub order_id: u64,
    /// When.
    pub time: Ns,
    /// Bought or sold.
    pub side: Side,
    /// Price.
    pub price: Tick,
    /// Size.
    pub size: Size,
    /// Whether it made liquidity.
    pub is_maker: bool,
    /// Fee; negative is a rebate.
    pub fee: Decimal,
    /// Asset of the fee.
    pub fee_asset: Arc<str>,
    /// Profit that it realised, before the fee.
    pub realised: Decimal,
}

/// A public trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// Id, from 1.
    pub id: u64,
    /// When.
    pub time: Ns,
    /// Price.
    pub price: Tick,
    /// Size.
    pub size: Size,
    /// Side of the taker.
    pub taker: Side,
}

/// Why a wallet changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum EntryKind {
    /// Deposit or withdrawal.
    Transfer = 0,
    /// Profit of a fill.
    RealizedPnl = 1,
    /// Fee of a fill.
    Commission = 2,
    /// Funding.
    Funding = 3,
    /// The outside market covers what a liquidation left below zero.
    InsuranceClear = 4,
}

impl EntryKind {
    /// The kind as text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::RealizedPnl => "realized_pnl",
            Self::Commission => "commission",
            Self::Funding => "funding",
            Self::InsuranceClear => "insurance_clear",
        }
    }
}

/// A change of a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Id, from 1 over all accounts.
    pub id: u64,
    /// When.
    pub time: Ns,
    /// Asset.
    pub asset: Arc<str>,
    /// Change of the wallet.
    pub amount: Decimal,
    /// Why.
    pub kind: EntryKind,
    /// The instrument, if one.
    pub instrument: Option<u16>,
    /// The trade, if one.
    pub trade_id: Option<u64>,
}

/// A position as its holder sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Signed size in size steps.
    pub size: i64,
    /// Average price.
    pub entry_price: Option<Decimal>,
    /// Profit at the mark.
    pub unrealised: Decimal,
    /// Profit realised so far, before fees.
    pub realised: Decimal,
}

/// Something that happened; every one carries what is needed to report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An order of ours changed or was refused; not for fills.
    Order(Outcome, Order, Reason),
    /// An order of ours traded.
    Fill(Order, Fill),
    /// A public trade.
    Trade(u16, Trade),
    /// A wallet changed.
    Balance {
        /// Whose.
        account: AccountId,
        /// Which.
        asset: Arc<str>,
        /// Its balance.
        wallet: Decimal,
        /// The change.
        change: Decimal,
        /// When.
        time: Ns,
        /// `fill`, or the kind of the ledger entry.
        why: &'static str,
    },
    /// A position changed.
    Position {
        /// Whose.
        account: AccountId,
        /// In which instrument.
        instrument: u16,
        /// The position.
        holding: Holding,
        /// When.
        time: Ns,
    },
}
