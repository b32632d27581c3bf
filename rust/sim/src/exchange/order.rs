//! What is asked of the exchange and what it answers.

use alipes_market::decimal::Decimal;
use alipes_market::types::{Ns, Side, Size, Tick};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Client order id, shared by everything that mentions the order.
pub type ClientId = Arc<str>;

/// How long an order stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeInForce {
    /// Until cancelled: what is not taken at once rests.
    Gtc,
    /// What is not taken at once expires.
    Ioc,
    /// All at once or nothing.
    Fok,
}

/// A new order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrder {
    /// Our id.
    pub client_id: ClientId,
    /// Index of the instrument.
    pub instrument: u16,
    /// Bought or sold.
    pub side: Side,
    /// Whether it takes at any price.
    pub is_market: bool,
    /// How long it stays; a market order never rests.
    pub tif: TimeInForce,
    /// Whether it is refused if it would take.
    pub is_post_only: bool,
    /// Whether it may only reduce the position.
    pub is_reduce_only: bool,
    /// Limit price; ignored for market orders.
    pub price: Tick,
    /// Size.
    pub size: Size,
}

impl NewOrder {
    /// The price it goes up (buy) or down (sell) to; `None` for a market order.
    #[must_use]
    pub fn limit(&self) -> Option<Tick> {
        (!self.is_market).then_some(self.price)
    }

    /// Why the part that is not taken at once expires; [`Reason::None`] where it rests.
    #[must_use]
    pub const fn expiry(&self) -> Reason {
        match (self.tif, self.is_market) {
            (TimeInForce::Fok, _) => Reason::Fok,
            (_, true) => Reason::NoLiquidity,
            (TimeInForce::Ioc, _) => Reason::Ioc,
            (TimeInForce::Gtc, false) => Reason::None,
        }
    }
}

/// A request on its way to the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A new order.
    Submit(NewOrder),
    /// New price and new total size (what is filled included) of an open order.
    Amend {
        /// Which order.
        client_id: ClientId,
        /// New price.
        price: Tick,
        /// New total size.
        size: Size,
    },
    /// Withdrawal of an open order.
    Cancel {
        /// Which order.
        client_id: ClientId,
    },
}

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// The exchange has it.
    Accepted = 0,
    /// The exchange refused it.
    Rejected = 1,
    /// Some of it traded.
    Fill = 2,
    /// It was withdrawn on request.
    Cancelled = 3,
    /// The exchange withdrew what was left of it.
    Expired = 4,
    /// Price or size changed on request.
    Amended = 5,
    /// The change was refused; the order is as before.
    AmendRejected = 6,
    /// The withdrawal was refused: no such open order.
    CancelRejected = 7,
}

/// Why the exchange refused or withdrew an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reason {
    /// Nothing to explain.
    #[default]
    None,
    /// The client order id belongs to an open order.
    DuplicateClientOrderId,
    /// The book of the instrument is unknown or stale.
    NoMarketData,
    /// A size that is not a positive number of lots.
    Lot,
    /// A price that the instrument does not allow.
    PriceRule,
    /// Post-only makes sense for resting (GTC limit) orders only.
    PostOnlyTif,
    /// The post-only order would have taken.
    PostOnlyWouldTake,
    /// There is no position for the reduce-only order to reduce.
    ReduceOnly,
    /// Price × size is below the venue's least notional.
    MinNotional,
    /// Nothing left to take.
    NoLiquidity,
    /// Immediate or cancel: the rest expired.
    Ioc,
    /// Fill or kill: it could not be filled at once.
    Fok,
    /// No open order has this client order id.
    UnknownOrder,
    /// The new total size is not above what is filled.
    SizeNotAboveFilled,
    /// Price × size is beyond what the exchange counts.
    NotionalTooLarge,
    /// The instrument is halted or settling.
    NotTrading,
    /// The account's equity does not cover the initial margin.
    InsufficientMargin,
    /// It would have traded with an order of the same account.
    Stp,
    /// The account fell below its maintenance margin.
    Liquidation,
    /// A leverage that the instrument does not allow.
    Leverage,
}

impl Reason {
    /// The reason as text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::DuplicateClientOrderId => "duplicate_client_order_id",
            Self::NoMarketData => "no_market_data",
            Self::Lot => "lot",
            Self::PriceRule => "price_rule",
            Self::PostOnlyTif => "post_only_tif",
            Self::PostOnlyWouldTake => "post_only_would_take",
            Self::ReduceOnly => "reduce_only",
            Self::MinNotional => "min_notional",
            Self::NoLiquidity => "no_liquidity",
            Self::Ioc => "ioc",
            Self::Fok => "fok",
            Self::UnknownOrder => "unknown_order",
            Self::SizeNotAboveFilled => "size_not_above_filled",
            Self::NotionalTooLarge => "notional_too_large",
            Self::NotTrading => "not_trading",
            Self::InsufficientMargin => "insufficient_margin",
            Self::Stp => "stp",
            Self::Liquidation => "liquidation",
            Self::Leverage => "leverage",
        }
    }
}

/// What the exchange says about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What happened.
    pub outcome: Outcome,
    /// Our id of the order.
    pub client_id: ClientId,
    /// Venue time at which it happened.
    pub ts_event: Ns,
    /// The venue's id of the order; zero where it never had one.
    pub venue_id: u64,
    /// Price of the fill, else of the order.
    pub price: Tick,
    /// Size of the fill; unfilled size of a cancelled or expired order; else total size of the order.
    pub size: Size,
    /// The venue's id of the fill; zero for other outcomes.
    pub trade_id: u64,
    /// Whether the fill made liquidity.
    pub is_maker: bool,
    /// Fee of the fill; negative is a rebate.
    pub fee: Decimal,
    /// Asset of the fee; `None` where there is no fill.
    pub fee_asset: Option<Arc<str>>,
    /// Why the exchange refused or withdrew it.
    pub reason: Reason,
}

impl Response {
    /// A response that is no fill and gives no reason.
    #[must_use]
    pub const fn new(outcome: Outcome, client_id: ClientId, ts_event: Ns) -> Self {
        Self {
            outcome,
            client_id,
            ts_event,
            venue_id: 0,
            price: Tick(0),
            size: Size(0),
            trade_id: 0,
            is_maker: false,
            fee: Decimal { mantissa: 0, decimals: 0 },
            fee_asset: None,
            reason: Reason::None,
        }
    }

    /// The same with a reason.
    #[must_use]
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }
}
