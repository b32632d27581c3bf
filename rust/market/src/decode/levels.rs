//! Lists of levels, `[["price","size"],…]`: nearly all bytes of a feed, so this is the loop that matters.

use super::bytes::Cursor;
use super::directory::Pair;
use crate::types::Level;

/// Moves past a list of levels, appending them; gives how many there were.
#[inline(always)]
pub(crate) fn scan(cursor: &mut Cursor<'_>, grids: &Pair, levels: &mut Vec<Level>) -> Option<usize> {
    let before = levels.len();
    cursor.literal(b"[")?;
    if cursor.literal(b"]").is_some() {
        return Some(0);
    }
    loop {
        cursor.literal(b"[\"")?;
        let price = cursor.number(&grids.price)?;
        cursor.literal(b",\"")?;
        let size = cursor.number(&grids.size)?;
        levels.push(Level::new(price, size));
        if cursor.literal(b"],").is_none() {
            cursor.literal(b"]]")?;
            return Some(levels.len() - before);
        }
    }
}
