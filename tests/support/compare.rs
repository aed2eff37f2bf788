//! One format under every rule: kernel, reference and exact check side by side.

use lowprec::{Chop, Format, reference};

use crate::oracle::Oracle;
use crate::support::inputs::{Extent, inputs};
use crate::support::{Bits, Report, deterministic_rules};

/// The reference is some twenty times slower than the exact check, so that where the inputs are many it
/// sees each of them under every seventh rule only: 7 is coprime to the six pairs of policies.
#[derive(Clone, Copy)]
pub enum Reference {
    Every,
    Seventh,
}

/// Every rule of the format on the inputs, in slices and by the reference.
fn compare_on<T: Bits>(format: Format, inputs: &[T], reference: Reference, report: &mut Report) {
    let oracle = Oracle::<T>::new(format);
    let places: Vec<_> = inputs.iter().map(|x| oracle.place(*x)).collect();
    let mut chopped = vec![T::zero(); inputs.len()];
    for (number, rule) in deterministic_rules(format).enumerate() {
        Chop::of_rule(rule).chop_into(inputs, &mut chopped);
        for (i, ((x, place), got)) in inputs.iter().zip(&places).zip(&chopped).enumerate() {
            let want = oracle.finish(*x, *place, &rule);
            report.compare("kernel", &rule, *x, *got, want);
            if matches!(reference, Reference::Every) || (i + number) % 7 == 0 {
                report.compare("reference", &rule, *x, reference::chop(*x, &rule, &[]), want);
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
        compare_on::<T>(format, &inputs(&format, extent), reference, report);
    }
}
