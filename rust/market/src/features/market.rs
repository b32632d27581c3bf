//! The features of one instrument: state that each frame moves on.

use super::name::{BookFeature, Feature, FlowSource};
use crate::book::{L2, measures};
use crate::frame::{Body, Event, Frame, Stream};
use crate::grids::Grids;
use crate::ops::{Ewma, Ofi, Quote, Since, Trailing, Window};
use crate::types::{Level, Ns, Side, Size, Tick};

/// What an instrument looks like after a frame.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What the frame did.
    pub frame: &'a Frame,
    /// Which of the frame's events count.
    pub instrument: u16,
    /// The book after the frame; `None` while it is out of step with the venue.
    pub book: Option<&'a L2>,
}

/// What one frame added, in size steps and counts.
#[derive(Clone, Copy, Debug, Default)]
struct Flows {
    ofi: i64,
    ofi_ticker: i64,
    buy_count: i64,
    sell_count: i64,
    buy_volume: i64,
    sell_volume: i64,
}

impl Flows {
    const fn of(&self, source: FlowSource) -> i64 {
        match source {
            FlowSource::Ofi => self.ofi,
            FlowSource::OfiTicker => self.ofi_ticker,
            FlowSource::TradeCount => self.buy_count + self.sell_count,
            FlowSource::BuyCount => self.buy_count,
            FlowSource::SellCount => self.sell_count,
            FlowSource::Volume => self.buy_volume.saturating_add(self.sell_volume),
            FlowSource::BuyVolume => self.buy_volume,
            FlowSource::SellVolume => self.sell_volume,
        }
    }
}

/// State of one column.
#[derive(Clone, Debug)]
enum Column {
    TsEvent,
    TsRecv,
    Book(BookFeature, f64),
    Ewma(BookFeature, Ewma),
    Since(FlowSource, Since),
    Trailing(FlowSource, Trailing),
    LastPrice,
    LastSize,
}

impl Column {
    fn new(feature: Feature) -> Self {
        match feature {
            Feature::TsEvent => Self::TsEvent,
            Feature::TsRecv => Self::TsRecv,
            Feature::Book(feature) => Self::Book(feature, f64::NAN),
            Feature::Ewma(feature, half_life) => Self::Ewma(feature, Ewma::new(half_life)),
            Feature::Flow(source, None) => Self::Since(source, Since::default()),
            Feature::Flow(source, Some(length)) => Self::Trailing(source, Trailing::new(length)),
            Feature::LastPrice => Self::LastPrice,
            Feature::LastSize => Self::LastSize,
        }
    }
}

/// The value of a column in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A time, int ns.
    Integer(i64),
    /// Anything else.
    Float(f64),
}

/// Features of one instrument.
#[derive(Clone, Debug)]
pub struct MarketFeatures {
    grids: Grids,
    columns: Vec<Column>,
    ts_event: Ns,
    book_ofi: Ofi,
    ticker_ofi: Ofi,
    /// Trades count from one stream, the first seen, so that a feed with both counts none twice.
    trade_stream: Option<Stream>,
    last_trade: Option<(Tick, Size)>,
    flows: Flows,
}

impl MarketFeatures {
    /// No frame seen yet.
    #[must_use]
    pub fn new(features: &[Feature], grids: Grids) -> Self {
        Self {
            grids,
            columns: features.iter().map(|&feature| Column::new(feature)).collect(),
            ts_event: 0,
            book_ofi: Ofi::default(),
            ticker_ofi: Ofi::default(),
            trade_stream: None,
            last_trade: None,
            flows: Flows::default(),
        }
    }

    /// Takes in what a frame did, received at `at` (never before the frame taken in before it).
    pub fn update(&mut self, at: Ns, view: View<'_>) {
        self.flows = Flows::default();
        let mut has_moved = false;
        for event in view.frame.events.iter().filter(|event| event.instrument == view.instrument) {
            has_moved |= self.take(event, view.book);
        }
        let measured = has_moved.then_some(view.book);
        for column in &mut self.columns {
            match column {
                Column::Since(source, window) => window.add(at, self.flows.of(*source)),
                Column::Trailing(source, window) => window.add(at, self.flows.of(*source)),
                Column::Book(feature, value) => {
                    if let Some(book) = measured {
                        *value = measure(*feature, book, &self.grids);
                    }
                }
                Column::Ewma(feature, mean) => {
                    if let Some(book) = measured {
                        mean.update(at, measure(*feature, book, &self.grids));
                    }
                }
                Column::TsEvent | Column::TsRecv | Column::LastPrice | Column::LastSize => {}
            }
        }
    }

