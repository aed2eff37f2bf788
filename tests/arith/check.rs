//! Slices at every CPU level, scalar calls and the definition against the exact results: each element
//! placed among the format's values once, then rounded in every mode.

use lowprec::{Chop, Level, Rounding, reference::Rule};

use crate::calls::{Columns, Op, Slices, row, slices};
use crate::policies;
use lowprec_oracles::Oracle;
use lowprec_oracles::at_levels;
use lowprec_oracles::{Bits, Report};

/// Every so many elements by a scalar call, and by the definition, which is a hundred times slower;
/// slices at every CPU level or at one of them, chosen by a number.
#[derive(Clone, Copy, Debug)]
pub struct Every {
    pub scalar: usize,
    pub reference: usize,
    pub level: Option<usize>,
}

/// The deterministic modes with the policies taking turns.
pub fn rules(format: lowprec::Format, turn: usize) -> Vec<Rule> {
    let modes = Rounding::DETERMINISTIC.into_iter().enumerate();
    let rules = modes.map(|(number, rounding)| {
        let (overflow, underflow) = policies(number + turn);
        Rule { format, rounding, overflow, underflow }
    });
    rules.collect()
}

pub fn check<T: Bits>(
    oracle: &Oracle<T>,
    op: Op,
    rules: &[Rule],
    columns: &Columns<T>,
    every: Every,
    report: &mut Report,
) {
    let columns = slices(columns);
    let columns = &columns[..op.operands()];
    let count = columns[0].len();
    let exact: Vec<_> = (0..count).map(|i| oracle.placed(op.outcome(&row(columns, i)))).collect();
    let all = Level::available();
    let levels = every.level.map_or(all, |number| &all[number % all.len()..][..1]);
    let mut got = vec![T::zero(); count];
    for (number, rule) in rules.iter().enumerate() {
        let wanted: Vec<T> = exact.iter().map(|placed| oracle.round_placed(placed, rule)).collect();
        let chop = Chop::from_rule(*rule);
        at_levels(levels, |level| {
            got.fill(T::nan());
            chop.slice(op, columns, &mut got);
            report.cases += count as u64;
            let pairs = got.iter().zip(&wanted);
            if pairs.clone().all(|(got, want)| got.to_word() == want.to_word()) {
                return;
            }
            for (i, (got, want)) in pairs.enumerate() {
                compare(op, &row(columns, i), rule, &level.to_string(), *got, *want, report);
            }
        });
        for i in (number % every.scalar..count).step_by(every.scalar) {
            report.cases += 1;
            let args = row(columns, i);
            compare(op, &args, rule, "scalar", op.scalar(&chop, &args), wanted[i], report);
        }
        for i in (number % every.reference..count).step_by(every.reference) {
            report.cases += 1;
            let args = row(columns, i);
            let defined = op.reference(&args, rule, &[]).0;
            compare(op, &args, rule, "reference", defined, wanted[i], report);
        }
    }
}

/// Reports a difference; counts nothing.
pub fn compare<T: Bits>(
    op: Op,
    args: &[T],
    rule: &Rule,
    path: &str,
    got: T,
    want: T,
    report: &mut Report,
) {
    if got.to_word() == want.to_word() {
        return;
    }
    let show = |x: &T| format!("{:#x} ({:e})", x.to_word(), x.widen());
    let Rule { format, rounding, overflow, underflow } = rule;
    report.wrong(|| {
        let args: Vec<String> = args[..op.operands()].iter().map(show).collect();
        format!(
            "{path}: {op} {} in {format} {rounding} {overflow} {underflow} {} gives {}, not {}",
            args.join(", "),
            T::NAME,
            show(&got),
            show(&want)
        )
    });
}
