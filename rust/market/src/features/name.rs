//! Feature names: the one grammar of batch columns, live features and the command line.
//!
//! `name` or `name(argument, ...)`. A wrong name is answered with the nearest ones.

use super::duration::parse_duration;
use crate::types::Ns;
use thiserror::Error;

/// Every name with the form of its arguments and what it is.
pub const CATALOGUE: [(&str, &str); 25] = [
    ("ts_event", "venue time of the last message that had one, int ns (0 before)"),
    ("ts_recv", "receive time of the message, or the time of the row, int ns"),
    ("bid", "best bid price"),
    ("ask", "best ask price"),
    ("bid_size", "size at the best bid, base units"),
    ("ask_size", "size at the best ask, base units"),
    ("mid", "(bid + ask) / 2"),
    ("spread", "ask - bid"),
    ("microprice", "best prices weighted by the size of the other side"),
    ("imbalance", "imbalance(1)"),
    ("imbalance(n)", "(bids - asks) / (bids + asks) of the sizes on the best n levels, -1 to 1"),
    ("depth_bid(x bps)", "bid size within x basis points of the mid, base units"),
    ("depth_ask(x bps)", "ask size within x basis points of the mid, base units"),
    ("ewma(column, half-life)", "time-weighted exponential mean of one of the columns above"),
    ("ofi", "order-flow imbalance of the book's best levels, base units"),
    ("ofi_ticker", "order-flow imbalance of the venue's best-price stream, base units"),
    ("trade_count", "number of trades"),
    ("buy_count", "number of trades whose taker bought"),
    ("sell_count", "number of trades whose taker sold"),
    ("volume", "traded size, base units"),
    ("buy_volume", "size that takers bought, base units"),
    ("sell_volume", "size that takers sold, base units"),
    ("last_price", "price of the last trade"),
    ("last_size", "size of the last trade, base units"),
    ("ofi(window)", "any of the seven flows above over a trailing window, such as ofi(1s)"),
];

/// What is read off the book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BookFeature {
    /// Best bid price.
    Bid,
    /// Best ask price.
    Ask,
    /// Size at the best bid.
    BidSize,
    /// Size at the best ask.
    AskSize,
    /// Middle of the best prices.
    Mid,
    /// Distance of the best prices.
    Spread,
    /// Best prices weighted by the other side's size.
    Microprice,
    /// Imbalance of sizes on the best levels.
    Imbalance(usize),
    /// Bid size within a distance of the mid, in basis points.
    DepthBid(f64),
    /// Ask size within a distance of the mid, in basis points.
    DepthAsk(f64),
}

/// What is summed over an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowSource {
    /// Order-flow imbalance of the local book.
    Ofi,
    /// Order-flow imbalance of the best-price stream.
    OfiTicker,
    /// Trades.
    TradeCount,
    /// Trades whose taker bought.
    BuyCount,
    /// Trades whose taker sold.
    SellCount,
    /// Traded size.
    Volume,
    /// Size that takers bought.
    BuyVolume,
    /// Size that takers sold.
    SellVolume,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Feature {
    /// Venue time.
    TsEvent,
    /// Our time.
    TsRecv,
    /// A property of the book as it is.
    Book(BookFeature),
    /// An exponential mean of a property of the book.
    Ewma(BookFeature, Ns),
    /// A sum since the last row, or over a trailing window.
    Flow(FlowSource, Option<Ns>),
    /// Price of the last trade.
    LastPrice,
    /// Size of the last trade.
    LastSize,
}

/// A name that is no feature.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FeatureError {
    /// No such name.
    #[error("unknown column {name:?}; {}", nearest_text(nearest))]
    Unknown {
        /// As given.
        name: String,
        /// The most similar names.
        nearest: Vec<&'static str>,
    },
    /// A name whose arguments are wrong.
    #[error("column {name:?}: expected {expected}")]
    Argument {
        /// As given.
        name: String,
        /// The right form.
        expected: &'static str,
    },
    /// Nothing to compute.
    #[error("no columns asked for")]
    Empty,
}

fn nearest_text(nearest: &[&str]) -> String {
    format!("the nearest names are {}", nearest.join(", "))
}

