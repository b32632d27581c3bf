use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text.as_bytes()).unwrap()
}

fn spec(kind: Kind, tick: &str, lot: &str, contract_size: &str) -> Result<Spec, SpecError> {
    let names = Names {
        symbol: "BTC/USD".into(),
        base: "BTC".into(),
        quote: "USD".into(),
        settle: if kind == Kind::Inverse { "BTC" } else { "USD" }.into(),
    };
    let rule = PriceRule::Fixed(Grid::new(decimal(tick))?);
    Spec::new(names, kind, rule, decimal(lot), decimal(contract_size), None)
}

#[test]
fn a_linear_size_is_base_units_and_its_notional_price_times_size() {
    let spec = spec(Kind::Linear, "0.1", "0.001", "0.01").unwrap();
    assert_eq!(spec.lot_steps(), 1_000);
    assert_eq!(spec.notional(Tick(600_000), Size(1_500_000)), Some(decimal("90000")));
    assert_eq!(spec.size_from_contracts(decimal("3")), Ok(Size(30_000)));
    assert_eq!(spec.size_from_notional(decimal("100"), Tick(600_000)), Ok(Size(1_000)));
    assert_eq!(spec.size_from_notional(decimal("59"), Tick(600_000)), Ok(Size(0)));
}

#[test]
fn an_inverse_size_is_contracts_and_its_notional_ignores_the_price() {
    let spec = spec(Kind::Inverse, "0.1", "1", "100").unwrap();
    assert_eq!(spec.notional(Tick(600_000), Size(3_000)), Some(decimal("300")));
    assert_eq!(spec.size_from_notional(decimal("350"), Tick(600_000)), Ok(Size(3_000)));
    assert_eq!(spec.size_from_contracts(decimal("3")), Ok(Size(3_000)));
    assert!(spec.size_from_contracts(decimal("0.5")).is_err());
}

#[test]
fn a_lot_that_is_no_power_of_ten_has_its_own_steps() {
    let spec = spec(Kind::Spot, "0.05", "25", "1").unwrap();
    assert_eq!(spec.lot_steps(), 25_000);
    assert_eq!(spec.order_size(2), Some(Size(50_000)));
    assert_eq!(spec.size_from_notional(decimal("100"), Tick(20)), Ok(Size(100_000)));
}

#[test]
fn terms_that_contradict_are_refused_by_name() {
    let text = |result: Result<Spec, SpecError>| result.unwrap_err().to_string();
    assert_eq!(text(spec(Kind::Spot, "0", "1", "1")), "a step must be a positive number, not 0");
    assert_eq!(text(spec(Kind::Spot, "1", "-1", "1")), "lot_size must be a positive number, not -1");
    assert_eq!(text(spec(Kind::Spot, "1", "1", "0.1")), "contract_size of a spot instrument is 1, not 0.1");
    assert_eq!(text(spec(Kind::Linear, "1", "1", "0")), "contract_size must be a positive number, not 0");
}

#[test]
fn the_version_in_force_is_the_last_that_has_started() {
    let version = |valid_from, status| InstrumentVersion {
        valid_from,
        price_rule: PriceRule::Fixed(Grid::new(decimal("0.1")).unwrap()),
        lot: Grid::new(decimal("0.001")).unwrap(),
        multiplier: Decimal::ONE,
        status,
    };
    let mut versions = Versions::default();
    versions.add(version(20, Status::Delisting));
    versions.add(version(10, Status::Auction));
    versions.add(version(10, Status::Trading));
    assert_eq!(versions.at(9), None);
    assert_eq!(versions.at(10).map(|v| v.status), Some(Status::Trading));
    assert_eq!(versions.at(19).map(|v| v.status), Some(Status::Trading));
    assert_eq!(versions.at(20).map(|v| v.status), Some(Status::Delisting));
}
