//! The files that `cli/tests/data/make.py` made with NumPy, ml_dtypes and safetensors: every element by its
//! bits, against what that script noted from the arrays themselves.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use lowprec::Format;
use lowprec_cli::file::{Codes, Error, Kind, Nibbles, Reading, Source, TensorFile, Values};

use super::made;

/// What make.py noted about one tensor.
struct Row {
    file: String,
    tensor: String,
    dtype: String,
    shape: Vec<usize>,
    bits: Vec<u64>,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(made("bits.txt")).unwrap();
    let row = |line: &str| {
        let [file, tensor, dtype, shape, bits] =
            line.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
        let shape = match shape.as_str() {
            "scalar" => vec![],
            shape => shape.split('x').map(|length| length.parse().unwrap()).collect(),
        };
        let words = bits.split_whitespace();
        let bits = words.map(|word| u64::from_str_radix(word, 16).unwrap()).collect();
        Row { file, tensor, dtype, shape, bits }
    };
    text.lines().map(row).collect()
}

fn open(name: &str) -> TensorFile {
    Source::open(&made(name)).unwrap().into_tensors().unwrap()
}

fn wide(codes: Codes) -> Vec<u64> {
    match codes {
        Codes::U8(codes) => codes.into_iter().map(u64::from).collect(),
        Codes::U16(codes) => codes.into_iter().map(u64::from).collect(),
        Codes::U32(codes) => codes.into_iter().map(u64::from).collect(),
        Codes::U64(codes) => codes,
    }
}

/// The format that a file named after it holds codes of.
fn format_of(row: &Row) -> Option<Format> {
    let name = match row.file.strip_suffix(".npy") {
        Some(name) => name,
        None if row.dtype.contains('V') => "e4m3fn",
        None => return None,
    };
    name.parse().ok().filter(|_| row.dtype.contains('V') || row.dtype == "<f1")
}

/// An integer of this type by its bits.
fn integer(dtype: &str, bits: u64) -> f64 {
    let signed = dtype.contains(['i', 'I']);
    let width = match dtype.trim_start_matches(|c: char| !c.is_ascii_digit()) {
        "1" => 8,
        "2" => 16,
        "4" => 32,
        // Of NumPy eight bytes; of safetensors so many bits.
        "8" if dtype.starts_with(['<', '>', '|']) => 64,
        digits => digits.parse().unwrap(),
    };
    if signed { ((bits << (64 - width)).cast_signed() >> (64 - width)) as f64 } else { bits as f64 }
}

fn bits_of(values: Values) -> Vec<u64> {
    match values {
        Values::F32(values) => values.into_iter().map(|x| f64::from(x).to_bits()).collect(),
        Values::F64(values) => values.into_iter().map(f64::to_bits).collect(),
    }
}

