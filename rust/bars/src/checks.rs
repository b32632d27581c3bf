//! What the numbers of bars must be: times in order and on one step, prices that can have been.
//!
//! Each rule is written once. Passes go block by block: a block of which all is well costs no more than reading it, one
//! of which something is not is gone through row by row. Knows nothing of where bars come from and of texts for people.

use crate::data::Ns;
use crate::eval::simd::simd;

/// Rows taken at once: they stay in the first cache, so that a second look costs nothing.
const BLOCK: usize = 512;

/// What a bar's prices and volume can break, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The open is a finite number above 0.
    Open,
    /// The high is.
    High,
    /// The low is.
    Low,
    /// The close is.
    Close,
    /// The high is not below the low.
    HighOverLow,
    /// The high is not below the open.
    HighOverOpen,
    /// The high is not below the close.
    HighOverClose,
    /// The low is not above the open.
    LowUnderOpen,
    /// The low is not above the close.
    LowUnderClose,
    /// The volume is a finite number, 0 or more.
    Volume,
}

impl Rule {
    /// All of them in order, with their names.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Open, "open"),
        (Self::High, "high"),
        (Self::Low, "low"),
        (Self::Close, "close"),
        (Self::HighOverLow, "high_over_low"),
        (Self::HighOverOpen, "high_over_open"),
        (Self::HighOverClose, "high_over_close"),
        (Self::LowUnderOpen, "low_under_open"),
        (Self::LowUnderClose, "low_under_close"),
        (Self::Volume, "volume"),
    ];
    /// Those from which the others follow: open and close between a low and a high that are prices are prices too.
    const ENOUGH: [Self; 7] = [
        Self::High,
        Self::Low,
        Self::HighOverOpen,
        Self::HighOverClose,
        Self::LowUnderOpen,
        Self::LowUnderClose,
        Self::Volume,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether a bar of open, high, low, close and volume keeps it; no bar does with a NaN that it looks at.
    #[inline(always)]
    fn holds(self, [open, high, low, close, volume]: [f64; 5]) -> bool {
        let is_price = |price: f64| (price > 0.0) & (price < f64::INFINITY);
        match self {
            Self::Open => is_price(open),
            Self::High => is_price(high),
            Self::Low => is_price(low),
            Self::Close => is_price(close),
            Self::HighOverLow => high >= low,
            Self::HighOverOpen => high >= open,
            Self::HighOverClose => high >= close,
            Self::LowUnderOpen => low <= open,
            Self::LowUnderClose => low <= close,
            Self::Volume => (0.0..f64::INFINITY).contains(&volume),
        }
    }
}

/// Open, high, low, close and volume of bars, each (n,).
pub type Numbers<'a> = [&'a [f64]; 5];

/// The first bar that breaks a rule, and the first rule that it breaks; None where all is well.
///
/// Bars beyond the shortest of the columns are not looked at.
#[must_use]
pub fn first_fault(numbers: Numbers<'_>) -> Option<(usize, Rule)> {
    let bars = numbers.iter().map(|column| column.len()).min().unwrap_or(0);
    (0..bars).step_by(BLOCK).find_map(|from| {
        let block = numbers.map(|column| &column[from..(from + BLOCK).min(bars)]);
        if are_sound(block) { None } else { fault_in(block).map(|(row, rule)| (from + row, rule)) }
    })
}

fn fault_in(block: Numbers<'_>) -> Option<(usize, Rule)> {
    (0..block[0].len()).find_map(|row| {
        let bar = block.map(|column| column[row]);
        Rule::ALL.iter().find(|(rule, _)| !rule.holds(bar)).map(|&(rule, _)| (row, rule))
    })
}

simd! {
    /// Whether all bars of a block, whose columns are of one length, keep all rules.
    fn are_sound(block: Numbers<'_>) -> bool {
        let bars = block[0].len();
        let [open, high, low, close, volume] = block.map(|column| &column[..bars]);
        // A whole number, as a bool would be taken apart lane by lane.
        let mut broken = 0_u64;
        for i in 0..bars {
            let bar = [open[i], high[i], low[i], close[i], volume[i]];
            let is_sound = Rule::ENOUGH.iter().fold(true, |so_far, rule| so_far & rule.holds(bar));
            broken |= u64::from(!is_sound);
        }
        broken == 0
    }
}

