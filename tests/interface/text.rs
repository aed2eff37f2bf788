//! What prints also reads: formats, roundings, block formats.

use lowprec::block::{BlockShape, ScaleRule, Specials};
use lowprec::format::{Domain, Signedness};
use lowprec::{BlockChop, BlockFormat, Chop, Format, Overflow, Rounding, Underflow};
use proptest::prelude::*;

/// Any format that the constructors make, with facts changed where they can be.
pub fn formats() -> impl Strategy<Value = Format> {
    let ieee = (2_u32..=11, 1_u32..=52).prop_filter_map("IEEE", |(e, m)| Format::new(e, m).ok());
    let range = (1_u32..=53, -300_i32..=20, 0_i32..=300)
        .prop_filter_map("range", |(p, emin, emax)| Format::from_range(p, emin, emax).ok());
    let unbounded = (1_u32..=53).prop_filter_map("unbounded", |p| Format::unbounded(p).ok());
    let p3109 = (3_u32..=16, 1_u32..=16, any::<bool>(), any::<bool>()).prop_filter_map(
        "P3109",
        |(k, p, signed, extended)| {
            let signedness = if signed { Signedness::Signed } else { Signedness::Unsigned };
            let domain = if extended { Domain::Extended } else { Domain::Finite };
            Format::p3109(k, p, signedness, domain).ok()
        },
    );
    let named = (0..Format::CATALOGUE.len()).prop_map(|i| Format::CATALOGUE[i].format);
    let base = prop_oneof![ieee, range, unbounded, p3109, named];
    let changes = prop::collection::vec((0_u8..7, any::<u16>()), 0..4);
    (base, changes).prop_map(|(base, changes)| {
        changes.into_iter().fold(base, |format, (fact, value)| {
            let on = value % 2 == 1;
            let changed = match fact {
                0 => format.with_subnormals(on),
                1 => format.with_infinities(on),
                2 => format.with_signed_zero(on),
                3 => format.with_sign(if on { Signedness::Signed } else { Signedness::Unsigned }),
                4 => format.with_bias(i32::from(value % 64)),
                5 => {
                    // A number of the format in its last binade.
                    let largest = format.largest_finite();
                    format.with_largest_finite(largest * 0.75)
                }
                _ => Ok(format),
            };
            changed.unwrap_or(format)
        })
    })
}

pub fn modes() -> impl Strategy<Value = Rounding> {
    prop_oneof![
        (0..Rounding::DETERMINISTIC.len()).prop_map(|i| Rounding::DETERMINISTIC[i]),
        Just(Rounding::Stochastic),
        Just(Rounding::StochasticEqual),
        (0_u8..=32).prop_map(|n| Rounding::stochastic_a(n).unwrap()),
        (0_u8..=32).prop_map(|n| Rounding::stochastic_b(n).unwrap()),
        (0_u8..=32).prop_map(|n| Rounding::stochastic_c(n).unwrap()),
    ]
}

fn chops() -> impl Strategy<Value = Chop> {
    (formats(), modes(), 0_usize..3, 0_usize..2).prop_map(|(format, mode, overflow, underflow)| {
        Chop::new(format, mode)
            .with_overflow(Overflow::ALL[overflow])
            .with_underflow(Underflow::ALL[underflow])
    })
}

fn shapes() -> impl Strategy<Value = BlockShape> {
    prop_oneof![
        (1_usize..=1 << 24).prop_map(BlockShape::Along),
        (1_usize..=1000, 1_usize..=1000)
            .prop_map(|(rows, columns)| BlockShape::Tile { rows, columns }),
        Just(BlockShape::Tensor),
    ]
}

