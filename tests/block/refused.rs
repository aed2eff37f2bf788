//! What cannot be built or rounded is refused with the field and the limit.

use lowprec::{
    BlockChop, BlockFormat, Format, Rounding,
    block::{BlockShape, BlockTensor, DelayedScaling, ScaleRule, Specials},
    error::FormatError,
};

const E2M1: Format = Format::OCP_E2M1;
const E8M0: Format = Format::OCP_E8M0;

fn built(element: Format, block: BlockShape, scale: Format) -> Result<BlockFormat, FormatError> {
    BlockFormat::new(element, block, scale, ScaleRule::Floor)
}

#[test]
fn formats_name_field_and_limit() {
    let along = BlockShape::Along;
    let message = |result: Result<BlockFormat, FormatError>| result.unwrap_err().to_string();
    let rows = [
        (built(E2M1, along(0), E8M0), "block size: 0 given, 1..=16777216 allowed"),
        (built(E2M1, along((1 << 24) + 1), E8M0), "block size: 16777217 given, 1..=16777216"),
        (
            built(E2M1, BlockShape::Tile { rows: 0, columns: 4 }, E8M0),
            "tile rows: 0 given, 1..=16777216 allowed",
        ),
        (
            built(E2M1, BlockShape::Tile { rows: 4, columns: 0 }, E8M0),
            "tile columns: 0 given, 1..=16777216 allowed",
        ),
        (built(Format::BINARY32, along(8), E8M0), "element bits: 32 given, 1..=16 allowed"),
        (built(E2M1, along(8), Format::BINARY64), "scale bits: 64 given, 1..=32 allowed"),
        (built(E8M0, along(8), E8M0), "zero of the element format: no given, only yes allowed"),
        (
            built(Format::unbounded(3).unwrap(), along(8), E8M0),
            "element bits: no given, a format with codes allowed",
        ),
        (
            built(Format::from_range(3, -300, 3).unwrap(), along(8), E8M0),
            "element exponent: -302 given, -256..=256 allowed",
        ),
        (
            built(E2M1, along(8), Format::from_range(3, -3, 300).unwrap()),
            "scale exponent: 300 given, -256..=256 allowed",
        ),
        (
            built(Format::BINARY16, along(8), Format::BINARY32).unwrap().with_tensor_scale(true),
            "digits of element and scales together: 59 given, at most 53 allowed",
        ),
        (BlockFormat::MSFP12.with_specials(Specials::Nan), "NaN blocks: yes given, only no"),
        (BlockFormat::MXFP4.with_lowest_code(true), "lowest code: yes given, only no"),
        (BlockFormat::MXFP4.with_block(along(0)), "block size: 0 given"),
        (BlockFormat::block_floating_point(0, 16, 8), "digits: 0 given, 1..=15 allowed"),
        (BlockFormat::block_floating_point(16, 16, 8), "digits: 16 given, 1..=15 allowed"),
        (BlockFormat::block_floating_point(3, 16, 9), "exponent bits: 9 given, 2..=8 allowed"),
        (BlockFormat::block_floating_point(3, 0, 8), "block size: 0 given"),
    ];
    for (result, expected) in rows {
        let message = message(result);
        assert!(message.starts_with(expected), "{message}\n{expected}");
    }
    let fp4 = BlockChop::new(BlockFormat::MXFP4, Rounding::Stochastic);
    for count in [0, 33] {
        let message = fp4.with_shared_bits(count).unwrap_err().to_string();
        assert_eq!(message, format!("values that share bits: {count} given, 1..=32 allowed"));
    }
    let error = "mxfp5".parse::<BlockFormat>().unwrap_err().to_string();
    assert!(error.contains("mxfp6_e2m3") && error.contains("mxfp5"), "{error}");
}

