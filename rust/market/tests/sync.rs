//! Whatever a link loses, repeats, delays or breaks: a synced book is right, and a fresh snapshot always brings it back.

mod model;

use model::{Step, World};
use proptest::prelude::*;

fn cases() -> ProptestConfig {
    let is_long = std::env::var("ALIPES_LONG").is_ok_and(|value| !matches!(value.as_str(), "" | "0"));
    ProptestConfig::with_cases(if is_long { 20_000 } else { 400 })
}

fn live(venue: &str, seed: u64, steps: &[(u8, u8)]) {
    let mut world = World::new(venue, seed);
    for &(choice, amount) in steps {
        world.step(Step::of(choice, amount));
    }
    world.must_recover();
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_synced_futures_book_is_right(seed: u64, steps in prop::collection::vec(any::<(u8, u8)>(), 0..80)) {
        live("binanceusdm", seed, &steps);
    }

    #[test]
    fn a_synced_spot_book_is_right(seed: u64, steps in prop::collection::vec(any::<(u8, u8)>(), 0..80)) {
        live("binance", seed, &steps);
    }
}
