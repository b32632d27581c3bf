//! Which slots of a window are occupied, in two levels of words, so that the next one is a few instructions away.

use crate::mutants;

/// Slots in a window of ticks.
pub const WIDTH: usize = 1 << 14;
const WORDS: usize = WIDTH / 64;

/// One bit a slot, and one bit a word that is not zero.
#[derive(Clone, Debug)]
pub struct Bitmap {
    words: [u64; WORDS],
    summary: [u64; WORDS / 64],
}

impl Default for Bitmap {
    fn default() -> Self {
        Self { words: [0; WORDS], summary: [0; WORDS / 64] }
    }
}

impl Bitmap {
    /// Sets or clears the bit of a slot, which is below [`WIDTH`].
    #[inline(always)]
    pub fn write(&mut self, slot: usize, is_set: bool) {
        let (word, bit) = ((slot / 64) % WORDS, slot % 64);
        let old = self.words[word];
        // No branch on `is_set`: removals are as frequent as they are hard to predict.
        let mut new = (old & !(1 << bit)) | (u64::from(is_set) << bit);
        if mutants::is_on("ladder_bit_kept") {
            new |= old;
        }
        self.words[word] = new;
        if (old == 0) != (new == 0) {
            self.summary[word / 64] ^= 1 << (word % 64);
        }
    }

    /// The first occupied slot.
    #[inline]
    pub fn first(&self) -> Option<usize> {
        let at = self.summary.iter().position(|&word| word != 0)?;
        Some(self.lowest(at * 64 + self.summary[at].trailing_zeros() as usize))
    }

    /// The first occupied slot after `slot`.
    pub fn after(&self, slot: usize) -> Option<usize> {
        let word = slot / 64;
        let rest = self.words[word] & above(slot % 64);
        if rest != 0 {
            return Some(word * 64 + rest.trailing_zeros() as usize);
        }
        let mut at = word / 64;
        let mut rest = self.summary[at] & above(word % 64);
        while rest == 0 {
            at += 1;
            rest = *self.summary.get(at)?;
        }
        Some(self.lowest(at * 64 + rest.trailing_zeros() as usize))
    }

    /// Occupied slots, rising.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.first(), |&slot| self.after(slot))
    }

    /// Number of occupied slots.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no slot is occupied.
    pub fn is_empty(&self) -> bool {
        self.summary.iter().all(|&word| word == 0)
    }

    fn lowest(&self, word: usize) -> usize {
        word * 64 + self.words[word].trailing_zeros() as usize
    }
}

/// The bits above one.
const fn above(bit: usize) -> u64 {
    (!1_u64) << bit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_next_slot_across_words_and_summaries() {
        let mut bitmap = Bitmap::default();
        let slots = [0, 1, 63, 64, 127, 4_095, 4_096, 8_191, 12_345, WIDTH - 1];
        assert_eq!(bitmap.first(), None);
        for &slot in slots.iter().rev() {
            bitmap.write(slot, true);
            assert_eq!(bitmap.first(), Some(slot));
        }
        assert_eq!(bitmap.iter().collect::<Vec<_>>(), slots);
        assert_eq!(bitmap.len(), slots.len());
        for slot in slots {
            bitmap.write(slot, false);
            bitmap.write(slot, false);
        }
        assert!(bitmap.is_empty());
        assert_eq!(bitmap.iter().count(), 0);
    }
}
