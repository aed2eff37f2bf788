//! What is compared under which rules, and what differed.

use lowprec::{Format, Overflow, Rounding, Underflow, reference::Rule};

use crate::bits::Bits;

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
