//! Texts by strangers: random ones, and the shipped one with bytes changed, cut and repeated.

use lowprec_cli::file::{Kind, Source};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::columns::Columns;
use super::text::{Text, Wanted};
use crate::progress::Progress;

/// Texts of each of the two sorts.
const CASES: u32 = if cfg!(exhaustive) { 5_000_000 } else { 5_000 };

fn runner() -> TestRunner {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Reads a text in every way; what is read is written back with as many numbers.
fn read(bytes: &[u8]) {
    let progress = Progress::new();
    for (header, columns, skip_bad) in
        [(false, "", false), (true, "", false), (false, "2,4-9", false), (false, "1", true)]
    {
        let columns = columns.parse().unwrap_or_default();
        let wanted = Wanted { header, columns, skip_bad };
        let decimal = |bytes| Text::decimal::<f64>("given", bytes, &wanted, &progress);
        if let Ok((text, values)) = decimal(bytes.into()) {
            assert!((0..values.len()).all(|at| text.number(at).is_some()));
            let mut out = Vec::new();
            text.write(&values, None, &mut out, &progress).unwrap();
            assert!(decimal(out).is_ok_and(|(_, again)| again.len() == values.len()));
        }
    }
    let _ = Text::decimal::<f32>("given", bytes.into(), &Wanted::default(), &progress);
    let _: Result<Columns, _> = String::from_utf8_lossy(bytes).parse();
    let _ = Text::hex::<f32>("given", bytes.into(), &progress);
    let _ = Text::hex::<f64>("given", bytes.into(), &progress);
    if Kind::of(bytes) != Kind::Text {
        assert!(Source::of_bytes("given", bytes.into()).into_text().is_err());
    }
}

#[test]
fn random_texts_are_read_or_refused() {
    let letters = b"0123456789..,,;;\t  \n\n\r\"\"#+-eEinfa_xX\xef\xbb\xbf\0\xff".to_vec();
    let texts = proptest::collection::vec(proptest::sample::select(letters), 0..120);
    let run = |text: Vec<u8>| {
        read(&text);
        Ok(())
    };
    runner().run(&texts, run).unwrap();
}

#[test]
fn changed_texts_are_read_or_refused() {
    const VALID: &[&[u8]] = &[
        b"radius,texture\n17.99,10.38\n20.57,17.77\n",
        b"# one\n1;2;3\n\n\"4\";\"inf\";-0\n1e-320;nan;+7.5E+3\n",
        b"\xef\xbb\xbfa b\r\n1\t2\r\n3\t4\r\n",
        b"0x3f800000\n7fc00001\n",
    ];
    let place = any::<u16>;
    let changes = proptest::collection::vec((place(), place(), any::<u8>(), 0..4), 1..6);
    let cases = (0..VALID.len(), changes);
    let changed = |mut bytes: Vec<u8>, &(at, span, byte, sort): &(u16, u16, u8, i32)| {
        let start = usize::from(at) % (bytes.len() + 1);
        let end = (start + usize::from(span) % 12).min(bytes.len());
        match sort {
            0 => bytes[start..end].fill(byte),
            1 => drop(bytes.drain(start..end)),
            2 => bytes.insert(start, byte),
            _ => {
                let part = bytes[start..end].repeat(usize::from(byte) % 8);
                bytes.splice(start..start, part);
            }
        }
        bytes
    };
    let run = |(valid, changes): (usize, Vec<_>)| {
        read(&changes.iter().fold(VALID[valid].to_vec(), changed));
        Ok(())
    };
    runner().run(&cases, run).unwrap();
}