impl Feature {
    /// Parses a name.
    ///
    /// # Errors
    /// [`FeatureError`] with the nearest names, or with the form of the arguments.
    pub fn parse(text: &str) -> Result<Self, FeatureError> {
        let (name, arguments) = split(text).ok_or_else(|| FeatureError::Argument {
            name: text.to_owned(),
            expected: "a name, or a name and its arguments in parentheses",
        })?;
        if let Some(feature) = book_feature(text, name, &arguments)? {
            return Ok(Self::Book(feature));
        }
        if let Some(source) = flow_source(name) {
            return flow(text, source, &arguments);
        }
        match (name, arguments.as_slice()) {
            ("ts_event", []) => Ok(Self::TsEvent),
            ("ts_recv", []) => Ok(Self::TsRecv),
            ("last_price", []) => Ok(Self::LastPrice),
            ("last_size", []) => Ok(Self::LastSize),
            ("ewma", arguments) => ewma(text, arguments),
            ("ts_event" | "ts_recv" | "last_price" | "last_size", _) => Err(bad(text, "no arguments")),
            _ => Err(FeatureError::Unknown { name: text.to_owned(), nearest: nearest(name) }),
        }
    }

    /// Whether its values are integers (times) and not floats.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::TsEvent | Self::TsRecv)
    }

    /// Whether it has no value while the book is out of step.
    #[must_use]
    pub const fn needs_book(self) -> bool {
        matches!(self, Self::Book(_) | Self::Ewma(..) | Self::Flow(FlowSource::Ofi, _))
    }
}

fn bad(text: &str, expected: &'static str) -> FeatureError {
    FeatureError::Argument { name: text.to_owned(), expected }
}

/// `name(a, b)` as its parts; commas within nested parentheses do not split.
fn split(text: &str) -> Option<(&str, Vec<&str>)> {
    let text = text.trim();
    let Some(open) = text.find('(') else {
        return (!text.is_empty() && !text.contains(')')).then(|| (text, Vec::new()));
    };
    let inner = text[open + 1..].strip_suffix(')')?;
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    parts.push(inner[start..].trim());
    (depth == 0).then(|| (text[..open].trim(), parts))
}

fn book_feature(text: &str, name: &str, arguments: &[&str]) -> Result<Option<BookFeature>, FeatureError> {
    use BookFeature as B;
    let plain = match name {
        "bid" => B::Bid,
        "ask" => B::Ask,
        "bid_size" => B::BidSize,
        "ask_size" => B::AskSize,
        "mid" => B::Mid,
        "spread" => B::Spread,
        "microprice" => B::Microprice,
        "imbalance" => return imbalance(text, arguments).map(Some),
        "depth_bid" => return bps(text, arguments).map(B::DepthBid).map(Some),
        "depth_ask" => return bps(text, arguments).map(B::DepthAsk).map(Some),
        _ => return Ok(None),
    };
    if arguments.is_empty() { Ok(Some(plain)) } else { Err(bad(text, "no arguments")) }
}

fn imbalance(text: &str, arguments: &[&str]) -> Result<BookFeature, FeatureError> {
    let levels = match arguments {
        [] => Some(1),
        [levels] => levels.parse().ok().filter(|n| (1..=10_000).contains(n)),
        _ => None,
    };
    levels
        .map(BookFeature::Imbalance)
        .ok_or_else(|| bad(text, "a number of levels from 1 to 10000, as imbalance(5)"))
}

fn bps(text: &str, arguments: &[&str]) -> Result<f64, FeatureError> {
    let expected = "a distance above 0 and up to 10000 bps, as depth_bid(10bps)";
    let [argument] = arguments else { return Err(bad(text, expected)) };
    let number = argument.strip_suffix("bps").unwrap_or(argument).trim_end();
    let bps = number.parse().ok().filter(|bps: &f64| *bps > 0.0 && *bps <= 1e4);
    bps.ok_or_else(|| bad(text, expected))
}

fn flow_source(name: &str) -> Option<FlowSource> {
    Some(match name {
        "ofi" => FlowSource::Ofi,
        "ofi_ticker" => FlowSource::OfiTicker,
        "trade_count" => FlowSource::TradeCount,
        "buy_count" => FlowSource::BuyCount,
        "sell_count" => FlowSource::SellCount,
        "volume" => FlowSource::Volume,
        "buy_volume" => FlowSource::BuyVolume,
        "sell_volume" => FlowSource::SellVolume,
        _ => return None,
    })
}

