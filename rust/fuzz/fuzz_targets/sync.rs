//! Any history of a link: a book that says it is synced equals the venue's, and a fresh snapshot always brings it back.
//! The model is the one of the property tests.
#![no_main]

#[path = "../../market/tests/model/mod.rs"]
mod model;

use libfuzzer_sys::fuzz_target;
use model::{Step, World};

fuzz_target!(|input: &[u8]| {
    let Some((&seed, steps)) = input.split_first() else { return };
    let venue = if seed % 2 == 0 { "binance" } else { "binanceusdm" };
    let mut world = World::new(venue, u64::from(seed));
    for step in steps.chunks_exact(2).take(200) {
        world.step(Step::of(step[0], step[1]));
    }
    world.must_recover();
});
