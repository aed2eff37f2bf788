//! `chop` and `blocks` on files of tensors: what comes out is a file of the kind, with everything in it.

use std::fs;
use std::path::Path;

use lowprec::block::BlockTensor;
use lowprec::{BlockChop, BlockFormat, Chop, Format, Rounding};
use lowprec_cli::file::{
    Codes, Data, Kind, NewFile, NewTensor, Nibbles, Reading, Source, TensorFile, Values,
};

use super::{Ran, Workplace};

fn opened(path: &Path) -> TensorFile {
    Source::open(path).unwrap().into_tensors().unwrap()
}

fn values(file: &TensorFile, name: &str) -> Vec<f64> {
    let tensor = file.tensors().iter().find(|tensor| tensor.name() == name).unwrap();
    file.elements(tensor, &Reading::default()).unwrap().values_f64().unwrap()
}

fn codes(file: &TensorFile, name: &str) -> Codes {
    let tensor = file.tensors().iter().find(|tensor| tensor.name() == name).unwrap();
    file.elements(tensor, &Reading::default()).unwrap().codes().unwrap()
}

/// A model of weights in two types, whole numbers and metadata.
fn model(place: &Workplace, kind: Kind, name: &str) -> (Vec<f32>, Vec<f64>, Vec<u64>) {
    let single: Vec<f32> = (0..96).map(|i| (i as f32 * 0.37).sin() * 3.0).collect();
    let double: Vec<f64> = (0..64).map(|i| (f64::from(i) * 0.11).cos() * 300.0).collect();
    let ids: Vec<u64> = (0..5).map(|i| i << 60 | 12_345).collect();
    let tensor = |name, shape: &[usize], data| NewTensor {
        name,
        shape: shape.into(),
        fortran_order: false,
        data,
    };
    let file = NewFile {
        kind,
        tensors: vec![
            tensor("a.weight", &[3, 32], Data::F32(&single)),
            tensor("b.weight", &[2, 32], Data::F64(&double)),
            tensor("ids", &[5], Data::U64(&ids)),
        ],
        metadata: vec![("origin".into(), "a test".into())],
        nibbles: Nibbles::default(),
    };
    file.save(&place.path(name)).unwrap();
    (single, double, ids)
}

const HALF: Chop = Chop::new(Format::BINARY16, Rounding::NearestEven);

#[test]
fn a_model_comes_back_rounded_with_all_else_as_it_was() {
    let place = Workplace::new();
    for (kind, end) in [(Kind::Safetensors, "safetensors"), (Kind::Npz, "npz")] {
        let (single, double, ids) = model(&place, kind, &format!("m.{end}"));
        let report = place.run(&format!("m.{end} -f binary16 -o out.{end}")).succeeded();
        assert!(
            report.contains("160 numbers in 2 tensors, held as f64 and f32")
                || report.contains("160 numbers in 2 tensors, held as f32 and f64"),
            "{report}"
        );
        assert!(report.contains("1 tensor not rounded"), "{report}");
        let out = opened(&place.path(&format!("out.{end}")));
        let wanted: Vec<f64> = single.iter().map(|x| f64::from(HALF.chop(*x))).collect();
        assert_eq!(values(&out, "a.weight"), wanted);
        let wanted: Vec<f64> = double.iter().map(|x| HALF.chop(*x)).collect();
        assert_eq!(values(&out, "b.weight"), wanted);
        let kept = out.tensors().iter().find(|tensor| tensor.name() == "ids").unwrap();
        let (_, bytes) = out.kept(kept).unwrap();
        let wanted: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        assert_eq!(bytes, wanted);
        assert_eq!(out.metadata().get("origin"), Some("a test"));
        // Some of them, into the other kind.
        let report = place.run(&format!("m.{end} -t a.* -f e5m2,e4m3fn")).succeeded();
        assert!(report.contains("96 numbers of shape [3, 32]"), "{report}");
    }
    // From one kind of file into the other, whole numbers too.
    for (from, to) in [("m.npz", "out.safetensors"), ("m.safetensors", "out.npz")] {
        place.run(&format!("{from} -f binary16 -o {to}")).succeeded();
        let out = opened(&place.path(to));
        let ids = out.tensors().iter().find(|tensor| tensor.name() == "ids").unwrap();
        assert_eq!(out.kept(ids).unwrap().1.len(), 5 * 8);
        assert!(["U64", "<u8"].contains(&ids.dtype().to_string().as_str()));
    }
    // What only one of them has stays behind, and is named.
    place.run("m.safetensors -f e4m3fn --codes -t a* -o f8.safetensors").succeeded();
    let message = place.run("f8.safetensors -f binary16 -t b* -o out.npz").refused(1);
    assert!(message.contains("tensor a.weight") && message.contains("F8_E4M3"), "{message}");
    let message = place.run("m.npz -t c* -f e5m2 -o out.npz").refused(2);
    assert!(message.contains("no tensor named c*; it has: a.weight, b.weight, ids"), "{message}");
}

