//! What the test binaries share: storage types by their bits, inputs worth trying, rules, reports.

// Every test binary compiles its own copy and uses a part.
#![allow(dead_code, unreachable_pub)]

pub mod apfloat;
pub mod formats;
pub mod inputs;

use lowprec::{Format, Overflow, Rounding, Rule, Storage, Underflow};

/// A storage type seen as bits.
pub trait Bits: Storage {
    const NAME: &str;
    fn to_word(self) -> u64;
    fn of_word(word: u64) -> Self;
    /// The nearest value of the type; for making inputs.
    fn near(x: f64) -> Self;
}

macro_rules! bits {
    ($float:ty, $word:ty, $name:literal) => {
        impl Bits for $float {
            const NAME: &str = $name;
            fn to_word(self) -> u64 {
                u64::from(self.to_bits())
            }
            fn of_word(word: u64) -> Self {
                Self::from_bits(word as $word)
            }
            fn near(x: f64) -> Self {
                x as $float
            }
        }
    };
}
bits!(f32, u32, "f32");
bits!(f64, u64, "f64");

/// Every deterministic mode under every pair of policies.
pub fn deterministic_rules(format: Format) -> impl Iterator<Item = Rule> {
    Rounding::DETERMINISTIC.into_iter().flat_map(move |rounding| {
        Overflow::ALL.into_iter().flat_map(move |overflow| {
            Underflow::ALL.into_iter().map(move |underflow| Rule {
                format,
                rounding,
                overflow,
                underflow,
            })
        })
    })
}

/// Counts comparisons and keeps the first few that failed.
#[derive(Default)]
pub struct Report {
    pub cases: u64,
    wrong: u64,
    lines: Vec<String>,
}

impl Report {
    const SHOWN: usize = 40;

    /// Compares bit for bit.
    pub fn compare<T: Bits>(&mut self, what: &str, rule: &Rule, x: T, got: T, want: T) {
        self.cases += 1;
        if got.to_word() != want.to_word() {
            self.wrong(|| describe(what, rule, x, got, want));
        }
    }

    #[cold]
    pub fn wrong(&mut self, line: impl FnOnce() -> String) {
        self.wrong += 1;
        if self.lines.len() < Self::SHOWN {
            self.lines.push(line());
        }
    }

    /// Adds what another thread counted.
    pub fn join(&mut self, other: Report) {
        self.cases += other.cases;
        self.wrong += other.wrong;
        self.lines.extend(other.lines);
        self.lines.truncate(Self::SHOWN);
    }

    /// Panics if anything differed, or if nothing was compared.
    #[track_caller]
    pub fn finish(self, what: &str) {
        let shown = self.lines.join("\n");
        assert!(self.wrong == 0, "{what}: {} of {} differ:\n{shown}", self.wrong, self.cases);
        assert!(self.cases > 0, "{what}: nothing was compared");
        println!("{what}: {} comparisons", self.cases);
    }
}

fn describe<T: Bits>(what: &str, rule: &Rule, x: T, got: T, want: T) -> String {
    let Rule { format, rounding, overflow, underflow } = rule;
    let show = |x: T| format!("{:#x} ({:e})", x.to_word(), x.widen());
    format!(
        "{what}: {format} {rounding} {overflow} {underflow} {}: {} gives {}, not {}",
        T::NAME,
        show(x),
        show(got),
        show(want)
    )
}
