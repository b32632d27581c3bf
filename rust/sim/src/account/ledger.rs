//! Positions by strategy and instrument, and the balances behind them.

use super::{AccountError, Holding, Position, Terms};
use crate::amount::{negated, sum};
use alipes_market::decimal::Decimal;
use alipes_market::instrument::{Kind, Spec};
use alipes_market::mutants::is_on;
use alipes_market::types::{Side, Size, Tick};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One fill with its fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerFill<'a> {
    /// Strategy that the fill belongs to.
    pub strategy: &'a str,
    /// Index of the instrument.
    pub instrument: u16,
    /// Bought or sold.
    pub side: Side,
    /// Price in ticks.
    pub price: Tick,
    /// Size in size steps.
    pub size: Size,
    /// Fee paid; negative is a rebate.
    pub fee: Decimal,
    /// Asset of the fee.
    pub fee_asset: &'a str,
}

/// The account: who holds what, at what cost, and what it earned.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    instruments: BTreeMap<u16, Terms>,
    positions: BTreeMap<u16, BTreeMap<String, Position>>,
    balances: BTreeMap<String, Decimal>,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an instrument.
    ///
    /// # Errors
    /// [`AccountError::RepeatedInstrument`], [`AccountError::Overflow`].
    pub fn add_instrument(&mut self, index: u16, spec: Arc<Spec>) -> Result<(), AccountError> {
        if self.instruments.contains_key(&index) {
            return Err(AccountError::RepeatedInstrument(index));
        }
        self.instruments.insert(index, Terms::new(spec)?);
        Ok(())
    }

    /// Adds to a balance; a negative amount is a withdrawal.
    ///
    /// # Errors
    /// [`AccountError::Overflow`].
    pub fn deposit(&mut self, asset: &str, amount: Decimal) -> Result<(), AccountError> {
        let held = self.balances.get(asset).copied().unwrap_or(Decimal::new(0, 0));
        let total = sum(held, amount).ok_or(AccountError::Overflow("a balance"))?;
        self.balances.insert(asset.to_owned(), total);
        Ok(())
    }

    /// Applies a fill and its fee, whole or not at all.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn fill(&mut self, fill: &LedgerFill<'_>) -> Result<(), AccountError> {
        for (name, value) in [("price", fill.price.0), ("size", fill.size.0)] {
            if value <= 0 {
                return Err(AccountError::NotPositive { name, value });
            }
        }
        let terms = self.terms(fill.instrument)?;
        let known = self.positions.get(&fill.instrument).and_then(|mine| mine.get(fill.strategy));
        let mut position = known.cloned().unwrap_or_default();
        let before = position.realised;
        position.fill(terms, fill.side, fill.price, fill.size)?;
        let flows = cash_flows(terms, fill, position.realised - before)?;
        if fill.fee.mantissa != 0 {
            position.charge(fill.fee_asset, fill.fee)?;
            let is_base = fill.fee_asset == terms.spec.names.base && !is_on("account_base_fee");
            if terms.spec.kind == Kind::Spot && is_base {
                position.pay_in_base(terms, fill.price, fill.fee)?;
            }
        }
        let totals = self.balances_after(&flows)?;
        self.balances.extend(totals);
        self.positions.entry(fill.instrument).or_default().insert(fill.strategy.to_owned(), position);
        Ok(())
    }

    /// New balances of the assets that flows move. An asset may be in several flows.
    fn balances_after(&self, flows: &[(String, Decimal)]) -> Result<Vec<(String, Decimal)>, AccountError> {
        let mut totals: Vec<(String, Decimal)> = Vec::with_capacity(flows.len());
        for (asset, amount) in flows {
            let at = totals.iter().position(|(known, _)| known == asset).unwrap_or_else(|| {
                let held = self.balances.get(asset).copied().unwrap_or(Decimal::new(0, 0));
                totals.push((asset.clone(), held));
                totals.len() - 1
            });
            totals[at].1 = sum(totals[at].1, *amount).ok_or(AccountError::Overflow("a balance"))?;
        }
        Ok(totals)
    }

    /// Position of a strategy, or of all together.
    ///
    /// # Errors
    /// [`AccountError::UnknownInstrument`], [`AccountError::Overflow`].
    pub fn position(&self, strategy: Option<&str>, instrument: u16) -> Result<Position, AccountError> {
        self.fold(strategy, instrument, |total: Position, position| total.plus(position))
    }

    /// Signed position in whole size steps.
    ///
    /// # Errors
    /// [`AccountError::UnknownInstrument`], [`AccountError::Overflow`].
    pub fn position_steps(&self, strategy: Option<&str>, instrument: u16) -> Result<i64, AccountError> {
        let units = self.fold(strategy, instrument, |units: i128, held| units.checked_add(held.units))?;
        self.terms(instrument)?.steps(units).ok_or(AccountError::Overflow("a position"))
    }

    /// Position in assets.
    ///
    /// # Errors
    /// [`AccountError::UnknownInstrument`], [`AccountError::Overflow`].
    pub fn holding(&self, strategy: Option<&str>, instrument: u16) -> Result<Holding, AccountError> {
        let position = self.position(strategy, instrument)?;
        position.holding(self.terms(instrument)?).ok_or(AccountError::Overflow("a position"))
    }

    /// Unrealised profit at a mark price, in the settlement asset.
    ///
    /// # Errors
    /// [`AccountError::UnknownInstrument`], [`AccountError::NotPositive`], [`AccountError::Overflow`].
    pub fn unrealised(
        &self,
        strategy: Option<&str>,
        instrument: u16,
        mark: Tick,
    ) -> Result<Decimal, AccountError> {
        if mark.0 <= 0 {
            return Err(AccountError::NotPositive { name: "mark", value: mark.0 });
        }
        let terms = self.terms(instrument)?;
        let gain = self
            .fold(strategy, instrument, |gain: i128, held| gain.checked_add(held.unrealised(terms, mark)?))?;
        terms.amount(gain).ok_or(AccountError::Overflow("a profit"))
    }

    /// Balances by asset.
    #[must_use]
    pub const fn balances(&self) -> &BTreeMap<String, Decimal> {
        &self.balances
    }

    /// Runs over the position of a strategy, or over those of all.
    fn fold<T: Default>(
        &self,
        strategy: Option<&str>,
        instrument: u16,
        add: impl Fn(T, &Position) -> Option<T>,
    ) -> Result<T, AccountError> {
        self.terms(instrument)?;
        let Some(positions) = self.positions.get(&instrument) else { return Ok(T::default()) };
        let total = match strategy {
            Some(name) => positions.get(name).into_iter().try_fold(T::default(), add),
            None => positions.values().try_fold(T::default(), add),
        };
        total.ok_or(AccountError::Overflow("a total"))
    }

    fn terms(&self, instrument: u16) -> Result<&Terms, AccountError> {
        self.instruments.get(&instrument).ok_or(AccountError::UnknownInstrument(instrument))
    }
}

/// What a fill moves: realised profit, or both assets of a spot pair; and its fee.
fn cash_flows(
    terms: &Terms,
    fill: &LedgerFill<'_>,
    gain: i128,
) -> Result<Vec<(String, Decimal)>, AccountError> {
    let overflow = || AccountError::Overflow("a cash flow");
    let mut flows = Vec::with_capacity(3);
    if terms.spec.kind == Kind::Spot {
        let units = terms.units(fill.size).ok_or_else(overflow)?;
        let paid =
            terms.value(fill.price.0, units).and_then(|cost| terms.amount(cost)).ok_or_else(overflow)?;
        let (base, quote) = match fill.side {
            Side::Buy => (terms.size(units), negated(paid)),
            Side::Sell => (negated(terms.size(units)), paid),
        };
        flows.push((terms.spec.names.base.clone(), base));
        flows.push((terms.spec.names.quote.clone(), quote));
    } else {
        flows.push((terms.settle().to_owned(), terms.amount(gain).ok_or_else(overflow)?));
    }
    if fill.fee.mantissa != 0 {
        let fee = if is_on("account_fee_sign") { fill.fee } else { negated(fill.fee) };
        flows.push((fill.fee_asset.to_owned(), fee));
    }
    Ok(flows)
}
