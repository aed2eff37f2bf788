//! A seeded stream is a pure function of (seed, stream number, position, value): however the values
//! are handed over, whole or in parts, the bits are the same, and stay the same from version to
//! version.

use lowprec::{Chop, Format, Overflow, Rounder, Rounding, Storage, Stream, Underflow};

/// Modes of every family, with few and with many random bits.
fn stochastic_modes() -> Vec<Rounding> {
    let counted = [0, 1, 8, 16, 17, 32].into_iter().flat_map(|n| {
        [Rounding::stochastic_a(n), Rounding::stochastic_b(n), Rounding::stochastic_c(n)]
    });
    let counted = counted.map(|mode| mode.expect("at most 32 bits"));
    [Rounding::Stochastic, Rounding::StochasticEqual].into_iter().chain(counted).collect()
}

/// Values of every kind: normal, subnormal, tiny, huge, exact, special, and some whose cut-off
/// fraction has more digits than the first random bits. All are f32 numbers.
fn values<T: Storage>(n: usize) -> Vec<T> {
    const SPECIAL: [f32; 10] = [
        0.0,
        -0.0,
        1.0,
        -2.5,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
    ];
    let value = |i: usize| {
        let random = split_mix(i as u64);
        match i % 7 {
            0 => SPECIAL[i / 7 % SPECIAL.len()],
            1 => f32::from_bits(random as u32),
            2 => f32::from_bits(0x3380_0000 | random as u32 & 0x80ff_ffff),
            _ => (random >> 40) as f32 / 3e6 - 1.4,
        }
    };
    (0..n).map(|i| T::from(value(i)).expect("an f32 number")).collect()
}