#[test]
fn delayed_scaling_wants_one_scale_and_a_history() {
    let chop = |format| BlockChop::new(format, Rounding::NearestEven);
    let tensor = BlockFormat::FP8_E4M3_TENSOR;
    let message = |format, length, margin| {
        DelayedScaling::new(chop(format), length, margin).unwrap_err().to_string()
    };
    assert!(message(BlockFormat::MXFP4, 4, 0).starts_with("one scale a tensor: no given"));
    assert!(message(tensor.with_rule(ScaleRule::Floor), 4, 0).starts_with("scale rule absmax"));
    assert_eq!(message(tensor, 0, 0), "history length: 0 given, at least 1 allowed");
    assert_eq!(message(tensor, 1, 65), "margin: 65 given, -64..=64 allowed");
}

#[test]
fn shapes_name_what_is_wrong_and_nothing_is_rounded() {
    let fp4 = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);
    let tiles = BlockChop::new(BlockFormat::FP8_E4M3_128X128, Rounding::NearestEven);
    let mut values = [0.3_f32; 6];
    let message = |chop: &BlockChop, values: &mut [f32], shape: &[usize], axis| {
        chop.chop_shaped(values, shape, axis).unwrap_err().to_string()
    };
    let rows: [(&BlockChop, &[usize], usize, &str); 5] = [
        (&fp4, &[2, 3], 2, "axis: 2 given, below 2 allowed"),
        (&fp4, &[2, 2], 0, "values: 6 given, 4 needed by the shape"),
        (&fp4, &[usize::MAX, 2], 0, "shape: ["),
        (&fp4, &[], 0, "values: 6 given, 1 needed by the shape"),
        (&tiles, &[6], 0, "axes: 1 given, at least 2 needed by tiles"),
    ];
    for (chop, shape, axis, expected) in rows {
        let message = message(chop, &mut values, shape, axis);
        assert!(message.starts_with(expected), "{message}");
        assert!(chop.quantize_shaped(&values, shape, axis).is_err());
        assert!(chop.report(&values, shape, axis).is_err());
    }
    assert_eq!(values, [0.3; 6]);
}

#[test]
fn foreign_parts_are_no_tensor() {
    let make = |format, shape: &[usize], codes: &[u8], scales: &[u8], g| {
        BlockTensor::from_parts(format, shape, 0, codes.to_vec(), scales, g)
    };
    let message =
        |result: Result<BlockTensor, lowprec::error::ShapeError>| result.unwrap_err().to_string();
    let (fp4, nv) = (BlockFormat::MXFP4, BlockFormat::NVFP4);
    assert!(make(fp4, &[3], &[0x11, 0x01], &[127], 1.0).is_ok());
    let rows = [
        (make(fp4, &[3], &[0x11], &[127], 1.0), "element codes: packed bytes: 1 given, 2 needed"),
        (make(fp4, &[3], &[0x11, 0x11], &[127], 1.0), "element codes: last byte: 0x11 given"),
        (make(fp4, &[3], &[0x11, 0x01], &[127, 0], 1.0), "scale codes: packed bytes: 2 given"),
        (make(fp4, &[3], &[0x11, 0x01], &[], 1.0), "scale codes: packed bytes: 0 given"),
        (make(fp4, &[3], &[0x11, 0x01], &[127], 2.0), "tensor scale: 2 given"),
        (make(nv, &[1], &[1], &[1], f32::NAN), "tensor scale: NaN given"),
        (make(nv, &[1], &[1], &[1], 0.0), "tensor scale: 0 given"),
        (make(nv, &[1], &[1], &[0x81], 1.0), "scale codes: element 0: code 0x81 given"),
        (
            make(BlockFormat::MXINT8, &[2], &[1, 0x80], &[1], 1.0),
            "element codes: element 1: code 0x80 given",
        ),
        (
            make(BlockFormat::FP8_E4M3_1X128, &[1], &[1], &[0, 0, 0x80], 1.0),
            "scale codes: packed bytes: 3 given, 4 needed",
        ),
        (
            make(BlockFormat::FP8_E4M3_1X128, &[1], &[1], &[0, 0, 0x80, 0x7f], 1.0),
            "scale codes: element 0: code 0x7f800000",
        ),
    ];
    for (result, expected) in rows {
        let message = message(result);
        assert!(message.starts_with(expected), "{message}");
    }
}
