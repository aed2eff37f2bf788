//! Files by strangers: random bytes, and valid files with bytes changed, cut and repeated. No panic, no abort,
//! and memory within four times the file's length when opened; large files made to be slow or greedy are
//! opened in the time and memory of any other. Ten thousand files in `cargo test`, ten million with
//! `--cfg exhaustive`.

use std::fmt::Write;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lowprec::Format;
use lowprec_cli::file::{Data, Kind, NewFile, NewTensor, Nibbles, Reading, Source, TensorFile};
use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Files of each of the two sorts.
const CASES: u32 = if cfg!(exhaustive) { 5_000_000 } else { 5_000 };

/// What reading takes beyond a multiple of the file's length: the decoder of deflated data and its buffer.
const CONSTANT: usize = 96 << 10;

/// Memory is counted for the whole process: one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an action gives, and the bytes that it held at most beyond those held before.
fn measured<T>(action: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = action();
    (result, MEMORY.peak_usage().saturating_sub(before))
}

fn open(bytes: Vec<u8>) -> Result<TensorFile, String> {
    let file = Source::of_bytes("given", bytes).into_tensors();
    file.map_err(|error| {
        let message = error.to_string();
        assert!(message.starts_with("given") && message.len() < 2000, "{message}");
        assert!(!message.contains(char::is_control), "{message:?}");
        message
    })
}

/// Opens a file and reads all that it holds, in every way.
fn read(bytes: &[u8]) {
    let length = bytes.len();
    let (file, held) = measured(|| open(bytes.to_vec()));
    // The copy of the bytes is one of the four.
    assert!(held <= 4 * length + CONSTANT, "{held} bytes for {length}");
    let Ok(file) = file else { return };
    let formats = [None, Some(Format::OCP_E4M3), Some(Format::BFLOAT16), Some(Format::BINARY64)];
    for tensor in file.tensors() {
        let (dtype, count) = (tensor.dtype().to_string(), tensor.count());
        assert!(!dtype.contains(char::is_control), "{dtype:?}");
        for format in formats {
            let reading = Reading { format, nibbles: Nibbles::HighFirst };
            let (read, held) = measured(|| {
                let elements = file.elements(tensor, &reading).ok()?;
                let values = elements.values_f64().ok().map(|values| values.len());
                let codes = elements.codes().ok().map(|codes| codes.len());
                assert!(values.is_none_or(|values| values == count));
                assert!(codes.is_none_or(|codes| codes == count));
                Some(())
            });
            // Elements, codes of at most 8 bytes each, values of 8, and those in another order.
            assert!(held <= 40 * count + CONSTANT, "{held} bytes for {count} elements");
            if read.is_some() {
                break;
            }
        }
    }
}

/// The files that cli/tests/data/make.py made.
fn valid() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| Kind::of_path(path).is_some());
    paths.sort();
    assert!(paths.len() > 30, "{paths:?}");
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// One change of a file, at a place given as a fraction of its length.
#[derive(Clone, Debug)]
enum Change {
    Byte(u16, u8),
    Bit(u16, u8),
    /// Eight bytes, which may be a length or an offset.
    Number(u16, u64),
    /// A digit of a number in text.
    Digit(u16, u8),
    Cut(u16, u16),
    Repeat(u16, u8, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<u16>;
    let number = prop_oneof![
        any::<u64>(),
        (0_u32..64).prop_map(|shift| 1 << shift),
        (0_u64..300).prop_map(|small| small),
        (0_u64..300).prop_map(|small| u64::MAX - small),
    ];
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (place(), 0_u8..8).prop_map(|(at, bit)| Change::Bit(at, bit)),
        (place(), number).prop_map(|(at, number)| Change::Number(at, number)),
        (place(), 0_u8..10).prop_map(|(at, digit)| Change::Digit(at, digit)),
        (place(), place()).prop_map(|(at, length)| Change::Cut(at, length)),
        (place(), any::<u8>(), 1_u8..20).prop_map(|(at, span, n)| Change::Repeat(at, span, n)),
    ]
}

fn changed(mut bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let length = bytes.len();
    let place = |at: u16| (at as usize * length) >> 16;
    match *change {
        Change::Byte(at, byte) => bytes[place(at)] = byte,
        Change::Bit(at, bit) => bytes[place(at)] ^= 1 << bit,
        Change::Number(at, number) => {
            let to = &mut bytes[place(at)..];
            to.iter_mut().zip(number.to_le_bytes()).for_each(|(to, byte)| *to = byte);
        }
        Change::Digit(at, digit) => {
            // The next digit after the place: most bytes of a header are none.
            let digits = bytes[place(at)..].iter_mut().find(|byte| byte.is_ascii_digit());
            if let Some(byte) = digits {
                *byte = b'0' + digit;
            }
        }
        Change::Cut(at, span) => {
            let start = place(at);
            bytes.drain(start..(start + ((span as usize * length) >> 17)).min(length));
        }
        Change::Repeat(at, span, times) => {
            let start = place(at);
            let part = bytes[start..(start + usize::from(span)).min(length)].repeat(times.into());
            bytes.splice(start..start, part);
        }
    }
    bytes
}

