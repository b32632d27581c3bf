//! Order-flow imbalance: what best-price changes say about net demand.
//!
//! R. Cont, A. Kukanov, S. Stoikov, "The price impact of order book events", Journal of Financial Econometrics
//! 12(1), 2014, eq. (4): from one best quote to the next the imbalance is
//! `1{Pb ≥ Pb'} qb − 1{Pb ≤ Pb'} qb' − 1{Pa ≤ Pa'} qa + 1{Pa ≥ Pa'} qa'`, primes marking the quote before.

use crate::mutants;
use crate::types::Level;

/// Best bid and best ask; `None` where a side is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quote {
    /// Best bid.
    pub bid: Option<Level>,
    /// Best ask.
    pub ask: Option<Level>,
}

/// Remembers the last quote. Amounts are in size steps: positive is net buying.
#[derive(Clone, Debug, Default)]
pub struct Ofi {
    last: Quote,
}

impl Ofi {
    /// The imbalance of moving to a quote. A side that was or becomes empty contributes nothing.
    #[inline]
    pub fn update(&mut self, now: Quote) -> i64 {
        let before = std::mem::replace(&mut self.last, now);
        let bid = before.bid.zip(now.bid).map_or(0, |(before, now)| {
            pressure(now.price >= before.price, now.price <= before.price, before, now)
        });
        let ask = before.ask.zip(now.ask).map_or(0, |(before, now)| {
            pressure(now.price <= before.price, now.price >= before.price, before, now)
        });
        if mutants::is_on("ofi_sign") { bid + ask } else { bid - ask }
    }

    /// Starts again from a quote: what led to it is not known, so its imbalance is zero.
    pub fn restart(&mut self, now: Quote) -> i64 {
        if mutants::is_on("ofi_over_gap") {
            return self.update(now);
        }
        self.last = now;
        0
    }
}

/// What a side gained: the new size unless the price worsened, less the old size unless the price improved.
#[inline]
fn pressure(is_no_worse: bool, is_no_better: bool, before: Level, now: Level) -> i64 {
    let gained = if is_no_worse { now.size.0 } else { 0 };
    let lost = if is_no_better { before.size.0 } else { 0 };
    gained - lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(bid: (i64, i64), ask: (i64, i64)) -> Quote {
        Quote { bid: Some(Level::new(bid.0, bid.1)), ask: Some(Level::new(ask.0, ask.1)) }
    }

    #[test]
    fn each_kind_of_change_counts_as_the_paper_says() {
        let start = quote((100, 7), (101, 4));
        let after = |now| {
            let mut ofi = Ofi::default();
            assert_eq!(ofi.update(start), 0);
            ofi.update(now)
        };
        assert_eq!(after(quote((100, 9), (101, 4))), 2, "bid size grew");
        assert_eq!(after(quote((100, 7), (101, 9))), -5, "ask size grew");
        assert_eq!(after(quote((101, 3), (102, 4))), 3 + 4, "both prices rose: new bid in, old ask gone");
        assert_eq!(after(quote((99, 8), (101, 4))), -7, "bid price fell: old bid gone");
        assert_eq!(after(quote((100, 7), (100, 6))), -6, "ask price fell: new ask in");
    }

    #[test]
    fn an_empty_side_and_a_new_start_contribute_nothing() {
        let mut ofi = Ofi::default();
        ofi.update(quote((100, 7), (101, 4)));
        assert_eq!(ofi.update(Quote { bid: None, ask: Some(Level::new(101, 5)) }), -1);
        assert_eq!(ofi.update(quote((100, 7), (101, 5))), 0);
        assert_eq!(ofi.restart(quote((200, 7), (201, 5))), 0);
        assert_eq!(ofi.update(quote((200, 9), (201, 5))), 2);
    }
}