fn flow(text: &str, source: FlowSource, arguments: &[&str]) -> Result<Feature, FeatureError> {
    match arguments {
        [] => Ok(Feature::Flow(source, None)),
        [window] => parse_duration(window)
            .map(|window| Feature::Flow(source, Some(window)))
            .ok_or_else(|| bad(text, "a window such as 500ms, 1s or 5m")),
        _ => Err(bad(text, "at most one argument, a window such as 500ms, 1s or 5m")),
    }
}

fn ewma(text: &str, arguments: &[&str]) -> Result<Feature, FeatureError> {
    let expected = "a column of the book and a half-life, as ewma(mid, 1s)";
    let [column, half_life] = arguments else { return Err(bad(text, expected)) };
    match (Feature::parse(column)?, parse_duration(half_life)) {
        (Feature::Book(feature), Some(half_life)) => Ok(Feature::Ewma(feature, half_life)),
        _ => Err(bad(text, expected)),
    }
}

/// The three names that take the fewest edits to reach.
fn nearest(name: &str) -> Vec<&'static str> {
    let bare = |form: &'static str| form.split('(').next().unwrap_or(form);
    let mut names: Vec<_> = CATALOGUE.iter().map(|(form, _)| (edits(name, bare(form)), *form)).collect();
    names.dedup_by_key(|(_, form)| bare(form));
    names.sort_by_key(|(edits, _)| *edits);
    names.into_iter().take(3).map(|(_, form)| form).collect()
}

/// Least number of insertions, deletions, replacements and swaps of neighbours from one text to the other.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().take(64).collect(), to.chars().collect());
    let mut table = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                let is_swap = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                let swapped = if is_swap { table[i - 2][j - 2] + 1 } else { usize::MAX };
                replaced.min(swapped).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1)
            };
        }
    }
    table[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_arguments_parse() {
        let parsed = |text| Feature::parse(text).unwrap();
        assert_eq!(parsed("mid"), Feature::Book(BookFeature::Mid));
        assert_eq!(parsed("imbalance"), parsed("imbalance(1)"));
        assert_eq!(parsed("imbalance( 5 )"), Feature::Book(BookFeature::Imbalance(5)));
        assert_eq!(parsed("depth_bid(10bps)"), Feature::Book(BookFeature::DepthBid(10.0)));
        assert_eq!(parsed("depth_bid(10)"), parsed("depth_bid(10 bps)"));
        assert_eq!(parsed("ofi"), Feature::Flow(FlowSource::Ofi, None));
        assert_eq!(parsed("buy_volume(1s)"), Feature::Flow(FlowSource::BuyVolume, Some(1_000_000_000)));
        assert_eq!(
            parsed("ewma(imbalance(3), 500ms)"),
            Feature::Ewma(BookFeature::Imbalance(3), 500_000_000)
        );
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let nearest = |text| match Feature::parse(text).unwrap_err() {
            FeatureError::Unknown { nearest, .. } => nearest[0],
            other => panic!("{other}"),
        };
        assert_eq!(nearest("mdi"), "mid");
        assert_eq!(nearest("micro_price"), "microprice");
        assert_eq!(nearest("imbalanc(5)"), "imbalance");
        assert_eq!(nearest("depthbid(10bps)"), "depth_bid(x bps)");
    }

    #[test]
    fn wrong_arguments_say_what_is_expected() {
        let texts = [
            "",
            "mid(5)",
            "imbalance(0)",
            "imbalance(x)",
            "imbalance(1,2)",
            "depth_bid",
            "depth_bid(-1bps)",
            "ofi(5)",
            "depth_ask(20000bps)",
            "ewma(mid)",
            "ewma(ofi, 1s)",
            "mid(",
            "mid)",
            "ofi)(",
            "ts_recv(1)",
            "ofi(1s, 2s)",
        ];
        for text in texts {
            assert!(matches!(Feature::parse(text), Err(FeatureError::Argument { .. })), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_feature_or_an_error(text in "[a-z_]{0,12}\\PC{0,12}[(),0-9a-z. ]{0,16}") {
            if let Err(error) = Feature::parse(&text) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn every_catalogue_entry_without_arguments_parses() {
        for (form, _) in CATALOGUE.iter().filter(|(form, _)| !form.contains('(')) {
            assert!(Feature::parse(form).is_ok(), "{form}");
        }
    }
}
