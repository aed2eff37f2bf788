//! `mx_quantize`: its files and its messages.

use std::fs;
use std::process::{Command, Output};

use lowprec::{BlockChop, BlockFormat, Rounding};
use ndarray::{Array1, Array2};
use ndarray_npy::{NpzReader, write_npy};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use tempfile::TempDir;

fn run(place: &TempDir, arguments: &str) -> Output {
    let arguments = arguments.split_whitespace();
    Command::new(env!("CARGO_BIN_EXE_mx_quantize"))
        .args(arguments)
        .current_dir(place)
        .output()
        .unwrap()
}

fn told(place: &TempDir, arguments: &str) -> String {
    let ran = run(place, arguments);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

fn weights() -> Array2<f32> {
    Array2::from_shape_fn((6, 70), |(i, j)| ((i * 70 + j) as f32 * 0.37).sin() * 0.1)
}

/// The shipped figures are asserted by the program itself.
#[test]
fn every_format_stands_in_the_table_and_in_the_picture() {
    let place = tempfile::tempdir().unwrap();
    let text = told(&place, "--picture out");
    for (name, _) in BlockFormat::PRESETS {
        assert!(text.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}\n{text}");
    }
    let picture = fs::read_to_string(place.path().join("out/mx_quantize.svg")).unwrap();
    assert!(picture.contains("mxfp4, least-squares") && picture.contains("8.25 bits"));
    assert!(fs::metadata(place.path().join("out/mx_quantize.png")).unwrap().len() > 10_000);
}

#[test]
fn what_is_written_is_what_the_library_makes() {
    let place = tempfile::tempdir().unwrap();
    write_npy(place.path().join("w.npy"), &weights()).unwrap();
    for (name, format) in BlockFormat::PRESETS {
        let chop = BlockChop::new(format, Rounding::NearestEven);
        let tensor = chop.quantize_array(&weights(), 1).unwrap();
        told(&place, &format!("w.npy -f {name} --write w.npz"));
        let file = fs::File::open(place.path().join("w.npz")).unwrap();
        let mut npz = NpzReader::new(file).unwrap();
        let codes: Array1<u8> = npz.by_name("codes").unwrap();
        assert_eq!(codes.to_vec(), tensor.codes().bytes(), "{name}");
        let text = told(&place, &format!("w.npy -f {name} --write w.safetensors"));
        assert!(text.contains("read back: the same"), "{text}");
        let bytes = fs::read(place.path().join("w.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(file.tensor("codes").unwrap().data(), tensor.codes().bytes());
        assert_eq!(file.tensor("scales").unwrap().data(), tensor.scale_bytes());
    }
    let text = told(&place, "w.npy -f mxfp4 --rule even -r stochastic --seed 4 --write w.npz");
    assert!(text.contains("mxfp4, even") && text.contains("read back: the same"), "{text}");
    told(&place, "w.npy -f mxfp4 -r stochastic --axis 0 --write w.npz");
}

#[test]
fn safetensors_of_all_float_types_are_read() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("model.safetensors");
    let values = [0.5_f32, 1.5, -3.0, 0.25];
    let single: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    let double: Vec<u8> = values.iter().flat_map(|&x| f64::from(x).to_le_bytes()).collect();
    let brain: Vec<u8> =
        values.iter().flat_map(|x| ((x.to_bits() >> 16) as u16).to_le_bytes()).collect();
    let half: Vec<u8> = values.iter().flat_map(|&x| half::f16::from_f32(x).to_le_bytes()).collect();
    let view = |dtype, data| TensorView::new(dtype, vec![2, 2], data).unwrap();
    let tensors = [
        ("a", view(Dtype::F32, &single)),
        ("b", view(Dtype::F64, &double)),
        ("c", view(Dtype::BF16, &brain)),
        ("d", view(Dtype::F16, &half)),
    ];
    fs::write(&path, serialize(tensors, None).unwrap()).unwrap();
    for name in ["a", "b", "c", "d"] {
        let text = told(&place, &format!("model.safetensors --tensor {name} -f mxfp8_e4m3"));
        assert!(text.contains("2 x 2 values") && text.contains(" inf "), "{text}");
    }
}

#[test]
fn mistakes_are_answered_with_what_is_allowed() {
    let place = tempfile::tempdir().unwrap();
    write_npy(place.path().join("row.npy"), &Array1::from(vec![1.0_f64, 2.0])).unwrap();
    write_npy(place.path().join("whole.npy"), &Array1::from(vec![1_i32, 2])).unwrap();
    fs::write(place.path().join("cut.safetensors"), [9, 0, 0]).unwrap();
    fs::write(place.path().join("cut.npy"), b"\x93NUMPY\x01").unwrap();
    fs::write(place.path().join("text.txt"), "1 2 3").unwrap();
    for (arguments, expected) in [
        ("-f mxfp5", "mxfp6_e2m3"),
        ("--rule best", "least-squares"),
        ("-r sideways", "nearest-even"),
        ("--write x.npz", "--write takes one --format, 0 given"),
        ("-f mxfp4,nvfp4 --write x.npz", "--write takes one --format, 2 given"),
        ("-f mxfp4 --write x.foo", "a name in .npz or .safetensors needed"),
        ("--axis 2", "axis: 2 given, below 2 allowed"),
        ("--tensor a", "--tensor needs a .safetensors FILE"),
        ("row.npy -f fp8_e4m3_128x128", "axes: 1 given, at least 2 needed by tiles"),
        ("whole.npy", "f4 and f8 are read"),
        ("cut.npy", "cut.npy: "),
        ("cut.safetensors", "cut.safetensors: "),
        ("text.txt", "neither a .npy nor a .safetensors file"),
        ("none.npy", "none.npy: "),
    ] {
        let ran = run(&place, arguments);
        let message = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.contains(expected), "{arguments}: {message}");
    }
    let text = told(&place, "row.npy");
    assert!(text.contains("mxfp4") && !text.contains("128x128"), "{text}");
    let ran = run(&place, "-f mxfp4 --write no/such/place.npz");
    assert_eq!(ran.status.code(), Some(1));
}
