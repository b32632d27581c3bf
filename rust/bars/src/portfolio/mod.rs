//! The bar fill model: docs/bar-engine.md, clause by clause.
//!
//! An [`Account`] owns cash, the position and the orders of one run. Its driver calls, for every bar in which something
//! can happen: [`Account::funding`] per due payment, [`Account::begin`], then [`Account::decide`] (rules) or
//! [`Account::submit`] and [`Account::settle`] (a strategy), and [`Account::finish`] once. It sees one bar at a time and
//! knows nothing of expressions, series or statistics.

mod account;
mod chunks;
mod decide;
mod error;
mod fills;
mod holdings;
mod journal;
mod levels;
mod limits;
mod log;
mod orders;
mod path;
mod plan;
mod records;
mod size;
mod terms;
mod trade;

pub use account::Account;
pub use decide::Signals;
pub use error::{BarError, Exit};
pub use holdings::{Holdings, by_bar};
pub use journal::{Event, Journal, NoJournal};
pub use levels::ActiveLevels;
pub use log::OrderLog;
pub use orders::Request;
pub use plan::{Distance, Plan};
pub use records::{Kind, OrderRow, Reason, Records, Side, Status, TradeRow};
pub use size::Size;
pub use terms::{Fill, Grid, Opposite, Path, Terms};