    /// Takes in one event; says whether the book moved.
    fn take(&mut self, event: &Event, book: Option<&L2>) -> bool {
        self.ts_event = event.ts_event.unwrap_or(self.ts_event);
        match event.body {
            Body::Depth { .. } => {
                self.flows.ofi += book.map_or(0, |book| self.book_ofi.update(touch(book)));
                true
            }
            Body::Reset { .. } => {
                self.flows.ofi += book.map_or(0, |book| self.book_ofi.restart(touch(book)));
                true
            }
            Body::Stale => true,
            Body::Touch { bid, ask, .. } => {
                let some = |level: Level| (level.size.0 > 0).then_some(level);
                self.flows.ofi_ticker += self.ticker_ofi.update(Quote { bid: some(bid), ask: some(ask) });
                false
            }
            Body::Trade { price, size, taker, .. } => {
                if *self.trade_stream.get_or_insert(event.stream) == event.stream {
                    self.trade(price, size, taker);
                }
                false
            }
        }
    }

    fn trade(&mut self, price: Tick, size: Size, taker: Side) {
        let flows = &mut self.flows;
        let (count, volume) = match taker {
            Side::Buy => (&mut flows.buy_count, &mut flows.buy_volume),
            Side::Sell => (&mut flows.sell_count, &mut flows.sell_volume),
        };
        *count += 1;
        *volume = volume.saturating_add(size.0);
        self.last_trade = Some((price, size));
    }

    /// Writes a row as of a time, one value per column.
    pub fn write_row(&mut self, at: Ns, row: &mut Vec<Value>) {
        row.clear();
        let (grids, last_trade) = (&self.grids, self.last_trade);
        for column in &mut self.columns {
            row.push(match column {
                Column::TsEvent => Value::Integer(self.ts_event),
                Column::TsRecv => Value::Integer(at),
                Column::Book(_, value) => Value::Float(*value),
                Column::Ewma(_, mean) => Value::Float(mean.value(at)),
                Column::Since(source, window) => {
                    let sum = amount(*source, window.sum(at), grids);
                    window.row_written();
                    Value::Float(sum)
                }
                Column::Trailing(source, window) => Value::Float(amount(*source, window.sum(at), grids)),
                Column::LastPrice => {
                    Value::Float(last_trade.map_or(f64::NAN, |(price, _)| grids.price.to_f64(price.0)))
                }
                Column::LastSize => {
                    Value::Float(last_trade.map_or(f64::NAN, |(_, size)| grids.size.to_f64(size.0)))
                }
            });
        }
    }
}

fn touch(book: &L2) -> Quote {
    Quote { bid: book.best(Side::Buy), ask: book.best(Side::Sell) }
}

/// Counts as they are, sizes in base units.
fn amount(source: FlowSource, sum: i64, grids: &Grids) -> f64 {
    match source {
        FlowSource::TradeCount | FlowSource::BuyCount | FlowSource::SellCount => sum as f64,
        _ => grids.size.to_f64(sum),
    }
}

fn measure(feature: BookFeature, book: Option<&L2>, grids: &Grids) -> f64 {
    let Some(book) = book else { return f64::NAN };
    match feature {
        BookFeature::Bid => measures::best_price(book, grids, Side::Buy),
        BookFeature::Ask => measures::best_price(book, grids, Side::Sell),
        BookFeature::BidSize => measures::bbo(book, grids)[1],
        BookFeature::AskSize => measures::bbo(book, grids)[3],
        BookFeature::Mid => measures::mid(book, grids),
        BookFeature::Spread => measures::spread(book, grids),
        BookFeature::Microprice => measures::microprice(book, grids),
        BookFeature::Imbalance(levels) => measures::imbalance(book, levels),
        BookFeature::DepthBid(bps) => measures::depth_within(book, grids, Side::Buy, bps),
        BookFeature::DepthAsk(bps) => measures::depth_within(book, grids, Side::Sell, bps),
    }
}