fn block_formats() -> impl Strategy<Value = BlockFormat> {
    let own = (formats(), shapes(), formats())
        .prop_filter_map("elements and scales", |(element, block, scale)| {
            BlockFormat::new(element, block, scale, ScaleRule::Floor).ok()
        });
    let preset = (0..BlockFormat::PRESETS.len()).prop_map(|i| BlockFormat::PRESETS[i].1);
    let floating = (1_u32..=15, 1_usize..=64, 2_u32..=8).prop_map(|(digits, size, exponent)| {
        BlockFormat::block_floating_point(digits, size, exponent).unwrap()
    });
    let base = prop_oneof![1 => own, 2 => preset, 1 => floating];
    (base, prop::option::of(shapes()), 0_usize..8, any::<[bool; 4]>()).prop_map(
        |(base, shape, rule, [tensor, changes, nan, lowest])| {
            let rule = ScaleRule::ALL.get(rule);
            let format = rule.map_or(base, |rule| base.with_rule(*rule));
            let format = shape.map_or(format, |shape| format.with_block(shape).unwrap());
            let format = format.with_tensor_scale(tensor).unwrap_or(format);
            let specials = if nan { Specials::Nan } else { Specials::Saturate };
            let format =
                if changes { format.with_specials(specials).unwrap_or(format) } else { format };
            format.with_lowest_code(lowest).unwrap_or(format)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formats_read_back(format in formats()) {
        prop_assert_eq!(format.to_string().parse::<Format>(), Ok(format));
    }

    #[test]
    fn roundings_read_back(chop in chops()) {
        prop_assert_eq!(chop.to_string().parse::<Chop>(), Ok(chop));
    }

    #[test]
    fn block_formats_read_back(format in block_formats()) {
        prop_assert_eq!(format.to_string().parse::<BlockFormat>(), Ok(format));
    }

    /// Any text is read or refused: no panic, and a message that is of use.
    #[test]
    fn other_text_is_refused_with_what_is_allowed(text in "[a-z0-9, x:()\\[\\]-]{0,40}") {
        for message in [
            text.parse::<Chop>().err().map(|e| e.to_string()),
            text.parse::<BlockFormat>().err().map(|e| e.to_string()),
        ].into_iter().flatten() {
            prop_assert!(message.contains("try "), "{}", message);
        }
    }
}

#[test]
fn short_forms_are_read() {
    let fp8 = Chop::new(Format::OCP_E4M3, Rounding::NearestEven);
    assert_eq!("e4m3fn".parse(), Ok(fp8));
    assert_eq!(" E4M3FN , SatFinite , rz ".parse(), {
        Ok(Chop::new(Format::OCP_E4M3, Rounding::TowardZero).with_overflow(Overflow::Saturate))
    });
    assert_eq!(
        "bf16,ftz,sr".parse(),
        Ok(Chop::new(Format::BFLOAT16, Rounding::Stochastic)
            .with_underflow(Underflow::FlushToZero))
    );
    for (text, word) in [
        ("", "binary16"),
        ("e4m3", "e4m3fn"),
        ("e4m3fn,sideways", "nearest-even"),
        ("e4m3fn,up,down", "twice"),
        ("e4m3fn,saturate,ieee", "twice"),
        ("e4m3fn,", "nearest-even"),
        ("bf16,stochastic-a:33", "0..=32"),
    ] {
        let message = text.parse::<Chop>().unwrap_err().to_string();
        assert!(message.contains(word), "{text:?}: {message}");
    }
    for (text, word) in [
        ("mxfp5", "mxfp4"),
        ("e2m1fn x e8m0fnu", "block"),
        ("mxfp4, custom", "absmax"),
        ("mxfp4, 0", "1..=16777216"),
        ("mxfp4, 16, 32", "twice"),
        ("mxfp4, rceil, floor", "twice"),
        ("mxfp4, nan, saturate", "twice"),
        ("e2m1fn x binary64, 32", "1..=32"),
        ("e9m1fn x e8m0fnu, 32", "e9m1fn"),
    ] {
        let message = text.parse::<BlockFormat>().unwrap_err().to_string();
        assert!(message.contains(word), "{text:?}: {message}");
    }
}

/// A format read from text rounds as the one it was printed from.
#[test]
fn what_is_read_rounds_alike() {
    let x: Vec<f32> = (0..64).map(|i| (i as f32).sin()).collect();
    for (_, format) in BlockFormat::PRESETS {
        let format = format.with_rule(ScaleRule::Rceil);
        let read: BlockFormat = format.to_string().parse().unwrap();
        let [mut a, mut b] = [x.clone(), x.clone()];
        BlockChop::new(format, Rounding::NearestEven).chop_slice(&mut a);
        BlockChop::new(read, Rounding::NearestEven).chop_slice(&mut b);
        assert_eq!(a, b, "{format}");
    }
}
