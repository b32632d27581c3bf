//! The synthetic market: a seeded order flow that speaks a real venue's wire format (Binance USD-M).
//!
//! Demo, tests and benches run it through the same decoder as a real capture. The same seed gives the same bytes. It
//! knows nothing of decoders, orders of ours or accounts.

mod flow;
mod params;
mod random;
mod regime;
mod wire;

pub use params::{SynthConfig, SynthError};
pub use regime::Regime;

use alipes_market::capture::{CaptureError, CaptureWriter};
use alipes_market::types::{Level, Ns, Side};
use flow::{Flow, Trade};
use params::Params;
use random::Random;
use std::ops::Range;
use wire::Wire;

const NS_PER_MS: Ns = 1_000_000;
const FIRST_UPDATE_ID: u64 = 5_000_000_000_001;
const FIRST_TRADE_ID: u64 = 5_000_000_001;

/// An endless (or timed) sequence of wire frames: first a REST snapshot, then depth updates, best prices and trades.
///
/// ```
/// use alipes_sim::synth::{SynthConfig, SynthMarket};
/// let mut market = SynthMarket::new(SynthConfig::default())?;
/// let (ts_recv, frame) = market.next_frame().unwrap();
/// assert!(ts_recv > 0 && frame.starts_with(b"{\"lastUpdateId\":"));
/// # Ok::<(), alipes_sim::synth::SynthError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SynthMarket {
    params: Params,
    flow: Flow,
    /// Apart from the flow's, so that latency settings leave the market as it is.
    delays: Random,
    update_id: u64,
    depth_update_id: u64,
    trade_id: u64,
    touch: Option<(Level, Level)>,
    next_depth: Ns,
    changed_at: Ns,
    last_recv: Ns,
    out: Vec<u8>,
    ready: Vec<(Ns, Range<usize>)>,
    taken: usize,
}

impl SynthMarket {
    /// A market at its start.
    ///
    /// # Errors
    /// [`SynthError`] names the parameter and its range.
    pub fn new(config: SynthConfig) -> Result<Self, SynthError> {
        let params = Params::check(config)?;
        let mut market = Self {
            flow: Flow::new(&params),
            delays: Random::new(params.seed ^ 0x5eed_0fde_1a75),
            update_id: FIRST_UPDATE_ID,
            depth_update_id: FIRST_UPDATE_ID,
            trade_id: FIRST_TRADE_ID,
            touch: None,
            next_depth: params.start_ns + params.depth_interval_ns,
            changed_at: params.start_ns,
            last_recv: 0,
            out: Vec::with_capacity(1 << 16),
            ready: Vec::with_capacity(16),
            taken: 0,
            params,
        };
        market.start();
        Ok(market)
    }

    /// The snapshot is taken amid a depth update's interval, as the venue's alignment rule expects.
    fn start(&mut self) {
        while self.flow.changed.is_empty() {
            self.flow.advance();
            self.flow.act();
        }
        self.next_depth = self.next_depth.max(self.flow.now + NS_PER_MS);
        self.note_change();
        self.push_snapshot();
    }

    /// The next frame with its receive time; `None` once `seconds` of venue time have passed.
    pub fn next_frame(&mut self) -> Option<(Ns, &[u8])> {
        while self.taken == self.ready.len() {
            if self.flow.now >= self.params.end_ns {
                return None;
            }
            self.out.clear();
            self.ready.clear();
            self.taken = 0;
            self.step();
        }
        let (ts_recv, range) = self.ready[self.taken].clone();
        self.taken += 1;
        Some((ts_recv, &self.out[range]))
    }

