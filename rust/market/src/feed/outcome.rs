//! What a frame did, in one word for the engine, and running counts for people.

use crate::sync::State;

/// What kind of frame it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A depth event that was applied, kept for a snapshot, or found a gap.
    Depth = 0,
    /// The venue's best bid and ask.
    Touch = 1,
    /// A trade.
    Trade = 2,
    /// A trade of the aggregated stream.
    AggTrade = 3,
    /// A snapshot that replaced the book.
    Reset = 4,
    /// Nothing for us, or nothing new: an unknown stream or symbol, a repeat, a refused snapshot.
    Ignored = 5,
}

/// What a frame did, packed: instrument in bits 0..16 (0xFFFF: none), kind in 16..24, flags in 24..32.
///
/// Flags: bit 0 the best price or size changed, bit 1 the state changed, bits 2 and 3 the state, bit 4 a snapshot is
/// wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Packed(pub u32);

impl Packed {
    /// A frame that was for no instrument of ours.
    pub const NOBODY: Self = Self(0xFFFF | (Kind::Ignored as u32) << 16);

    /// Packs the parts.
    #[inline]
    #[must_use]
    pub const fn new(instrument: u16, kind: Kind, state: State, flags: Flags) -> Self {
        let bits = flags.is_touch_changed as u32
            | (flags.is_state_changed as u32) << 1
            | (state as u32) << 2
            | (flags.is_snapshot_wanted as u32) << 4;
        Self(instrument as u32 | (kind as u32) << 16 | bits << 24)
    }
}

/// The yes-or-no parts of [`Packed`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// Best price or size changed.
    pub is_touch_changed: bool,
    /// The state changed.
    pub is_state_changed: bool,
    /// A snapshot is wanted.
    pub is_snapshot_wanted: bool,
}

/// Running counts of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames given to the decoder.
    pub messages: u64,
    /// Messages that the scanner took.
    pub scanned: u64,
    /// Messages that went to the strict parser.
    pub strict: u64,
    /// Messages that were refused.
    pub errors: u64,
    /// Depth events applied.
    pub depths: u64,
    /// Best bid and ask messages.
    pub touches: u64,
    /// Trades, single and aggregated.
    pub trades: u64,
    /// Snapshots that replaced a book.
    pub snapshots: u64,
    /// Snapshots that were too old, older than the book, crossed or off the grid.
    pub snapshots_refused: u64,
    /// Buffered events replayed over snapshots.
    pub replayed: u64,
    /// Depth events seen again.
    pub repeats: u64,
    /// Breaks of a book's chain of events.
    pub gaps: u64,
    /// Times a book became stale, for any reason.
    pub stales: u64,
    /// Times a stale book came back.
    pub resyncs: u64,
    /// Waiting events dropped because the chain broke or the buffer was full.
    pub dropped: u64,
    /// Sizes finer than the size step, rounded to the nearest.
    pub sizes_rounded: u64,
    /// Messages of streams that nobody uses, replies included.
    pub other_streams: u64,
    /// Messages of instruments that nobody added.
    pub other_symbols: u64,
}

impl Counters {
    /// Messages of instruments that were added, known by the symbol they name; snapshots name none.
    #[must_use]
    pub const fn naming_ours(&self) -> u64 {
        let snapshots = self.snapshots + self.snapshots_refused;
        self.messages - self.errors - self.other_symbols - self.other_streams - snapshots
    }

    /// Names and counts, in order.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, u64); 18] {
        [
            ("messages", self.messages),
            ("scanned", self.scanned),
            ("strict", self.strict),
            ("errors", self.errors),
            ("depths", self.depths),
            ("touches", self.touches),
            ("trades", self.trades),
            ("snapshots", self.snapshots),
            ("snapshots_refused", self.snapshots_refused),
            ("replayed", self.replayed),
            ("repeats", self.repeats),
            ("gaps", self.gaps),
            ("stales", self.stales),
            ("resyncs", self.resyncs),
            ("dropped", self.dropped),
            ("sizes_rounded", self.sizes_rounded),
            ("other_streams", self.other_streams),
            ("other_symbols", self.other_symbols),
        ]
    }
}
