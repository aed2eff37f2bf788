//! Files of tensors written: byte for byte what NumPy and safetensors write, and read back.

use std::fs;

use lowprec::Format;
use lowprec_cli::file::{Codes, Data, Kind, NewFile, NewTensor, Nibbles, Reading, Source, Values};

use super::{made, opened};

fn bytes_of(file: &NewFile<'_>) -> Vec<u8> {
    file.check().unwrap();
    let mut bytes = Vec::new();
    file.write(&mut bytes).unwrap();
    bytes
}

fn file_of<'a>(kind: Kind, tensors: Vec<NewTensor<'a>>) -> NewFile<'a> {
    NewFile { kind, tensors, metadata: vec![], nibbles: Nibbles::LowFirst }
}

fn tensor<'a>(name: &'a str, shape: &[usize], data: Data<'a>) -> NewTensor<'a> {
    NewTensor { name, shape: shape.to_vec(), fortran_order: false, data }
}

#[test]
fn npy_files_are_those_that_numpy_writes() {
    for name in ["f8.npy", "f4.npy", "f2.npy", "fortran.npy", "scalar.npy", "empty.npy"] {
        let written = fs::read(made(name)).unwrap();
        let file = opened(&written).unwrap();
        let old = &file.tensors()[0];
        let elements = file.elements(old, &Reading::default()).unwrap();
        let codes = elements.codes().unwrap();
        let of = |data| {
            let fortran_order = old.fortran_order();
            let tensor = NewTensor { name: "", shape: old.shape().to_vec(), fortran_order, data };
            bytes_of(&file_of(Kind::Npy, vec![tensor]))
        };
        assert_eq!(of(Data::Codes(elements.format().unwrap(), &codes)), written, "{name}");
        // A NaN's bits are kept in the types that hold it; binary16's go through f32 here.
        match elements.values().unwrap() {
            Values::F32(values) if name != "f2.npy" => assert_eq!(of(Data::F32(&values)), written),
            Values::F64(values) => assert_eq!(of(Data::F64(&values)), written),
            Values::F32(_) => {}
        }
    }
    for (name, codes) in [
        ("u1.npy", Codes::U8(vec![0, 0, 1, 100, 64])),
        ("u2.npy", Codes::U16(vec![0, 0, 1, 100, 1 << 14])),
    ] {
        let format = if name == "u1.npy" { Format::E3M4 } else { Format::BFLOAT16 };
        let new = file_of(Kind::Npy, vec![tensor("", &[5], Data::Codes(format, &codes))]);
        assert_eq!(bytes_of(&new), fs::read(made(name)).unwrap(), "{name}");
    }
}

#[test]
fn safetensors_files_are_those_that_safetensors_writes() {
    let written = fs::read(made("formats.safetensors")).unwrap();
    let file = opened(&written).unwrap();
    let codes: Vec<_> = file
        .tensors()
        .iter()
        .map(|old| {
            let elements = file.elements(old, &Reading::default()).unwrap();
            (old, elements.format().unwrap(), elements.codes().unwrap())
        })
        .collect();
    let tensors = codes
        .iter()
        .map(|(old, format, codes)| tensor(old.name(), old.shape(), Data::Codes(*format, codes)));
    let metadata = vec![("made by".to_owned(), "make.py".to_owned())];
    let new = NewFile { metadata, ..file_of(Kind::Safetensors, tensors.collect()) };
    assert_eq!(bytes_of(&new), written);
}

#[test]
fn what_was_written_is_read_back() {
    let seven = |shift: u32| (0..12).map(|i: u64| (i * 37) << shift & 0x7f).collect::<Vec<u64>>();
    let narrow = Codes::U8(seven(0).iter().map(|&code| code as u8).collect());
    let fours = Codes::U8(seven(0).iter().map(|&code| code as u8 & 15).collect());
    let halves = Codes::U16(seven(0).iter().map(|&code| code as u16 * 129).collect());
    let singles = Codes::U32(seven(0).iter().map(|&code| code as u32 * 1_000_003).collect());
    let doubles = Codes::U64(seven(0).iter().map(|&code| code * 100_000_000_007).collect());
    let tf32 = Codes::U32((0..12).map(|i| i * 1000).collect());
    let custom: Format = "e5m3".parse().unwrap();
    let customs = Codes::U16((0..12).map(|i| i * 40).collect());
    let all: [(&str, Format, &Codes); 12] = [
        ("binary64", Format::BINARY64, &doubles),
        ("binary32", Format::BINARY32, &singles),
        ("binary16", Format::BINARY16, &halves),
        ("bfloat16", Format::BFLOAT16, &halves),
        ("e4m3fn", Format::OCP_E4M3, &narrow),
        ("e5m2", Format::OCP_E5M2, &narrow),
        ("e8m0fnu", Format::OCP_E8M0, &narrow),
        ("e2m1fn", Format::OCP_E2M1, &fours),
        ("e3m4", Format::E3M4, &narrow),
        ("e4m3b11fnuz", Format::E4M3_B11_FNUZ, &narrow),
        ("tf32", Format::TF32, &tf32),
        ("custom", custom, &customs),
    ];
    for kind in [Kind::Npz, Kind::Safetensors] {
        for nibbles in [Nibbles::LowFirst, Nibbles::HighFirst] {
            let tensors = all.map(|(name, format, codes)| {
                let fortran_order = name.contains('e');
                let data = Data::Codes(format, codes);
                NewTensor { name, shape: vec![2, 3, 2], fortran_order, data }
            });
            let metadata = vec![("a \"key\"\n".to_owned(), "a\\value\u{1f}é".to_owned())];
            let new = NewFile { metadata, nibbles, ..file_of(kind, tensors.to_vec()) };
            let file = opened(&bytes_of(&new)).unwrap();
            assert_eq!(file.kind(), kind);
            assert_eq!(file.metadata().get("a \"key\"\n"), Some("a\\value\u{1f}é"));
            assert_eq!(file.tensors().len(), all.len());
            for tensor in file.tensors() {
                let (name, format, codes) = all.iter().find(|row| row.0 == tensor.name()).unwrap();
                let elements = file.elements(tensor, &Reading { nibbles, format: None }).unwrap();
                assert_eq!(elements.format(), Some(*format), "{kind:?} {name}");
                assert_eq!(elements.codes().unwrap(), **codes, "{kind:?} {name}");
                assert_eq!(tensor.shape(), [2, 3, 2]);
            }
        }
    }
}