    /// A REST depth answer as of now, to resynchronise with.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_snapshot(&mut bytes);
        bytes
    }

    /// The current regime.
    #[must_use]
    pub const fn regime(&self) -> Regime {
        self.flow.weather.regime
    }

    /// Venue time of the last order.
    #[must_use]
    pub const fn venue_time(&self) -> Ns {
        self.flow.now
    }

    /// What a capture of this market says in its header: the JSON text of an object.
    #[must_use]
    pub fn header(&self) -> String {
        let Params { symbol, tick, lot, seed, .. } = &self.params;
        format!(
            r#"{{"format":1,"venue":"binanceusdm","instrument":"{symbol}","tick_size":"{}","lot_size":"{}","source":"synthetic, seed {seed}"}}"#,
            tick.text(1),
            lot.text(1)
        )
    }

    /// Writes the frames of the next `seconds` of venue time as a capture with a header; returns how many.
    ///
    /// # Errors
    /// [`CaptureError::Io`].
    pub fn write(&mut self, path: impl AsRef<std::path::Path>, seconds: f64) -> Result<u64, CaptureError> {
        let mut writer = CaptureWriter::create(path, Some(&self.header()))?;
        let end = self.flow.now.saturating_add((seconds * 1e9) as Ns);
        let mut frames = 0;
        while self.taken < self.ready.len() || self.flow.now < end {
            let Some((ts_recv, frame)) = self.next_frame() else { break };
            writer.write(ts_recv, frame)?;
            frames += 1;
        }
        writer.finish()?;
        Ok(frames)
    }

    /// Lets one order arrive; a depth update that is due before it goes first.
    fn step(&mut self) {
        self.flow.advance();
        if self.flow.now >= self.next_depth {
            self.push_depth();
        }
        self.flow.act();
        if self.flow.has_changed {
            self.note_change();
            self.push_trades();
            self.push_touch();
        }
    }

    fn note_change(&mut self) {
        self.update_id += 1 + self.delays.below(24);
        self.changed_at = self.flow.now;
    }

    /// Ends a frame: it reaches us after the latency, never before the frame sent before it.
    fn push(&mut self, start: usize, sent: Ns) {
        let delay = self.params.latency_ns + 0.1 * NS_PER_MS as f64 * self.delays.exponential();
        self.last_recv = self.last_recv.max(sent + delay as Ns);
        self.ready.push((self.last_recv, start..self.out.len()));
    }

    fn push_snapshot(&mut self) {
        let mut out = std::mem::take(&mut self.out);
        self.write_snapshot(&mut out);
        self.out = out;
        self.push(0, self.flow.now);
    }

    fn write_snapshot(&self, out: &mut Vec<u8>) {
        let Params { tick, lot, .. } = &self.params;
        let side = |side| self.flow.book.levels(side).map(|level| (level.price.0, level.size.0));
        Wire(out).text("{\"lastUpdateId\":").int(self.update_id);
        Wire(out).text(",\"E\":").time(self.flow.now).text(",\"T\":").time(self.changed_at);
        Wire(out).text(",\"bids\":").levels(tick, lot, side(Side::Buy));
        Wire(out).text(",\"asks\":").levels(tick, lot, side(Side::Sell)).text("}");
    }

    fn push_depth(&mut self) {
        let sent = self.next_depth;
        let intervals = (self.flow.now - sent) / self.params.depth_interval_ns + 1;
        self.next_depth += intervals * self.params.depth_interval_ns;
        if self.flow.changed.is_empty() {
            return;
        }
        let start = self.out.len();
        self.open("depth", sent, self.changed_at);
        let (first, last, previous) = (self.depth_update_id + 1, self.update_id, self.depth_update_id);
        let (bids, asks) = self.flow.take_changes();
        let Params { tick, lot, wire_symbol, .. } = &self.params;
        let mut wire = Wire(&mut self.out);
        wire.text(",\"s\":\"").text(wire_symbol).text("\",\"U\":").int(first).text(",\"u\":").int(last);
        wire.text(",\"pu\":").int(previous).text(",\"b\":").levels(tick, lot, bids.into_iter());
        wire.text(",\"a\":").levels(tick, lot, asks.into_iter()).text("}}");
        self.depth_update_id = last;
        self.push(start, sent);
    }

    /// `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":…,"T":…`
    fn open(&mut self, stream: &str, sent: Ns, changed: Ns) {
        let Params { stream_prefix, depth_interval_ns, .. } = &self.params;
        let mut wire = Wire(&mut self.out);
        wire.text("{\"stream\":\"").text(stream_prefix).text(stream);
        match stream {
            "depth" => {
                let interval = depth_interval_ns / NS_PER_MS;
                wire.text("@")
                    .int(interval.unsigned_abs())
                    .text("ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":")
            }
            _ => wire.text("\",\"data\":{\"e\":\"").text(stream).text("\",\"E\":"),
        };
        wire.time(sent).text(",\"T\":").time(changed);
    }

    fn push_trades(&mut self) {
        for at in 0..self.flow.trades.len() {
            let Trade { price, lots, taker } = self.flow.trades[at];
            let start = self.out.len();
            self.open("trade", self.flow.now, self.flow.now);
            let Params { tick, lot, wire_symbol, .. } = &self.params;
            let mut wire = Wire(&mut self.out);
            wire.text(",\"s\":\"").text(wire_symbol).text("\",\"t\":").int(self.trade_id);
            wire.text(",\"p\":").number(tick, price).text(",\"q\":").number(lot, lots);
            wire.text(",\"X\":\"MARKET\",\"m\":").text(if taker == Side::Buy { "false}}" } else { "true}}" });
            self.trade_id += 1;
            self.push(start, self.flow.now);
        }
    }

    fn push_touch(&mut self) {
        let book = &self.flow.book;
        let touch = book.best(Side::Buy).zip(book.best(Side::Sell));
        let Some((bid, ask)) = touch.filter(|_| touch != self.touch) else { return };
        self.touch = touch;
        let start = self.out.len();
        let Params { tick, lot, wire_symbol, stream_prefix, .. } = &self.params;
        let mut wire = Wire(&mut self.out);
        wire.text("{\"stream\":\"")
            .text(stream_prefix)
            .text("bookTicker\",\"data\":{\"e\":\"bookTicker\",\"u\":");
        wire.int(self.update_id).text(",\"s\":\"").text(wire_symbol);
        wire.text("\",\"b\":").number(tick, bid.price.0).text(",\"B\":").number(lot, bid.size.0);
        wire.text(",\"a\":").number(tick, ask.price.0).text(",\"A\":").number(lot, ask.size.0);
        wire.text(",\"T\":").time(self.flow.now).text(",\"E\":").time(self.flow.now).text("}}");
        self.push(start, self.flow.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(config: SynthConfig) -> SynthMarket {
        SynthMarket::new(config).unwrap()
    }

    fn frames(config: SynthConfig, count: usize) -> Vec<(Ns, Vec<u8>)> {
        let mut market = market(config);
        (0..count).map(|_| market.next_frame().map(|(ts, frame)| (ts, frame.to_vec())).unwrap()).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
        let of = |seed| frames(SynthConfig { seed, ..SynthConfig::default() }, 3000);
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn latency_moves_receive_times_only() {
        let slow = frames(SynthConfig { latency_ms: 50.0, ..SynthConfig::default() }, 2000);
        let fast = frames(SynthConfig { latency_ms: 1.0, ..SynthConfig::default() }, 2000);
        for ((slow_at, slow), (fast_at, fast)) in slow.iter().zip(&fast) {
            assert_eq!(slow, fast);
            assert!(slow_at > fast_at);
        }
    }

    #[test]
    fn the_book_is_never_crossed_and_never_thin() {
        for seed in 0..6 {
            let regime = Regime::ALL.get(seed as usize).copied();
            let mut market = market(SynthConfig { seed, regime, ..SynthConfig::default() });
            for _ in 0..30_000 {
                market.step();
                market.ready.clear();
                market.taken = 0;
                market.out.clear();
                assert!(!market.flow.book.is_crossed());
                assert!([Side::Buy, Side::Sell].iter().all(|&side| market.flow.book.len(side) >= 30));
            }
        }
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let error = |config| SynthMarket::new(config).unwrap_err().to_string();
        let base = SynthConfig::default;
        assert!(error(SynthConfig { rate: f64::NAN, ..base() }).starts_with("rate must be"));
        assert!(error(SynthConfig { levels: 1, ..base() }).starts_with("levels must be"));
        assert!(error(SynthConfig { symbol: "BTCUSDT".into(), ..base() }).starts_with("symbol must be"));
        assert!(error(SynthConfig { seconds: Some(0.0), ..base() }).starts_with("seconds must be"));
    }

    #[test]
    fn a_timed_market_ends() {
        let mut market = market(SynthConfig { seconds: Some(2.0), ..SynthConfig::default() });
        let mut count = 0;
        while market.next_frame().is_some() {
            count += 1;
        }
        assert!(count > 100, "{count}");
    }
}
