//! A run on signals that are ready-made arrays.

use crate::dataset::Prices;
use crate::portfolio::{Account, Journal, Terms};
use crate::session::{Feed, RunError};
use crate::walk::{
    DistanceKind, Finished, MOST_BARS, Market, NEVER, Ready, Returns, Series, SizeKind, Walker, Wants,
};

/// Ready-made rules: a byte a bar for signals (zero is false), numbers the same on every bar or one a bar.
#[derive(Clone, Copy)]
pub struct Arrays<'a> {
    /// Enter long, exit long, enter short, exit short.
    pub signals: [Option<&'a [u8]>; 4],
    /// Size of an entry.
    pub size: (SizeKind, Series<'a>),
    /// Stop loss, take profit, trailing stop.
    pub exits: [Option<(DistanceKind, Series<'a>)>; 3],
    /// Time stop in bars.
    pub max_bars: Option<Series<'a>>,
}

/// Runs them.
///
/// # Errors
/// No bars, a missing column, a term out of range, a negative size or a distance that is not positive.
pub fn run<J: Journal>(
    feed: &Feed<'_>,
    arrays: &Arrays<'_>,
    terms: Terms,
    wants: Wants,
    records: bool,
    journal: J,
) -> Result<Finished<J>, RunError> {
    terms.check()?;
    let bars = feed.own.ts.len();
    if bars <= feed.first {
        return Err(RunError::Empty);
    }
    let prices = Prices::of(&feed.own, terms.uses_spread)?;
    let market = Market::new(prices, &feed.funding, feed.detail.clone(), feed.first);
    let mut walker = Walker::new(Account::new(terms, journal)?, wants, &market, records);
    let mut returns = Returns::default();
    let mut bits: [Vec<u64>; 4] = std::array::from_fn(|_| Vec::new());
    let mut from = 0;
    while from < bars {
        let to = (from + MOST_BARS).min(bars);
        if wants.moments {
            returns.advance(prices.close, from, to);
        }
        for (bits, signal) in bits.iter_mut().zip(arrays.signals) {
            if let Some(signal) = signal {
                pack(&signal[from..to], bits);
            }
        }
        let ready = Ready {
            from,
            signals: std::array::from_fn(|at| match arrays.signals[at] {
                Some(_) => bits[at].as_slice(),
                None => &NEVER,
            }),
            size: (arrays.size.0, narrowed(arrays.size.1, from, to)),
            exits: arrays.exits.map(|exit| exit.map(|(kind, series)| (kind, narrowed(series, from, to)))),
            max_bars: arrays.max_bars.map(|series| narrowed(series, from, to)),
        };
        walker.block(&market, &ready, &returns, (from, to))?;
        from = to;
    }
    Ok(walker.finish(&market, &returns))
}

fn narrowed(series: Series<'_>, from: usize, to: usize) -> Series<'_> {
    match series {
        Series::Const(value) => Series::Const(value),
        Series::Values(values) => Series::Values(&values[from..to]),
    }
}

/// Bytes to bits.
fn pack(bytes: &[u8], bits: &mut Vec<u64>) {
    bits.clear();
    bits.extend(bytes.chunks(64).map(|bytes| {
        bytes.chunks(8).enumerate().fold(0, |word, (place, bytes)| {
            let mut eight = [0_u8; 8];
            for (to, &from) in eight.iter_mut().zip(bytes) {
                *to = u8::from(from != 0);
            }
            // Eight bytes of 0 or 1: the product gathers their low bits in the highest byte.
            let gathered = u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            word | gathered << (8 * place)
        })
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_are_set_where_bytes_are_not_zero(bytes in proptest::collection::vec(0_u8..3, 0..300)) {
            let mut bits = Vec::new();
            pack(&bytes, &mut bits);
            for (at, &byte) in bytes.iter().enumerate() {
                prop_assert_eq!(bits[at / 64] >> (at % 64) & 1 == 1, byte != 0);
            }
        }
    }
}
