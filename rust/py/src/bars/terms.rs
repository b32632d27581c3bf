//! The terms of a run as Python gives them.

use super::input::{floats, integers};
use crate::argument::{float, integer, text};
use crate::error::InputError;
use crate::error::IntoPyErr;
use alipes_bars::data::{Bar, Ns};
use alipes_bars::metrics::Convention;
use alipes_bars::portfolio::{Fill, Grid, Opposite, Path, Terms};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Terms with what belongs to them.
pub struct GivenTerms {
    /// What a run trades on.
    pub terms: Terms,
    /// Funding payments, (time, rate).
    pub funding: Vec<(Ns, f64)>,
    /// Finer bars.
    pub detail: Vec<Bar>,
    /// Whose statistics.
    pub convention: Convention,
    /// The bar to start at.
    pub first: usize,
}

struct Reader<'a, 'py>(&'a Bound<'py, PyDict>);

impl<'py> Reader<'_, 'py> {
    fn get(&self, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.0.get_item(name)?.filter(|value| !value.is_none()))
    }

    fn number(&self, name: &str, default: f64) -> PyResult<f64> {
        self.get(name)?.map_or(Ok(default), |value| float(&value, name))
    }

    fn flag(&self, name: &str) -> PyResult<bool> {
        self.get(name)?.map_or(Ok(false), |value| value.extract())
    }

    fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> PyResult<T> {
        let Some(value) = self.get(name)? else { return Ok(words[0].1) };
        let word = text(&value, name)?;
        words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).ok_or_else(|| {
            let known = words.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
            InputError::new_err(format!("{name} {word:?}: expected one of {known}"))
        })
    }
}

const FILLS: [(&str, Fill); 3] =
    [("next_open", Fill::NextOpen), ("same_close", Fill::SameClose), ("next_close", Fill::NextClose)];
const PATHS: [(&str, Path); 4] = [
    ("pessimistic", Path::Pessimistic),
    ("optimistic", Path::Optimistic),
    ("nearest", Path::Nearest),
    ("detail", Path::Detail),
];
const OPPOSITES: [(&str, Opposite); 3] =
    [("reverse", Opposite::Reverse), ("close", Opposite::Close), ("ignore", Opposite::Ignore)];

/// An opposite rule by its word.
pub fn opposite(slots: &Bound<'_, PyDict>) -> PyResult<Opposite> {
    Reader(slots).word("opposite", &OPPOSITES)
}

impl GivenTerms {
    /// Reads them, and from other values what rules say of opposite entries and additions.
    pub fn with_rules(given: &Bound<'_, PyDict>, rules: &Bound<'_, PyDict>, step: Ns) -> PyResult<Self> {
        let mut read = Self::new(given, step)?;
        read.terms.opposite = opposite(rules)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; a count")]
        let additions = Reader(rules).number("pyramid", 0.0)? as u32;
        read.terms.pyramid = additions;
        Ok(read)
    }

    /// Reads them; `step` is Δ of the bars.
    pub fn new(given: &Bound<'_, PyDict>, step: Ns) -> PyResult<Self> {
        let read = Reader(given);
        let bps = 1e-4;
        let taker = read.number("fees_bps", 0.0)?;
        let mut terms = Terms::new(read.number("cash", 10_000.0)?, step);
        terms.taker = taker * bps;
        terms.maker = read.number("maker_fees_bps", taker)? * bps;
        terms.fixed_fee = read.number("fixed_fee", 0.0)?;
        terms.slippage = read.number("slippage_bps", 0.0)? * bps;
        terms.uses_spread = read.flag("spread")?;
        terms.leverage = read.number("leverage", 1.0)?;
        terms.maintenance_margin = read.number("maintenance_margin", 0.005)?;
        terms.fill = read.word("fill", &FILLS)?;
        terms.path = read.word("path", &PATHS)?;
        terms.size_at_decision = read.word("size_at", &[("fill", false), ("decision", true)])?;
        terms.close_at_end = read.flag("close_at_end")?;
        let lot = read.number("lot", 0.0)?;
        if lot > 0.0 {
            let min_notional = read.number("min_notional", 0.0)?;
            terms.grid = Some(Grid { tick: read.number("tick", 0.0)?, lot, min_notional });
        }
        let convention = match read.get("convention")? {
            Some(value) => Convention::parse(text(&value, "convention")?).map_err(IntoPyErr::into_py_err)?,
            None => Convention::Alipes,
        };
        let first = read.get("first_bar")?.map_or(Ok(0), |value| integer(&value, "first_bar"))?;
        let first = usize::try_from(first).unwrap_or(0);
        Ok(Self { terms, funding: funding(&read)?, detail: detail(&read)?, convention, first })
    }
}

fn funding(read: &Reader<'_, '_>) -> PyResult<Vec<(Ns, f64)>> {
    let (Some(ts), Some(rates)) = (read.get("funding_ts")?, read.get("funding_rate")?) else {
        return Ok(Vec::new());
    };
    let (ts, rates) = (integers(&ts, "funding_ts")?, floats(&rates, "funding_rate")?);
    Ok(ts.as_slice().iter().copied().zip(rates.as_slice().iter().copied()).collect())
}

fn detail(read: &Reader<'_, '_>) -> PyResult<Vec<Bar>> {
    let Some(ts) = read.get("detail_ts")? else { return Ok(Vec::new()) };
    let ts = integers(&ts, "detail_ts")?;
    let column = |name: &str| {
        let missing = || InputError::new_err(format!("{name} is missing beside detail_ts"));
        floats(&read.get(name)?.ok_or_else(missing)?, name)
    };
    let (opens, highs) = (column("detail_open")?, column("detail_high")?);
    let (lows, closes) = (column("detail_low")?, column("detail_close")?);
    let (opens, highs) = (opens.as_slice(), highs.as_slice());
    let (lows, closes) = (lows.as_slice(), closes.as_slice());
    if [opens.len(), highs.len(), lows.len(), closes.len()].iter().any(|&len| len != ts.as_slice().len()) {
        return Err(InputError::new_err("the columns of detail differ in length"));
    }
    let bar = |(at, &ts): (usize, &Ns)| {
        let open = opens[at];
        Bar { ts, open, high: highs[at], low: lows[at], close: closes[at], spread: 0.0, mark: open }
    };
    Ok(ts.as_slice().iter().enumerate().map(bar).collect())
}
