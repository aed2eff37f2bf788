//! Formats beyond the catalogue that the tests try.

use lowprec::{Format, format::Signedness};

/// Formats from parameters, each odd in another way.
#[must_use]
pub fn customs() -> Vec<Format> {
    let mut list = ranges();
    list.extend([1, 2, 3, 8, 11, 23, 24, 25, 51, 52, 53].map(|p| Format::unbounded(p).unwrap()));
    list.extend(adapted().into_iter().map(|made| made.unwrap()));
    list
}

/// Precision, emin, emax: one bit of it, as many as the storage types have and one beside, ranges
/// of a single binade, and ranges that reach beyond f32, beyond f64, into their subnormal numbers.
fn ranges() -> Vec<Format> {
    let rows = [
        (1, -3, 3),
        (1, -10, 11),
        (1, 0, 0),
        (1, -140, 127),
        (1, -1074, 1023),
        (2, 0, 0),
        (2, -1, 0),
        (3, -40, 40),
        (4, -6, 8),
        (5, 3, 9),
        (11, -14, 15),
        (11, -149, 127),
        (11, -160, 200),
        (11, -1100, 1030),
        (8, -130, 128),
        (12, 100, 140),
        (20, -100, 100),
        (5, -60, 104),
        (11, -14, 990),
        (22, -126, 127),
        (23, -126, 127),
        (24, -126, 127),
        (24, -140, 127),
        (24, -127, 130),
        (25, -126, 127),
        (24, -30, 30),
        (25, -30, 30),
        (23, -20, 20),
        (51, -1022, 1023),
        (52, -1022, 1023),
        (53, -1022, 1023),
        (52, -1040, 1023),
        (52, -100, 100),
        (53, -100, 100),
        (53, -1000, 1020),
        (51, -10, 10),
        (50, -3, 3),
        (40, -1060, 1000),
        (30, -200, 200),
    ];
    rows.map(|(p, emin, emax)| Format::from_range(p, emin, emax).unwrap()).to_vec()
}

fn adapted() -> Vec<Result<Format, lowprec::error::FormatError>> {
    let range = |p, emin, emax| Format::from_range(p, emin, emax).unwrap();
    let mut list = Vec::new();
    for base in [
        Format::BINARY16,
        Format::BFLOAT16,
        Format::BINARY32,
        Format::BINARY64,
        Format::OCP_E4M3,
        Format::OCP_E2M1,
        Format::E4M3_FNUZ,
        range(11, -140, 127),
        range(53, -1022, 1023),
        range(2, 0, 1),
        range(24, -140, 100),
    ] {
        list.push(base.with_subnormals(false));
    }
    for base in
        [Format::BINARY16, Format::BFLOAT16, Format::BINARY32, Format::E3M4, range(1, -3, 3)]
    {
        list.push(base.with_infinities(false));
        list.push(base.with_signed_zero(false));
        list.push(base.with_sign(Signedness::Unsigned));
        list.push(base.with_subnormals(false).and_then(|f| f.with_sign(Signedness::Unsigned)));
        list.push(base.with_infinities(false).and_then(|f| f.with_sign(Signedness::Unsigned)));
        list.push(base.with_signed_zero(false).and_then(|f| f.with_subnormals(false)));
    }
    list.push(Format::OCP_E2M1.with_sign(Signedness::Unsigned));
    list.push(Format::OCP_E4M3.with_sign(Signedness::Unsigned));
    list.push(Format::unbounded(8).and_then(|f| f.with_sign(Signedness::Unsigned)));
    list.push(Format::unbounded(8).and_then(|f| f.with_infinities(false)));
    for largest in [1.0, 1000.0, 1001.0, 40960.0, 65472.0] {
        list.push(Format::BINARY16.with_largest_finite(largest));
        list.push(
            Format::BINARY16.with_infinities(false).and_then(|f| f.with_largest_finite(largest)),
        );
    }
    list.push(
        Format::BINARY16
            .with_infinities(false)
            .and_then(|f| f.with_largest_finite(131008.0 - 64.0)),
    );
    list.push(Format::OCP_E2M1.with_largest_finite(4.0).and_then(|f| f.with_infinities(true)));
    list.push(Format::BFLOAT16.with_largest_finite(1.5));
    for bias in [-100, -5, 0, 40, 140, 1000] {
        list.push(Format::OCP_E4M3.with_bias(bias));
        list.push(Format::BINARY16.with_bias(bias));
    }
    list.extend([0, 15, 40, 63].map(Format::cfloat8_143));
    list.extend([0, 40, 63].map(Format::cfloat8_152));
    // No subnormal numbers, and half the smallest number at or below the storage types' last bit.
    list.extend(
        [139, 140, 141, 148, 149, 1064, 1065, 1066].map(|bias| Format::DLFLOAT16.with_bias(bias)),
    );
    for emin in [-150, -149, -148, -147, -1075, -1074, -1073, -1072] {
        list.push(range(4, emin, 10).with_subnormals(false));
        list.push(range(30, emin, 10).with_subnormals(false));
    }
    // Wholly or mostly beyond one end of f32's range.
    for beyond in [range(4, 200, 300), range(4, 128, 140), range(4, 131, 140), range(24, 130, 160)]
    {
        list.extend([
            Ok(beyond),
            beyond.with_subnormals(false),
            beyond.with_sign(Signedness::Unsigned),
        ]);
        list.extend([beyond.with_infinities(false), beyond.with_signed_zero(false)]);
    }
    list.extend([Ok(range(4, -300, -200)), Ok(range(30, -300, -200)), Ok(range(4, -160, -149))]);
    list.push(range(4, -300, -200).with_sign(Signedness::Unsigned));
    list
}
