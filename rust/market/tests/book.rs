//! The book equals two sorted maps, whatever the operations: the truth suite of `book/`.

use alipes_market::book::L2;
use alipes_market::types::{Level, Side, Tick};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SIDES: [Side; 2] = [Side::Buy, Side::Sell];

/// The obvious book: keys rise from the best price away from it.
#[derive(Default)]
struct Reference([BTreeMap<i128, i64>; 2]);

impl Reference {
    fn key(side: Side, price: i64) -> i128 {
        i128::from(price) * if side == Side::Buy { -1 } else { 1 }
    }

    fn set(&mut self, side: Side, level: Level) {
        let (levels, key) = (&mut self.0[side as usize], Self::key(side, level.price.0));
        if level.size.0 == 0 {
            levels.remove(&key);
        } else {
            levels.insert(key, level.size.0);
        }
    }

    fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        let price = move |key: i128| Self::key(side, 1) * key;
        self.0[side as usize].iter().map(move |(&key, &size)| Level::new(price(key) as i64, size))
    }
}

/// A book and its reference, kept side by side.
#[derive(Default)]
struct Pair {
    book: L2,
    reference: Reference,
}

impl Pair {
    fn set(&mut self, side: Side, level: Level) {
        self.book.set(side, level);
        self.reference.set(side, level);
        assert_eq!(self.book.size_at(side, level.price), level.size);
        self.same_touch();
    }

    fn same_touch(&self) {
        for side in SIDES {
            assert_eq!(self.book.best(side), self.reference.levels(side).next(), "best {side:?}");
        }
    }

    fn same_levels(&self) {
        self.same_touch();
        for side in SIDES {
            assert!(self.book.levels(side).eq(self.reference.levels(side)), "levels {side:?}");
            assert_eq!(self.book.len(side), self.reference.0[side as usize].len());
        }
    }
}

/// SplitMix64: seeded and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> i64 {
        (self.next() % n) as i64
    }

    fn side(&mut self) -> Side {
        SIDES[self.below(2) as usize]
    }

    /// A size, zero for a third of them.
    fn size(&mut self) -> i64 {
        if self.below(3) == 0 { 0 } else { 1 + self.below(1_000_000) }
    }
}

/// How many operations each scenario runs.
fn operations() -> u64 {
    if std::env::var("ALIPES_LONG").is_ok_and(|value| !matches!(value.as_str(), "" | "0")) {
        400_000
    } else {
        20_000
    }
}

/// Runs a scenario: `step(pair, random, progress from 0 to 1)` once per operation.
fn run(seed: u64, mut step: impl FnMut(&mut Pair, &mut Random, f64)) {
    println!("seed {seed}");
    let (mut pair, mut random, count) = (Pair::default(), Random(seed), operations());
    for operation in 0..count {
        step(&mut pair, &mut random, operation as f64 / count as f64);
        if operation % 997 == 0 {
            pair.same_levels();
        }
    }
    pair.same_levels();
}

/// A price on `side` some ticks behind the mid: mostly near it, sometimes thousands of ticks away.
fn near(random: &mut Random, side: Side, mid: i64) -> i64 {
    let reach = [60, 60, 60, 2_000, 20_000][random.below(5) as usize];
    mid - side.sign() * (1 + random.below(reach))
}

#[test]
fn a_mid_that_walks_ten_windows_away_and_back() {
    run(1, |pair, random, progress| {
        let away = 1.0 - (2.0 * progress - 1.0).abs();
        let mid = 600_000 + (away * 10.0 * 16_384.0) as i64;
        let side = random.side();
        let price = near(random, side, mid);
        pair.set(side, Level::new(price, random.size()));
        // What the walk runs over is taken away, as trades would.
        for side in SIDES {
            while let Some(best) =
                pair.book.best(side).filter(|best| best.price.0 * side.sign() >= mid * side.sign())
            {
                pair.set(side, Level::new(best.price.0, 0));
            }
        }
    });
}

#[test]
fn levels_far_beyond_any_window() {
    run(2, |pair, random, _| {
        let side = random.side();
        let price = match random.below(4) {
            0 => 5_600 + random.below(6_213_687 - 5_600),
            1 => [5_600, 6_213_687, 154_608, 2_000_000][random.below(4) as usize],
            _ => near(random, side, 600_000),
        };
        pair.set(side, Level::new(price, random.size()));
    });
}

