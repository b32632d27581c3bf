//! The operators: names, arguments and results, as data.

/// What a node gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number a bar; NaN is undefined.
    Num,
    /// True, false or undefined a bar.
    Bool,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A numeric series.
    Num,
    /// A boolean series.
    Bool,
    /// Either; the result is of the same kind where the operator's result is `Same`.
    Any,
    /// A number once parameters are bound, with its name.
    Const(&'static str),
}

/// Kind of an operator's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Numbers.
    Num,
    /// Booleans.
    Bool,
    /// What its first argument is.
    Same,
}

macro_rules! operators {
    ($($variant:ident $name:literal [$($arg:expr),*] $gives:ident;)*) => {
        /// An operator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Op {
            $(#[doc = $name] $variant,)*
        }

        impl Op {
            /// The operator of a name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Its arguments; `std` and `var` take a third one where it is given.
            #[must_use]
            pub fn args(self) -> &'static [Arg] {
                match self {
                    $(Self::$variant => const { &[$($arg),*] },)*
                }
            }

            /// What it gives.
            #[must_use]
            pub const fn gives(self) -> Gives {
                match self {
                    $(Self::$variant => Gives::$gives,)*
                }
            }
        }
    };
}

const N: Arg = Arg::Num;
const B: Arg = Arg::Bool;
const A: Arg = Arg::Any;
const WINDOW: Arg = Arg::Const("window");
const DDOF: Arg = Arg::Const("ddof");

operators! {
    Col "col" [] Num;
    Const "const" [] Num;
    Param "param" [] Num;
    True "true" [] Bool;
    False "false" [] Bool;
    Undefined "undefined" [] Bool;
    BarsPerYear "bars_per_year" [] Num;
    Add "add" [N, N] Num;
    Sub "sub" [N, N] Num;
    Mul "mul" [N, N] Num;
    Div "div" [N, N] Num;
    Min2 "min2" [N, N] Num;
    Max2 "max2" [N, N] Num;
    Pow "pow" [N, N] Num;
    Neg "neg" [N] Num;
    Abs "abs" [N] Num;
    Log "log" [N] Num;
    Exp "exp" [N] Num;
    Sqrt "sqrt" [N] Num;
    Sign "sign" [N] Num;
    Gt "gt" [N, N] Bool;
    Lt "lt" [N, N] Bool;
    Ge "ge" [N, N] Bool;
    Le "le" [N, N] Bool;
    Eq "eq" [N, N] Bool;
    Ne "ne" [N, N] Bool;
    And "and" [B, B] Bool;
    Or "or" [B, B] Bool;
    Not "not" [B] Bool;
    Defined "defined" [A] Bool;
    Where "where" [B, N, N] Num;
    Shift "shift" [A, Arg::Const("number of bars")] Same;
    Sum "sum" [N, WINDOW] Num;
    Mean "mean" [N, WINDOW] Num;
    Std "std" [N, WINDOW, DDOF] Num;
    Var "var" [N, WINDOW, DDOF] Num;
    Min "min" [N, WINDOW] Num;
    Max "max" [N, WINDOW] Num;
    ArgMin "argmin" [N, WINDOW] Num;
    ArgMax "argmax" [N, WINDOW] Num;
    Median "median" [N, WINDOW] Num;
    Rank "rank" [N, WINDOW] Num;
    Mad "mad" [N, WINDOW] Num;
    Wma "wma" [N, WINDOW] Num;
    Slope "slope" [N, WINDOW] Num;
    Quantile "quantile" [N, WINDOW, Arg::Const("quantile")] Num;
    Corr "corr" [N, N, WINDOW] Num;
    Ewm "ewm" [N, Arg::Const("alpha"), Arg::Const("seed length")] Num;
    EwmAdj "ewm_adj" [N, Arg::Const("alpha")] Num;
    EwmStd "ewm_std" [N, Arg::Const("alpha")] Num;
    CumSum "cumsum" [N] Num;
    CumProd "cumprod" [N] Num;
    CumMax "cummax" [N] Num;
    CumMin "cummin" [N] Num;
    SumSince "sum_since" [N, B] Num;
    BarsSince "bars_since" [B] Num;
    ValueWhen "value_when" [B, N] Num;
    Supertrend "supertrend" [N, N, N] Num;
    SupertrendDir "supertrend_dir" [N, N, N] Num;
    NewBucket "new_bucket" [] Bool;
    Hour "hour" [] Num;
    Minute "minute" [] Num;
    Weekday "weekday" [] Num;
    Tf "tf" [A] Same;
    Other "other" [A] Same;
}

impl Op {
    /// How many arguments may be left out at the end: the ddof of `std` and `var` is 1 by default.
    #[must_use]
    pub const fn optional(self) -> usize {
        match self {
            Self::Std | Self::Var => 1,
            _ => 0,
        }
    }
}