fn runner() -> TestRunner {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn random_bytes_are_refused() {
    let _alone = alone();
    let begins: [&[u8]; 8] = [
        b"",
        b"\x93NUMPY\x01\0",
        b"\x93NUMPY\x01\0\x40\0{'descr': '<f4', 'fortran_order': False, 'shape': (",
        b"PK\x03\x04",
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0",
        b"\x20\0\0\0\0\0\0\0{",
        b"\x20\0\0\0\0\0\0\0{\"w\":{\"dtype\":\"F32\",\"shape\":[",
        b"\x10\0\0\0\0\0\0\0{\"__metadata__\":",
    ];
    let bytes = (0..begins.len(), proptest::collection::vec(any::<u8>(), 0..300));
    let done = runner().run(&bytes, |(begin, bytes)| {
        read(&[begins[begin], &bytes].concat());
        Ok(())
    });
    done.unwrap();
}

#[test]
fn changed_files_are_read_or_refused() {
    let _alone = alone();
    let valid = valid();
    let changes = (0..valid.len(), proptest::collection::vec(change(), 1..5));
    let mut opened = 0_u32;
    let counted = std::cell::RefCell::new(&mut opened);
    let done = runner().run(&changes, |(file, changes)| {
        let bytes = changes.iter().fold(valid[file].clone(), changed);
        read(&bytes);
        **counted.borrow_mut() += u32::from(open(bytes).is_ok());
        Ok(())
    });
    done.unwrap();
    // Enough of them are still files of tensors for the changed elements to be read.
    assert!((CASES / 20..CASES).contains(&opened), "{opened} of {CASES} still open");
}

/// A million rows of one sort, with a number in each.
fn rows(begin: &str, row: impl Fn(&mut String, usize), end: &str, count: usize) -> Vec<u8> {
    let mut text = begin.to_owned();
    for index in 0..count {
        if index > 0 {
            text.push(',');
        }
        row(&mut text, index);
    }
    text.push_str(end);
    text.into_bytes()
}

fn with_length(table: &[u8]) -> Vec<u8> {
    [&(table.len() as u64).to_le_bytes()[..], table].concat()
}

/// Files that are as bad as their length allows.
fn greedy(count: usize) -> Vec<(&'static str, Vec<u8>)> {
    let tensor = |text: &mut String, index: usize| {
        write!(text, r#""{index:x}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#).unwrap();
    };
    let pair = |text: &mut String, index: usize| write!(text, r#""{index:x}":"""#).unwrap();
    let axes = |text: &mut String, index: usize| {
        write!(
            text,
            r#""{index:x}":{{"shape":[{}1],"dtype":"F4","data_offsets":[0,0]}}"#,
            "0,".repeat(31)
        )
        .unwrap();
    };
    let same = |text: &mut String, _: usize| tensor(text, 7);
    let member = |name: &str| {
        let data = Data::U8(&[]);
        let shape = vec![0];
        let tensors: Vec<String> = (0..count).map(|index| format!("{index:x}{name}")).collect();
        let tensor = |name| NewTensor { name, shape: shape.clone(), fortran_order: false, data };
        let tensors = tensors.iter().map(|name| tensor(name.as_str())).collect();
        let file =
            NewFile { kind: Kind::Npz, tensors, metadata: vec![], nibbles: Nibbles::LowFirst };
        let mut bytes = Vec::new();
        file.write(&mut bytes).unwrap();
        bytes
    };
    let archive = |part: &[u8]| [b"PK\x03\x04", &part.repeat(count)[..]].concat();
    vec![
        ("tensors", with_length(&rows("{", tensor, "}", count))),
        ("axes", with_length(&rows("{", axes, "}", count / 4))),
        ("one name", with_length(&rows("{", same, "}", count))),
        ("metadata", with_length(&rows(r#"{"__metadata__":{"#, pair, "}}", count))),
        ("depth", with_length(&[br#"{"w":{"x":"#, &b"[".repeat(8 * count)[..]].concat())),
        ("objects", with_length(&[br#"{"w":"#, &br#"{"w":"#.repeat(count)[..]].concat())),
        ("quotes", with_length(&[b"{", &b"\"".repeat(8 * count)[..]].concat())),
        ("escapes", with_length(&[b"{\"", &b"\\u0041".repeat(count)[..], b"\":1}"].concat())),
        ("members", member("")),
        ("ends of archives", archive(b"PK\x05\x06")),
        ("members' heads", archive(b"PK\x01\x02")),
        ("zip64", archive(b"PK\x06\x06PK\x06\x07")),
        ("text", b"7".repeat(count)),
    ]
}

#[test]
fn greedy_files_cost_what_their_length_allows() {
    let _alone = alone();
    for (what, bytes) in greedy(1 << 16) {
        let length = bytes.len();
        let started = Instant::now();
        let (file, held) = measured(|| open(bytes));
        let (taken, held) = (started.elapsed(), held + length);
        assert!(held <= 4 * length + CONSTANT, "{what}: {held} bytes held for {length}");
        // Some megabytes: a tenth of a second. Were it quadratic, some minutes.
        assert!(taken < Duration::from_secs(10), "{what}: {taken:?} for {length} bytes");
        drop(file);
    }
}