/// The smallest step between times that rise.
///
/// # Errors
/// The first row whose time is not before the next one's. Fewer than two times have no step and give the largest number.
pub fn smallest_step(ts: &[Ns]) -> Result<Ns, usize> {
    let mut smallest = Ns::MAX;
    for (from, block) in blocks(ts) {
        let (step, is_exact) = steps(block);
        if (step <= 0 || !is_exact)
            && let Some(row) = block.windows(2).position(|pair| pair[0] >= pair[1])
        {
            return Err(from + row);
        }
        smallest = smallest.min(step);
    }
    Ok(smallest)
}

/// Blocks that overlap by a row, so that each step is in one of them, with their first rows.
fn blocks(ts: &[Ns]) -> impl Iterator<Item = (usize, &[Ns])> {
    let steps = ts.len().saturating_sub(1);
    (0..steps).step_by(BLOCK).map(move |from| (from, &ts[from..=(from + BLOCK).min(steps)]))
}

simd! {
    /// The smallest step, and whether none can have overflowed, as no time is negative.
    fn steps(ts: &[Ns]) -> (Ns, bool) {
        let (mut smallest, mut bits) = (Ns::MAX, 0);
        for (&now, &next) in ts.iter().zip(&ts[1..]) {
            let step = next.wrapping_sub(now);
            smallest = if step < smallest { step } else { smallest };
            bits |= now | next;
        }
        (smallest, bits >= 0)
    }
}

/// The rows of rising times after which the step is not `step` (> 0) but a multiple of it.
///
/// # Errors
/// The first row after which it is no multiple.
pub fn gaps(ts: &[Ns], step: Ns) -> Result<Vec<i64>, usize> {
    let mut found = Vec::new();
    for (from, block) in blocks(ts).filter(|(_, block)| !is_even(block, step)) {
        for (row, pair) in (from..).zip(block.windows(2)) {
            match pair[1].wrapping_sub(pair[0]) {
                length if length == step => {}
                length if length % step == 0 => found.push(i64::try_from(row).unwrap_or(i64::MAX)),
                _ => return Err(row),
            }
        }
    }
    Ok(found)
}

simd! {
    /// Whether all steps are the same one.
    fn is_even(ts: &[Ns], step: Ns) -> bool {
        let mut is_odd = false;
        for (&now, &next) in ts.iter().zip(&ts[1..]) {
            is_odd |= next.wrapping_sub(now) != step;
        }
        !is_odd
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers around every edge of the rules.
    const EDGES: [f64; 9] =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -1.0, 5e-324, 2.0, f64::MAX];

    #[test]
    fn names_stand_in_the_order_of_the_rules() {
        for (at, (rule, name)) in Rule::ALL.into_iter().enumerate() {
            assert_eq!((rule as usize, rule.name()), (at, name));
        }
    }

    #[test]
    fn a_bar_keeps_all_rules_where_it_keeps_enough_of_them() {
        for code in 0..EDGES.len().pow(5) {
            let bar = [0, 1, 2, 3, 4].map(|place| EDGES[code / EDGES.len().pow(place) % EDGES.len()]);
            let keeps_all = Rule::ALL.iter().all(|(rule, _)| rule.holds(bar));
            let column = bar.map(|number| [number]);
            assert_eq!(are_sound(column.each_ref().map(|column| &column[..])), keeps_all, "{bar:?}");
        }
    }

    proptest! {
        #[test]
        fn times_are_those_of_a_plain_loop(
            start in prop_oneof![Just(Ns::MIN), Just(-40), Just(0), Just(Ns::MAX - 6_000)],
            odd in proptest::collection::vec((0_usize..1_200, 0_i64..5), 0..4),
        ) {
            let mut lengths = vec![2; 1_200];
            odd.iter().for_each(|&(at, length)| lengths[at] = length - 1);
            let mut ts = vec![start];
            lengths.iter().for_each(|length| ts.push(ts[ts.len() - 1].saturating_add(*length)));
            let steps: Vec<Ns> = ts.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let disorder = steps.iter().position(|&step| step <= 0);
            prop_assert_eq!(smallest_step(&ts).err(), disorder);
            if disorder.is_none() {
                prop_assert_eq!(smallest_step(&ts).ok(), steps.iter().copied().min());
                let gone = (0_i64..).zip(&steps).filter(|(_, step)| **step != 2).map(|(row, _)| row).collect();
                let off = steps.iter().position(|step| step % 2 != 0);
                prop_assert_eq!(gaps(&ts, 2), off.map_or(Ok(gone), Err));
            }
        }
    }
}
