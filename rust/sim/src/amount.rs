//! Exact arithmetic on amounts of money: sums, comparisons and divisions with a stated rounding.

use alipes_market::decimal::Decimal;
use alipes_market::mutants::is_on;
use std::cmp::Ordering;

/// The exact sum, `None` where it needs more than 128 bits.
#[must_use]
pub fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b, decimals) = aligned(a, b)?;
    Some(Decimal::new(a.checked_add(b)?, decimals))
}

/// How two amounts compare, `None` where that needs more than 128 bits.
#[must_use]
pub fn compare(a: Decimal, b: Decimal) -> Option<Ordering> {
    let (a, b, _) = aligned(a, b)?;
    Some(a.cmp(&b))
}

/// The amount with its sign changed.
#[must_use]
pub const fn negated(a: Decimal) -> Decimal {
    Decimal { mantissa: -a.mantissa, decimals: a.decimals }
}

fn aligned(a: Decimal, b: Decimal) -> Option<(i128, i128, u32)> {
    let decimals = a.decimals.max(b.decimals);
    let scale = |n: Decimal| n.mantissa.checked_mul(power(decimals - n.decimals)?);
    Some((scale(a)?, scale(b)?, decimals))
}

/// A power of ten.
#[must_use]
pub const fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// `n / d` to the nearest whole number, halves to the even neighbour. `d` is positive.
#[must_use]
pub fn half_even(n: i128, d: i128) -> Option<i128> {
    let (floor, rest) = (n.checked_div_euclid(d)?, n.rem_euclid(d));
    round_half_even(floor, rest, d)
}

/// `n / d` to the nearest whole number, halves up. `d` is positive.
#[must_use]
pub fn half_up(n: i128, d: i128) -> Option<i128> {
    let (floor, rest) = (n.checked_div_euclid(d)?, n.rem_euclid(d));
    floor.checked_add(i128::from(rest >= d - rest))
}

/// `a × part / whole` for 0 ≤ part ≤ whole, halves to the even neighbour, with a product of any length.
#[must_use]
pub fn share(a: i128, part: i128, whole: i128) -> Option<i128> {
    if let Some(product) = a.checked_mul(part) {
        return half_even(product, whole);
    }
    let (quotient, rest) = (a.div_euclid(whole), a.rem_euclid(whole));
    let (more, rest) = long_share(rest.unsigned_abs(), part.unsigned_abs(), whole.unsigned_abs());
    let floor = quotient.checked_mul(part)?.checked_add(i128::try_from(more).ok()?)?;
    round_half_even(floor, i128::try_from(rest).ok()?, whole)
}

/// Quotient and remainder of `a × b / d` for a, b ≤ d < 2^127: long multiplication, reduced at every bit of `b`.
fn long_share(a: u128, b: u128, d: u128) -> (u128, u128) {
    let reduced = |rest: u128| if rest >= d { (rest - d, 1) } else { (rest, 0) };
    let (mut quotient, mut rest) = (0, 0);
    for bit in (0..u128::BITS - b.leading_zeros()).rev() {
        let (doubled, carry) = reduced(2 * rest);
        let (next, more) = reduced(doubled + if b >> bit & 1 == 1 { a } else { 0 });
        (quotient, rest) = (2 * quotient + carry + more, next);
    }
    (quotient, rest)
}

fn round_half_even(floor: i128, rest: i128, d: i128) -> Option<i128> {
    let up = match rest.cmp(&(d - rest)) {
        Ordering::Less => false,
        Ordering::Equal => floor.rem_euclid(2) == 1,
        Ordering::Greater => true,
    };
    let up = up && !is_on("account_cost_rounding");
    floor.checked_add(i128::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_neighbour_or_up() {
        assert_eq!([5, 7, -5, -7].map(|n| half_even(n, 2)), [2, 4, -2, -4].map(Some));
        assert_eq!([5, 7, -5, -7].map(|n| half_up(n, 2)), [3, 4, -2, -3].map(Some));
    }

    #[test]
    fn amounts_of_different_decimals_add_exactly() {
        let (a, b) = (Decimal::new(15, 1), Decimal::new(-1_499, 3));
        assert_eq!(sum(a, b), Some(Decimal::new(1, 3)));
        assert_eq!(compare(a, b), Some(Ordering::Greater));
    }

    proptest! {
        #[test]
        fn a_long_share_equals_the_short_one(a in any::<i64>(), whole in 1..=i64::MAX, part in 0..=i64::MAX) {
            let (a, whole, part) = (i128::from(a), i128::from(whole), i128::from(part.min(whole)));
            let (rest, quotient) = (a.rem_euclid(whole), a.div_euclid(whole));
            let (more, left) = long_share(rest.unsigned_abs(), part.unsigned_abs(), whole.unsigned_abs());
            let floor = quotient * part + i128::try_from(more).unwrap();
            prop_assert_eq!(Some(floor), (a * part).checked_div_euclid(whole));
            prop_assert_eq!(i128::try_from(left).unwrap(), (a * part).rem_euclid(whole));
        }
    }
}
