//! Elementwise arithmetic over blocks. What is not finite becomes undefined.

use super::mask::{Mask, is_set};
use super::simd::simd;
use crate::graph::Op;
use crate::graph::fold;

#[inline(always)]
fn clean(value: f64) -> f64 {
    if value.abs() <= f64::MAX { value } else { f64::NAN }
}

#[inline(always)]
fn zip(a: &[f64], b: &[f64], out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        *out = clean(f(a, b));
    }
}

#[inline(always)]
fn map(a: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64) {
    for (out, &a) in out.iter_mut().zip(a) {
        *out = clean(f(a));
    }
}

simd! {
    /// A binary operator of two blocks of the same length.
    fn binary(op: Op, a: &[f64], b: &[f64], out: &mut [f64]) {
        match op {
            Op::Add => zip(a, b, out, |a, b| a + b),
            Op::Sub => zip(a, b, out, |a, b| a - b),
            Op::Mul => zip(a, b, out, |a, b| a * b),
            Op::Div => zip(a, b, out, |a, b| a / b),
            // Of two numbers; an undefined one makes both comparisons false and the sum undefined.
            Op::Min2 => zip(a, b, out, |a, b| if a < b { a } else if b <= a { b } else { a + b }),
            Op::Max2 => zip(a, b, out, |a, b| if a > b { a } else if b >= a { b } else { a + b }),
            _ => zip(a, b, out, f64::powf),
        }
    }
}
simd! {
    /// A unary operator.
    fn unary(op: Op, a: &[f64], out: &mut [f64]) {
        match op {
            Op::Neg => map(a, out, |a| -a),
            Op::Abs => map(a, out, f64::abs),
            Op::Log => map(a, out, f64::ln),
            Op::Exp => map(a, out, f64::exp),
            Op::Sqrt => map(a, out, f64::sqrt),
            _ => map(a, out, fold::sign),
        }
    }
}
simd! {
    /// Whether every value is defined.
    fn are_defined(a: &[f64]) -> bool {
        let mut groups = a.chunks_exact(16);
        let mut bad = [0.0_f64; 16];
        for group in groups.by_ref() {
            for (bad, value) in bad.iter_mut().zip(group) {
                *bad += value * 0.0;
            }
        }
        bad.iter().all(|value| !value.is_nan()) && groups.remainder().iter().all(|value| !value.is_nan())
    }
}

/// `out = if condition { a } else { b }`.
pub(crate) fn choose(condition: &Mask, a: &[f64], b: &[f64], out: &mut [f64]) {
    for (at, out) in out.iter_mut().enumerate() {
        *out = if is_set(&condition.yes, at) {
            a[at]
        } else if is_set(&condition.no, at) {
            b[at]
        } else {
            f64::NAN
        };
    }
}
