//! Operators that remember a number or two between blocks.

use super::mask::{Mask, is_set};

/// A running sum that restarts where a condition is true.
#[derive(Clone, Debug, Default)]
pub struct SumSince {
    sum: Option<f64>,
}

impl SumSince {
    /// Evaluates a block; undefined before the first restart, and where the value is undefined.
    pub fn run(&mut self, values: &[f64], reset: &Mask, out: &mut [f64]) {
        for (at, (out, &value)) in out.iter_mut().zip(values).enumerate() {
            if is_set(&reset.yes, at) {
                self.sum = Some(0.0);
            }
            let Some(sum) = &mut self.sum else {
                *out = f64::NAN;
                continue;
            };
            *out = value + *sum;
            if value.is_nan() {
                *out = f64::NAN;
            } else {
                *sum += value;
            }
        }
    }
}

/// Bars since a condition was last true.
#[derive(Clone, Debug, Default)]
pub struct BarsSince {
    count: Option<u64>,
}

impl BarsSince {
    /// Evaluates a block of so many bars: 0 where it is true now, undefined before the first time.
    #[allow(clippy::cast_precision_loss, reason = "a number of bars")]
    pub fn run(&mut self, condition: &Mask, out: &mut [f64]) {
        for (at, out) in out.iter_mut().enumerate() {
            self.count = if is_set(&condition.yes, at) { Some(0) } else { self.count.map(|count| count + 1) };
            *out = self.count.map_or(f64::NAN, |count| count as f64);
        }
    }
}

/// The value when a condition was last true.
#[derive(Clone, Debug)]
pub struct ValueWhen {
    value: f64,
}

impl Default for ValueWhen {
    fn default() -> Self {
        Self { value: f64::NAN }
    }
}

impl ValueWhen {
    /// Evaluates a block.
    pub fn run(&mut self, condition: &Mask, values: &[f64], out: &mut [f64]) {
        for (at, (out, &value)) in out.iter_mut().zip(values).enumerate() {
            if is_set(&condition.yes, at) {
                self.value = value;
            }
            *out = self.value;
        }
    }
}

const WEEK: i64 = 7 * DAY;
const DAY: i64 = 86_400_000_000_000;
const MINUTE: i64 = 60_000_000_000;
/// 1970-01-05, a Monday.
const MONDAY: i64 = 4 * DAY;

/// Number of the bucket that a time falls in: buckets are anchored at 1970, those of whole weeks on a Monday (B16).
#[must_use]
pub const fn bucket(ts: i64, length: i64) -> i64 {
    if length % WEEK == 0 { (ts - MONDAY).div_euclid(length) } else { ts.div_euclid(length) }
}

/// When a bucket starts.
#[must_use]
pub const fn bucket_start(bucket: i64, length: i64) -> i64 {
    if length % WEEK == 0 { bucket * length + MONDAY } else { bucket * length }
}

/// Whether a bar is the first of its bucket. The data's first bar is, where it lies at the start of its bucket.
#[derive(Clone, Debug)]
pub struct NewBucket {
    length: i64,
    last: Option<i64>,
}

impl NewBucket {
    /// Buckets of so many ns, > 0.
    #[must_use]
    pub const fn new(length: i64) -> Self {
        Self { length, last: None }
    }

    /// Evaluates a block.
    pub fn run(&mut self, ts: &[i64], out: &mut Mask) {
        out.clear(ts.len());
        for (at, &ts) in ts.iter().enumerate() {
            let now = bucket(ts, self.length);
            let is_new = match self.last {
                Some(last) => now != last,
                None => ts == bucket_start(now, self.length),
            };
            self.last = Some(now);
            out.set(at, Some(is_new));
        }
    }
}

/// A field of the open time, UTC.
#[allow(clippy::cast_precision_loss, reason = "small numbers")]
pub fn time_field(op: crate::graph::Op, ts: &[i64], out: &mut [f64]) {
    use crate::graph::Op;
    for (out, &ts) in out.iter_mut().zip(ts) {
        let minutes = ts.div_euclid(MINUTE);
        *out = match op {
            Op::Hour => minutes.rem_euclid(1440).div_euclid(60) as f64,
            Op::Minute => minutes.rem_euclid(60) as f64,
            _ => (ts - MONDAY).div_euclid(DAY).rem_euclid(7) as f64,
        };
    }
}
