//! Named switches that break one rule each, so that a suite which guards a rule can be shown to fail without it.
//!
//! They exist only with the `mutants` feature, where `ALIPES_MUTANT=<name>` turns one on for the whole process. In
//! every other build [`is_on`] is a constant `false` and the broken branch is not compiled. tests/mutants.toml lists
//! the names, the rule each one breaks and the suite that must notice.

/// Whether the named mutant is on.
#[cfg(not(feature = "mutants"))]
#[must_use]
#[inline(always)]
pub const fn is_on(_name: &str) -> bool {
    false
}

/// Whether the named mutant is on.
#[cfg(feature = "mutants")]
#[must_use]
pub fn is_on(name: &str) -> bool {
    use std::sync::OnceLock;
    static MUTANT: OnceLock<Option<String>> = OnceLock::new();
    MUTANT.get_or_init(|| std::env::var("ALIPES_MUTANT").ok()).as_deref() == Some(name)
}
