//! Every method that `Chop` and `Stream` share: as a method of their own, through the trait on either, and by
//! `map` where it is an operation. The results are the same bits.

use lowprec::number::Integer;
use lowprec::{
    Binary, Chop, Flags, Format, Operation, OperationInPlace, Overflow, Quaternary, Rounder,
    Rounding, Storage, Stream, Ternary, Unary, Underflow,
};
use ndarray::{Array2, array};

/// Operands: ordinary, special, beyond the range.
const X: [f64; 12] =
    [0.1, -3.3, 1e5, 6e-8, 0.0, -0.0, f64::INFINITY, f64::NAN, 2.5, 65519.0, 1e-300, 7.0];
const Y: [f64; 12] =
    [1.0 / 3.0, 3.3, 1e5, -6e-8, -0.0, 0.0, f64::NEG_INFINITY, 1.0, -0.7, 1e300, 1e-300, 1e-9];
const Z: [f64; 12] = [1.7, -0.3, -1e10, 6e-8, 0.0, -0.0, 1.0, 1.0, 3.0, -65519.0, 1e-300, 0.5];
const W: [f64; 12] = [-0.9, 0.2, 1.0, 1.0, 0.0, 0.0, 2.0, 1.0, 1e-4, 1.0, 1.0, -12.25];

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn roundings() -> Vec<Chop> {
    let mut all = Vec::new();
    for format in [Format::BINARY16, Format::OCP_E4M3, Format::OCP_E2M1, Format::BINARY64] {
        for mode in Rounding::DETERMINISTIC.into_iter().chain([
            Rounding::Stochastic,
            Rounding::StochasticEqual,
            Rounding::stochastic_b(8).unwrap(),
        ]) {
            all.push(Chop::new(format, mode));
        }
    }
    all
}

/// A call by the type's own method and by the trait's, on a stream at the same place, and on a `Chop` where
/// nothing is random.
macro_rules! both {
    (|$chop:ident| $name:ident($($argument:expr),*) $(, by $show:expr)?) => {{
        let show = |y| -> String { let show = both!(@ $($show)?); show(y) };
        let (own, general) = ($chop.stream(9), $chop.stream(9));
        let first = show(Stream::$name(&own $(, $argument)*));
        let second = show(<Stream as Rounder>::$name(&general $(, $argument)*));
        assert_eq!(first, second, "{} of a stream, {}", stringify!($name), $chop);
        assert_eq!(own.state(), general.state(), "{}", stringify!($name));
        if !$chop.rounding().is_stochastic() {
            let third = show(Chop::$name(&$chop $(, $argument)*));
            let fourth = show(<Chop as Rounder>::$name(&$chop $(, $argument)*));
            assert_eq!([&third, &fourth], [&first, &first], "{}, {}", stringify!($name), $chop);
        }
        first
    }};
    (@) => { |y| format!("{y:?}") };
    (@ $show:expr) => { $show };
}

/// NaN's sign and payload count: numbers are shown as bits.
fn shown(y: f64) -> String {
    format!("{:016x}", y.to_bits())
}

fn shown_with_flags((y, flags): (f64, Flags)) -> String {
    format!("{} {flags:?}", shown(y))
}

#[test]
fn values_and_questions() {
    for chop in roundings() {
        for x in X {
            both!(|chop| chop(x), by shown);
            both!(|chop| chop_flags(x), by shown_with_flags);
            both!(|chop| from_integer(x as i64), by shown);
            both!(|chop| round_to_integral(x), by shown);
            both!(|chop| round_to_integral_flags(x), by shown_with_flags);
            let stream = chop.stream(9);
            let integer = Stream::to_integer::<i32, f64>(&stream, x);
            assert_eq!(
                format!("{:?}", Rounder::to_integer::<i32, f64>(&chop.stream(9), x)),
                format!("{integer:?}")
            );
            if !chop.rounding().is_stochastic() {
                let own = Chop::to_integer::<i32, f64>(&chop, x);
                let general = <Chop as Rounder>::to_integer::<i32, f64>(&chop, x);
                assert_eq!(format!("{own:?} {general:?}"), format!("{integer:?} {integer:?}"));
            }
        }
        both!(|chop| rule());
        both!(|chop| format());
        both!(|chop| rounding());
        both!(|chop| overflow());
        both!(|chop| underflow());
        both!(|chop| largest_finite(), by shown);
        both!(|chop| smallest_positive(), by shown);
        both!(|chop| smallest_normal(), by shown);
    }
}

