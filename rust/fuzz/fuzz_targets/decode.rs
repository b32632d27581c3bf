//! Scanner against strict parser, on any bytes: where the scanner takes a message, the strict parser gives the same; a
//! refused message leaves the book untouched. The input is split at line ends, so that the scanner also meets what it
//! has learnt from the messages before.
#![no_main]

use alipes_market::decode::{Directory, Sink};
use alipes_market::feed::Feed;
use alipes_market::grids::Grids;
use alipes_market::types::{Level, Side};
use alipes_market::venue::VENUES;
use libfuzzer_sys::fuzz_target;

const GRIDS: [(&str, &str); 3] = [("0.1", "0.001"), ("0.01", "0.00001"), ("0.05", "1")];

fn contents(feed: &Feed) -> Vec<Level> {
    let book = &feed.instruments()[0].book;
    book.levels(Side::Buy).chain(book.levels(Side::Sell)).collect()
}

fuzz_target!(|input: &[u8]| {
    let Some((&choice, messages)) = input.split_first() else { return };
    let venue = &VENUES[usize::from(choice) % VENUES.len()];
    let (tick_size, lot_size) = GRIDS[usize::from(choice / 2) % 3];
    let grids = Grids::parse(tick_size, lot_size).unwrap();
    let (mut directory, mut feed) = (Directory::default(), Feed::new(venue));
    directory.add("BTCUSDT", &grids);
    feed.add("BTCUSDT", 0, grids).unwrap();
    for raw in messages.split(|&byte| byte == b'\n') {
        let (mut quick, mut slow) = (Sink::default(), Sink::default());
        let strict = venue.wire.parse(raw, &mut directory, &mut slow);
        if let Some(scanned) = venue.wire.scan(raw, &mut directory, &mut quick) {
            assert_eq!(strict, Ok(scanned));
            assert_eq!(quick.levels, slow.levels);
            assert!(slow.off_grid.is_none() && slow.rounded == 0);
        }
        let before = contents(&feed);
        if feed.on_frame(raw, 0).is_err() {
            assert!(strict.is_err());
            assert_eq!(before, contents(&feed));
        }
    }
});
