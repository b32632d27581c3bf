//! What people ask of a book, as pure functions of its levels: prices and sizes as floats, NaN where the book is too
//! empty to say. Research reads, streaming features and strategies all go through these.

use super::L2;
use crate::grids::Grids;
use crate::types::{Level, Side, Size};

/// Best bid and ask and their sizes, `[bid, bid size, ask, ask size]`; NaN for both numbers of an empty side.
#[must_use]
#[inline]
pub fn bbo(book: &L2, grids: &Grids) -> [f64; 4] {
    let numbers = |side| match book.best(side) {
        Some(level) => (grids.price.to_f64(level.price.0), grids.size.to_f64(level.size.0)),
        None => (f64::NAN, f64::NAN),
    };
    let ((bid, bid_size), (ask, ask_size)) = (numbers(Side::Buy), numbers(Side::Sell));
    [bid, bid_size, ask, ask_size]
}

/// Best price of a side.
#[must_use]
#[inline]
pub fn best_price(book: &L2, grids: &Grids, side: Side) -> f64 {
    book.best(side).map_or(f64::NAN, |level| grids.price.to_f64(level.price.0))
}

/// Half way between best bid and best ask.
#[must_use]
pub fn mid(book: &L2, grids: &Grids) -> f64 {
    touch(book)
        .map_or(f64::NAN, |(bid, ask)| grids.price.to_f64(bid.price.0.saturating_add(ask.price.0)) / 2.0)
}

/// Best ask minus best bid; negative while the book is crossed.
#[must_use]
pub fn spread(book: &L2, grids: &Grids) -> f64 {
    touch(book).map_or(f64::NAN, |(bid, ask)| grids.price.to_f64(ask.price.0.saturating_sub(bid.price.0)))
}

/// Mid weighted by the sizes at the touch, nearer to the side with less: bid + spread × bid size / both sizes.
#[must_use]
pub fn microprice(book: &L2, grids: &Grids) -> f64 {
    touch(book).map_or(f64::NAN, |(bid, ask)| {
        let (bid_size, ask_size) = (bid.size.0 as f64, ask.size.0 as f64);
        let spread = ask.price.0.saturating_sub(bid.price.0) as f64;
        grids.price.scaled(bid.price.0 as f64 + spread * (bid_size / (bid_size + ask_size)))
    })
}

/// (bid size − ask size) / (bid size + ask size) over the best `levels` of each side, in −1 to 1; NaN for an empty
/// book.
#[must_use]
pub fn imbalance(book: &L2, levels: usize) -> f64 {
    let total = |side| book.levels(side).take(levels).map(|level| level.size.0 as f64).sum::<f64>();
    let (bids, asks) = (total(Side::Buy), total(Side::Sell));
    (bids - asks) / (bids + asks)
}

/// Average price at which a taker's order of `size` would fill; NaN where the book does not hold as much or `size` is
/// not positive.
#[must_use]
pub fn vwap(book: &L2, grids: &Grids, taker: Side, size: Size) -> f64 {
    let (mut left, mut cost) = (size.0, 0_i128);
    for level in book.levels(taker.opposite()) {
        let taken = left.min(level.size.0);
        // What is taken adds up to `size` at most, so the sum stays below 2^126.
        cost += i128::from(taken) * i128::from(level.price.0);
        left -= taken;
        if left <= 0 {
            break;
        }
    }
    if left == 0 && size.0 > 0 { grids.price.scaled(cost as f64 / size.0 as f64) } else { f64::NAN }
}

/// Size resting on a side within `bps` hundredths of a percent of the mid; NaN without a mid.
#[must_use]
pub fn depth_within(book: &L2, grids: &Grids, side: Side, bps: f64) -> f64 {
    let Some((bid, ask)) = touch(book) else {
        return f64::NAN;
    };
    let mid = (bid.price.0 as f64 + ask.price.0 as f64) / 2.0;
    let reach = mid.abs() * bps / 1e4;
    let within = |level: &Level| (level.price.0 as f64 - mid).abs() <= reach;
    let total = book.levels(side).take_while(within).map(|level| i128::from(level.size.0)).sum::<i128>();
    grids.size.scaled(total as f64)
}

fn touch(book: &L2) -> Option<(Level, Level)> {
    Some((book.best(Side::Buy)?, book.best(Side::Sell)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> (L2, Grids) {
        let level = Level::new;
        let mut book = L2::new();
        book.replace(
            &[level(1_000, 3_000_000), level(998, 1_000_000)],
            &[level(1_002, 1_000_000), level(1_005, 500_000)],
        );
        (book, Grids::parse("0.1", "0.001").unwrap())
    }

    #[test]
    fn measures_of_a_small_book_by_hand() {
        let (book, grids) = book();
        assert_eq!(bbo(&book, &grids), [100.0, 3.0, 100.2, 1.0]);
        assert_eq!(mid(&book, &grids), 100.1);
        assert_eq!(spread(&book, &grids), 0.2);
        assert_eq!(microprice(&book, &grids), 100.15);
        assert_eq!(imbalance(&book, 1), 0.5);
        assert_eq!(imbalance(&book, 10), 2.5 / 5.5);
        assert_eq!(vwap(&book, &grids, Side::Buy, Size(1_500_000)), 100.3);
        assert!(vwap(&book, &grids, Side::Buy, Size(1_500_001)).is_nan());
        assert_eq!(vwap(&book, &grids, Side::Sell, Size(3_500_000)), (3.0 * 100.0 + 0.5 * 99.8) / 3.5);
    }

    #[test]
    fn depth_within_counts_levels_by_their_distance_from_the_mid() {
        let (book, grids) = book();
        // The mid is 100.1: its touch is 9.99 bps away, the second bid 29.97 bps.
        assert_eq!(depth_within(&book, &grids, Side::Buy, 9.0), 0.0);
        assert_eq!(depth_within(&book, &grids, Side::Buy, 10.0), 3.0);
        assert_eq!(depth_within(&book, &grids, Side::Buy, 30.0), 4.0);
        assert_eq!(depth_within(&book, &grids, Side::Sell, 1e6), 1.5);
    }

    #[test]
    fn an_empty_side_has_no_price() {
        let (mut book, grids) = book();
        book.replace(&[Level::new(1_000, 1_000)], &[]);
        assert!(mid(&book, &grids).is_nan() && spread(&book, &grids).is_nan());
        assert!(microprice(&book, &grids).is_nan() && best_price(&book, &grids, Side::Sell).is_nan());
        assert_eq!(best_price(&book, &grids, Side::Buy), 100.0);
        assert_eq!(imbalance(&book, 5), 1.0);
        book.clear();
        assert!(imbalance(&book, 5).is_nan());
    }
}