#[test]
fn parts_of_a_packed_tensor_stand_side_by_side() {
    let (bytes, lengths, scale) = ([1_u8, 2, 3], [7_u64 << 40], [0.5_f32]);
    for kind in [Kind::Npz, Kind::Safetensors] {
        let new = file_of(
            kind,
            vec![
                tensor("codes", &[3], Data::U8(&bytes)),
                tensor("shape", &[1], Data::U64(&lengths)),
                tensor("tensor_scale", &[], Data::F32(&scale)),
            ],
        );
        let file = opened(&bytes_of(&new)).unwrap();
        let value = |name: &str| {
            let tensor = file.tensors().iter().find(|tensor| tensor.name() == name).unwrap();
            file.elements(tensor, &Reading::default()).unwrap().values_f64().unwrap()
        };
        assert_eq!(value("codes"), [1.0, 2.0, 3.0]);
        assert_eq!(value("shape"), [(7_u64 << 40) as f64]);
        assert_eq!(value("tensor_scale"), [0.5]);
    }
}

#[test]
fn what_cannot_be_written_is_refused_before() {
    let ones = Codes::U8(vec![1; 3]);
    let e2m1 = Data::Codes(Format::OCP_E2M1, &ones);
    let x = Data::F32(&[1.0, 2.0]);
    let refused = |file: NewFile<'_>, what: &str| {
        let message = file.check().unwrap_err();
        assert!(message.contains(what), "{message}");
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("w");
        assert!(file.save(&path).unwrap_err().to_string().contains(what));
        assert!(!path.exists());
    };
    refused(file_of(Kind::Text, vec![tensor("w", &[2], x)]), "text is not written");
    refused(file_of(Kind::Npy, vec![]), "0 given");
    refused(file_of(Kind::Npy, vec![tensor("a", &[2], x), tensor("b", &[2], x)]), "2 given");
    refused(file_of(Kind::Npz, vec![tensor("a", &[2], x), tensor("a", &[2], x)]), "twice");
    refused(file_of(Kind::Npz, vec![tensor("../a", &[2], x)]), "plain path");
    refused(file_of(Kind::Npz, vec![tensor("/a", &[2], x)]), "plain path");
    refused(file_of(Kind::Safetensors, vec![tensor("__metadata__", &[2], x)]), "metadata");
    refused(file_of(Kind::Safetensors, vec![tensor("w", &[3], x)]), "needs 3 elements, 2 given");
    refused(file_of(Kind::Safetensors, vec![tensor("w", &[3], e2m1)]), "within a byte");
    let codes = Data::Codes(Format::BFLOAT16, &ones);
    refused(file_of(Kind::Npz, vec![tensor("w", &[3], codes)]), "in 16 needed");
    let wide = Codes::U8(vec![1, 64, 3]);
    let codes = Data::Codes(Format::OCP_E3M2, &wide);
    refused(file_of(Kind::Npz, vec![tensor("w", &[3], codes)]), "element 1: code 0x40");
    let codes = Data::Codes(Format::unbounded(5).unwrap(), &ones);
    refused(file_of(Kind::Npz, vec![tensor("w", &[3], codes)]), "no codes");
    let metadata = vec![("w.format".to_owned(), String::new())];
    let e3m4 = Data::Codes(Format::E3M4, &ones);
    let file = file_of(Kind::Npz, vec![tensor("w", &[3], e3m4)]);
    refused(NewFile { metadata, ..file }, "twice");
}

#[test]
fn saved_files_are_opened_by_their_names() {
    let place = tempfile::tempdir().unwrap();
    let x = [1.0_f32, 2.0];
    for name in ["w.npy", "w.NPZ", "w.safetensors"] {
        let path = place.path().join(name);
        let kind = Kind::of_path(&path).unwrap();
        file_of(kind, vec![tensor("w", &[2], Data::F32(&x))]).save(&path).unwrap();
        let file = Source::open(&path).unwrap().into_tensors().unwrap();
        assert_eq!(file.kind(), kind);
        let elements = file.elements(&file.tensors()[0], &Reading::default()).unwrap();
        assert_eq!(elements.values().unwrap(), Values::F32(x.to_vec()));
    }
    assert_eq!(Kind::of_path("w.csv".as_ref()), None);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3);
}
