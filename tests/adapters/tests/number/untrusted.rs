//! serde: text by strangers. Every type is read from random text, and from valid text with bytes changed, cut and
//! repeated: it is refused, or becomes a value that is written and read back alike.

use std::fmt::Debug;

use lowprec::block::{BlockShape, BlockTensor, PackedArray, ScaleRule, Specials};
use lowprec::number::{Binary16, OcpE4m3};
use lowprec::reference::Rule;
use lowprec::{
    BlockChop, BlockFormat, Chop, Format, Lp, Overflow, Rounding, Scoped, StreamState, Underflow,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{from_slice, to_string};

/// Texts of each of the two sorts.
const CASES: u32 = if cfg!(exhaustive) { 5_000_000 } else { 5_000 };

fn runner() -> TestRunner {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// What is read is written, and that is read alike: by its text, of which NaN has one too.
fn there_and_back<T>(text: &[u8])
where
    T: serde::Serialize + for<'de> serde::Deserialize<'de> + Debug,
{
    if let Ok(value) = from_slice::<T>(text) {
        let written = to_string(&value).expect("what was read is written");
        let again: T = from_slice(written.as_bytes()).expect("what was written is read");
        assert_eq!(format!("{again:?}"), format!("{value:?}"), "{written}");
    }
}

fn read(text: &[u8]) {
    there_and_back::<Format>(text);
    there_and_back::<Rounding>(text);
    there_and_back::<Overflow>(text);
    there_and_back::<Underflow>(text);
    there_and_back::<Rule>(text);
    there_and_back::<Chop>(text);
    there_and_back::<StreamState>(text);
    there_and_back::<PackedArray>(text);
    there_and_back::<BlockShape>(text);
    there_and_back::<Specials>(text);
    there_and_back::<ScaleRule>(text);
    there_and_back::<BlockFormat>(text);
    there_and_back::<BlockChop>(text);
    there_and_back::<BlockTensor>(text);
    there_and_back::<Lp<Binary16>>(text);
    there_and_back::<Vec<Lp<OcpE4m3>>>(text);
    lowprec::with(&HALF, || there_and_back::<Scoped>(text));
    // What was read can be used.
    if let Ok(tensor) = from_slice::<BlockTensor>(text) {
        assert_eq!(tensor.dequantize::<f32>().len(), tensor.codes().len());
    }
    if let Ok(codes) = from_slice::<PackedArray>(text) {
        assert!(codes.iter().all(|code| u32::from(code) >> codes.bits() == 0));
    }
    if let Ok(chop) = from_slice::<Chop>(text) {
        let _ = (chop.chop(0.3_f32), chop.chop(-1e300), chop.add(1.0, 0.1));
    }
}

const HALF: Chop = Chop::new(Format::BINARY16, Rounding::NearestEven);

fn valid() -> Vec<String> {
    let values: Vec<f32> = (0..40).map(|i| (i as f32).sin()).collect();
    let tensor = |format| BlockChop::new(format, Rounding::NearestEven).quantize(&values);
    let packed = PackedArray::from_format(Format::OCP_E3M2, &[2, 2], &[1_u8, 2, 3, 4]).unwrap();
    let stream = Chop::new(Format::E3M4, Rounding::Stochastic).stream(3);
    [
        to_string(&"binary8p3sf".parse::<Format>().unwrap()),
        to_string(&Format::OCP_E4M3.with_largest_finite(416.0).unwrap()),
        to_string(&Rounding::Stochastic),
        to_string(&HALF.rule()),
        to_string(&HALF.with_overflow(Overflow::Saturate)),
        to_string(&stream.state()),
        to_string(&packed),
        to_string(&BlockShape::Tile { rows: 3, columns: 4 }),
        to_string(&BlockFormat::MXINT8),
        to_string(&BlockFormat::Q4_1),
        to_string(&BlockChop::new(BlockFormat::NVFP4, Rounding::Up).with_shared_bits(4).unwrap()),
        to_string(&tensor(BlockFormat::NVFP4)),
        to_string(&tensor(BlockFormat::Q4_1)),
        to_string(&tensor(BlockFormat::FP8_E4M3_TENSOR)),
        to_string(&[0.5, -448.0].map(Lp::<OcpE4m3>::from_f64)),
    ]
    .map(|text| text.expect("plain data"))
    .to_vec()
}

#[test]
fn random_text_is_read_or_refused() {
    let letters = b"{}[]\":,0123456789.-+eE abfnrlmxp_NaIty\\\n\0\xff".to_vec();
    let texts = proptest::collection::vec(proptest::sample::select(letters), 0..60);
    let run = |text: Vec<u8>| {
        read(&text);
        Ok(())
    };
    runner().run(&texts, run).unwrap();
}

#[test]
fn changed_text_is_read_or_refused() {
    let valid = valid();
    for text in &valid {
        read(text.as_bytes());
    }
    let place = any::<u16>;
    let changes = proptest::collection::vec((place(), place(), any::<u8>(), 0..4), 1..5);
    let changed = |mut bytes: Vec<u8>, &(at, span, byte, sort): &(u16, u16, u8, i32)| {
        let start = usize::from(at) % (bytes.len() + 1);
        let end = (start + usize::from(span) % 9).min(bytes.len());
        match sort {
            // Digits and letters stay digits and letters, so that more is read.
            0 => bytes[start..end].iter_mut().for_each(|old| {
                *old = if old.is_ascii_digit() { b'0' + byte % 10 } else { byte };
            }),
            1 => drop(bytes.drain(start..end)),
            2 => bytes.insert(start, b'0' + byte % 10),
            _ => {
                let part = bytes[start..end].repeat(usize::from(byte) % 4);
                bytes.splice(start..start, part);
            }
        }
        bytes
    };
    let run = |(which, changes): (usize, Vec<_>)| {
        read(&changes.iter().fold(valid[which].clone().into_bytes(), changed));
        Ok(())
    };
    runner().run(&(0..valid.len(), changes), run).unwrap();
}
