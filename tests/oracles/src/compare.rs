//! One format under every rule: kernel, reference and exact check side by side.

use lowprec::{Chop, Format, reference, reference::Rule};

use crate::bits::Bits;
use crate::inputs::{Extent, beside, inputs, with_middles};
use crate::oracle::{Oracle, Outcome};
use crate::report::{Report, deterministic_rules};

/// The reference is some twenty times slower than the exact check, so that where the inputs are many it
/// sees each of them under some rules only: 7 and 61 are coprime to the six pairs of policies.
#[derive(Clone, Copy)]
pub enum Reference {
    Every = 1,
    Seventh = 7,
    Rarely = 61,
}

/// The rules on the inputs, in slices and by the reference.
fn compare_on<T: Bits>(
    oracle: &Oracle<T>,
    rules: &[Rule],
    inputs: &[T],
    reference: Reference,
    report: &mut Report,
) {
    let places: Vec<_> = inputs.iter().map(|x| oracle.placed(Outcome::of(x.widen()))).collect();
    let mut chopped = vec![T::zero(); inputs.len()];
    for (number, rule) in rules.iter().enumerate() {
        Chop::from_rule(*rule).chop_into(inputs, &mut chopped);
        for (i, ((x, place), got)) in inputs.iter().zip(&places).zip(&chopped).enumerate() {
            let want = oracle.finish_placed(*x, place, rule);
            report.compare("kernel", rule, *x, *got, want);
            if (i + number).is_multiple_of(reference as usize) {
                report.compare("reference", rule, *x, reference::chop(*x, rule, &[]), want);
            }
        }
    }
}

/// In both storage types.
pub fn compare(format: Format, extent: Extent, reference: Reference, report: &mut Report) {
    compare_in::<f32>(format, extent, reference, report);
    compare_in::<f64>(format, extent, reference, report);
}

fn compare_in<T: Bits>(format: Format, extent: Extent, reference: Reference, report: &mut Report) {
    // Without zero and without a value that the storage type holds nothing is left to round to.
    let holds_some = format.largest_finite() >= T::of_word(1).widen()
        && format.smallest_positive() <= T::max_value().widen();
    if holds_some || format.has_zero() {
        let rules: Vec<Rule> = deterministic_rules(format).collect();
        let oracle = Oracle::<T>::new(format);
        compare_on(&oracle, &rules, &inputs(&format, extent), reference, report);
    }
}

/// Neighbouring values of a format of very many, with the middles between them and one storage ulp
/// beside each, of both signs.
pub fn compare_part<T: Bits>(
    oracle: &Oracle<T>,
    rules: &[Rule],
    values: &[f64],
    report: &mut Report,
) {
    let mut list: Vec<T> = beside(&with_middles(values)).collect();
    let negative: Vec<T> = list.iter().map(|x| -*x).collect();
    list.extend(negative);
    compare_on(oracle, rules, &list, Reference::Rarely, report);
}
