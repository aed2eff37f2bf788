//! The rounding modes: what a user names, and the small decision every layer works with.

use core::fmt;
use core::str::FromStr;

use crate::error::{ParseError, RoundingError};

/// How a value that is not in the format is replaced by one of its two neighbours that are.
///
/// Plain data: it holds no generator and no seed. The stochastic modes take their randomness from
/// the caller, a [`Stream`](crate::Stream) or the thread's own generator.
///
/// Names are those of IEEE 754-2019 section 4.3 and of the IEEE P3109 Interim Report v4.0,
/// section 4.7; `Display` and `FromStr` use the names in the second column.
///
/// | mode | printed | what it does |
/// |---|---|---|
/// | `NearestEven` | `nearest-even` | to nearest, ties to the even code |
/// | `NearestAway` | `nearest-away` | to nearest, ties away from zero |
/// | `NearestZero` | `nearest-zero` | to nearest, ties toward zero |
/// | `NearestOdd` | `nearest-odd` | to nearest, ties to the odd code |
/// | `NearestUp` | `nearest-up` | to nearest, ties toward +∞ |
/// | `NearestDown` | `nearest-down` | to nearest, ties toward -∞ |
/// | `Up` | `up` | toward +∞ |
/// | `Down` | `down` | toward -∞ |
/// | `TowardZero` | `toward-zero` | truncation |
/// | `AwayFromZero` | `away-from-zero` | to the neighbour of larger magnitude |
/// | `ToOdd` | `to-odd` | inexact results get the neighbour with the odd code |
/// | `Stochastic` | `stochastic` | away from zero with probability exactly ν |
/// | `StochasticEqual` | `stochastic-equal` | away with probability 1/2 whenever inexact |
/// | `StochasticA(n)` | `stochastic-a:8` | away iff ⌊ν·2ⁿ⌋ + R ≥ 2ⁿ |
/// | `StochasticB(n)` | `stochastic-b:8` | away iff ⌊ν·2ⁿ⁺¹⌋ + 2R + 1 ≥ 2ⁿ⁺¹ |
/// | `StochasticC(n)` | `stochastic-c:8` | away iff rne(ν·2ⁿ) + R ≥ 2ⁿ |
///
/// ν in [0, 1) is the fraction cut off and R the first n random bits read as an integer. Note the
/// two ways of counting: `Stochastic` rounds away where the random number is *small* (U < ν),
/// the P3109 modes where R is *large*.
///
/// ```
/// use lowprec::Rounding;
/// assert_eq!("rne".parse::<Rounding>()?, Rounding::NearestEven);
/// assert_eq!(Rounding::ToOdd.to_string(), "to-odd");
/// assert_eq!(Rounding::stochastic_a(8)?.to_string(), "stochastic-a:8");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Rounding {
    /// To nearest, ties to the even code (`roundTiesToEven`, IEEE 754-2019 4.3.1). The default.
    #[default]
    NearestEven,
    /// To nearest, ties away from zero (`roundTiesToAway`, IEEE 754-2019 4.3.1).
    NearestAway,
    /// To nearest, ties toward zero (used by `augmentedAddition`, IEEE 754-2019 9.5).
    NearestZero,
    /// To nearest, ties to the odd code.
    NearestOdd,
    /// To nearest, ties toward +∞: ⌊x + ½⌋ in units of the last place, the rounding of most signal processing and
    /// FPGA code, which adds a half and truncates two's complement.
    NearestUp,
    /// To nearest, ties toward -∞: ⌈x - ½⌉ in units of the last place.
    NearestDown,
    /// Toward +∞ (`roundTowardPositive`, IEEE 754-2019 4.3.2).
    Up,
    /// Toward -∞ (`roundTowardNegative`, IEEE 754-2019 4.3.2).
    Down,
    /// Toward zero (`roundTowardZero`, IEEE 754-2019 4.3.2).
    TowardZero,
    /// To the neighbour of larger magnitude.
    AwayFromZero,
    /// Inexact values become the neighbour with the odd code (von Neumann rounding, P3109 `ToOdd`).
    ToOdd,
    /// Away from zero with probability exactly equal to the fraction cut off.
    Stochastic,
    /// Away from zero with probability 1/2 whenever inexact. CADNA's random rounding differs only
    /// beyond the range, where it may give the largest finite number.
    StochasticEqual,
    /// P3109 `StochasticA`: away iff ⌊ν·2ⁿ⌋ + R ≥ 2ⁿ.
    StochasticA(RandomBits),
    /// P3109 `StochasticB`: away iff ⌊ν·2ⁿ⁺¹⌋ + 2R + 1 ≥ 2ⁿ⁺¹.
    StochasticB(RandomBits),
    /// P3109 `StochasticC`: away iff rne(ν·2ⁿ) + R ≥ 2ⁿ, rne to nearest integer with ties to even.
    StochasticC(RandomBits),
}

