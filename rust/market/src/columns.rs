//! Features of one instrument over a whole capture, column by column, in one pass.

use crate::decode::DecodeError;
use crate::events::EventLog;
use crate::features::{Feature, FeatureError, Rows, RowsError, Value, View};
use crate::feed::Feed;
use crate::grids::Grids;
use crate::sync::State;
use crate::types::Ns;
use crate::venue::{Venue, VenueError};
use thiserror::Error;

/// The only instrument of the feed inside.
const INDEX: u16 = 0;

/// Why a capture gives no columns.
#[derive(Debug, Error)]
pub enum ColumnsError {
    /// A column that does not exist.
    #[error(transparent)]
    Feature(#[from] FeatureError),
    /// A venue or symbol that does not exist.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// A step of time that cannot be followed.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Bytes that are no message of the venue.
    #[error("{place}: {source}")]
    Decode {
        /// Where in the capture.
        place: String,
        /// What is wrong.
        source: DecodeError,
    },
    /// Nothing of the instrument in it.
    #[error("the capture of {messages} messages holds no messages of {symbol} on {venue}; it holds {holds}")]
    OtherInstrument {
        /// All messages.
        messages: u64,
        /// The wire symbol of what was asked for.
        symbol: String,
        /// The venue.
        venue: &'static str,
        /// Wire symbols that it does hold, or what else.
        holds: String,
    },
    /// Book columns of a capture without a book.
    #[error(
        "the book of {symbol} was never in step, so its columns are empty: the capture holds {depths} depth messages \
         and {snapshots} usable snapshots ({reason})"
    )]
    NoBook {
        /// The instrument.
        symbol: String,
        /// Depth messages.
        depths: u64,
        /// Snapshots taken.
        snapshots: u64,
        /// The last state of the book, or why it broke.
        reason: String,
    },
}

/// What to make columns of.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// ccxt's id of the venue.
    pub venue: &'a str,
    /// Unified or wire symbol.
    pub symbol: &'a str,
    /// Units of its prices and sizes.
    pub grids: Grids,
}

impl Subject<'_> {
    fn feed(&self) -> Result<Feed, VenueError> {
        let mut feed = Feed::new(Venue::of(self.venue)?);
        feed.add(self.symbol, INDEX, self.grids)?;
        Ok(feed)
    }
}

fn decode(
    feed: &mut Feed,
    ts_recv: Ns,
    raw: &[u8],
    place: impl Fn() -> String,
) -> Result<bool, ColumnsError> {
    match feed.on_frame(raw, ts_recv) {
        Ok(_) => Ok(!feed.frame().events.is_empty()),
        Err(source) => Err(ColumnsError::Decode { place: place(), source }),
    }
}

/// A snapshot names no symbol, so it may be of any instrument: where messages name others only, it is of those.
fn check_seen(feed: &Feed) -> Result<(), ColumnsError> {
    let (counters, instrument) = (feed.counters(), &feed.instruments()[0]);
    let is_unnamed_book = counters.other_symbols == 0 && instrument.sync.state() != State::Empty;
    if counters.naming_ours() > 0 || is_unnamed_book {
        return Ok(());
    }
    let others = feed.other_symbols();
    Err(ColumnsError::OtherInstrument {
        messages: counters.messages,
        symbol: instrument.wire.clone(),
        venue: feed.venue().id,
        holds: if others.is_empty() { "messages of other streams only".to_owned() } else { others },
    })
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub enum Series {
    /// Times in int ns.
    Integers(Vec<i64>),
    /// Everything else.
    Floats(Vec<f64>),
}

impl Series {
    const fn new(feature: Feature) -> Self {
        if feature.is_integer() { Self::Integers(Vec::new()) } else { Self::Floats(Vec::new()) }
    }

    #[inline]
    fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Integers(series), Value::Integer(value)) => series.push(value),
            (Self::Floats(series), Value::Float(value)) => series.push(value),
            // A column has one type from parse to row.
            (Self::Integers(_), Value::Float(_)) | (Self::Floats(_), Value::Integer(_)) => {}
        }
    }
}