/// A call that writes: what it wrote, and its result.
macro_rules! writes {
    (|$chop:ident, $to:ident| $start:expr => $name:ident($($argument:expr),*)) => {{
        let results = [0, 1, 2, 3].map(|way| {
            let mut $to = $start;
            let stream = $chop.stream(9);
            let result = match way {
                0 => format!("{:?}", Stream::$name(&stream $(, $argument)*)),
                1 => format!("{:?}", <Stream as Rounder>::$name(&stream $(, $argument)*)),
                _ if $chop.rounding().is_stochastic() => return None,
                2 => format!("{:?}", Chop::$name(&$chop $(, $argument)*)),
                _ => format!("{:?}", <Chop as Rounder>::$name(&$chop $(, $argument)*)),
            };
            Some((Bits::bits(&$to), result))
        });
        for other in results[1..].iter().flatten() {
            assert_eq!(Some(other), results[0].as_ref(), "{}, {}", stringify!($name), $chop);
        }
        results.into_iter().next().flatten().expect("a stream writes").0
    }};
}

/// What was written, as bits.
trait Bits {
    fn bits(&self) -> Vec<u64>;
}

impl<const N: usize> Bits for [f64; N] {
    fn bits(&self) -> Vec<u64> {
        bits(self)
    }
}

impl<const N: usize> Bits for [u8; N] {
    fn bits(&self) -> Vec<u64> {
        self.iter().map(|&code| code.into()).collect()
    }
}

impl<const N: usize> Bits for [u64; N] {
    fn bits(&self) -> Vec<u64> {
        self.to_vec()
    }
}

impl Bits for Array2<f64> {
    fn bits(&self) -> Vec<u64> {
        self.iter().map(|x| x.to_bits()).collect()
    }
}

#[test]
fn slices_codes_and_arrays() {
    for chop in roundings() {
        let one_by_one = writes!(|chop, to| X => chop_slice(&mut to));
        assert_eq!(writes!(|chop, to| [0.0; 12] => chop_into(&X, &mut to)), one_by_one, "{chop}");
        writes!(|chop, to| [0_u64; 12] => chop_into_codes(&X, &mut to));
        let finite = [X[0], X[1], X[2], X[3]];
        if chop.format() == Format::OCP_E2M1 {
            writes!(|chop, to| [0_u8; 2] => chop_into_packed(&finite, &mut to));
        }
        let two = array![[0.1, -3.3], [1e5, 6e-8]];
        let written = writes!(|chop, to| two.clone() => chop_array_inplace(&mut to));
        both!(|chop| chop_array(&two), by |array: Array2<f64>| {
            assert_eq!(Bits::bits(&array), written);
            String::new()
        });
    }
}

/// An operation one by one, with flags, and by all five forms of `map`.
fn operation<const N: usize, const M: usize, O>(
    op: O,
    columns: [&[f64; 12]; N],
    chop: Chop,
    own: impl Fn(&Chop, [f64; N]) -> f64,
    own_stream: impl Fn(&Stream, [f64; N]) -> f64,
    through: impl Fn(&Stream, [f64; N]) -> f64,
    flags: impl Fn(&Stream, [f64; N]) -> (f64, Flags),
) where
    O: Operation<N> + OperationInPlace<M> + std::fmt::Debug,
{
    let label = format!("{op:?}, {chop}");
    let at = |i: usize| columns.map(|column| column[i]);
    let stream = chop.stream(9);
    let expected: Vec<f64> = (0..12).map(|i| own_stream(&stream, at(i))).collect();
    let expected = bits(&expected);
    let each = |one: &dyn Fn(usize) -> f64| bits(&(0..12).map(one).collect::<Vec<_>>());

    let general = chop.stream(9);
    assert_eq!(each(&|i| through(&general, at(i))), expected, "{label}");
    let flagged = chop.stream(9);
    assert_eq!(each(&|i| flags(&flagged, at(i)).0), expected, "{label}");
    if !chop.rounding().is_stochastic() {
        assert_eq!(each(&|i| own(&chop, at(i))), expected, "{label}");
    }

    let operands: [&[f64]; N] = columns.map(|column| column.as_slice());
    let others: [&[f64]; M] = std::array::from_fn(|i| operands[i + 1]);
    assert_eq!(writes!(|chop, to| [0.0; 12] => map(op, operands, &mut to)), expected, "{label}");
    let first = *columns[0];
    let in_place = writes!(|chop, to| first => map_inplace(op, &mut to, others));
    assert_eq!(in_place, expected, "{label}");
    let flagged = writes!(|chop, to| [0.0; 12] => map_flags(op, operands, &mut to));
    assert_eq!(flagged, expected, "{label}");

    // Words and generators are for a `Chop` alone: 32 bits of the stream's own size are not to be had, so
    // the two are compared with each other.
    let words: [u32; 12] = std::array::from_fn(|i| 0x1234_5678_u32.wrapping_mul(2 * i as u32 + 1));
    let mut by_words = [0.0; 12];
    chop.map_words(op, operands, &mut by_words, &words);
    let mut by_generator = [0.0; 12];
    chop.map_with(op, operands, &mut by_generator, &mut Repeats { words, next: 0 });
    if !chop.rounding().is_stochastic() {
        assert_eq!(bits(&by_words), expected, "{label}");
        assert_eq!(bits(&by_generator), expected, "{label}");
    } else if chop.format() != Format::BINARY64 {
        // No word here ties with a fraction of ten digits and more.
        assert_eq!(bits(&by_words), bits(&by_generator), "{label}");
    }
}

