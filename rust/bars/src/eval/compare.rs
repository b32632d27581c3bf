//! Comparisons of two blocks, a bit a bar.

use super::simd::is_wide;

/// A comparison, as a function and as the processor's code for it; false where an operand is undefined.
trait Comparison {
    /// Predicate of `_mm256_cmp_pd`.
    const CODE: i32;

    fn holds(a: f64, b: f64) -> bool;
}

macro_rules! comparison {
    ($(#[$meta:meta])* $name:ident $type:ident $code:literal $holds:expr) => {
        struct $type;

        impl Comparison for $type {
            const CODE: i32 = $code;

            #[inline(always)]
            #[allow(clippy::float_cmp, reason = "equality is what was asked for")]
            fn holds(a: f64, b: f64) -> bool {
                let holds: fn(f64, f64) -> bool = $holds;
                holds(a, b)
            }
        }

        $(#[$meta])*
        pub(super) fn $name(a: &[f64], b: &[f64], out: &mut [u64]) {
            compare::<$type>(a, b, out);
        }
    };
}

// Ordered, quiet predicates: _CMP_GT_OQ, _CMP_GE_OQ, _CMP_EQ_OQ, _CMP_NEQ_OQ.
comparison! { #[doc = "Where `a > b`."] greater Greater 0x1E |a, b| a > b }
comparison! { #[doc = "Where `a >= b`."] greater_equal GreaterEqual 0x1D |a, b| a >= b }
comparison! { #[doc = "Where `a == b`."] equal Equal 0x00 |a, b| a == b }
comparison! { #[doc = "Where `a` and `b` are defined and differ."] different Different 0x0C |a, b| !a.is_nan() && !b.is_nan() && a != b }

fn compare<C: Comparison>(a: &[f64], b: &[f64], out: &mut [u64]) {
    let (a_words, a_rest) = a.as_chunks::<64>();
    let (b_words, b_rest) = b.as_chunks::<64>();
    whole_words::<C>(a_words, b_words, out);
    if !a_rest.is_empty() {
        let pairs = a_rest.iter().zip(b_rest).enumerate();
        out[a_words.len()] = pairs.fold(0, |bits, (at, (&a, &b))| bits | u64::from(C::holds(a, b)) << at);
    }
}

fn whole_words<C: Comparison>(a: &[[f64; 64]], b: &[[f64; 64]], out: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if is_wide() {
        // SAFETY: the processor has AVX2, as was just asked.
        #[allow(unsafe_code, reason = "four comparisons an instruction; benches/sweep.rs")]
        return unsafe { wide::whole_words::<C>(a, b, out) };
    }
    for ((a, b), out) in a.iter().zip(b).zip(out) {
        let pairs = a.iter().zip(b).enumerate();
        *out = pairs.fold(0, |bits, (at, (&a, &b))| bits | u64::from(C::holds(a, b)) << at);
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{Comparison, Different, Equal, Greater, GreaterEqual};
    use std::arch::x86_64::{__m256d, _mm256_cmp_pd, _mm256_movemask_pd, _mm256_set_pd};

    #[target_feature(enable = "avx2")]
    pub(super) fn whole_words<C: Comparison>(a: &[[f64; 64]], b: &[[f64; 64]], out: &mut [u64]) {
        for ((a, b), out) in a.iter().zip(b).zip(out) {
            *out = word::<C>(a, b);
        }
    }

    /// Sixteen comparisons written out at a time: a loop over fours costs as much again.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn word<C: Comparison>(a: &[f64; 64], b: &[f64; 64]) -> u64 {
        let (a, _) = a.as_chunks::<16>();
        let (b, _) = b.as_chunks::<16>();
        let mut word = 0;
        for at in 0..4 {
            let (a, _) = a[at].as_chunks::<4>();
            let (b, _) = b[at].as_chunks::<4>();
            let bits = |at: usize| four::<C>(load(&a[at]), load(&b[at]));
            word |= (bits(0) | bits(1) << 4 | bits(2) << 8 | bits(3) << 12) << (16 * at);
        }
        word
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(four: &[f64; 4]) -> __m256d {
        _mm256_set_pd(four[3], four[2], four[1], four[0])
    }

    /// Four comparisons as four bits. The predicate must be a literal, which a generic constant is not.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn four<C: Comparison>(a: __m256d, b: __m256d) -> u64 {
        let found = match C::CODE {
            Greater::CODE => _mm256_cmp_pd::<{ Greater::CODE }>(a, b),
            GreaterEqual::CODE => _mm256_cmp_pd::<{ GreaterEqual::CODE }>(a, b),
            Equal::CODE => _mm256_cmp_pd::<{ Equal::CODE }>(a, b),
            _ => _mm256_cmp_pd::<{ Different::CODE }>(a, b),
        };
        u64::from(_mm256_movemask_pd(found).cast_unsigned())
    }
}