/// Columns in the making.
#[derive(Clone, Debug)]
pub struct Columns {
    feed: Feed,
    rows: Rows,
    series: Vec<Series>,
    needs_book: bool,
    has_book: bool,
}

impl Columns {
    /// Columns by name, at each message or at each `every` nanoseconds (see [`Rows`]).
    ///
    /// # Errors
    /// [`ColumnsError`]: an unknown column, venue or symbol, or a step that is not positive.
    pub fn new(subject: &Subject<'_>, names: &[String], every: Option<Ns>) -> Result<Self, ColumnsError> {
        let features: Vec<Feature> =
            names.iter().map(|name| Feature::parse(name)).collect::<Result<_, _>>()?;
        if features.is_empty() {
            return Err(FeatureError::Empty.into());
        }
        Ok(Self {
            feed: subject.feed()?,
            rows: Rows::new(&features, subject.grids, every)?,
            series: features.iter().map(|&feature| Series::new(feature)).collect(),
            needs_book: features.iter().any(|feature| feature.needs_book()),
            has_book: false,
        })
    }

    /// Takes in one frame; `place` says where it is for errors.
    ///
    /// # Errors
    /// [`ColumnsError`]: no message of the venue, or too many steps in a gap.
    #[inline]
    pub fn push(&mut self, ts_recv: Ns, raw: &[u8], place: impl Fn() -> String) -> Result<(), ColumnsError> {
        if !decode(&mut self.feed, ts_recv, raw, place)? {
            return Ok(());
        }
        let instrument = &self.feed.instruments()[0];
        let is_synced = instrument.sync.state() == State::Synced;
        self.has_book |= is_synced;
        let book = is_synced.then_some(&instrument.book);
        let view = View { frame: self.feed.frame(), instrument: INDEX, book };
        let series = &mut self.series;
        self.rows.on_frame(view, |row| {
            series.iter_mut().zip(row).for_each(|(series, &value)| series.push(value))
        })?;
        Ok(())
    }

    /// The columns, in the order of their names.
    ///
    /// # Errors
    /// [`ColumnsError`]: no message of the instrument, or book columns without a book.
    pub fn finish(self) -> Result<Vec<Series>, ColumnsError> {
        check_seen(&self.feed)?;
        if self.needs_book && !self.has_book {
            let (counters, instrument) = (self.feed.counters(), &self.feed.instruments()[0]);
            let reason = instrument.sync.reason();
            let state = instrument.sync.state().name();
            return Err(ColumnsError::NoBook {
                symbol: instrument.symbol.clone(),
                depths: counters.depths + counters.dropped + instrument.sync.buffer().len() as u64,
                snapshots: counters.snapshots,
                reason: if reason.is_empty() { state.to_owned() } else { reason.to_owned() },
            });
        }
        Ok(self.series)
    }
}

/// An event log in the making.
#[derive(Clone, Debug)]
pub struct Recording {
    feed: Feed,
    log: EventLog,
}

impl Recording {
    /// The events of one instrument.
    ///
    /// # Errors
    /// [`ColumnsError`]: an unknown venue or symbol.
    pub fn new(subject: &Subject<'_>) -> Result<Self, ColumnsError> {
        Ok(Self { feed: subject.feed()?, log: EventLog::default() })
    }

    /// Takes in one frame; `place` says where it is for errors.
    ///
    /// # Errors
    /// [`ColumnsError::Decode`].
    pub fn push(&mut self, ts_recv: Ns, raw: &[u8], place: impl Fn() -> String) -> Result<(), ColumnsError> {
        if decode(&mut self.feed, ts_recv, raw, place)? {
            self.log.push(self.feed.frame());
        }
        Ok(())
    }

    /// The log.
    ///
    /// # Errors
    /// [`ColumnsError::OtherInstrument`].
    pub fn finish(self) -> Result<EventLog, ColumnsError> {
        check_seen(&self.feed)?;
        Ok(self.log)
    }
}
