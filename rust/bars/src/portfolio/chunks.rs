//! A list for what a run writes down as it goes.

/// Bytes that are taken at a time.
const CHUNK: usize = 1 << 16;

/// A list that grows without moving what it holds: doubling would touch every page of it twice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chunks<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { full: Vec::new(), last: Vec::new() }
    }
}

impl<T> Chunks<T> {
    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        if self.last.len() == self.last.capacity() {
            self.grow();
        }
        self.last.push(value);
    }

    #[cold]
    fn grow(&mut self) {
        let empty = Vec::with_capacity(CHUNK / size_of::<T>());
        let full = std::mem::replace(&mut self.last, empty);
        if !full.is_empty() {
            self.full.push(full);
        }
    }

    /// The latest; a new chunk is begun only by a value that goes into it.
    #[inline]
    pub(crate) fn last_mut(&mut self) -> Option<&mut T> {
        self.last.last_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flatten().chain(&self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_order_over_chunks() {
        let mut chunks = Chunks::default();
        let count = 3 * CHUNK as u64 / 8 + 5;
        for value in 0..count {
            chunks.push(value);
            assert_eq!(chunks.last_mut(), Some(&mut value.clone()));
        }
        assert!(chunks.iter().copied().eq(0..count));
        assert_eq!(chunks.full.len(), 3);
    }
}