#[test]
fn codes_go_into_the_types_of_the_file_and_back() {
    let place = Workplace::new();
    let (single, ..) = model(&place, Kind::Safetensors, "m.safetensors");
    for (name, format, dtype) in [
        ("e4m3fn", Format::OCP_E4M3, "F8_E4M3"),
        ("e5m2", Format::OCP_E5M2, "F8_E5M2"),
        ("bfloat16", Format::BFLOAT16, "BF16"),
        ("e2m1fn", Format::OCP_E2M1, "F4"),
        ("e3m2fn", Format::OCP_E3M2, "U8"),
    ] {
        let run = format!("m.safetensors -t a* -f {name} --codes -o c.safetensors");
        place.run(&run).succeeded();
        let file = opened(&place.path("c.safetensors"));
        let tensor = file.tensors().iter().find(|tensor| tensor.name() == "a.weight").unwrap();
        assert_eq!(tensor.dtype().to_string(), dtype);
        let chop = Chop::new(format, Rounding::NearestEven);
        let wanted: Vec<f64> = single.iter().map(|x| f64::from(chop.chop(*x))).collect();
        assert_eq!(values(&file, "a.weight"), wanted, "{name}");
        // The second time nothing changes.
        let again = format!("c.safetensors -t a* -f {name} --codes -o d.safetensors");
        place.run(&again).succeeded();
        let (first, second) = (place.path("c.safetensors"), place.path("d.safetensors"));
        assert_eq!(fs::read(first).unwrap(), fs::read(second).unwrap(), "{name}");
    }
    // A format without NaN has no code for it.
    place.file("nan.npy", fs::read(place.path("m.safetensors")).unwrap());
    let tensors = vec![NewTensor {
        name: "x",
        shape: vec![2],
        fortran_order: false,
        data: Data::F32(&[1.0, f32::NAN]),
    }];
    let file = NewFile { kind: Kind::Npz, tensors, metadata: vec![], nibbles: Nibbles::default() };
    file.save(&place.path("nan.npz")).unwrap();
    let message = place.run("nan.npz -f e2m1fn --codes -o out.npz").refused(2);
    assert!(message.contains("nan.npz, tensor x") && message.contains('1'), "{message}");
    assert!(!place.path("out.npz").exists());
}

#[test]
fn standard_input_and_output_take_tensors_too() {
    let place = Workplace::new();
    let (single, ..) = model(&place, Kind::Safetensors, "m.safetensors");
    let mut command = place.command("- -f binary16 -q");
    command.stdin(fs::File::open(place.path("m.safetensors")).unwrap());
    let output = command.output().unwrap();
    assert!(output.status.success());
    let file = Source::of_bytes("out", output.stdout).into_tensors().unwrap();
    let wanted: Vec<f64> = single.iter().map(|x| f64::from(HALF.chop(*x))).collect();
    assert_eq!(values(&file, "a.weight"), wanted);
    let mut command = place.command("blocks - -f mxfp4");
    command.stdin(fs::File::open(place.path("m.safetensors")).unwrap());
    let report = Ran::of(command.output().unwrap()).succeeded();
    assert!(report.contains("all 2 tensors") && report.contains("ids (U64)"), "{report}");
}

