//! Three-valued conditions as pairs of bits: one says true, one says false, neither says undefined.

use alipes_market::mutants::is_on;

use super::compare::{different, equal, greater, greater_equal};

/// Conditions of a block. Bits beyond the block's length are zero.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// Where it is true.
    pub yes: Vec<u64>,
    /// Where it is false.
    pub no: Vec<u64>,
}

/// Words for so many bits.
#[must_use]
pub const fn words(bits: usize) -> usize {
    bits.div_ceil(64)
}

/// The bits of the last word of a block that belong to it.
const fn tail(len: usize) -> u64 {
    if len.is_multiple_of(64) { u64::MAX } else { (1 << (len % 64)) - 1 }
}

/// Bit `at` of words.
#[inline]
#[must_use]
pub fn is_set(words: &[u64], at: usize) -> bool {
    words[at / 64] >> (at % 64) & 1 == 1
}

/// Position of the first set bit in `from..to`, or `to`.
#[inline]
#[must_use]
pub fn next_set(word_at: impl Fn(usize) -> u64, from: usize, to: usize) -> usize {
    if from >= to {
        return to;
    }
    let last = (to - 1) / 64;
    let mut at = from / 64;
    let mut word = word_at(at) & (u64::MAX << (from % 64));
    while word == 0 {
        if at == last {
            return to;
        }
        at += 1;
        word = word_at(at);
    }
    (at * 64 + word.trailing_zeros() as usize).min(to)
}

impl Mask {
    /// A mask with room for so many bits.
    #[must_use]
    pub fn with_capacity(bits: usize) -> Self {
        Self { yes: vec![0; words(bits)], no: vec![0; words(bits)] }
    }

    /// The value at a bar.
    #[inline]
    #[must_use]
    pub fn at(&self, at: usize) -> Option<bool> {
        if is_set(&self.yes, at) {
            Some(true)
        } else if is_set(&self.no, at) {
            Some(false)
        } else {
            None
        }
    }

    /// Sets the value at a bar whose bits are zero.
    #[inline]
    pub fn set(&mut self, at: usize, value: Option<bool>) {
        let bit = 1 << (at % 64);
        match value {
            Some(true) => self.yes[at / 64] |= bit,
            Some(false) => self.no[at / 64] |= bit,
            None => {}
        }
    }

    /// Zeroes the words of a block.
    pub fn clear(&mut self, len: usize) {
        self.yes[..words(len)].fill(0);
        self.no[..words(len)].fill(0);
    }

    /// The same value on every bar.
    pub fn fill(&mut self, len: usize, value: Option<bool>) {
        self.clear(len);
        let side = match value {
            Some(true) => &mut self.yes,
            Some(false) => &mut self.no,
            None => return,
        };
        if len > 0 {
            side[..words(len)].fill(u64::MAX);
            side[words(len) - 1] = tail(len);
        }
    }

    /// `out = a and b`: false wins over undefined.
    pub fn and(&mut self, a: &Self, b: &Self, len: usize) {
        for word in 0..words(len) {
            self.yes[word] = a.yes[word] & b.yes[word];
            self.no[word] = a.no[word] | b.no[word];
        }
    }

    /// `out = a or b`: true wins over undefined.
    pub fn or(&mut self, a: &Self, b: &Self, len: usize) {
        for word in 0..words(len) {
            self.yes[word] = a.yes[word] | b.yes[word];
            self.no[word] = a.no[word] & b.no[word];
        }
    }

    /// `out = not a`.
    pub fn not(&mut self, a: &Self, len: usize) {
        if is_on("bars_two_valued") {
            self.defined(a, len);
            for word in 0..words(len) {
                (self.yes[word], self.no[word]) =
                    (!a.yes[word] & (self.yes[word] | self.no[word]), a.yes[word]);
            }
            return;
        }
        self.yes[..words(len)].copy_from_slice(&a.no[..words(len)]);
        self.no[..words(len)].copy_from_slice(&a.yes[..words(len)]);
    }

    /// `out` is whether `a` is defined.
    pub fn defined(&mut self, a: &Self, len: usize) {
        for word in 0..words(len) {
            let known = a.yes[word] | a.no[word];
            self.yes[word] = known;
            self.no[word] = !known;
        }
        if len > 0 {
            self.no[words(len) - 1] &= tail(len);
        }
    }

    /// `out = a > b`, undefined where one of them is.
    pub fn greater(&mut self, a: &[f64], b: &[f64], is_clean: bool) {
        greater(a, b, &mut self.yes);
        if is_clean {
            self.complement(a.len());
        } else {
            greater_equal(b, a, &mut self.no);
        }
    }

    /// `out = a == b`, undefined where one of them is.
    pub fn equal(&mut self, a: &[f64], b: &[f64], is_clean: bool) {
        equal(a, b, &mut self.yes);
        if is_clean {
            self.complement(a.len());
        } else {
            different(a, b, &mut self.no);
        }
    }

    /// `out` is whether the value is defined.
    pub fn defined_number(&mut self, a: &[f64]) {
        equal(a, a, &mut self.yes);
        self.complement(a.len());
    }

    fn complement(&mut self, len: usize) {
        for word in 0..words(len) {
            self.no[word] = !self.yes[word];
        }
        if len > 0 {
            self.no[words(len) - 1] &= tail(len);
        }
    }
}

