//! The whole exchange as bytes, and back: a header that names the version, length and checksum, then JSON.

use super::LiveExchange;
use flate2::Crc;
use thiserror::Error;

/// First bytes of a state; the number changes with the layout.
const MAGIC: &[u8] = b"alipes-live-2\n";

/// Bytes of checksum and length.
const CHECKS: usize = 12;

/// Bytes that are no state of this version.
#[derive(Debug, Error)]
pub enum StateError {
    /// Another version, or something else.
    #[error("not a state of this version of the live exchange: it must begin with {expected:?}")]
    OtherVersion {
        /// What it should begin with.
        expected: String,
    },
    /// Too short, too long, or changed.
    #[error("the state is damaged: {0}")]
    Damaged(&'static str),
    /// What it says cannot be read.
    #[error("the state cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

fn checksum(body: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(body);
    crc.sum()
}

impl LiveExchange {
    /// Everything, exactly.
    ///
    /// # Errors
    /// [`StateError::Unreadable`] where it cannot be written, which no exchange is known to cause.
    pub fn state(&self) -> Result<Vec<u8>, StateError> {
        let body = serde_json::to_vec(self)?;
        let mut state = MAGIC.to_vec();
        state.extend(checksum(&body).to_le_bytes());
        state.extend((body.len() as u64).to_le_bytes());
        state.extend(body);
        Ok(state)
    }

    /// The exchange of a state.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn restore(state: &[u8]) -> Result<Self, StateError> {
        let rest = state.strip_prefix(MAGIC).ok_or_else(|| StateError::OtherVersion {
            expected: String::from_utf8_lossy(MAGIC).trim().to_owned(),
        })?;
        let (checks, body) =
            rest.split_at_checked(CHECKS).ok_or(StateError::Damaged("its header is torn"))?;
        let (crc, length) = checks.split_at(4);
        if length != (body.len() as u64).to_le_bytes() {
            return Err(StateError::Damaged("its length is not the one that was written"));
        }
        if crc != checksum(body).to_le_bytes() {
            return Err(StateError::Damaged("its checksum is not the one that was written"));
        }
        Ok(serde_json::from_slice(body)?)
    }
}
