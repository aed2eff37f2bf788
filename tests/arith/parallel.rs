//! Operations on several threads: the bits of the sequential calls.

use lowprec::{
    Binary, Chop, Format, Operation, OperationInPlace, Rounding, Storage, Ternary, Unary,
};
use lowprec_oracles::whole::Words;

const COUNT: usize = 150_001;

fn operands<T: Storage, const N: usize>(words: &mut Words) -> [Vec<T>; N] {
    core::array::from_fn(|_| (0..COUNT).map(|_| T::from(words.uniform() * 3.0).unwrap()).collect())
}

fn check<T, const N: usize, const M: usize, O>(op: O, words: &mut Words)
where
    T: Storage,
    O: Operation<N> + OperationInPlace<M> + std::fmt::Debug,
{
    let operands = operands::<T, N>(words);
    let operands = operands.each_ref().map(Vec::as_slice);
    let same = |a: &[T], b: &[T]| a.iter().zip(b).all(|(a, b)| a.widen() == b.widen());
    for format in [Format::BFLOAT16, Format::BINARY16, Format::BINARY64] {
        for mode in [Rounding::NearestEven, Rounding::Up, Rounding::Stochastic] {
            let chop = Chop::new(format, mode);
            let (a, b) = (chop.stream(8).at(5), chop.stream(8).at(5));
            let (mut one, mut many) = (vec![T::zero(); COUNT], vec![T::zero(); COUNT]);
            a.map(op, operands, &mut one);
            b.par_map(op, operands, &mut many);
            assert!(same(&one, &many), "{op:?} {format} {mode}");
            let (mut one, mut many) = (operands[0].to_vec(), operands[0].to_vec());
            let others: [&[T]; M] = core::array::from_fn(|i| operands[i + 1]);
            a.map_inplace(op, &mut one, others);
            b.par_map_inplace(op, &mut many, others);
            assert!(same(&one, &many), "{op:?} {format} {mode} in place");
            assert_eq!(a.position(), b.position(), "{op:?} {format} {mode}");
        }
    }
}

#[test]
fn threads_change_nothing() {
    let mut words = Words(51);
    check::<f32, 1, 0, _>(Unary::Sqrt, &mut words);
    check::<f64, 1, 0, _>(Unary::Sqrt, &mut words);
    for op in [Binary::Add, Binary::Div, Binary::Remainder] {
        check::<f32, 2, 1, _>(op, &mut words);
        check::<f64, 2, 1, _>(op, &mut words);
    }
    check::<f32, 3, 2, _>(Ternary::Fma, &mut words);
}

#[test]
#[should_panic(expected = "elements")]
fn operands_of_another_length_panic() {
    let mut to = vec![0.0_f32; COUNT];
    let chop = Chop::new(Format::BFLOAT16, Rounding::NearestEven);
    chop.par_map(Binary::Add, [&vec![0.0; COUNT], &vec![0.0; COUNT - 1]], &mut to);
}
