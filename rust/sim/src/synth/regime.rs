//! What the market is up to: the fundamental value that order flow leans to, and how busy it is.

use super::random::Random;

const BPS: f64 = 1e-4;
/// The share of its distance to the anchor that the fundamental loses per second.
const REVERSION_PER_SECOND: f64 = 0.004;

/// A stretch of market weather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// Little news, normal activity.
    Calm,
    /// The fundamental drifts one way.
    Trending,
    /// Large moves both ways, much activity.
    Volatile,
}

impl Regime {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Calm, Self::Trending, Self::Volatile];

    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Trending => "trending",
            Self::Volatile => "volatile",
        }
    }

    /// How many times the base rate of orders arrive.
    pub(super) const fn activity(self) -> f64 {
        match self {
            Self::Calm => 1.0,
            Self::Trending => 1.5,
            Self::Volatile => 2.5,
        }
    }

    /// Standard deviation of the fundamental, in bps per square root of a second.
    const fn volatility_bps(self) -> f64 {
        match self {
            Self::Calm => 0.4,
            Self::Trending => 0.6,
            Self::Volatile => 2.5,
        }
    }
}

/// The fundamental value, in ticks, and the regimes it goes through.
#[derive(Clone, Debug)]
pub(super) struct Weather {
    pub(super) regime: Regime,
    pub(super) value: f64,
    anchor: f64,
    drift_bps: f64,
    seconds_left: f64,
    mean_seconds: f64,
    is_fixed: bool,
}

impl Weather {
    pub(super) fn new(anchor: f64, fixed: Option<Regime>, mean_seconds: f64, random: &mut Random) -> Self {
        let regime = fixed.unwrap_or(Regime::Calm);
        let is_fixed = fixed.is_some();
        let mut weather =
            Self { regime, value: anchor, anchor, drift_bps: 0.0, seconds_left: 0.0, mean_seconds, is_fixed };
        weather.enter(regime, random);
        weather
    }

    fn enter(&mut self, regime: Regime, random: &mut Random) {
        let direction = if random.chance(0.5) { 1.0 } else { -1.0 };
        self.regime = regime;
        self.drift_bps = if regime == Regime::Trending { direction * 1.5 } else { 0.0 };
        self.seconds_left = self.mean_seconds * random.exponential();
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, seconds: f64, random: &mut Random) {
        self.seconds_left -= seconds;
        if self.seconds_left <= 0.0 {
            let others = Regime::ALL.into_iter().filter(|&other| other != self.regime);
            let next = others.into_iter().nth(random.below(2) as usize).unwrap_or(self.regime);
            self.enter(if self.is_fixed { self.regime } else { next }, random);
        }
        let noise = self.regime.volatility_bps() * seconds.sqrt() * random.normal();
        let moved = self.value * BPS * (self.drift_bps * seconds + noise);
        let pull = (self.anchor - self.value) * REVERSION_PER_SECOND * seconds;
        self.value = (self.value + moved + pull).clamp(self.anchor * 0.5, self.anchor * 2.0);
    }
}