#[test]
fn every_type_is_read_bit_by_bit() {
    let mut seen = BTreeMap::new();
    for row in rows() {
        let at = format!("{} {} {}", row.file, row.tensor, row.dtype);
        let file = open(&row.file);
        let tensor = file.tensors().iter().find(|tensor| tensor.name() == row.tensor).unwrap();
        assert_eq!(tensor.shape(), row.shape, "{at}");
        assert_eq!(tensor.dtype().to_string(), row.dtype, "{at}");
        *seen.entry(row.dtype.clone()).or_insert(0) += 1;
        let reading = Reading { format: format_of(&row), ..Reading::default() };
        if row.dtype == "|b1" || row.dtype == "BOOL" {
            let message = file.elements(tensor, &reading).unwrap_err().to_string();
            assert!(message.contains(&row.dtype) && message.contains(&row.file), "{message}");
            continue;
        }
        let elements = file.elements(tensor, &reading).unwrap();
        let values = bits_of(elements.values().unwrap());
        let from_f64 = elements.values_f64().unwrap();
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        let close = values.iter().zip(&from_f64).all(|(a, b)| same(f64::from_bits(*a), *b));
        assert!(close && values.len() == from_f64.len(), "{at}");
        let wanted: Vec<f64> = match elements.format() {
            Some(format) => {
                assert_eq!(wide(elements.codes().unwrap()), row.bits, "{at}");
                row.bits.iter().map(|code| format.decode(*code)).collect()
            }
            None => {
                assert!(elements.codes().is_err(), "{at}");
                row.bits.iter().map(|bits| integer(&row.dtype, *bits)).collect()
            }
        };
        assert_eq!(from_f64.len(), wanted.len(), "{at}");
        for (given, wanted) in from_f64.iter().zip(&wanted) {
            assert!(same(*given, *wanted), "{at}: {given} for {wanted}");
        }
    }
    let missed = [
        "<f8",
        ">f8",
        "<f4",
        ">f4",
        "<f2",
        ">f2",
        "<f1",
        "<V1",
        "<V2",
        "|i1",
        "<i2",
        "<i4",
        "<i8",
        "|u1",
        "<u2",
        "<u4",
        "<u8",
        ">i4",
        "|b1",
        "F64",
        "F32",
        "F16",
        "BF16",
        "F8_E4M3",
        "F8_E5M2",
        "F8_E8M0",
        "F8_E4M3FNUZ",
        "F8_E5M2FNUZ",
        "F4",
        "I8",
        "I16",
        "I32",
        "I64",
        "U8",
        "U16",
        "U32",
        "U64",
        "BOOL",
    ];
    assert!(missed.iter().all(|dtype| seen.contains_key(*dtype)), "{seen:?}");
}

#[test]
fn bits_of_storage_types_stay() {
    // A NaN with a payload is no code of a canonical NaN.
    let file = super::opened(&super::npy(
        "{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}",
        &0xffa1_2345_u32.to_be_bytes(),
    ))
    .unwrap();
    let elements = file.elements(&file.tensors()[0], &Reading::default()).unwrap();
    let Values::F32(values) = elements.values().unwrap() else { panic!("f4 in f64") };
    assert_eq!(values[0].to_bits(), 0xffa1_2345);
}

#[test]
fn fortran_order_is_undone() {
    let file = open("fortran.npy");
    let tensor = &file.tensors()[0];
    assert!(tensor.fortran_order());
    let elements = file.elements(tensor, &Reading::default()).unwrap();
    assert_eq!(elements.values_f64().unwrap(), (0..24).map(f64::from).collect::<Vec<_>>());
}

#[test]
fn types_without_meaning_ask_for_a_format() {
    let format = |format| Reading { format: Some(format), ..Reading::default() };
    let read = |name: &str, reading: &Reading| -> Result<Vec<f64>, Error> {
        let file = open(name);
        file.elements(&file.tensors()[0], reading)?.values_f64()
    };
    for (name, hint) in
        [("e4m3fn.npy", "e4m3fn"), ("bfloat16.npy", "bfloat16"), ("e5m2.npy", "e5m2")]
    {
        let message = read(name, &Reading::default()).unwrap_err().to_string();
        assert!(message.contains("--code-format") && message.contains(hint), "{message}");
        assert!(message.contains(name), "{message}");
    }
    // Of another width.
    let message = read("bfloat16.npy", &format(Format::OCP_E4M3)).unwrap_err().to_string();
    assert!(message.contains("16 bits") && message.contains('8'), "{message}");
    assert!(read("e4m3fn.npy", &format(Format::BFLOAT16)).is_err());
    assert!(read("e4m3fn.npy", &format(Format::unbounded(5).unwrap())).is_err());
    // A code with more bits than the format has.
    let message = read("e4m3fn.npy", &format(Format::OCP_E2M1)).unwrap_err().to_string();
    assert!(message.contains("element 1"), "{message}");
    // u1 and u2 are integers unless said otherwise, i1 always.
    assert_eq!(read("u1.npy", &Reading::default()).unwrap(), [0.0, 0.0, 1.0, 100.0, 64.0]);
    assert_eq!(read("u1.npy", &format(Format::OCP_E5M2)).unwrap()[4], 2.0);
    assert_eq!(read("u2.npy", &format(Format::BINARY16)).unwrap()[4], 2.0);
    assert_eq!(read("u4.npy", &format(Format::BINARY32)).unwrap()[4], 2.0);
    assert_eq!(read("u8.npy", &format(Format::BINARY64)).unwrap()[4], 2.0);
    assert_eq!(read("i1.npy", &format(Format::OCP_E5M2)).unwrap()[0], -128.0);
}

