//! A connection's books, shared by the decoder that writes them and the views that read them.
//!
//! One lock per connection: a frame takes it once. It is only ever tried, never waited for, so that a reader during a
//! detached batch gets `BookBusyError` at once instead of a stall.

use crate::error::BookBusyError;
use alipes_market::feed::Feed;
use pyo3::PyResult;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

/// The books of one connection.
#[derive(Clone)]
pub struct SharedFeed(Arc<Mutex<Feed>>);

impl SharedFeed {
    pub fn new(feed: Feed) -> Self {
        Self(Arc::new(Mutex::new(feed)))
    }

    /// Takes the books, or says that they are busy.
    #[inline]
    pub fn lock(&self) -> PyResult<MutexGuard<'_, Feed>> {
        match self.0.try_lock() {
            Ok(guard) => Ok(guard),
            // No code panics while holding the lock; if one did, the books are still whole after any message.
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(busy()),
        }
    }
}

#[cold]
fn busy() -> pyo3::PyErr {
    BookBusyError::new_err("the books of this connection are in use by a batch call in another thread")
}
