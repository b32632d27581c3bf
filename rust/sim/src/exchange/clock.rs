//! Venue time: what the venue's clock says when ours says t, and how far an instrument's data is complete.

use alipes_market::frame::Stream;
use alipes_market::mutants::is_on;
use alipes_market::types::Ns;

/// The watermark is never farther than this behind the highest time seen: a quiet stream does not stop the market.
pub const MOST_BEHIND: Ns = 250_000_000;

/// The venue's clock as seen from ours.
#[derive(Clone, Copy, Debug)]
pub struct VenueClock {
    measured: Option<Ns>,
    estimated: Ns,
    highest: Ns,
}

impl VenueClock {
    /// A clock with a measured offset (venue − ours), or one that is estimated from the data.
    #[must_use]
    pub const fn new(measured: Option<Ns>) -> Self {
        Self { measured, estimated: 0, highest: Ns::MIN }
    }

    /// Takes note of a delivered event.
    pub fn observe(&mut self, ts_event: Ns, ts_recv: Ns) {
        self.highest = self.highest.max(ts_event);
        self.estimated = self.estimated.max(ts_event.saturating_sub(ts_recv));
    }

    /// Venue clock minus ours: the measured one, else the largest `ts_event` − `ts_recv` so far, if positive.
    #[must_use]
    pub fn offset(&self) -> Ns {
        self.measured.unwrap_or(self.estimated)
    }

    /// Venue time at our time `t`: `max(t + offset, highest ts_event delivered)`.
    #[must_use]
    pub fn venue_time(&self, t: Ns) -> Ns {
        t.saturating_add(self.offset()).max(self.highest)
    }

    /// Our time at a venue time.
    #[must_use]
    pub fn local_time(&self, venue: Ns) -> Ns {
        venue.saturating_sub(self.offset())
    }
}

/// How far the data of one instrument is complete.
#[derive(Clone, Copy, Debug)]
pub struct Watermark {
    last: [Option<Ns>; 4],
    highest: Ns,
    value: Ns,
    /// Events that came later than the watermark allows.
    pub late: u64,
}

impl Default for Watermark {
    fn default() -> Self {
        Self { last: [None; 4], highest: Ns::MIN, value: Ns::MIN, late: 0 }
    }
}

impl Watermark {
    /// Takes note of an event and gives the time at which it is applied: its own, the highest seen where it has none,
    /// the watermark where it is late.
    pub fn stamp(&mut self, stream: Stream, ts_event: Option<Ns>) -> Ns {
        let Some(time) = ts_event else { return self.highest };
        let last = &mut self.last[stream as usize];
        *last = Some(last.map_or(time, |last| last.max(time)));
        self.highest = self.highest.max(time);
        if time < self.value {
            self.late += 1;
            return if is_on("sim_late_event") { time } else { self.value };
        }
        time
    }

    /// Moves on to the lowest last time over the streams that carry one, at most 250 ms behind the highest.
    pub fn advance(&mut self) -> Ns {
        let lowest = self.last.iter().flatten().min().copied().unwrap_or(Ns::MIN);
        let floor = self.highest.saturating_sub(MOST_BEHIND);
        self.value = self.value.max(lowest.max(floor));
        if is_on("sim_watermark") { self.highest } else { self.value }
    }

    /// Passes everything: no more data comes.
    pub const fn finish(&mut self) {
        self.value = Ns::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn venue_time_never_runs_behind_what_was_delivered() {
        let mut clock = VenueClock::new(None);
        assert_eq!(clock.venue_time(1_000), 1_000);
        clock.observe(1_500, 1_200);
        assert_eq!((clock.offset(), clock.venue_time(1_201), clock.local_time(1_501)), (300, 1_501, 1_201));
        clock.observe(9_000, 9_500);
        assert_eq!((clock.offset(), clock.venue_time(1_202)), (300, 9_000));
        assert_eq!(VenueClock::new(Some(-50)).venue_time(100), 50);
    }

    #[test]
    fn the_slowest_stream_holds_the_watermark_for_a_quarter_second_at_most() {
        let mut mark = Watermark::default();
        assert_eq!(mark.stamp(Stream::Touch, None), Ns::MIN);
        mark.stamp(Stream::Depth, Some(1_000_000_000));
        assert_eq!(mark.advance(), 1_000_000_000);
        mark.stamp(Stream::Depth, Some(1_100_000_000));
        mark.stamp(Stream::Trade, Some(1_050_000_000));
        assert_eq!(mark.advance(), 1_050_000_000);
        mark.stamp(Stream::Depth, Some(1_400_000_000));
        assert_eq!(mark.advance(), 1_150_000_000);
        assert_eq!(mark.stamp(Stream::Touch, None), 1_400_000_000);
        assert_eq!((mark.stamp(Stream::Trade, Some(1_149_999_999)), mark.late), (1_150_000_000, 1));
        assert_eq!((mark.stamp(Stream::Trade, Some(1_150_000_000)), mark.late), (1_150_000_000, 1));
    }
}