#[test]
fn integers_that_no_f64_equals_are_refused() {
    let of = |x: i64| {
        super::npy(
            "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}",
            &[[0; 8], x.to_le_bytes()].concat(),
        )
    };
    let exact = super::opened(&of(1 << 53)).unwrap();
    let elements = exact.elements(&exact.tensors()[0], &Reading::default()).unwrap();
    assert_eq!(elements.values_f64().unwrap()[1], (1_i64 << 53) as f64);
    let message = super::refusal(&of((1 << 53) + 1));
    assert!(message.contains("element 1: 9007199254740993"), "{message}");
    assert!(super::refusal(&of(i64::MAX)).contains("9223372036854775807"));
}

#[test]
fn either_half_of_a_byte_may_come_first() {
    let table = r#"{"w":{"dtype":"F4","shape":[1,4],"data_offsets":[0,2]}}"#;
    let file = super::opened(&super::safetensors(table, &[0x21, 0x43])).unwrap();
    let codes = |nibbles| {
        let reading = Reading { nibbles, ..Reading::default() };
        let elements = file.elements(&file.tensors()[0], &reading).unwrap();
        (elements.codes().unwrap(), elements.values().unwrap())
    };
    let low = (Codes::U8(vec![1, 2, 3, 4]), Values::F32(vec![0.5, 1.0, 1.5, 2.0]));
    assert_eq!(codes("low-first".parse().unwrap()), low);
    let high = (Codes::U8(vec![2, 1, 4, 3]), Values::F32(vec![1.0, 0.5, 2.0, 1.5]));
    assert_eq!(codes("high-first".parse().unwrap()), high);
    assert!("middle".parse::<Nibbles>().unwrap_err().contains("low-first"));
}

#[test]
fn archives_and_their_kinds() {
    for name in ["stored.npz", "deflated.npz"] {
        let file = open(name);
        assert_eq!(file.kind(), Kind::Npz);
        let names: Vec<_> = file.tensors().iter().map(|tensor| tensor.name()).collect();
        assert_eq!(names, ["weight", "scale", "codes", "steps"], "{name}");
    }
    let file = open("all.safetensors");
    assert_eq!(file.metadata().get("made by"), Some("make.py"));
    assert_eq!(file.metadata().get("made"), None);
    assert_eq!(file.metadata().iter().count(), 1);
}

#[test]
fn a_pipe_is_read_as_a_file_is() {
    let place = tempfile::tempdir().unwrap();
    let bytes = fs::read(made("all.safetensors")).unwrap();
    let in_memory = super::opened(&bytes).unwrap();
    let path = place.path().join("copy");
    fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
    let on_disk = Source::open(&path).unwrap().into_tensors().unwrap();
    let reading = Reading::default();
    for (a, b) in in_memory.tensors().iter().zip(on_disk.tensors()) {
        let Ok(elements) = in_memory.elements(a, &reading) else { continue };
        let other = on_disk.elements(b, &reading).unwrap();
        assert_eq!(bits_of(elements.values().unwrap()), bits_of(other.values().unwrap()));
    }
    // What shrinks after it was opened is an error, no panic.
    fs::File::options().write(true).open(&path).unwrap().set_len(bytes.len() as u64 - 6).unwrap();
    let last = on_disk.tensors().iter().rfind(|tensor| tensor.dtype().is_readable()).unwrap();
    let message = on_disk.elements(last, &reading).unwrap_err().to_string();
    assert!(message.contains("ends before") && message.contains(last.name()), "{message}");
}
