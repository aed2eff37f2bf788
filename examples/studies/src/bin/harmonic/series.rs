//! The series itself.

use lowprec::{Chop, Format, Rounding};

/// How a sum ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// Term n changes nothing, nor does any after it.
    Still,
    /// Term n is the last after which the sum is finite.
    Overflow,
    /// It is not waited for.
    Open,
}

/// A sum up to its end.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) ending: Ending,
    pub(crate) n: u32,
    pub(crate) sum: f64,
    /// The sums, from n = 1 on.
    pub(crate) sums: Vec<f64>,
}

/// How many terms are added where a sum neither stands still nor overflows.
pub(crate) const TERMS: u32 = 200_000;
/// Terms of the table in stochastic modes, in which a sum that stands still may go on.
pub(crate) const DRAWN: u32 = 10_000;

/// The series in a format and mode; `drawn` terms in a stochastic one.
pub(crate) fn sum(format: Format, mode: Rounding, seed: u64, drawn: u32) -> Run {
    let chop = Chop::new(format, mode);
    if mode.is_stochastic() {
        let stream = chop.stream(seed);
        return run(drawn, false, |s, n| stream.add(s, stream.div(1.0, n)));
    }
    run(TERMS, true, |s, n| chop.add(s, chop.div(1.0, n)))
}

/// Rounded up as peers do it: the sum that binary64 has rounded to nearest is rounded again.
pub(crate) fn twice_rounded(format: Format) -> Run {
    let up = Chop::new(format, Rounding::Up);
    run(TERMS, true, |s, n| up.chop(s + up.chop(1.0 / n)))
}

/// The exact sum of the first n terms, in binary64: its error is below 1e-12.
pub(crate) fn exact(terms: u32) -> f64 {
    (1..=terms).rev().map(|n| 1.0 / f64::from(n)).sum()
}

fn run(terms: u32, stops: bool, step: impl Fn(f64, f64) -> f64) -> Run {
    let (mut sum, mut sums) = (0.0, Vec::new());
    for n in 1..=terms {
        let next = step(sum, f64::from(n));
        if !next.is_finite() {
            return Run { ending: Ending::Overflow, n: n - 1, sum, sums };
        }
        if stops && next == sum {
            return Run { ending: Ending::Still, n, sum, sums };
        }
        sum = next;
        sums.push(sum);
    }
    Run { ending: Ending::Open, n: terms, sum, sums }
}