/// How many random bits, 0 to 32, a P3109 stochastic mode compares with.
///
/// Zero is legal and makes the mode deterministic: A truncates, B rounds to nearest with ties away
/// from zero, C to nearest with ties toward zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct RandomBits(u8);

impl RandomBits {
    /// The largest count.
    pub const MAX: u8 = 32;

    /// `n` random bits.
    ///
    /// # Errors
    ///
    /// If `n` is above 32.
    ///
    /// ```
    /// use lowprec::rounding::RandomBits;
    /// assert_eq!(RandomBits::new(8)?.get(), 8);
    /// let error = RandomBits::new(33).unwrap_err();
    /// assert_eq!(error.to_string(), "random bits: 33 given, 0..=32 allowed");
    /// # Ok::<(), lowprec::error::RoundingError>(())
    /// ```
    pub const fn new(n: u8) -> Result<Self, RoundingError> {
        if n <= Self::MAX { Ok(Self(n)) } else { Err(RoundingError::RandomBits(n)) }
    }

    /// The count.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// The modes without a parameter, by name, each with its other accepted names.
const NAMED: [(Rounding, &str, &[&str]); 13] = [
    (Rounding::NearestEven, "nearest-even", &["rne", "nearest", "ne", "ties-to-even"]),
    (Rounding::NearestAway, "nearest-away", &["rna", "na", "ties-to-away"]),
    (Rounding::NearestZero, "nearest-zero", &["rnz", "nz", "ties-to-zero"]),
    (Rounding::NearestOdd, "nearest-odd", &["rno", "ties-to-odd"]),
    (Rounding::NearestUp, "nearest-up", &["rnu", "nu", "ties-up", "half-up"]),
    (Rounding::NearestDown, "nearest-down", &["rnd", "nd", "ties-down", "half-down"]),
    (Rounding::Up, "up", &["ru", "rtp", "toward-positive"]),
    (Rounding::Down, "down", &["rd", "rtn", "toward-negative"]),
    (Rounding::TowardZero, "toward-zero", &["rz", "rtz", "truncate"]),
    (Rounding::AwayFromZero, "away-from-zero", &["ra", "away"]),
    (Rounding::ToOdd, "to-odd", &["ro", "odd", "rto"]),
    (Rounding::Stochastic, "stochastic", &["sr"]),
    (Rounding::StochasticEqual, "stochastic-equal", &["sr-equal", "random"]),
];

impl Rounding {
    /// The eleven modes whose result depends on the value alone.
    pub const DETERMINISTIC: [Rounding; 11] = [
        Rounding::NearestEven,
        Rounding::NearestAway,
        Rounding::NearestZero,
        Rounding::NearestOdd,
        Rounding::NearestUp,
        Rounding::NearestDown,
        Rounding::Up,
        Rounding::Down,
        Rounding::TowardZero,
        Rounding::AwayFromZero,
        Rounding::ToOdd,
    ];

    /// The names that `Display` prints and `FromStr` accepts, for help texts.
    pub const NAMES: [&'static str; 16] = [
        "nearest-even",
        "nearest-away",
        "nearest-zero",
        "nearest-odd",
        "nearest-up",
        "nearest-down",
        "up",
        "down",
        "toward-zero",
        "away-from-zero",
        "to-odd",
        "stochastic",
        "stochastic-equal",
        "stochastic-a:N",
        "stochastic-b:N",
        "stochastic-c:N",
    ];

