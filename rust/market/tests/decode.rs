//! The scanner against the strict parser: on numbers of every shape and grid, and on bent messages, with what the scanner
//! has learnt from the messages before.

use alipes_market::decode::{Directory, Message, Sink};
use alipes_market::grids::Grids;
use alipes_market::venue::{VENUES, Venue};
use proptest::prelude::*;

fn cases(short: u32, long: u32) -> ProptestConfig {
    let is_long = std::env::var("ALIPES_LONG").is_ok_and(|value| !matches!(value.as_str(), "" | "0"));
    ProptestConfig::with_cases(if is_long { long } else { short })
}

/// Asserts that the scanner gives nothing or what the strict parser gives; says whether it gave something.
fn agree(venue: &Venue, raw: &[u8], directory: &mut Directory) -> bool {
    let (mut quick, mut sink) = (Sink::default(), Sink::default());
    let strict = venue.wire.parse(raw, directory, &mut sink);
    let Some(scanned) = venue.wire.scan(raw, directory, &mut quick) else { return false };
    assert_eq!(strict, Ok(scanned), "{}", String::from_utf8_lossy(raw));
    assert_eq!((sink.off_grid, sink.rounded), (None, 0), "{}", String::from_utf8_lossy(raw));
    assert_eq!(quick.levels, sink.levels, "{}", String::from_utf8_lossy(raw));
    true
}

fn directory(tick_size: &str, lot_size: &str) -> Directory {
    let mut directory = Directory::default();
    if let Ok(grids) = Grids::parse(tick_size, lot_size) {
        directory.add("BTCUSDT", &grids);
    }
    directory
}

fn message(levels: &[(String, String)]) -> String {
    let list: Vec<String> = levels.iter().map(|(price, size)| format!("[\"{price}\",\"{size}\"]")).collect();
    let (bids, asks) = list.split_at(list.len() / 2);
    format!(
        "{{\"e\":\"depthUpdate\",\"E\":1,\"T\":2,\"s\":\"BTCUSDT\",\"U\":1,\"u\":2,\"pu\":0,\"b\":[{}],\"a\":[{}]}}",
        bids.join(","),
        asks.join(",")
    )
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[0-9]{1,6}\\.[0-9]{1,3}",
        3 => "[1-9][0-9]{0,4}\\.[0-9]{1,2}0{0,6}",
        2 => "[0-9]{1,12}",
        1 => "[0-9]{1,9}\\.[0-9]{1,10}",
        1 => "0\\.0{1,8}[0-9]{1,2}",
        1 => "[0-9]{0,2}\\.[0-9]{3}0{0,5}",
    ]
}

fn grid() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "1",
        "0.1",
        "0.01",
        "0.001",
        "0.5",
        "0.05",
        "0.25",
        "10",
        "0.00001",
        "0.00000001",
    ])
}

proptest! {
    #![proptest_config(cases(2_000, 100_000))]

    #[test]
    fn numbers_of_any_shape_mean_the_same(
        tick_size in grid(),
        lot_size in grid(),
        lists in prop::collection::vec(prop::collection::vec((number(), number()), 0..8), 1..4),
    ) {
        let mut directory = directory(tick_size, lot_size);
        for levels in &lists {
            agree(&VENUES[1], message(levels).as_bytes(), &mut directory);
        }
    }

    #[test]
    fn bent_messages_mean_the_same(
        levels in prop::collection::vec(("[0-9]{5}\\.[0-9]0", "[0-9]{1,2}\\.[0-9]{3}"), 1..6),
        bends in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"0129.\"[]{},:eE+- x\\".to_vec())), 0..3),
        is_cut: bool,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut raw = message(&levels).into_bytes();
        for (at, byte) in bends {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        if is_cut {
            raw.truncate(cut.index(raw.len()));
        }
        let mut directory = directory("0.1", "0.001");
        for venue in &VENUES {
            agree(venue, &raw, &mut directory);
        }
    }
}

#[test]
fn usual_lists_are_taken_by_the_scanner() {
    let mut directory = directory("0.1", "0.001");
    for (price, size) in
        [("60000.10", "0.014"), ("560.00", "1234.567"), ("621368.70", "12.111"), ("5.3", "40")]
    {
        let levels = vec![(price.to_owned(), size.to_owned()); 9];
        assert!(agree(&VENUES[1], message(&levels).as_bytes(), &mut directory), "{price} {size}");
    }
}

#[test]
fn a_member_that_the_venue_adds_is_stepped_over() {
    let raw = b"{\"e\":\"trade\",\"E\":1,\"T\":2,\"s\":\"BTCUSDT\",\"t\":7,\"p\":\"1.5\",\"q\":\"2\",\"X\":\"MARKET\",\"m\":true,\"st\":1}";
    let mut directory = directory("0.1", "0.001");
    assert!(agree(&VENUES[1], raw, &mut directory));
    let scanned = VENUES[1].wire.scan(raw, &mut directory, &mut Sink::default());
    assert!(matches!(scanned, Some(Message::Trade { id: 7, .. })));
}
