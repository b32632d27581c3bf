//! Short windows: folds of 1, 2, 4, … neighbours, put together.
//!
//! The result depends on the values of the window only, so there are no joints and no state.

use super::fold::Join;
use std::marker::PhantomData;

/// Bars that are worked on at a time.
const CHUNK: usize = 256;

/// The fold of the last n values, n at most [`Ladder::LONGEST`].
#[derive(Clone, Debug)]
pub(super) struct Ladder<J> {
    n: usize,
    /// Folds of neighbours, from each value on.
    rung: Vec<f64>,
    /// The same of twice as many.
    next: Vec<f64>,
    /// Folds of the window's first values.
    folded: Vec<f64>,
    join: PhantomData<J>,
}

impl<J: Join> Ladder<J> {
    /// Windows above this are folded faster in two parts.
    pub const LONGEST: usize = 32;

    pub fn new(n: usize) -> Self {
        let rung = vec![f64::NAN; CHUNK + n];
        Self { n, next: rung.clone(), rung, folded: vec![f64::NAN; CHUNK], join: PhantomData }
    }

    /// Earlier values that it needs.
    pub const fn lookback(&self) -> usize {
        self.n - 1
    }

    /// Writes a function of the fold at each of the last `out.len()` values; the fold of a window that begins
    /// before the first value is NaN or that of its known part.
    #[inline]
    pub fn run(&mut self, values: &[f64], out: &mut [f64], result: impl Fn(f64) -> f64) {
        let mut end = values.len() - out.len();
        for out in out.chunks_mut(CHUNK) {
            end += out.len();
            let (wanted, known) = (out.len() + self.n - 1, &values[..end]);
            let missing = wanted.saturating_sub(known.len());
            self.rung[..missing].fill(f64::NAN);
            self.rung[missing..wanted].copy_from_slice(&known[known.len() + missing - wanted..]);
            self.climb(out, &result);
        }
    }

    #[inline]
    fn climb(&mut self, out: &mut [f64], result: &impl Fn(f64) -> f64) {
        let (len, mut covered, mut width) = (out.len(), 0, 1);
        loop {
            let is_top = width * 2 > self.n;
            let rung = &self.rung[covered..covered + len];
            if is_top && covered == 0 {
                out.iter_mut().zip(rung).for_each(|(out, last)| *out = result(*last));
            } else if is_top {
                let both = self.folded.iter().zip(rung);
                out.iter_mut()
                    .zip(both)
                    .for_each(|(out, (first, last))| *out = result(J::join(*first, *last)));
            } else if self.n & width != 0 && covered == 0 {
                self.folded[..len].copy_from_slice(rung);
            } else if self.n & width != 0 {
                self.folded.iter_mut().zip(rung).for_each(|(first, next)| *first = J::join(*first, *next));
            }
            if is_top {
                return;
            }
            covered += self.n & width;
            self.double(len + self.n - 2 * width, width);
            width *= 2;
        }
    }

    /// Makes the next rung, `len` folds of twice the width.
    #[inline]
    fn double(&mut self, len: usize, width: usize) {
        let pairs = self.rung[..len].iter().zip(&self.rung[width..width + len]);
        for (next, (left, right)) in self.next[..len].iter_mut().zip(pairs) {
            *next = J::join(*left, *right);
        }
        std::mem::swap(&mut self.rung, &mut self.next);
    }
}
