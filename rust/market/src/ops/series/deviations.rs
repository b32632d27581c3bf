//! Sum of squared deviations over a short window, from the values of each window alone.

/// Windows above this are summed up faster in two parts.
pub(super) const LONGEST: usize = 24;

/// Windows that are worked on at a time.
const LANES: usize = 8;

/// Writes a function of the sum of squared deviations of the last n values, NaN where there are fewer.
#[inline]
pub(super) fn run(n: usize, values: &[f64], out: &mut [f64], result: impl Fn(f64) -> f64) {
    let history = values.len() - out.len();
    let early = (n - 1).saturating_sub(history).min(out.len());
    let (unknown, out) = out.split_at_mut(early);
    unknown.fill(f64::NAN);
    let first = (history + early + 1).saturating_sub(n);
    let (eights, rest) = out.as_chunks_mut::<LANES>();
    let mut start = first;
    for eight in eights {
        *eight = squares::<LANES>(n, &values[start..]).map(&result);
        start += LANES;
    }
    for out in rest {
        let [squares] = squares::<1>(n, &values[start..]);
        *out = result(squares);
        start += 1;
    }
}

/// Squared deviations of windows next to each other, the first of which begins with the first value. Values count relative to the
/// oldest of their window.
#[inline(always)]
fn squares<const N: usize>(n: usize, values: &[f64]) -> [f64; N] {
    let mut pivots = [0.0; N];
    pivots.copy_from_slice(&values[..N]);
    let (mut sums, mut squares) = ([0.0; N], [0.0; N]);
    for row in values[..n + N - 1].windows(N) {
        for k in 0..N {
            let apart = row[k] - pivots[k];
            sums[k] += apart;
            squares[k] += apart * apart;
        }
    }
    let inverse = 1.0 / n as f64;
    for k in 0..N {
        let all = squares[k] - sums[k] * sums[k] * inverse;
        squares[k] = if all < 0.0 { 0.0 } else { all };
    }
    squares
}
