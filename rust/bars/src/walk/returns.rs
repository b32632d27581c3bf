//! Sums of the price's own bar returns: what a fully invested position adds to the moments of a run.

/// Running sums of r = close / previous close − 1 and of r², by bar, for one block and the bar before it.
#[derive(Debug, Default)]
pub struct Returns {
    from: usize,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Returns {
    /// Goes on to bars `from..to`, which follow the last ones.
    pub fn advance(&mut self, closes: &[f64], from: usize, to: usize) {
        let (mut sum, mut square) = self.last();
        self.from = from;
        self.sums.clear();
        self.squares.clear();
        self.sums.push(sum);
        self.squares.push(square);
        for i in from..to {
            let change = if i == 0 { 0.0 } else { closes[i] / closes[i - 1] - 1.0 };
            sum += change;
            square += change * change;
            self.sums.push(sum);
            self.squares.push(square);
        }
    }

    fn last(&self) -> (f64, f64) {
        (self.sums.last().copied().unwrap_or(0.0), self.squares.last().copied().unwrap_or(0.0))
    }

    /// The sums over all bars before bar `i` of the block, or its end.
    #[inline]
    #[must_use]
    pub fn before(&self, i: usize) -> (f64, f64) {
        match i.checked_sub(self.from) {
            Some(at) if at < self.sums.len() => (self.sums[at], self.squares[at]),
            _ => (0.0, 0.0),
        }
    }
}