    /// P3109 `StochasticA` with `n` random bits.
    ///
    /// # Errors
    ///
    /// If `n` is above 32.
    pub const fn stochastic_a(n: u8) -> Result<Self, RoundingError> {
        match RandomBits::new(n) {
            Ok(n) => Ok(Self::StochasticA(n)),
            Err(e) => Err(e),
        }
    }

    /// P3109 `StochasticB` with `n` random bits.
    ///
    /// # Errors
    ///
    /// If `n` is above 32.
    pub const fn stochastic_b(n: u8) -> Result<Self, RoundingError> {
        match RandomBits::new(n) {
            Ok(n) => Ok(Self::StochasticB(n)),
            Err(e) => Err(e),
        }
    }

    /// P3109 `StochasticC` with `n` random bits.
    ///
    /// # Errors
    ///
    /// If `n` is above 32.
    pub const fn stochastic_c(n: u8) -> Result<Self, RoundingError> {
        match RandomBits::new(n) {
            Ok(n) => Ok(Self::StochasticC(n)),
            Err(e) => Err(e),
        }
    }

    /// Whether every result is one of the values nearest to the exact one.
    ///
    /// ```
    /// use lowprec::Rounding;
    /// assert!(Rounding::NearestUp.is_nearest() && !Rounding::Up.is_nearest());
    /// ```
    #[must_use]
    pub const fn is_nearest(self) -> bool {
        matches!(self.decision(), Decision::Nearest(_))
    }

    /// Whether the result depends on random bits.
    ///
    /// The P3109 modes count as stochastic for every n, 0 too: each element takes a position in a
    /// stream whether or not its bits are looked at.
    ///
    /// ```
    /// use lowprec::Rounding;
    /// assert!(Rounding::Stochastic.is_stochastic());
    /// assert!(!Rounding::ToOdd.is_stochastic());
    /// ```
    #[must_use]
    pub const fn is_stochastic(self) -> bool {
        matches!(self.decision(), Decision::Stochastic(_))
    }

    /// The mode that MATLAB chop (Higham and Pranesh) selects by `options.round = code`, 1 to 6.
    ///
    /// # Errors
    ///
    /// For any other code.
    ///
    /// ```
    /// use lowprec::Rounding;
    /// assert_eq!(Rounding::from_chop_code(2)?, Rounding::Up);
    /// assert!(Rounding::from_chop_code(7).is_err());
    /// # Ok::<(), lowprec::error::RoundingError>(())
    /// ```
    pub const fn from_chop_code(code: i32) -> Result<Self, RoundingError> {
        Ok(match code {
            1 => Self::NearestEven,
            2 => Self::Up,
            3 => Self::Down,
            4 => Self::TowardZero,
            5 => Self::Stochastic,
            6 => Self::StochasticEqual,
            _ => return Err(RoundingError::ChopCode(code)),
        })
    }

    /// The mode that Pychop (Carson and Chen) selects by `rmode = code`, 1 to 10.
    ///
    /// Code 10 is the random rounding of CADNA; it is [`Rounding::StochasticEqual`] here, from
    /// which it differs only beyond the range.
    ///
    /// # Errors
    ///
    /// For any other code.
    ///
    /// ```
    /// use lowprec::Rounding;
    /// assert_eq!(Rounding::from_pychop_code(7)?, Rounding::NearestZero);
    /// let error = Rounding::from_pychop_code(0).unwrap_err();
    /// assert_eq!(error.to_string(), "Pychop rounding code: 0 given, 1..=10 allowed");
    /// # Ok::<(), lowprec::error::RoundingError>(())
    /// ```
    pub const fn from_pychop_code(code: i32) -> Result<Self, RoundingError> {
        Ok(match code {
            1 => Self::NearestEven,
            2 => Self::Up,
            3 => Self::Down,
            4 => Self::TowardZero,
            5 => Self::Stochastic,
            6 | 10 => Self::StochasticEqual,
            7 => Self::NearestZero,
            8 => Self::NearestAway,
            9 => Self::ToOdd,
            _ => return Err(RoundingError::PychopCode(code)),
        })
    }

