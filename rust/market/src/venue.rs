//! The venues whose feeds are decoded natively: wire shapes and sequence rules, as data.

use crate::decode::Wire;
use crate::sync::Rules;
use thiserror::Error;

/// A venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Venue {
    /// ccxt's id.
    pub id: &'static str,
    /// Shapes of its messages.
    pub wire: Wire,
    /// Rules of its depth stream.
    pub rules: Rules,
    /// Whether unified symbols name the settlement currency (`BTC/USDT:USDT`).
    pub is_settled: bool,
}

/// Every venue, by id.
pub const VENUES: [Venue; 2] = [
    Venue {
        id: "binance",
        wire: Wire::Binance { is_future: false },
        rules: Rules::BINANCE,
        is_settled: false,
    },
    Venue {
        id: "binanceusdm",
        wire: Wire::Binance { is_future: true },
        rules: Rules::BINANCE_USDM,
        is_settled: true,
    },
];

/// A venue or symbol that no decoder knows.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum VenueError {
    /// No venue of that id.
    #[error("unknown venue {0:?}: expected one of {known}", known = VENUES.map(|venue| venue.id).join(", "))]
    Unknown(String),
    /// A symbol that the venue cannot have.
    #[error("{symbol:?} is no symbol of {venue}: expected one like {example}")]
    Symbol {
        /// As given.
        symbol: String,
        /// The venue.
        venue: &'static str,
        /// What one looks like.
        example: &'static str,
    },
    /// A symbol or index that is there already.
    #[error("{0} was added before")]
    Taken(String),
}

impl Venue {
    /// The venue of an id.
    ///
    /// # Errors
    /// [`VenueError::Unknown`] naming the known ones.
    pub fn of(id: &str) -> Result<&'static Self, VenueError> {
        VENUES.iter().find(|venue| venue.id == id).ok_or_else(|| VenueError::Unknown(id.to_owned()))
    }

    /// The wire symbol of a unified one: `BTC/USDT:USDT` is `BTCUSDT`. Wire symbols pass as they are.
    ///
    /// # Errors
    /// [`VenueError::Symbol`] where the text is neither.
    pub fn wire_symbol(&self, symbol: &str) -> Result<String, VenueError> {
        let example = if self.is_settled { "BTC/USDT:USDT or BTCUSDT" } else { "BTC/USDT or BTCUSDT" };
        let wrong = || VenueError::Symbol { symbol: symbol.to_owned(), venue: self.id, example };
        let pair = match symbol.split_once(':') {
            Some((pair, settle)) if self.is_settled && pair.ends_with(settle_part(settle)) => pair,
            Some(_) => return Err(wrong()),
            None => symbol,
        };
        let dated =
            symbol.split_once(':').and_then(|(_, settle)| settle.split_once('-')).map(|(_, date)| date);
        let mut wire = pair.replacen('/', "", 1);
        if let Some(date) = dated {
            wire = format!("{wire}_{date}");
        }
        let is_wire = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if wire.is_empty() || wire.bytes().any(|byte| byte.is_ascii() && !is_wire(byte)) {
            return Err(wrong());
        }
        Ok(wire)
    }
}

/// `USDT` of `USDT` or of `USDT-241227`.
fn settle_part(settle: &str) -> &str {
    settle.split_once('-').map_or(settle, |(currency, _)| currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unified_symbols_become_wire_symbols() {
        let [spot, usdm] = VENUES;
        assert_eq!(spot.wire_symbol("BTC/USDT").unwrap(), "BTCUSDT");
        assert_eq!(usdm.wire_symbol("BTC/USDT:USDT").unwrap(), "BTCUSDT");
        assert_eq!(usdm.wire_symbol("BTC/USDT:USDT-241227").unwrap(), "BTCUSDT_241227");
        assert_eq!(usdm.wire_symbol("1000PEPEUSDT").unwrap(), "1000PEPEUSDT");
    }

    #[test]
    fn a_symbol_of_another_market_is_refused() {
        let [spot, usdm] = VENUES;
        for (venue, symbol) in [(spot, "BTC/USDT:USDT"), (usdm, "BTC/USD:BTC"), (spot, "btcusdt"), (usdm, "")]
        {
            assert!(venue.wire_symbol(symbol).is_err(), "{symbol}");
        }
        assert!(Venue::of("bybit").unwrap_err().to_string().contains("binance, binanceusdm"));
    }
}
