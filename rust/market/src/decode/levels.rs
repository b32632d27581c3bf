//! Lists of levels, `[["price","size"],…]`: nearly all bytes of a feed, so this is the loop that matters.
//!
//! The layout of a number is guessed from the level before, so that the processor runs ahead into the next level.
//! Whatever does not fit takes the plain way, number by number.

use super::bytes::{Cursor, eight, four};
use super::directory::Pair;
use super::number::Units;
use crate::types::Level;

/// `","` between price and size, `"],["` between levels, `"]]` after the last one.
const BETWEEN_NUMBERS: u32 = u32::from_le_bytes(*b"\",\"\0");
const BETWEEN_LEVELS: u64 = u64::from_le_bytes(*b"\"],[\"\0\0\0");
const AFTER_LEVELS: u32 = u32::from_le_bytes(*b"\"]]\0");
const THREE_BYTES: u32 = 0x00ff_ffff;
const FIVE_BYTES: u64 = 0x00ff_ffff_ffff;

/// Where the marks stood in the level before.
#[derive(Default)]
struct Places {
    price: usize,
    size: usize,
}

/// Moves past a list of levels, appending them; gives how many there were.
#[inline(always)]
pub(crate) fn scan(cursor: &mut Cursor<'_>, grids: &mut Pair, levels: &mut Vec<Level>) -> Option<usize> {
    let before = levels.len();
    cursor.literal(b"[")?;
    if cursor.literal(b"]").is_some() {
        return Some(0);
    }
    cursor.literal(b"[\"")?;
    let mut guess = Places::default();
    while !run(cursor, grids, &mut guess, levels) {
        levels.push(plain(cursor, grids)?);
        if cursor.literal(b"\"],[\"").is_none() {
            cursor.literal(b"\"]]")?;
            break;
        }
    }
    Some(levels.len() - before)
}

/// Moves past one number and its closing quote.
#[inline(always)]
pub(crate) fn scan_one(cursor: &mut Cursor<'_>, units: &Units) -> Option<i64> {
    let (raw, at) = (cursor.raw(), cursor.at());
    let usual = eight(raw, at).and_then(|word| number(raw, at, word, units, units.place(word)?));
    let value = match usual {
        Some((value, end)) if raw.get(end) == Some(&b'"') => {
            cursor.move_to(end);
            value
        }
        _ => cursor.number(units)?.0,
    };
    cursor.literal(b"\"")?;
    Some(value)
}

/// Moves past as many levels as have the usual layout; says whether the list ended.
#[inline(always)]
fn run(cursor: &mut Cursor<'_>, grids: &Pair, guess: &mut Places, levels: &mut Vec<Level>) -> bool {
    let (raw, mut at) = (cursor.raw(), cursor.at());
    while let Some((level, end)) = level(raw, at, grids, guess) {
        if eight(raw, end).is_some_and(|word| word & FIVE_BYTES == BETWEEN_LEVELS) {
            levels.push(level);
            at = end + 5;
        } else if four(raw, end).is_some_and(|word| word & THREE_BYTES == AFTER_LEVELS) {
            levels.push(level);
            cursor.move_to(end + 3);
            return true;
        } else {
            break;
        }
    }
    cursor.move_to(at);
    false
}

/// The level whose price starts at `at`, and where the text of its size ends.
#[inline(always)]
fn level(raw: &[u8], at: usize, grids: &Pair, guess: &mut Places) -> Option<(Level, usize)> {
    let (price, end) = guessed(raw, at, &grids.price, &mut guess.price)?;
    if four(raw, end)? & THREE_BYTES != BETWEEN_NUMBERS {
        return None;
    }
    let (size, end) = guessed(raw, end + 3, &grids.size, &mut guess.size)?;
    Some((Level::new(price, size), end))
}

/// A number whose mark stands where the one before had it, or elsewhere. A right guess costs no wait: where the next
/// number starts is known before this one is read.
#[inline(always)]
fn guessed(raw: &[u8], at: usize, units: &Units, guess: &mut usize) -> Option<(i64, usize)> {
    let word = eight(raw, at)?;
    if let Some(found) = number(raw, at, word, units, *guess) {
        return Some(found);
    }
    *guess = units.place(word)?;
    number(raw, at, word, units, *guess)
}

/// A number of the layout that a place of its mark tells, and where its text ends.
#[inline(always)]
fn number(raw: &[u8], at: usize, word: u64, units: &Units, place: usize) -> Option<(i64, usize)> {
    let layout = units.layout(place);
    let digits = layout.digits(word)?;
    if layout.has_zeros() && !layout.are_zeros(eight(raw, at + layout.kept())?) {
        return None;
    }
    Some((units.of_layout(digits)?, at + units.length(place)))
}

/// A level of any layout, up to the closing quote; the next ones probably have as many decimals.
#[inline(never)]
fn plain(cursor: &mut Cursor<'_>, grids: &mut Pair) -> Option<Level> {
    let (price, decimals) = cursor.number(&grids.price)?;
    grids.price.learn(decimals);
    cursor.literal(b"\",\"")?;
    let (size, decimals) = cursor.number(&grids.size)?;
    grids.size.learn(decimals);
    Some(Level::new(price, size))
}
