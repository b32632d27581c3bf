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
        let (pair, settle) =
            symbol.split_once(':').map_or((symbol, None), |(pair, settle)| (pair, Some(settle)));
        let (settle, dated) = settle.map_or((None, None), |settle| match settle.split_once('-') {
            Some((currency, date)) => (Some(currency), Some(date)),
            None => (Some(settle), None),
        });
        let is_fitting = match (pair.split_once('/'), settle) {
            (Some((base, quote)), None) => !self.is_settled && !base.is_empty() && !quote.is_empty(),
            (Some((base, quote)), Some(settle)) => self.is_settled && !base.is_empty() && quote == settle,
            (None, None) => is_bare_symbol(symbol),
            (None, Some(_)) => false,
        };
        if !is_fitting {
            return Err(wrong());
        }
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

/// Assets that wire symbols end in. An instrument quoted in another one is named by its unified symbol.
const QUOTES: [&str; 27] = [
    "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD1", "USDP", "USD", "BTC", "ETH", "BNB", "SOL", "XRP", "TRX",
    "DOGE", "DAI", "EUR", "EURI", "TRY", "BRL", "JPY", "GBP", "AUD", "MXN", "ARS", "PLN", "ZAR",
];

/// Whether a text without separators is a base and a known quote, as `BTCUSDT` or `BTCUSDT_241227`.
fn is_bare_symbol(symbol: &str) -> bool {
    let pair = symbol.split_once('_').map_or(symbol, |(pair, _)| pair);
    QUOTES.iter().any(|quote| pair.len() > quote.len() && pair.ends_with(quote))
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
        let of_spot = ["BTC/USDT:USDT", "btcusdt", "BTC/", "/USDT", "BTC"].map(|symbol| (spot, symbol));
        let of_usdm =
            ["BTC/USDT", "BTC", "USDT", "BTC/USD:BTC", "BTC/USDT:T", "/USDT:USDT", "BTCUSDT:USDT", ""]
                .map(|symbol| (usdm, symbol));
        for (venue, symbol) in of_spot.into_iter().chain(of_usdm) {
            assert!(venue.wire_symbol(symbol).is_err(), "{symbol}");
        }
        assert!(Venue::of("bybit").unwrap_err().to_string().contains("binance, binanceusdm"));
    }
}
