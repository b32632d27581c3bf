//! Arithmetic on constants: what does not depend on a bar is computed once.

use super::op::Op;

/// The number that an elementwise operator gives; not finite means undefined, as everywhere.
#[must_use]
pub(crate) fn number(op: Op, a: f64, b: f64) -> Option<f64> {
    let value = match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Pow => a.powf(b),
        Op::Min2 => pick(a, b, a < b),
        Op::Max2 => pick(a, b, a > b),
        Op::Neg => -a,
        Op::Abs => a.abs(),
        Op::Log => a.ln(),
        Op::Exp => a.exp(),
        Op::Sqrt => a.sqrt(),
        Op::Sign => sign(a),
        _ => return None,
    };
    Some(if value.is_finite() { value } else { f64::NAN })
}

fn pick(a: f64, b: f64, takes_first: bool) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if takes_first {
        a
    } else {
        b
    }
}

/// −1, 0 or 1; undefined stays so.
#[inline]
pub(crate) fn sign(a: f64) -> f64 {
    if a > 0.0 {
        1.0
    } else if a < 0.0 {
        -1.0
    } else {
        a * 0.0
    }
}

/// The truth of a comparison; `None` where an operand is undefined.
#[must_use]
pub(crate) fn truth(op: Op, a: f64, b: f64) -> Option<bool> {
    if a.is_nan() || b.is_nan() {
        return None;
    }
    #[allow(clippy::float_cmp, reason = "equality is what was asked for")]
    Some(match op {
        Op::Gt => a > b,
        Op::Lt => a < b,
        Op::Ge => a >= b,
        Op::Le => a <= b,
        Op::Eq => a == b,
        _ => a != b,
    })
}