#[test]
fn sides_that_are_emptied_and_filled_elsewhere() {
    run(3, |pair, random, progress| {
        let mid = 600_000 + 40_000 * ((progress * 50.0) as i64 % 7);
        let side = random.side();
        let price = near(random, side, mid);
        pair.set(side, Level::new(price, random.size()));
        match random.below(3_000) {
            0 => {
                while let Some(best) = pair.book.best(side) {
                    pair.set(side, Level::new(best.price.0, 0));
                }
                assert_eq!(pair.book.len(side), 0);
            }
            1 => {
                *pair = Pair { book: std::mem::take(&mut pair.book), reference: Reference::default() };
                pair.book.clear();
                assert!(pair.book.is_empty());
            }
            _ => {}
        }
    });
}

#[test]
fn removals_of_unknown_levels_change_nothing_and_are_counted() {
    let mut expected = 0;
    run(4, |pair, random, _| {
        let side = random.side();
        let price = near(random, side, 600_000) + 30_000 * random.below(3);
        let size = random.size();
        expected += u64::from(size == 0 && pair.book.size_at(side, Tick(price)).0 == 0);
        pair.set(side, Level::new(price, size));
        assert_eq!(pair.book.unknown_removals(), expected);
    });
}

#[test]
fn batches_columns_and_snapshots_equal_single_updates() {
    run(5, |pair, random, progress| {
        let mid = 600_000 + (progress * 60_000.0) as i64;
        let mut levels: [Vec<Level>; 2] = Default::default();
        let (mut is_bid, mut prices, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..random.below(40) {
            let side = random.side();
            let level = Level::new(near(random, side, mid), random.size());
            levels[side as usize].push(level);
            is_bid.push(u8::from(side == Side::Buy) * 255);
            prices.push(level.price.0);
            sizes.push(level.size.0);
        }
        match random.below(20) {
            0 => {
                pair.reference = Reference::default();
                levels.iter_mut().for_each(|levels| levels.reverse());
                pair.book.replace(&levels[0], &levels[1]);
            }
            1..=9 => pair.book.apply(&levels[0], &levels[1]),
            _ => pair.book.apply_columns(&is_bid, &prices, &sizes),
        }
        for side in SIDES {
            levels[side as usize].iter().for_each(|&level| pair.reference.set(side, level));
        }
        pair.same_touch();
    });
}

#[test]
fn a_price_that_jumps_back_and_forth_keeps_every_level() {
    run(6, |pair, random, _| {
        let mid = [600_000, 700_000][random.below(2) as usize];
        let price = near(random, Side::Sell, mid);
        pair.set(Side::Sell, Level::new(price, random.size()));
    });
}

#[test]
fn a_book_stays_small() {
    let mut book = L2::new();
    assert!(book.memory_bytes() < 8_192, "an empty book holds {}", book.memory_bytes());
    let levels =
        |sign: i64| -> Vec<Level> { (1..5_000).map(|n| Level::new(600_000 + sign * n * 110, 1)).collect() };
    book.replace(&levels(-1), &levels(1));
    assert!(book.memory_bytes() < 1 << 20, "a full book holds {}", book.memory_bytes());
}

#[derive(Clone, Debug)]
enum Operation {
    Set(Side, i64, i64),
    Clear,
    Replace(Vec<(i64, i64)>, Vec<(i64, i64)>),
}

fn prices() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0_i64..200,
        3 => 0_i64..100_000,
        1 => any::<i64>(),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MIN + 1), Just(-1), Just(i64::MAX - 1), Just(i64::MAX)],
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let side = || prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let size = || prop_oneof![2 => Just(0), 3 => 1_i64..=i64::MAX];
    let levels = || prop::collection::vec((prices(), size()), 0..40);
    prop_oneof![
        40 => (side(), prices(), size()).prop_map(|(side, price, size)| Operation::Set(side, price, size)),
        1 => Just(Operation::Clear),
        2 => (levels(), levels()).prop_map(|(bids, asks)| Operation::Replace(bids, asks)),
    ]
}

proptest! {
    // Mutants make it fail on purpose: no failure is written down.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_operations_equals_the_reference(operations in prop::collection::vec(operation(), 0..300)) {
        let mut pair = Pair::default();
        for operation in operations {
            match operation {
                Operation::Set(side, price, size) => pair.set(side, Level::new(price, size)),
                Operation::Clear => {
                    pair.book.clear();
                    pair.reference = Reference::default();
                }
                Operation::Replace(bids, asks) => {
                    let sides = [bids, asks].map(|levels| {
                        levels.into_iter().map(|(price, size)| Level::new(price, size)).collect::<Vec<_>>()
                    });
                    pair.book.replace(&sides[0], &sides[1]);
                    pair.reference = Reference::default();
                    for side in SIDES {
                        sides[side as usize].iter().for_each(|&level| pair.reference.set(side, level));
                    }
                }
            }
        }
        pair.same_levels();
    }
}