    /// The mode that CPFloat (Fasi and Mikaitis) selects by `optstruct.round = code`, -1 to 7.
    ///
    /// # Errors
    ///
    /// For any other code; 8 too, which means there that nothing is rounded.
    ///
    /// ```
    /// use lowprec::Rounding;
    /// assert_eq!(Rounding::from_cpfloat_code(-1)?, Rounding::NearestAway);
    /// assert!(Rounding::from_cpfloat_code(8).unwrap_err().to_string().contains("no rounding"));
    /// # Ok::<(), lowprec::error::RoundingError>(())
    /// ```
    pub const fn from_cpfloat_code(code: i32) -> Result<Self, RoundingError> {
        Ok(match code {
            -1 => Self::NearestAway,
            0 => Self::NearestZero,
            1 => Self::NearestEven,
            2 => Self::Up,
            3 => Self::Down,
            4 => Self::TowardZero,
            5 => Self::Stochastic,
            6 => Self::StochasticEqual,
            7 => Self::ToOdd,
            _ => return Err(RoundingError::CpfloatCode(code)),
        })
    }

    /// Small form: what the layers below match on.
    pub(crate) const fn decision(self) -> Decision {
        match self {
            Self::NearestEven => Decision::Nearest(Tie::Even),
            Self::NearestAway => Decision::Nearest(Tie::Away),
            Self::NearestZero => Decision::Nearest(Tie::Zero),
            Self::NearestOdd => Decision::Nearest(Tie::Odd),
            Self::NearestUp => Decision::Nearest(Tie::Up),
            Self::NearestDown => Decision::Nearest(Tie::Down),
            Self::Up => Decision::Directed(Direction::Up),
            Self::Down => Decision::Directed(Direction::Down),
            Self::TowardZero => Decision::Directed(Direction::Inward),
            Self::AwayFromZero => Decision::Directed(Direction::Outward),
            Self::ToOdd => Decision::Odd,
            Self::Stochastic => Decision::Stochastic(Draw::Exact),
            Self::StochasticEqual => Decision::Stochastic(Draw::Equal),
            Self::StochasticA(n) => Decision::Stochastic(Draw::Floor(n.0)),
            Self::StochasticB(n) => Decision::Stochastic(Draw::HalfUp(n.0)),
            Self::StochasticC(n) => Decision::Stochastic(Draw::HalfEven(n.0)),
        }
    }
}

/// The four families behind the sixteen modes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    Nearest(Tie),
    Directed(Direction),
    Odd,
    Stochastic(Draw),
}

/// Where a tie goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tie {
    Even,
    Away,
    Zero,
    Odd,
    Up,
    Down,
}

/// Which way a directed mode points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    Up,
    Down,
    Inward,
    Outward,
}

impl Direction {
    /// Whether this direction points away from zero for a number of the given sign.
    pub(crate) const fn is_outward(self, negative: bool) -> bool {
        match self {
            Self::Up => !negative,
            Self::Down => negative,
            Self::Inward => false,
            Self::Outward => true,
        }
    }
}

/// How random bits are compared with the fraction cut off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Draw {
    /// U < ν, bit by bit.
    Exact,
    /// The first random bit.
    Equal,
    /// R of n bits against ν·2ⁿ rounded down (A), to nearest with halves up (B), or with halves to
    /// even (C). B's formula ⌊ν·2ⁿ⁺¹⌋ + 2R + 1 ≥ 2ⁿ⁺¹ is the same as ⌊ν·2ⁿ + 1/2⌋ + R ≥ 2ⁿ.
    Floor(u8),
    HalfUp(u8),
    HalfEven(u8),
}

impl Draw {
    /// Whether an element takes 32 first random bits rather than 16.
    pub(crate) const fn is_wide(self) -> bool {
        matches!(self, Self::Floor(n) | Self::HalfUp(n) | Self::HalfEven(n) if n > 16)
    }

    /// How many bits of ν are compared with random bits at once, where there is room for them all.
    pub(crate) const fn all_digits(self) -> u32 {
        match self {
            Self::Equal => 1,
            Self::Floor(n) | Self::HalfUp(n) | Self::HalfEven(n) => n as u32,
            Self::Exact => 16,
        }
    }

