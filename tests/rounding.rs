//! Rounding, compared bit for bit: the kernels with the reference, the reference with an exact check
//! of its own (`oracle`), and both with other libraries.

mod oracle;
mod support;

use lowprec::{Chop, Format, reference};
use oracle::{Grid, Oracle};
use support::inputs::{Extent, inputs};
use support::{Bits, Report, deterministic_rules};

/// The reference is some twenty times slower than the exact check, so that where the inputs are many it
/// sees each of them under every seventh rule only: 7 is coprime to the six pairs of policies.
#[derive(Clone, Copy)]
enum Reference {
    Every,
    Seventh,
}

/// Every rule of the format on the inputs, in slices and by the reference.
fn compare<T: Bits>(format: Format, inputs: &[T], reference: Reference, report: &mut Report) {
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

/// All values where the codes are few, edges and samples where they are many.
fn compare_formats(
    what: &str,
    formats: impl IntoIterator<Item = Format>,
    most_bits: u32,
    reference: Reference,
) {
    let mut report = Report::default();
    for format in formats {
        let every = width(&format) <= most_bits;
        let extent = if every { Extent::Every } else { Extent::Sampled { binades: 48 } };
        compare_in::<f32>(format, extent, reference, &mut report);
        compare_in::<f64>(format, extent, reference, &mut report);
    }
    report.finish(what);
}

fn compare_in<T: Bits>(format: Format, extent: Extent, reference: Reference, report: &mut Report) {
    // A format none of whose positive values the storage type holds has no intersection to round to.
    let holds_some = format.largest_finite() >= T::of_word(1).widen()
        && format.smallest_positive() <= T::max_value().widen();
    if holds_some {
        compare::<T>(format, &inputs(&format, extent), reference, report);
    }
}

fn catalogue() -> impl Iterator<Item = Format> {
    Format::CATALOGUE.iter().map(|row| row.format)
}

fn width(format: &Format) -> u32 {
    format.total_bits().unwrap_or(u32::MAX)
}

#[test]
fn catalogue_complete_to_8_bits_and_sampled_above_16() {
    let not_16 = |f: &Format| !(9..=16).contains(&width(f));
    compare_formats("catalogue", catalogue().filter(not_16), 8, Reference::Every);
}

#[test]
fn catalogue_complete_at_16_bits() {
    compare_formats("16 bits", catalogue().filter(|f| (9..=16).contains(&width(f))), 16, Reference::Seventh);
}

#[test]
fn p3109_complete_to_8_bits() {
    compare_formats("P3109 to 8 bits", Format::p3109_family().filter(|f| width(f) <= 8), 8, Reference::Every);
}

#[test]
fn p3109_sampled_to_16_bits() {
    let wide = Format::p3109_family().filter(|f| width(f) > 8);
    compare_formats("P3109 to 16 bits", wide, 8, Reference::Seventh);
}

#[test]
fn custom_formats() {
    compare_formats("custom", support::formats::customs(), 8, Reference::Seventh);
}

/// The two ways in which the exact check finds neighbours agree where both apply.
#[test]
fn listing_and_dividing_place_alike() {
    fn check<T: Bits>(format: Format) {
        let (listed, divided) = (Grid::listed::<T>(&format), Grid::divided::<T>(&format));
        assert_eq!((listed.largest, listed.beyond), (divided.largest, divided.beyond), "{format}");
        assert_eq!(listed.largest_is_odd, divided.largest_is_odd, "{format}");
        for x in inputs::<T>(&format, Extent::Sampled { binades: 40 }) {
            if x.is_finite() && !x.is_zero() {
                let x = oracle::Exact::of_f64(x.widen());
                assert_eq!(listed.place(x), divided.place(x), "{format} {x:?}");
            }
        }
    }
    let p3109 = Format::p3109_family().filter(|f| f.precision() > 1);
    let small = catalogue().chain(p3109).filter(|f| width(f) <= 16 && f.precision() > 1);
    let mut count = 0;
    for format in small.filter(|f| *f != Format::DLFLOAT16) {
        check::<f32>(format);
        check::<f64>(format);
        count += 1;
    }
    assert!(count > 400, "{count}");
}