/// A generator that gives words that are known.
struct Repeats {
    words: [u32; 12],
    next: usize,
}

impl rand::TryRng for Repeats {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.next += 1;
        Ok(self.words[(self.next - 1) % 12])
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from(self.try_next_u32()?))
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
        unreachable!("words alone are drawn")
    }
}

macro_rules! operations {
    ($($op:expr, $name:ident, $flags:ident, [$($x:ident $column:ident),+];)*) => {
        #[test]
        fn operations() {
            for chop in roundings() {
                $(operation(
                    $op,
                    [$(&$column),+],
                    chop,
                    |chop, [$($x),+]| chop.$name($($x),+),
                    |stream, [$($x),+]| stream.$name($($x),+),
                    |stream, [$($x),+]| Rounder::$name(stream, $($x),+),
                    |stream, [$($x),+]| {
                        let twin = chop.resume(&stream.state());
                        let result = stream.$flags($($x),+);
                        let general = Rounder::$flags(&twin, $($x),+);
                        assert_eq!(shown_with_flags(general), shown_with_flags(result));
                        if !chop.rounding().is_stochastic() {
                            let own = chop.$flags($($x),+);
                            assert_eq!(shown_with_flags(own), shown_with_flags(result));
                        }
                        result
                    },
                );)*
            }
        }
    };
}

operations! {
    Unary::Sqrt, sqrt, sqrt_flags, [x X];
    Binary::Add, add, add_flags, [x X, y Y];
    Binary::Sub, sub, sub_flags, [x X, y Y];
    Binary::Mul, mul, mul_flags, [x X, y Y];
    Binary::Div, div, div_flags, [x X, y Y];
    Binary::Remainder, remainder, remainder_flags, [x X, y Y];
    Binary::Fmod, fmod, fmod_flags, [x X, y Y];
    Ternary::Fma, fma, fma_flags, [x X, y Y, z Z];
    Ternary::Sum, sum, sum_flags, [x X, y Y, z Z];
    Quaternary::Dot, dot, dot_flags, [x X, y Y, z Z, w W];
}

/// Slices that do not fit are refused before anything is written.
#[test]
fn lengths_are_checked() {
    let chop = Chop::new(Format::BINARY16, Rounding::NearestEven);
    let message = |run: &dyn Fn()| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    for (run, expected) in [
        (
            &(|| chop.map(Binary::Add, [&[1.0; 3], &[1.0; 2]], &mut [0.0; 3])) as &dyn Fn(),
            "operand 1 has 2 elements, the results 3",
        ),
        (
            &|| chop.map_inplace(Binary::Add, &mut [1.0; 3], [&[1.0; 4]]),
            "operand 0 has 4 elements, the results 3",
        ),
        (
            &|| chop.map_words(Unary::Sqrt, [&[1.0; 3]], &mut [1.0; 3], &[0; 2]),
            "operand 1 has 2 elements, the results 3",
        ),
        (
            &|| chop.stream(1).map(Ternary::Fma, [&[], &[1.0], &[]], &mut [0.0_f64; 0]),
            "operand 1 has 1 elements, the results 0",
        ),
    ] {
        assert_eq!(message(run), expected);
    }
}

/// Generic code takes a rounding of either kind, any operation and any integer.
#[test]
fn generic_code_sees_all() {
    fn polynomial<R: Rounder, T: Storage>(rounder: &R, x: T) -> T {
        let one = rounder.from_integer(1_u8);
        rounder.fma(x, rounder.add(x, one), one)
    }
    fn root_and_back<R: Rounder, I: Integer>(rounder: &R, integer: I) -> Option<I> {
        let root: f64 = rounder.sqrt(rounder.from_integer::<f64, _>(integer));
        rounder.to_integer(rounder.mul(root, root)).ok()
    }
    let chop = Chop::new(Format::BINARY16, Rounding::NearestEven)
        .with_overflow(Overflow::Saturate)
        .with_underflow(Underflow::FlushToZero);
    assert_eq!(polynomial(&chop, 0.5_f32), 1.75);
    assert_eq!(polynomial(&chop.stream(3), 0.5_f64), 1.75);
    assert_eq!(root_and_back(&chop, 49_i64), Some(49));
}