/// The i-th output of SplitMix64 (Steele, Lea and Flood) started at zero.
fn split_mix(i: u64) -> u64 {
    let mut z = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Bits, so that NaN and the sign of zero count; f32 and f64 alike.
fn bits<T: Storage>(values: &[T]) -> Vec<u64> {
    values.iter().map(|x| x.widen().to_bits()).collect()
}

fn chopped<T: Storage>(stream: &Stream, values: &[T]) -> Vec<T> {
    let mut values = values.to_vec();
    stream.chop_slice(&mut values);
    values
}

/// Every way of handing over `values` one after the other, compared with the slice.
fn every_shape_agrees<T: Storage>(chop: Chop, start: u64, values: &[T]) {
    let stream = || chop.stream(42).substream(7).at(start);
    let whole = bits(&chopped(&stream(), values));
    let expect = |name: &str, got: Vec<T>| {
        assert!(bits(&got) == whole, "{name}: {chop:?} at {start}, {} values", values.len());
    };

    let one = stream();
    expect("scalar loop", values.iter().map(|&x| one.chop(x)).collect());

    fn generic<T: Storage>(rounder: &impl Rounder, values: &[T]) -> Vec<T> {
        values.iter().map(|&x| rounder.chop(x)).collect()
    }
    expect("scalar loop through the trait", generic(&stream(), values));

    let mut into = vec![T::one(); values.len()];
    stream().chop_into(values, &mut into);
    expect("chop_into", into);

    // Two shards, the second placed by `at`; odd and even cuts.
    for cut in [0, 1.min(values.len()), values.len() / 3, values.len() / 2] {
        let (left, right) = values.split_at(cut);
        let placed = stream().at(start.wrapping_add(cut as u64));
        let joined = [chopped(&stream(), left), chopped(&placed, right)].concat();
        expect("two shards", joined);
    }

    // Pieces of growing length from one stream, scalars and slices mixed.
    let (mixed, mut joined, mut rest) = (stream(), Vec::new(), values);
    for length in [1, 2, 3, 64, 65, 7, 128, 1, 129].into_iter().cycle() {
        let (piece, later) = rest.split_at(length.min(rest.len()));
        if let [single] = piece {
            joined.push(mixed.chop(*single));
        } else {
            joined.extend(chopped(&mixed, piece));
        }
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    expect("pieces", joined);
    assert_eq!(mixed.position(), start.wrapping_add(values.len() as u64));
}

#[test]
fn scalars_slices_and_shards_agree() {
    for mode in stochastic_modes() {
        for format in [Format::BINARY16, Format::OCP_E4M3, Format::DLFLOAT16] {
            for start in [0, 1, 63, 1 << 33] {
                every_shape_agrees(Chop::new(format, mode), start, &values::<f64>(500));
                every_shape_agrees(Chop::new(format, mode), start, &values::<f32>(500));
            }
        }
    }
}

#[test]
fn every_length_and_start_agrees() {
    let sr = Chop::new(Format::OCP_E5M2, Rounding::Stochastic);
    for length in 0..=130 {
        every_shape_agrees(sr, length * 3, &values::<f64>(length as usize));
        every_shape_agrees(sr, length * 3 + 1, &values::<f32>(length as usize));
    }
}

#[test]
fn positions_wrap_at_the_end() {
    for mode in stochastic_modes() {
        for before in 0..=70 {
            let start = u64::MAX - before;
            every_shape_agrees(Chop::new(Format::BINARY16, mode), start, &values::<f64>(150));
        }
    }
    let stream = Chop::new(Format::BINARY16, Rounding::Stochastic).stream(1).at(u64::MAX);
    let _ = stream.chop(0.1_f64);
    assert_eq!(stream.position(), 0);
    let twin = Chop::new(Format::BINARY16, Rounding::Stochastic).stream(1);
    let after = chopped(&stream, &values::<f64>(64));
    assert_eq!(bits(&after), bits(&chopped(&twin, &values::<f64>(64))));
}

#[test]
fn policies_take_the_same_bits() {
    let sr = Chop::new(Format::OCP_E4M3, Rounding::Stochastic);
    for overflow in [Overflow::Ieee, Overflow::Saturate, Overflow::SaturateFinite] {
        for underflow in [Underflow::Gradual, Underflow::FlushToZero] {
            let chop = sr.with_overflow(overflow).with_underflow(underflow);
            every_shape_agrees(chop, 5, &values::<f64>(300));
        }
    }
}

#[test]
fn both_storage_types_agree_on_shared_values() {
    for mode in stochastic_modes() {
        for format in [Format::BFLOAT16, Format::BINARY16, Format::OCP_E2M1, Format::DLFLOAT16] {
            for start in [0, 1 << 40 | 1] {
                let stream = || Chop::new(format, mode).stream(3).at(start);
                let wide = chopped(&stream(), &values::<f64>(2000));
                let narrow = chopped(&stream(), &values::<f32>(2000));
                assert!(bits(&wide) == bits(&narrow), "{mode} into {format}");
            }
        }
    }
}

#[test]
fn every_stochastic_element_counts_one_and_no_other() {
    for mode in stochastic_modes() {
        let stream = Chop::new(Format::BINARY16, mode).stream(0);
        let mut expected = 0;
        for n in [0, 1, 5, 100] {
            let mut values = values::<f64>(n);
            stream.chop_slice(&mut values);
            expected += n as u64;
            assert_eq!(stream.position(), expected, "{mode}");
        }
        for special in [0.0, 1.0, f64::NAN, f64::INFINITY] {
            let _ = stream.chop(special);
            expected += 1;
            assert_eq!(stream.position(), expected, "{mode}, {special}");
        }
    }
    for mode in Rounding::DETERMINISTIC {
        let stream = Chop::new(Format::BINARY16, mode).stream(0).at(9);
        let mut values = values::<f64>(100);
        let expected: Vec<f64> = values.iter().map(|&x| stream.unseeded().chop(x)).collect();
        stream.chop_slice(&mut values);
        assert_eq!(bits(&values), bits(&expected), "{mode}");
        let _ = stream.chop(0.1_f32);
        assert_eq!(stream.position(), 9, "{mode}");
    }
}

/// Away or not for 256 elements: enough that two streams agree by chance once in 2^256 times.
fn fingerprint(stream: Stream) -> Vec<u64> {
    bits(&chopped(&stream, &[1.5 + 2f64.powi(-9) / 3.0; 256]))
}

#[test]
fn seeds_streams_and_forks_differ_and_repeat() {
    let sr = Chop::new(Format::OCP_E4M3, Rounding::StochasticEqual);
    let root = |seed| sr.stream(seed);
    let all: [(&str, &dyn Fn() -> Stream); 14] = [
        ("seed 0", &|| root(0)),
        ("seed 1", &|| root(1)),
        ("seed max", &|| root(u64::MAX)),
        ("stream 1", &|| root(0).substream(1)),
        ("stream max", &|| root(0).substream(u64::MAX)),
        ("position 256", &|| root(0).at(256)),
        ("fork 0", &|| root(0).fork(0)),
        ("fork 1", &|| root(0).fork(1)),
        ("fork max", &|| root(0).fork(u64::MAX)),
        ("fork 0 of seed 1", &|| root(1).fork(0)),
        ("fork 0 of stream 1", &|| root(0).substream(1).fork(0)),
        ("fork 0 of fork 0", &|| root(0).fork(0).fork(0)),
        ("fork 1 of fork 0", &|| root(0).fork(0).fork(1)),
        ("stream 1 of fork 0", &|| root(0).fork(0).substream(1)),
    ];
    for (i, (name, make)) in all.iter().enumerate() {
        assert_eq!(fingerprint(make()), fingerprint(make()), "{name} does not repeat");
        for (other, make_other) in &all[..i] {
            assert_ne!(fingerprint(make()), fingerprint(make_other()), "{name} repeats {other}");
        }
    }
}

#[test]
fn a_fork_depends_on_where_it_was_made_but_not_on_when() {
    let sr = Chop::new(Format::OCP_E4M3, Rounding::StochasticEqual);
    let parent = sr.stream(8);
    let early = fingerprint(parent.fork(3));
    let _ = chopped(&parent, &values::<f64>(77));
    assert_eq!(fingerprint(parent.fork(3)), early);
    assert_eq!(parent.position(), 77, "forking moves nothing");
    assert_eq!(parent.fork(3).position(), 0);
    assert_eq!(parent.fork(3).state().seed, 8);
    let numbered = parent.substream(4);
    assert_eq!((numbered.state().stream, numbered.position()), (4, 0));
}

#[test]
fn a_stream_may_move_to_another_thread() {
    fn assert_send<T: Send>() {}
    assert_send::<Stream>();
    let stream = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
    let here = fingerprint(Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42));
    let there = std::thread::spawn(move || fingerprint(stream)).join().expect("no panic");
    assert_eq!(here, there);
}

#[test]
fn calls_nest() {
    let stream = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
    let inner = [0.1, 0.2].map(|x: f64| stream.chop(x));
    let outer = stream.chop(inner[0] + inner[1]);
    let again = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
    assert_eq!(again.chop(again.chop(0.1) + again.chop(0.2)), outer);
    assert_eq!(again.position(), 3);
}

#[test]
#[should_panic(expected = "source has 3 elements, destination 2")]
fn lengths_that_differ_panic() {
    let stream = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
    stream.chop_into(&[0.1_f32; 3], &mut [0.0; 2]);
}

/// Lengths below and above those from which on there are tasks, in both kinds of mode.
#[cfg(feature = "rayon")]
#[test]
fn parallel_calls_agree() {
    let modes = Rounding::DETERMINISTIC.into_iter().chain(stochastic_modes());
    for mode in modes {
        let several = if mode.is_stochastic() { 300_001 } else { (1 << 21) + 3 };
        let lengths = [(0, 3), (1, 0), (100_001, 7), (several, 1), (140_000, u64::MAX - 40_001)];
        for (n, start) in lengths {
            let chop = Chop::new(Format::BINARY16, mode);
            let stream = || chop.stream(6).at(start);
            let (sequential, in_place, into) = (stream(), stream(), stream());
            let from = values::<f32>(n);
            let expected = bits(&chopped(&sequential, &from));
            let (mut values, mut to) = (from.clone(), vec![0.0; n]);
            in_place.par_chop_slice(&mut values);
            assert!(bits(&values) == expected, "{mode}, {n} values at {start}, in place");
            into.par_chop_into(&from, &mut to);
            assert!(bits(&to) == expected, "{mode}, {n} values at {start}, into");
            for stream in [in_place, into] {
                assert_eq!(stream.position(), sequential.position(), "{mode}");
            }
            if !mode.is_stochastic() {
                chop.par_chop_into(&from, &mut to);
                assert!(bits(&to) == expected, "{mode}, {n} values, without a stream");
            }
        }
    }
}

#[cfg(feature = "ndarray")]
mod arrays {
    use ndarray::{Array, ArrayD, Dimension, IxDyn, ShapeBuilder, Slice};

    use super::*;

    /// What the array must become: its values in logical row-major order, as one slice.
    fn in_logical_order<D: Dimension>(stream: &Stream, array: &Array<f64, D>) -> Vec<u64> {
        bits(&chopped(stream, &array.iter().copied().collect::<Vec<_>>()))
    }

    /// A 5 × 6 × 7 array in several memory layouts, all with the same shape.
    fn layouts() -> Vec<(&'static str, ArrayD<f64>)> {
        let flat = values::<f64>(5 * 6 * 7 * 6);
        let take = |n: usize| flat[..n].to_vec();
        let shape = |dims: &[usize]| IxDyn(dims);
        let standard = Array::from_shape_vec(shape(&[5, 6, 7]), take(210)).expect("210 values");
        let fortran = Array::from_shape_vec(shape(&[5, 6, 7]).f(), take(210)).expect("210 values");
        let transposed = Array::from_shape_vec(shape(&[7, 6, 5]), take(210)).expect("210 values");
        let mut strided = Array::from_shape_vec(shape(&[10, 6, 21]), flat).expect("1260 values");
        strided.slice_axis_inplace(ndarray::Axis(0), Slice::from(..).step_by(2));
        strided.slice_axis_inplace(ndarray::Axis(2), Slice::from(1..).step_by(3));
        let mut reversed = standard.clone();
        reversed.invert_axis(ndarray::Axis(0));
        reversed.invert_axis(ndarray::Axis(2));
        vec![
            ("standard", standard),
            ("Fortran order", fortran),
            ("transposed", transposed.reversed_axes()),
            ("strided", strided),
            ("reversed", reversed),
        ]
    }

    #[test]
    fn any_layout_counts_in_logical_order() {
        for mode in stochastic_modes().into_iter().chain(Rounding::DETERMINISTIC) {
            let stream = || Chop::new(Format::BINARY16, mode).stream(42).at(11);
            for (name, mut array) in layouts() {
                assert_eq!(array.shape(), [5, 6, 7], "{name}");
                let expected = in_logical_order(&stream(), &array);
                let copy = stream().chop_array(&array);
                assert_eq!(copy.shape(), array.shape());
                let copy: Vec<f64> = copy.iter().copied().collect();
                assert!(bits(&copy) == expected, "{mode}, {name}, chop_array");
                let view: Vec<f64> = stream().chop_array(&array.view()).iter().copied().collect();
                assert!(bits(&view) == expected, "{mode}, {name}, chop_array of a view");
                let moved = stream();
                moved.chop_array_inplace(&mut array.view_mut());
                let inplace: Vec<f64> = array.iter().copied().collect();
                assert!(bits(&inplace) == expected, "{mode}, {name}, chop_array_inplace");
                let count = if mode.is_stochastic() { 210 } else { 0 };
                assert_eq!(moved.position(), 11 + count, "{mode}, {name}");
            }
        }
    }

    #[test]
    fn what_a_strided_view_leaves_out_is_left_alone() {
        let mut whole = Array::from_shape_vec((20, 30), values::<f64>(600)).expect("600 values");
        let before = whole.clone();
        let mut view = whole.slice_mut(ndarray::s![1..;3, ..;-2]);
        Chop::new(Format::OCP_E2M1, Rounding::Up).stream(1).chop_array_inplace(&mut view);
        for ((row, column), x) in before.indexed_iter() {
            if row % 3 != 1 || column % 2 != 1 {
                assert_eq!(whole[(row, column)].to_bits(), x.to_bits(), "({row}, {column})");
            }
        }
    }

    #[test]
    fn any_number_of_dimensions() {
        let sr = Chop::new(Format::BINARY16, Rounding::Stochastic);
        let x = 1.0 + 2f64.powi(-12);
        for dims in [&[][..], &[1], &[0], &[3, 0, 2], &[64, 3], &[2, 3, 4, 5, 6, 7, 2]] {
            let array = ArrayD::from_elem(IxDyn(dims), x);
            let expected = in_logical_order(&sr.stream(5), &array);
            let got: Vec<f64> = sr.stream(5).chop_array(&array).iter().copied().collect();
            assert_eq!(bits(&got), expected, "{dims:?}");
        }
    }

    /// The end of such a shard is beyond what a usize holds.
    #[test]
    fn a_shard_beyond_all_numbers_is_refused() {
        use ndarray::Array2;
        let stream = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(1);
        let mut shard = Array2::from_elem((2, 2), 0.1);
        for origin in [[usize::MAX, 0], [usize::MAX - 1, 1], [0, usize::MAX]] {
            let result = stream.chop_shard_inplace(&mut shard, &[usize::MAX; 2], &origin);
            assert!(result.is_err(), "{origin:?}");
            assert_eq!(shard[[0, 0]], 0.1);
            assert_eq!(stream.position(), 0);
        }
    }

    #[test]
    fn shards_of_any_shape_agree_with_the_whole() {
        let sr = Chop::new(Format::BINARY16, Rounding::Stochastic);
        let whole = Array::from_shape_vec((5, 6, 7), values::<f64>(210)).expect("210 values");
        let rounded = sr.stream(42).at(3).chop_array(&whole);
        let cuts = [
            ndarray::s![0..5, 0..6, 0..7],
            ndarray::s![1..3, 0..6, 0..7],
            ndarray::s![2..5, 1..4, 3..7],
            ndarray::s![4..5, 5..6, 6..7],
            ndarray::s![2..2, 1..4, 3..7],
        ];
        let origins = [[0, 0, 0], [1, 0, 0], [2, 1, 3], [4, 5, 6], [2, 1, 3]];
        for (cut, origin) in cuts.into_iter().zip(origins) {
            let stream = sr.stream(42).at(3);
            let mut shard = whole.slice(cut).to_owned();
            stream.chop_shard_inplace(&mut shard, &[5, 6, 7], &origin).expect("inside");
            let (got, expected): (Vec<f64>, Vec<f64>) =
                (shard.iter().copied().collect(), rounded.slice(cut).iter().copied().collect());
            assert_eq!(bits(&got), bits(&expected), "{origin:?}");
            assert_eq!(stream.position(), 213);
        }
        let stream = sr.stream(42);
        let mut shard = whole.clone();
        let beyond = stream.chop_shard_inplace(&mut shard, &[5, 6, 7], &[0, 1, 0]).unwrap_err();
        assert_eq!(beyond.to_string(), "axis 1: shard ends at 7, whole has length 6");
        assert!(stream.chop_shard_inplace(&mut shard, &[5, 42], &[0, 0]).is_err());
        assert_eq!(
            (bits(shard.as_slice().unwrap()), stream.position()),
            (bits(whole.as_slice().unwrap()), 0)
        );
    }

    #[test]
    fn chops_own_arrays_equal_its_slices() {
        for (name, array) in layouts() {
            for mode in Rounding::DETERMINISTIC {
                let chop = Chop::new(Format::OCP_E5M2, mode);
                let expected: Vec<f64> = array.iter().map(|&x| chop.chop(x)).collect();
                let got: Vec<f64> = chop.chop_array(&array).iter().copied().collect();
                assert_eq!(bits(&got), bits(&expected), "{name}, {mode}");
            }
        }
    }
}

/// Value stability: these numbers are what version 0.1.0 gives. A change here changes every seeded
/// result of every user; it belongs in the changelog under *Numerical changes*.
///
/// The random numbers were computed from the layout described in `src/rounding/random.rs` by another
/// implementation of ChaCha, in Python, before they were compared with this one.
mod pinned {
    use super::*;

    type Make = fn(Rounding) -> Stream;

    fn root(mode: Rounding, seed: u64) -> Stream {
        Chop::new(Format::BINARY16, mode).stream(seed)
    }

    /// Of each stream the random numbers U number 0, 17 and 1000, as the first 42 bits, and, in a mode
    /// that takes 32 bits at once, the R number 0 and 300.
    const RANDOM_NUMBERS: [(Make, [u64; 3], [u64; 2]); 11] = [
        (
            |mode| root(mode, 42),
            [0x06b_f297_e923, 0x1ae_505e_9e3b, 0x136_8750_5f5f],
            [0x87c9_1afc, 0x211a_d215],
        ),
        (
            |mode| root(mode, 0),
            [0x397_a0f3_11ce, 0x253_bd82_bb5b, 0x012_633f_acf5],
            [0x2d8e_e5e8, 0x6992_8cff],
        ),
        (
            |mode| root(mode, u64::MAX),
            [0x219_1039_7cea, 0x0f2_130e_2276, 0x0df_fcb9_440e],
            [0x60ef_8644, 0x3448_d91d],
        ),
        (
            |mode| root(mode, 42).substream(1),
            [0x358_b944_d94a, 0x088_bdda_e214, 0x3c8_f1bd_a268],
            [0xfa2c_d62e, 0xdf18_35be],
        ),
        (
            |mode| root(mode, 42).substream(u64::MAX),
            [0x2e1_e454_a050, 0x232_9f8b_d28d, 0x05d_97ad_893b],
            [0xc481_b879, 0xaacc_cae0],
        ),
        (
            |mode| root(mode, 42).at((1 << 40) + 1),
            [0x109_6c09_3abe, 0x166_5e3a_44ec, 0x015_e141_a41c],
            [0x2326_e049, 0x1b6e_f157],
        ),
        (
            |mode| root(mode, 42).at(u64::MAX - 1),
            [0x3c5_b57f_eba4, 0x333_3fe4_a079, 0x089_8760_99ef],
            [0x416a_709d, 0x978b_bb16],
        ),
        (
            |mode| root(mode, 42).fork(0),
            [0x343_b43c_2aa3, 0x101_6258_b5ad, 0x313_1a62_d3a7],
            [0x077f_d0ed, 0x814e_08fc],
        ),
        (
            |mode| root(mode, 42).substream(3).fork(5),
            [0x279_2ac1_4075, 0x10c_d0d7_ab2e, 0x04b_cd03_b2f7],
            [0x6ae3_9e4a, 0x8fed_60e4],
        ),
        (
            |mode| root(mode, 42).fork(1).fork(2),
            [0x39e_7e91_6c57, 0x1ab_2a4f_5dcf, 0x009_294e_09a7],
            [0xc5b3_e79f, 0x8673_70e7],
        ),
        (
            |mode| root(mode, 42).fork(u64::MAX).substream(7),
            [0x239_7a07_1f9a, 0x30e_6de0_8635, 0x010_ee7d_cf5a],
            [0xd5b5_8e5e, 0x5060_cdfc],
        ),
    ];

    /// The random number at the stream's position, bit by bit from the top: the largest of `digits`
    /// bits for which `below`, given ν as a multiple of 2^-digits, does not round away.
    fn found(digits: u32, away: impl Fn(u64) -> bool) -> u64 {
        (0..digits).rev().fold(0, |number, digit| {
            let guess = number | 1 << digit;
            if away(guess) { number } else { guess }
        })
    }

    /// Whether 1 + ν·2^-10, with ν = `nu` / 2^digits, rounds away from zero.
    fn goes_away(stream: &Stream, nu: u64, digits: i32) -> bool {
        let x = 1.0 + nu as f64 * 2f64.powi(-10 - digits);
        stream.chop(x) > 1.0
    }

    /// U's first 42 bits, as many as ν has here: away iff U < ν.
    fn u_at(make: impl Fn() -> Stream, offset: u64) -> u64 {
        found(42, |nu| {
            let stream = make();
            let start = stream.position();
            goes_away(&stream.at(start.wrapping_add(offset)), nu, 42)
        })
    }

    /// R of 32 bits: away iff ν·2^32 + R ≥ 2^32, so iff 2^32 - ν·2^32 ≤ R.
    fn r_at(make: impl Fn() -> Stream, offset: u64) -> u64 {
        found(32, |guess| {
            let stream = make();
            let start = stream.position();
            !goes_away(&stream.at(start.wrapping_add(offset)), (1 << 32) - guess, 32)
        })
    }

    #[test]
    fn random_numbers() {
        let wide = Rounding::stochastic_a(32).expect("at most 32 bits");
        for (index, (make, us, rs)) in RANDOM_NUMBERS.into_iter().enumerate() {
            let got = [0, 17, 1000].map(|offset| u_at(|| make(Rounding::Stochastic), offset));
            assert_eq!(got, us, "U of stream {index} in the list: {got:#x?}");
            let got = [0, 300].map(|offset| r_at(|| make(wide), offset));
            assert_eq!(got, rs, "R of stream {index} in the list: {got:#x?}");
        }
    }
}