/// The last bits of a mask, so that a later block can look back at them.
#[derive(Clone, Debug)]
pub struct Delay {
    by: usize,
    /// How many bars have been seen, at most `by`.
    yes: Vec<u64>,
    no: Vec<u64>,
    line: Vec<u64>,
}

impl Delay {
    /// A delay by so many bars.
    #[must_use]
    pub fn new(by: usize) -> Self {
        let held = vec![0; words(by)];
        Self { by, yes: held.clone(), no: held, line: Vec::new() }
    }

    /// `out` is `a` so many bars ago; undefined before.
    pub fn run(&mut self, a: &Mask, out: &mut Mask, len: usize) {
        shift(&mut self.yes, &mut self.line, &a.yes, &mut out.yes, self.by, len);
        shift(&mut self.no, &mut self.line, &a.no, &mut out.no, self.by, len);
    }
}

/// Takes `len` bits in behind the held ones, gives the first `len` of them out and holds the last `by`.
fn shift(held: &mut [u64], line: &mut Vec<u64>, a: &[u64], out: &mut [u64], by: usize, len: usize) {
    if by == 1 {
        let mut carry = held[0];
        for (out, &a) in out.iter_mut().zip(a).take(words(len)) {
            *out = a << 1 | carry;
            carry = a >> 63;
        }
        if len > 0 {
            held[0] = a[(len - 1) / 64] >> ((len - 1) % 64) & 1;
            out[words(len) - 1] &= tail(len);
        }
        return;
    }
    line.clear();
    line.extend_from_slice(held);
    line.resize(words(by + len) + 1, 0);
    for (at, &word) in a.iter().take(words(len)).enumerate() {
        let place = by + at * 64;
        line[place / 64] |= word << (place % 64);
        if !place.is_multiple_of(64) {
            line[place / 64 + 1] |= word >> (64 - place % 64);
        }
    }
    out[..words(len)].copy_from_slice(&line[..words(len)]);
    if len > 0 {
        out[words(len) - 1] &= tail(len);
    }
    for (at, held) in held.iter_mut().enumerate() {
        *held = bits_from(line, len + at * 64);
    }
    if let Some(last) = held.last_mut() {
        *last &= tail(by);
    }
}

fn bits_from(line: &[u64], from: usize) -> u64 {
    let word = |at: usize| line.get(at).copied().unwrap_or(0);
    let low = word(from / 64) >> (from % 64);
    if from.is_multiple_of(64) { low } else { low | word(from / 64 + 1) << (64 - from % 64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(values: &[Option<bool>]) -> Mask {
        let mut mask = Mask::with_capacity(values.len());
        for (at, &value) in values.iter().enumerate() {
            mask.set(at, value);
        }
        mask
    }

    fn any_bits() -> impl Strategy<Value = Vec<Option<bool>>> {
        proptest::collection::vec(proptest::option::of(any::<bool>()), 1..400)
    }

    proptest! {
        #[test]
        fn a_delay_gives_what_was_there_so_many_bars_ago_whatever_the_blocks(
            values in any_bits(), by in 1_usize..150, cuts in proptest::collection::vec(1_usize..130, 1..30),
        ) {
            let (mut delay, mut at, mut got) = (Delay::new(by), 0, Vec::new());
            for cut in cuts.iter().cycle() {
                let end = (at + cut).min(values.len());
                let block = mask(&values[at..end]);
                let mut out = Mask::with_capacity(end - at);
                delay.run(&block, &mut out, end - at);
                got.extend((0..end - at).map(|k| out.at(k)));
                at = end;
                if at == values.len() { break; }
            }
            let expected: Vec<_> =
                (0..values.len()).map(|k| if k < by { None } else { values[k - by] }).collect();
            prop_assert_eq!(got, expected);
        }

        #[test]
        fn comparisons_are_those_of_the_numbers_and_undefined_where_one_is(
            pairs in proptest::collection::vec((0_i8..4, 0_i8..4), 1..200),
        ) {
            let number = |n: i8| if n == 0 { f64::NAN } else { f64::from(n) };
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(a, b)| (number(a), number(b))).unzip();
            let mut out = Mask::with_capacity(a.len());
            out.greater(&a, &b, false);
            for (at, (a, b)) in a.iter().zip(&b).enumerate() {
                let expected = if a.is_nan() || b.is_nan() { None } else { Some(a > b) };
                prop_assert_eq!(out.at(at), expected);
            }
            out.equal(&a, &b, false);
            for (at, (a, b)) in a.iter().zip(&b).enumerate() {
                #[allow(clippy::float_cmp)]
                let expected = if a.is_nan() || b.is_nan() { None } else { Some(a == b) };
                prop_assert_eq!(out.at(at), expected);
            }
        }

        #[test]
        fn the_next_set_bit_is_found_or_the_end(bits in any_bits(), from in 0_usize..400) {
            let found = mask(&bits);
            let expected = (from..bits.len()).find(|&k| bits[k] == Some(true)).unwrap_or(bits.len().max(from));
            let to = bits.len();
            prop_assert_eq!(next_set(|w| found.yes[w], from.min(to), to), expected.min(to));
        }
    }
}
