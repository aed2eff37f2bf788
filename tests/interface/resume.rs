//! A stream that is saved and resumed goes on as one that was not interrupted, after any mix of calls.

use lowprec::quant::fixed::Fixed;
use lowprec::quant::integer::{
    Codes, Dyadic, IntegerFormat, IntegerQuantizer, Layout, Parameters, Requantizer,
};
use lowprec::{
    Binary, BlockChop, BlockFormat, Chop, Format, Rounder, Rounding, Seeded, Stream, StreamState,
    Ternary, Unary,
};
use proptest::prelude::*;

/// One call on a stream, with what it gave.
fn call(stream: &Stream, which: u8, length: usize) -> Vec<u64> {
    let x: Vec<f64> = (0..length).map(|i| 0.1 + i as f64 / 7.0).collect();
    let (y, mut to) = (x.iter().map(|x| 1.0 / x).collect::<Vec<_>>(), vec![0.0; length]);
    match which {
        0 => to = x.iter().map(|x| stream.chop(*x)).collect(),
        1 => {
            to.copy_from_slice(&x);
            stream.chop_slice(&mut to);
        }
        2 => stream.chop_into(&x, &mut to),
        3 => to = x.iter().zip(&y).map(|(x, y)| stream.add(*x, *y)).collect(),
        4 => stream.map(Binary::Mul, [&x, &y], &mut to),
        5 => {
            to.copy_from_slice(&x);
            stream.map_inplace(Unary::Sqrt, &mut to, []);
        }
        6 => stream.map(Ternary::Fma, [&x, &y, &x], &mut to),
        7 => to = x.iter().map(|x| stream.chop_flags(*x).0).collect(),
        8 => to = (0..length).map(|i| stream.from_integer(i as i64 * 12_345)).collect(),
        9 => {
            let mut codes = vec![0_u16; length];
            stream.chop_into_codes(&x, &mut codes).expect("finite values have codes");
            to = codes.into_iter().map(f64::from).collect();
        }
        _ => to.push(lowprec::with(stream, || lowprec::Scoped::from_f64(0.3).to_f64())),
    }
    to.into_iter().map(f64::to_bits).collect()
}

