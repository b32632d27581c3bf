//! Compiles a kernel twice, for every x86-64 and for AVX2, and picks at run time. Neither contracts or reorders
//! floating-point operations, so both give the same bits.

/// Whether the wide version may run.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn is_wide() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2")
}

/// `simd! { fn name(arguments) -> result { body } }`
macro_rules! simd {
    ($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$meta])*
        #[inline]
        pub(crate) fn $name($($arg: $type),*) $(-> $result)? {
            #[inline(always)]
            fn plain($($arg: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
                fn wide($($arg: $type),*) $(-> $result)? {
                    plain($($arg),*)
                }
                if $crate::eval::simd::is_wide() {
                    // SAFETY: the processor has the features, as was just asked.
                    #[allow(unsafe_code, reason = "twice as many lanes a step; benches/bench_bars.py")]
                    return unsafe { wide($($arg),*) };
                }
            }
            plain($($arg),*)
        }
    };
}
pub(crate) use simd;