    /// How many bits of ν the first 16 random bits are compared with.
    pub(crate) const fn digits(self) -> u32 {
        match self {
            Self::Equal => 1,
            Self::Floor(n) | Self::HalfUp(n) | Self::HalfEven(n) if n <= 16 => n as u32,
            _ => 16,
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StochasticA(n) => write!(f, "stochastic-a:{}", n.0),
            Self::StochasticB(n) => write!(f, "stochastic-b:{}", n.0),
            Self::StochasticC(n) => write!(f, "stochastic-c:{}", n.0),
            plain => match NAMED.iter().find(|row| row.0 == *plain) {
                Some(row) => f.pad(row.1),
                None => write!(f, "{plain:?}"),
            },
        }
    }
}

impl FromStr for Rounding {
    type Err = ParseError;

    /// Reads a name from the table above or one of the usual abbreviations (`rne`, `rtz`, `sr` …),
    /// in either case, `_` and `-` alike.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let name = text.trim().to_ascii_lowercase().replace('_', "-");
        if let Some(row) = NAMED.iter().find(|row| row.1 == name || row.2.contains(&name.as_str()))
        {
            return Ok(row.0);
        }
        let parameter = [
            ("stochastic-a:", Self::stochastic_a as fn(u8) -> Result<Self, RoundingError>),
            ("stochastic-b:", Self::stochastic_b),
            ("stochastic-c:", Self::stochastic_c),
        ];
        for (prefix, make) in parameter {
            if let Some(digits) = name.strip_prefix(prefix) {
                let made = digits.parse().ok().and_then(|n| make(n).ok());
                return made.ok_or_else(|| {
                    ParseError::new(
                        "rounding mode",
                        text,
                        "a whole number of random bits, 0..=32, after the colon",
                    )
                });
            }
        }
        Err(ParseError::new("rounding mode", text, Self::NAMES.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        let mut all: Vec<Rounding> = NAMED.iter().map(|row| row.0).collect();
        for n in 0..=RandomBits::MAX {
            all.push(Rounding::stochastic_a(n).unwrap());
            all.push(Rounding::stochastic_b(n).unwrap());
            all.push(Rounding::stochastic_c(n).unwrap());
        }
        for mode in all {
            assert_eq!(mode.to_string().parse::<Rounding>().unwrap(), mode);
        }
        for (mode, _, aliases) in NAMED {
            for alias in aliases {
                assert_eq!(alias.to_uppercase().parse::<Rounding>().unwrap(), mode);
            }
        }
    }

    #[test]
    fn unknown_names_are_answered_with_the_known_ones() {
        let message = "sideways".parse::<Rounding>().unwrap_err().to_string();
        assert!(message.contains("\"sideways\"") && message.contains("nearest-even"), "{message}");
        let message = "stochastic-a:40".parse::<Rounding>().unwrap_err().to_string();
        assert!(message.contains("0..=32"), "{message}");
    }

    #[test]
    fn each_peers_codes_are_exactly_those_of_its_own_table() {
        let accepted = |of: fn(i32) -> Result<Rounding, RoundingError>| {
            (-20..=20).filter(|&code| of(code).is_ok()).collect::<Vec<_>>()
        };
        assert_eq!(accepted(Rounding::from_chop_code), (1..=6).collect::<Vec<_>>());
        assert_eq!(accepted(Rounding::from_pychop_code), (1..=10).collect::<Vec<_>>());
        assert_eq!(accepted(Rounding::from_cpfloat_code), (-1..=7).collect::<Vec<_>>());
        // Codes 1 to 6 mean the same to all three.
        for code in 1..=6 {
            let mode = Rounding::from_chop_code(code);
            assert_eq!(Rounding::from_pychop_code(code), mode);
            assert_eq!(Rounding::from_cpfloat_code(code), mode);
        }
        for code in [i32::MIN, 0, 11, i32::MAX] {
            assert_eq!(Rounding::from_pychop_code(code), Err(RoundingError::PychopCode(code)));
        }
        for code in [i32::MIN, -2, 8, i32::MAX] {
            assert_eq!(Rounding::from_cpfloat_code(code), Err(RoundingError::CpfloatCode(code)));
        }
    }
}