fn modes() -> impl Strategy<Value = Rounding> {
    prop_oneof![
        Just(Rounding::Stochastic),
        Just(Rounding::StochasticEqual),
        (0_u8..=32).prop_map(|n| Rounding::stochastic_a(n).unwrap()),
        (0_u8..=32).prop_map(|n| Rounding::stochastic_c(n).unwrap()),
        Just(Rounding::NearestEven),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_resumed_stream_goes_on(
        mode in modes(),
        seed in any::<u64>(),
        forks in prop::collection::vec((any::<u64>(), any::<u64>()), 0..3),
        number in prop_oneof![Just(0_u64), any::<u64>()],
        start in prop_oneof![0..2000_u64, any::<u64>()],
        calls in prop::collection::vec((0_u8..=10, 0_usize..40), 1..8),
        cut in 0_usize..8,
    ) {
        let chop = Chop::new(Format::BINARY16, mode);
        let root = chop.stream(seed);
        let forked = forks.iter().fold(root, |stream, (number, id)| stream.substream(*number).fork(*id));
        let run = forked.substream(number).at(start);
        let cut = cut.min(calls.len());
        for (which, length) in &calls[..cut] {
            call(&run, *which, *length);
        }
        let saved = run.state();
        // Through text, as from a file.
        let again = chop.resume(&saved.to_string().parse::<StreamState>().unwrap());
        prop_assert_eq!(again.state(), saved);
        for (which, length) in &calls[cut..] {
            prop_assert_eq!(call(&run, *which, *length), call(&again, *which, *length));
            prop_assert_eq!(run.state(), again.state());
        }
        prop_assert_eq!(run.fork(3).chop(0.3_f64).to_bits(), again.fork(3).chop(0.3_f64).to_bits());
    }
}

/// Interrupts each of the other seeded types after every number of calls.
fn interrupted<R: Clone, A: PartialEq + std::fmt::Debug>(
    start: impl Fn() -> Seeded<R>,
    resume: impl Fn(&StreamState) -> Seeded<R>,
    call: impl Fn(&Seeded<R>) -> A,
) {
    let whole = start();
    let results: Vec<A> = (0..5).map(|_| call(&whole)).collect();
    for cut in 0..5 {
        let first = start();
        (0..cut).for_each(|_| drop(call(&first)));
        let again = resume(&first.state());
        for result in &results[cut..] {
            assert_eq!(*result, call(&again), "interrupted after {cut}");
        }
        assert_eq!(again.state(), whole.state());
    }
}

#[test]
fn block_formats_and_quantizers_resume() {
    let x: Vec<f32> = (0..70).map(|i| (i as f32).sin()).collect();
    for format in [BlockFormat::MXFP4, BlockFormat::NVFP4] {
        let chop = BlockChop::new(format, Rounding::Stochastic);
        let round = |seeded: &Seeded<BlockChop>| {
            let mut x = x.clone();
            seeded.chop_slice(&mut x);
            x
        };
        interrupted(|| chop.stream(7).fork(1), |state| chop.resume(state), round);
    }
    let fixed = Fixed::new(4, 3).unwrap().with_rounding(Rounding::Stochastic);
    let quantize = |seeded: &Seeded<Fixed>| {
        let mut x = x.clone();
        seeded.quantize_slice(&mut x);
        (x, seeded.quantize(0.3_f64))
    };
    interrupted(|| fixed.stream(7).substream(2), |state| fixed.resume(state), quantize);

    let int8 = IntegerFormat::new(8, Codes::Signed).unwrap().with_rounding(Rounding::Stochastic);
    let integers = int8.with_parameters(Parameters { scale: 0.01, zero_point: 3 }).unwrap();
    let encode = |seeded: &Seeded<IntegerQuantizer>| {
        let mut codes = [0_i8; 70];
        seeded.encode_slice(&x, &mut codes).unwrap();
        codes
    };
    interrupted(|| integers.stream(7), |state| integers.resume(state), encode);

    let factors = vec![Dyadic::new(5, 7).unwrap()];
    let requantizer = Requantizer::new(int8, 3, Layout::tensor(), factors).unwrap();
    let requantize = |seeded: &Seeded<Requantizer>| {
        let mut codes = [0_i8; 70];
        let sums: [i32; 70] = std::array::from_fn(|i| 37 * i as i32 - 900);
        seeded.requantize_into(&sums, &mut codes).unwrap();
        codes
    };
    interrupted(|| requantizer.stream(7), |state| requantizer.resume(state), requantize);
}

/// A generic function sees a stream's position through the methods of the trait.
#[test]
fn a_state_is_where_the_stream_stands() {
    fn thrice(rounder: &impl Rounder) {
        for _ in 0..3 {
            let _ = rounder.chop(0.1_f64);
        }
    }
    let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    let run = sr.stream(42).substream(5).fork(7).at(100);
    thrice(&run);
    assert_eq!(run.state().to_string(), "seed=42,fork=5:7,stream=0,position=103");
    assert_eq!(
        format!("{run:?}"),
        format!("Seeded {{ rounding: {sr:?}, state: {} }}", run.state())
    );
}

/// Deterministic modes take no position, in a shard either; one value and a slice take as many.
#[test]
fn positions_are_those_of_the_documentation() {
    let nearest = Chop::new(Format::OCP_E2M1, Rounding::NearestEven).stream(42).at(5);
    let mut shard = ndarray::Array2::from_elem((2, 4), 1.3_f32);
    nearest.chop_shard_inplace(&mut shard, &[4, 6], &[1, 2]).unwrap();
    assert_eq!(nearest.position(), 5);
    let sr = Chop::new(Format::OCP_E2M1, Rounding::Stochastic).stream(42).at(5);
    sr.chop_shard_inplace(&mut shard, &[4, 6], &[1, 2]).unwrap();
    assert_eq!(sr.position(), 5 + 24);

    let fixed = Fixed::new(4, 3).unwrap().with_rounding(Rounding::Stochastic);
    let (one, slice) = (fixed.stream(3), fixed.stream(3));
    let x: [f64; 40] = std::array::from_fn(|i| 0.1 * i as f64 - 2.0);
    let mut codes = [0_i64; 40];
    slice.encode_slice(&x, &mut codes).unwrap();
    assert_eq!(x.map(|x| one.encode(x).unwrap()), codes);
    assert_eq!(one.position(), slice.position());
}

/// Code that is generic in what is seeded can fork and move a stream.
#[test]
fn forks_ask_nothing_of_what_is_seeded() {
    fn forked<R: Clone>(seeded: &Seeded<R>) -> Seeded<R> {
        seeded.fork(1).substream(2).at(3)
    }
    let wide = Rounding::stochastic_a(20).unwrap();
    let chop = Chop::new(Format::BFLOAT16, wide);
    let run = forked(&chop.stream(7));
    assert_eq!(run.state().to_string(), "seed=7,fork=0:1,stream=2,position=3");
    let again = chop.resume(&run.state());
    let draws = |stream: &Stream| -> [f64; 100] { std::array::from_fn(|_| stream.chop(0.1)) };
    assert_eq!(draws(&run), draws(&again));
}
