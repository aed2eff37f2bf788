//! Signaling NaN are invalid operands, quiet ones are not (IEEE 754-2019 7.2a); conversions to integers say what
//! happened (5.8).

use lowprec::{Binary, Chop, Flags, Format, Quaternary, Rounding, Ternary, Unary};

const SIGNALING: [u64; 4] =
    [0x7ff0_0000_0000_0001, 0xfff0_0000_0000_0001, 0x7ff7_ffff_ffff_ffff, 0x7ff4_0000_0000_0000];

#[test]
fn signaling_operands_are_invalid_in_every_operation() {
    let signaling = SIGNALING.map(f64::from_bits);
    let quiet = [f64::NAN, -f64::NAN, f64::from_bits(0x7ff8_0000_0000_0001)];
    for mode in Rounding::DETERMINISTIC {
        let chop = Chop::new(Format::BFLOAT16, mode);
        let cases = signaling.map(|x| (x, true)).into_iter().chain(quiet.map(|x| (x, false)));
        for (x, invalid) in cases {
            let flags = Flags { invalid, ..Flags::NONE };
            assert_eq!(chop.chop_flags(x).1, flags, "{:#x}", x.to_bits());
            let mut to = [0.0];
            let raised = chop.map_flags(Unary::Sqrt, [&[x]], &mut to);
            assert_eq!((to[0].to_bits(), raised), (0x7ff8 << 48, flags));
            for op in [
                Binary::Add,
                Binary::Sub,
                Binary::Mul,
                Binary::Div,
                Binary::Remainder,
                Binary::Fmod,
            ] {
                for args in [[&[x][..], &[1.5]], [&[1.5], &[x]]] {
                    let raised = chop.map_flags(op, args, &mut to);
                    assert_eq!((to[0].to_bits(), raised), (0x7ff8 << 48, flags), "{op:?}");
                }
            }
            for op in [Ternary::Fma, Ternary::Sum] {
                let raised = chop.map_flags(op, [&[1.0], &[2.0], &[x]], &mut to);
                assert_eq!((to[0].to_bits(), raised), (0x7ff8 << 48, flags), "{op:?}");
            }
            let raised = chop.map_flags(Quaternary::Dot, [&[1.0], &[x], &[1.0], &[1.0]], &mut to);
            assert_eq!(raised, flags);
        }
        let single = f32::from_bits(0x7f80_0001);
        assert!(chop.chop_flags(single).1.invalid && chop.add_flags(single, 1.0).1.invalid);
        assert!(!chop.chop_flags(f32::NAN).1.invalid);
    }
}

#[test]
fn conversions_to_integers_say_what_happened() {
    let chop = |mode| Chop::new(Format::BINARY64, mode);
    for (mode, x, n) in [
        (Rounding::NearestUp, -2.5, -2),
        (Rounding::NearestUp, 2.5, 3),
        (Rounding::NearestDown, 2.5, 2),
        (Rounding::NearestDown, -2.5, -3),
        (Rounding::Up, -0.25, 0),
        (Rounding::ToOdd, 2.5, 3),
    ] {
        let inexact = Flags { inexact: true, ..Flags::NONE };
        assert_eq!(chop(mode).to_integer_flags::<i32, _>(x), (Ok(n), inexact), "{mode} {x}");
    }
    let even = chop(Rounding::NearestEven);
    assert_eq!(even.to_integer_flags::<i32, _>(-0.0), (Ok(0), Flags::NONE));
    assert_eq!(even.to_integer_flags::<u8, _>(255.0), (Ok(255), Flags::NONE));
    for x in [f64::NAN, f64::INFINITY, 255.5, -1.0, 1e300] {
        let (n, flags) = even.to_integer_flags::<u8, _>(x);
        assert!(n.is_err(), "{x}");
        assert_eq!(flags, Flags { invalid: true, ..Flags::NONE }, "{x}");
    }
}

/// Whatever the value, so that a loop over values is where their numbers say.
#[test]
fn every_conversion_takes_one_position() {
    let stream = Chop::new(Format::BINARY16, Rounding::Stochastic).stream(1);
    for (taken, x) in [0.0, 1.0, 0.5, f64::NAN, f64::INFINITY, 1e300].into_iter().enumerate() {
        let _ = stream.to_integer::<i8, _>(x);
        assert_eq!(stream.position(), taken as u64 + 1, "{x}");
    }
}
