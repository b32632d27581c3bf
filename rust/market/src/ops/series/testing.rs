//! What every operator is held to, and the series it is tried on.

use super::{Epoch, Operator, Span, epochs};
use proptest::prelude::*;

pub const STEP: i64 = 60;

/// Time stamps and values.
#[derive(Clone, Debug)]
pub struct Series {
    pub ts: Vec<i64>,
    pub values: Vec<Vec<f64>>,
}

/// What a value is to the one before it.
#[derive(Clone, Copy, Debug)]
enum Move {
    Step(f64),
    Same,
    Undefined,
    Infinite,
    Spike(f64),
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        60 => (-1.0..1.0_f64).prop_map(Move::Step),
        30 => Just(Move::Same),
        1 => Just(Move::Undefined),
        1 => Just(Move::Infinite),
        1 => (-1e6..1e6_f64).prop_map(Move::Spike),
    ]
}

fn values(bars: usize) -> impl Strategy<Value = Vec<f64>> {
    let level = prop_oneof![Just(0.0), Just(1e5), -10.0..10.0_f64];
    let scale = prop_oneof![Just(1.0), Just(1e-3)];
    // Undefined values in half of the series only: long windows need long defined stretches.
    (level, scale, any::<bool>(), proptest::collection::vec(moves(), bars)).prop_map(
        |(level, scale, is_clean, moves)| {
            let (mut now, mut previous) = (level, level);
            let value = |step| {
                let next = match step {
                    Move::Step(step) => {
                        now += step * scale;
                        now
                    }
                    Move::Undefined if !is_clean => f64::NAN,
                    Move::Infinite if !is_clean => f64::INFINITY,
                    Move::Spike(size) if !is_clean => now + size,
                    _ => previous,
                };
                previous = next;
                next
            };
            moves.into_iter().map(value).collect()
        },
    )
}

/// Random walks with flat stretches, undefined values, spikes and gaps.
pub fn series(inputs: usize) -> impl Strategy<Value = Series> {
    (1_usize..900, -400_i64..400, any::<bool>()).prop_flat_map(move |(bars, first, has_gaps)| {
        let gaps = proptest::collection::vec(prop_oneof![40 => Just(1_i64), 1 => 2_i64..300], bars);
        (gaps, proptest::collection::vec(values(bars), inputs)).prop_map(move |(gaps, values)| {
            let mut at = first;
            let stamp = |gap: i64| {
                at += if has_gaps { gap } else { 1 };
                at * STEP + 7
            };
            Series { ts: gaps.into_iter().map(stamp).collect(), values }
        })
    })
}

/// Runs an operator over bars `from..to` in blocks of a size, with no more history than promised.
pub fn run(operator: &mut dyn Operator, series: &Series, from: usize, to: usize, size: usize) -> Vec<f64> {
    let (mut out, mut marks): (_, Vec<Epoch>) = (vec![7.7; to - from], Vec::new());
    let mut start = from;
    while start < to {
        let end = to.min(start + size);
        epochs(&series.ts[start..end], STEP, &mut marks);
        let history = start.saturating_sub(operator.lookback()).max(from);
        let inputs: Vec<&[f64]> = series.values.iter().map(|values| &values[history..end]).collect();
        operator.run(&Span { len: end - start, epochs: &marks }, &inputs, &mut out[start - from..end - from]);
        start = end;
    }
    out
}

pub fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Block size changes no bit, and neither do later bars.
pub fn assert_blocks_change_nothing(make: &dyn Fn() -> Box<dyn Operator>, series: &Series) {
    let bars = series.ts.len();
    let whole = run(&mut *make(), series, 0, bars, bars);
    for size in [1, 7, 64, 1_000] {
        assert_eq!(bits(&run(&mut *make(), series, 0, bars, size)), bits(&whole), "blocks of {size}");
    }
    let half = bars / 2;
    assert_eq!(bits(&run(&mut *make(), series, 0, half, 64)), bits(&whole[..half]), "later bars matter");
    assert!(whole.iter().all(|value| !value.is_infinite()), "an infinite result");
}

/// Data that starts later gives the same bits from the first bar whose stamp is a multiple of K(n) steps.
pub fn assert_start_is_forgotten(
    make: &dyn Fn() -> Box<dyn Operator>,
    series: &Series,
    n: usize,
    from: usize,
) {
    let bars = series.ts.len();
    let every = i64::try_from(n.next_power_of_two().max(256)).unwrap();
    let Some(fixed) = (from..bars).find(|bar| series.ts[*bar].div_euclid(STEP) % every == 0) else { return };
    let same = fixed.max(from + n - 1).min(bars);
    let early = run(&mut *make(), series, 0, bars, 100);
    let late = run(&mut *make(), series, from, bars, 100);
    assert_eq!(bits(&early[same..]), bits(&late[same - from..]), "from {from}, fixed {fixed}");
}

/// The operator against a function of the last n values of every input, NaN where one of them is not finite.
pub fn assert_window(
    operator: &mut dyn Operator,
    series: &Series,
    n: usize,
    expected: impl Fn(&[&[f64]]) -> f64,
    close: impl Fn(f64, f64, &[&[f64]]) -> bool,
) {
    let bars = series.ts.len();
    let found = run(operator, series, 0, bars, 64);
    for (bar, found) in found.iter().enumerate() {
        let windows: Vec<&[f64]> =
            series.values.iter().map(|all| &all[(bar + 1).saturating_sub(n)..=bar]).collect();
        let is_defined = bar + 1 >= n && windows.iter().all(|values| values.iter().all(|v| v.is_finite()));
        let wanted = if is_defined { expected(&windows) } else { f64::NAN };
        let is_same = if wanted.is_nan() { found.is_nan() } else { close(*found, wanted, &windows) };
        assert!(is_same, "bar {bar}: {found}, expected {wanted}");
    }
}

/// Relative to the greatest value of the window.
pub fn within(tolerance: f64) -> impl Fn(f64, f64, &[&[f64]]) -> bool {
    move |found, wanted, windows| {
        let scale = windows.iter().flat_map(|w| w.iter()).fold(0.0_f64, |scale, v| scale.max(v.abs()));
        (found - wanted).abs() <= tolerance * scale
    }
}