#[test]
fn a_stochastic_run_goes_through_the_tensors_in_order() {
    let place = Workplace::new();
    let (single, double, _) = model(&place, Kind::Npz, "m.npz");
    place.run("m.npz -f e4m3fn -r stochastic --seed 3 -o out.npz").succeeded();
    let stream = Chop::new(Format::OCP_E4M3, Rounding::Stochastic).stream(3);
    let (mut single, mut double) = (single, double);
    let file = opened(&place.path("out.npz"));
    for tensor in file.tensors() {
        match tensor.name() {
            "a.weight" => stream.chop_slice(&mut single),
            "b.weight" => stream.chop_slice(&mut double),
            _ => {}
        }
    }
    let wide: Vec<f64> = single.iter().map(|x| f64::from(*x)).collect();
    assert_eq!((values(&file, "a.weight"), values(&file, "b.weight")), (wide, double));
}

#[test]
fn packed_blocks_are_those_of_the_library() {
    let place = Workplace::new();
    let (single, ..) = model(&place, Kind::Safetensors, "m.safetensors");
    model(&place, Kind::Npz, "m.npz");
    for (name, format) in BlockFormat::PRESETS {
        let chop = BlockChop::new(format, Rounding::NearestEven);
        let wanted = chop.quantize_shaped(&single, &[3, 32], 1).unwrap();
        for end in ["npz", "safetensors"] {
            let run = format!("blocks m.{end} -t a* -f {name} --write w.{end}");
            let report = place.run(&run).succeeded();
            assert!(report.contains(&format!("w.{end}: ")), "{report}");
            let file = opened(&place.path(&format!("w.{end}")));
            let fact = |fact: &str| file.metadata().get(&format!("a.weight.{fact}")).unwrap();
            assert_eq!(fact("block_format").parse(), Ok(format));
            assert_eq!((fact("shape"), fact("axis")), ("3,32", "1"));
            assert!(file.tensors().iter().any(|tensor| tensor.name() == "ids"));
            let part = |part: &str| {
                let name = format!("a.weight.{part}");
                let tensor = file.tensors().iter().find(|tensor| tensor.name() == name)?;
                let elements = file.elements(tensor, &Reading::default()).unwrap();
                Some(match elements.format() {
                    Some(_) => match codes(&file, &name) {
                        Codes::U8(codes) => codes.into_iter().map(u32::from).collect(),
                        Codes::U16(codes) => codes.into_iter().map(u32::from).collect(),
                        Codes::U32(codes) => codes,
                        Codes::U64(_) => panic!("no codes of 64 bits"),
                    },
                    None => match elements.values().unwrap() {
                        Values::F32(codes) => codes.into_iter().map(|x| x as u32).collect(),
                        Values::F64(_) => panic!("bytes are narrow"),
                    },
                })
            };
            let elements: Vec<u32> = part("codes").unwrap();
            assert!(elements.iter().copied().eq(wanted.codes().iter().map(u32::from)), "{name}");
            assert_eq!(part("scales").unwrap(), wanted.scale_codes(), "{name}");
            assert_eq!(part("minima").unwrap_or_default(), wanted.minimum_codes(), "{name}");
            let bits = format.has_tensor_scale().then(|| vec![wanted.tensor_scale().to_bits()]);
            assert_eq!(part("tensor_scale"), bits, "{name}");
            let again = BlockTensor::from_parts_with_minima(
                format,
                &[3, 32],
                1,
                wanted.codes().bytes().to_vec(),
                &wanted.scale_bytes(),
                &wanted.minimum_bytes(),
                wanted.tensor_scale(),
            );
            assert_eq!(again.unwrap(), wanted);
        }
    }
    for (arguments, expected) in [
        ("blocks --write x.npz", "--write takes one block format, 0 given"),
        ("blocks -f mxfp4,nvfp4 --write x.npz", "--write takes one block format, 2 given"),
        ("blocks -f mxfp4 --write x.foo", ".npz or .safetensors"),
        ("blocks --rule best", "least-squares"),
        ("blocks -f mxfp5", "mxfp6_e2m3"),
        ("blocks --axis 2", "axis: 2 given, below 2 allowed"),
    ] {
        let message = place.run(arguments).refused(2);
        assert!(message.contains(expected), "{arguments}: {message}");
    }
    assert!(place.run("blocks -f mxfp4 --write no/such/x.npz").refused(1).contains("no/such"));
    let mut command = place.command("blocks");
    command.args(["-f", "mxfp4, rceil, 16", "--rule", "even"]);
    let report = Ran::of(command.output().unwrap()).succeeded();
    assert!(report.contains("[569, 30]") && report.contains("4.5"), "{report}");
}
