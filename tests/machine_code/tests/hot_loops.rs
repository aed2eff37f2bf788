//! The machine code of the hot loops, read from this very executable: at each CPU level they work on
//! that level's vector registers, call nothing, and do nothing number by number. A helper that is no
//! longer inlined, or a lane that the compiler no longer vectorises, fails here; no time is measured.
//!
//! The loops are told apart by the debug information that the profile `inspect` keeps.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;

use iced_x86::{FlowControl, Instruction, Register};
use lowprec::block::ScaleRule;
use lowprec::quant::fixed::Fixed;
use lowprec::quant::integer::{Codes, IntegerFormat, Parameters};
use lowprec::{
    Binary, BlockChop, BlockFormat, Chop, Format, Quaternary, Rounding, Storage, Ternary, Unary,
};

use lowprec_machine_code::{Function, functions};

/// A CPU level by the function that all loops at it are instances of, and its vector registers. A
/// build for a better processor may use wider ones.
struct Level {
    name: &'static str,
    mangled: &'static str,
    is_vector: fn(Register) -> bool,
}

const LEVELS: [Level; 3] = [
    Level {
        name: "portable",
        mangled: "7lowprec5level8portable17h",
        is_vector: |register| register.is_vector_register(),
    },
    Level {
        name: "AVX2",
        mangled: "7lowprec5level3x864avx217h",
        is_vector: |register| register.is_ymm() || register.is_zmm(),
    },
    Level {
        name: "AVX-512",
        mangled: "7lowprec5level3x866avx51217h",
        is_vector: |register| register.is_zmm(),
    },
];

/// Loops that need not be vector code, by level, storage type and lane. SSE2 has no comparison of
/// 64-bit integers and no shift of each by its own count, and what stands in for them costs more than
/// one number at a time.
const EXCUSED: [(&str, &str, &[&str]); 1] =
    [("portable", "f64", &["Mask<_, Full>", "Shift<_, Full>", "ShiftDeep<_, Full>"])];

#[test]
fn hot_loops_are_vector_code() {
    refer_to_every_loop();
    let mut complaints = String::new();
    for level in &LEVELS {
        let Some(functions) = functions(level.mangled) else {
            println!("skipped: the executable has no debug information to tell loops apart");
            return;
        };
        let mut excused = 0;
        for function in &functions {
            let complaint = complaint(function, level);
            if let Some(complaint) = complaint.filter(|complaint| {
                let may = *complaint != CALLS && is_excused(function, level);
                excused += usize::from(may);
                !may
            }) {
                let (address, name) = (function.address, &function.name);
                writeln!(complaints, "{}: {name} at {address:#x} {complaint}", level.name)
                    .expect("text grows");
            }
        }
        let count = functions.len();
        println!("{}: {count} functions with loops, {excused} excused", level.name);
        // Every pair of a lane and a mode, for both storage types: 340 when this was written.
        assert!(count > 100, "only {count} instances of level::{} found", level.name);
    }
    assert!(complaints.is_empty(), "\n{complaints}");
}

const NOT_VECTOR: &str = "has no arithmetic on the level's vector registers in a hot loop";

/// Loops around the rounding to block formats, fixed point and integers.
const AROUND: [&str; 25] = [
    "Nearby<",
    "Moved<",
    "Lifted<",
    "Lowered<",
    "Ranges<",
    "ConstantsOf<",
    "Exponents<",
    "Evenly<",
    "EvenCodes<",
    "Rounds<",
    "Divided<",
    "Divisors<",
    "Errors",
    "Affinely<",
    "Clamped<",
    "Operands<",
    "Largest<",
    "Values<",
    "Scaled<f",
    "Bounded",
    "Wrapped",
    "Steps<",
    "Stored<",
    "Read<",
    "Multiplied<",
];

/// Loops that convert, and do nothing else.
const CONVERSIONS: [&str; 2] = ["Widened<", "Narrowed"];

/// Whether the function takes slices of any length: between values and codes, and around the rounding.
fn of_any_length(function: &Function) -> bool {
    let codes = ["RoundInto<", "Encode", "Decode", "Pack", "Unpack"];
    codes.iter().chain(&CONVERSIONS).chain(&AROUND).any(|work| function.name.contains(work))
}

/// Of those the ones that a user waits for: rounding into codes, members to bytes or pairs of bytes and
/// back, four bits side by side, and the loops around the rounding. Codes of four and eight bytes, storage
/// subnormals, and foreign values, which are checked, are as the compiler has them.
fn is_hot(function: &Function, level: &Level) -> bool {
    let name = &function.name;
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let short = has(&[", u8, false", ", u16, false"]);
    let plain = level.name != "portable";
    has(&["RoundInto<"])
        || plain
            && (has(&AROUND)
                || has(&["Encode<", "Decode<"]) && short
                || has(&["PackHalves", "UnpackHalves"]))
}

/// Whether the function does arithmetic. Its groups end in a search for the largest of a vector, which
/// takes that apart.
fn of_arithmetic(function: &Function) -> bool {
    ["Fused<", "Odd<", "Plainly<"].iter().any(|work| function.name.contains(work))
}

const CALLS: &str = "calls a function in its hot loop";

/// What is wrong with a function's hot loops.
fn complaint(function: &Function, level: &Level) -> Option<&'static str> {
    // What stands at the portable level for a loop that the level goes without.
    if level.name == "portable" && function.name.contains("AllOpen") {
        return None;
    }
    let bodies = hot(function);
    if of_arithmetic(function) {
        // Without a fused operation in the instruction set, the portable level calls a function for it.
        let vectors = |body: &&[Instruction]| {
            let has = |test: &dyn Fn(&Instruction) -> bool| body.iter().any(test);
            has(&|i| is_packed(i, level.is_vector)) && !has(&is_call) && !has(&is_scalar)
        };
        let ok = bodies.iter().any(vectors) || level.name == "portable";
        return (!ok).then_some(NOT_VECTOR);
    }
    if of_any_length(function) {
        // Where the number of values is not known to be a multiple of the vector's, a second loop is
        // kept that takes what is left one by one, though nothing is.
        let vectors = |body: &&[Instruction]| {
            let has = |test: &dyn Fn(&Instruction) -> bool| body.iter().any(test);
            has(&|i| is_packed(i, level.is_vector)) && !has(&is_call) && !has(&is_scalar)
        };
        let converts = |body: &&[Instruction]| {
            let has = |test: &dyn Fn(&Instruction) -> bool| body.iter().any(test);
            has(&is_conversion) && !has(&is_call) && !has(&is_scalar)
        };
        if CONVERSIONS.iter().any(|work| function.name.contains(work)) {
            let ok = bodies.iter().any(converts) || level.name == "portable";
            return (!ok).then_some(NOT_VECTOR);
        }
        let ok = bodies.iter().any(vectors) || !is_hot(function, level);
        return (!ok).then_some(NOT_VECTOR);
    }
    let any = |test: &dyn Fn(&Instruction) -> bool| bodies.iter().any(|body| body.iter().any(test));
    let vector = |body: &&[Instruction]| body.iter().any(|i| is_packed(i, level.is_vector));
    if any(&is_call) {
        Some(CALLS)
    } else if any(&is_scalar) {
        Some("has floating-point arithmetic on single numbers in its hot loop")
    } else if any(&is_element) {
        Some("takes vectors apart in its hot loop")
    } else if !bodies.iter().all(vector) {
        Some(NOT_VECTOR)
    } else {
        None
    }
}

/// Whether the function's storage type and lane are listed.
fn is_excused(function: &Function, level: &Level) -> bool {
    // `portable<Each<f64, Mask<Up, Full>>>`, `portable<EachDrawn<f64, Mask<Exact, Full>, Coin>>`.
    let Some((_, rest)) = function.name.split_once("Each") else { return false };
    let Some((storage, lane)) = rest.split_once('<').and_then(|(_, rest)| rest.split_once(", "))
    else {
        return false;
    };
    EXCUSED.iter().any(|(at, of, lanes)| {
        let listed = lanes.iter().filter_map(|lane| lane.split_once('_'));
        let mut matching =
            listed.filter(|(way, finish)| lane.starts_with(way) && lane.contains(finish));
        *at == level.name && *of == storage && matching.next().is_some()
    })
}

/// The innermost loops, or all the code where there is none: then what the loop did is written out. A
/// block of values is often written out too, and the loop over the blocks is the innermost.
fn hot(function: &Function) -> Vec<&[Instruction]> {
    let code = &function.code;
    // The last instruction that jumps back, by the one it jumps to.
    let mut loops: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, instruction) in code.iter().enumerate() {
        let jumps = matches!(
            instruction.flow_control(),
            FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
        );
        let target = instruction.near_branch_target();
        if jumps && (function.address..=instruction.ip()).contains(&target) {
            loops.insert(code.partition_point(|earlier| earlier.ip() < target), at);
        }
    }
    let innermost: Vec<&[Instruction]> = loops
        .iter()
        .filter(|&(head, end)| loops.range(head + 1..=*end).next().is_none())
        .map(|(head, end)| &code[*head..=*end])
        .collect();
    if innermost.is_empty() { vec![code] } else { innermost }
}

fn is_call(instruction: &Instruction) -> bool {
    matches!(instruction.flow_control(), FlowControl::Call | FlowControl::IndirectCall)
}

/// The mnemonic in small letters, without the V of AVX.
fn name(instruction: &Instruction) -> String {
    let name = format!("{:?}", instruction.mnemonic()).to_lowercase();
    name.strip_prefix('v').map(str::to_owned).unwrap_or(name)
}

fn registers(instruction: &Instruction) -> impl Iterator<Item = Register> {
    (0..instruction.op_count()).map(|operand| instruction.op_register(operand))
}

fn begins_with(name: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| name.starts_with(beginning))
}

/// Rounder on all elements of a vector register of the level, on integers or floating-point
/// numbers: not a copy, not a permutation.
fn is_packed(instruction: &Instruction, is_vector: fn(Register) -> bool) -> bool {
    const INTEGER: [&str; 12] = [
        "padd", "psub", "pand", "por", "pxor", "pcmp", "psll", "psrl", "psra", "pmin", "pmax",
        "ptern",
    ];
    const FLOAT: [&str; 9] = ["add", "sub", "mul", "min", "max", "cmp", "and", "or", "xor"];
    let name = name(instruction);
    let float = name.ends_with("ps") || name.ends_with("pd");
    (begins_with(&name, &INTEGER) || float && begins_with(&name, &FLOAT))
        && registers(instruction).any(is_vector)
}

/// From one type to another, several at a time; of narrower results in registers as narrow.
fn is_conversion(instruction: &Instruction) -> bool {
    const NAMES: [&str; 8] =
        ["cvtps2pd", "cvtpd2ps", "pack", "pmov", "pshuf", "perm", "movdqu", "movup"];
    begins_with(&name(instruction), &NAMES)
        && registers(instruction).any(Register::is_vector_register)
}

/// Rounder on one floating-point number: `addss`, `ucomisd`, `cvtsi2sd`.
fn is_scalar(instruction: &Instruction) -> bool {
    let name = name(instruction);
    let single = name.ends_with("ss")
        || name.ends_with("sd")
        || name.starts_with("cvt") && name.contains("si");
    // `pmaxsd` has four or more integers; the rest copy.
    single
        && !begins_with(&name, &["p", "mov", "broadcast"])
        && registers(instruction).any(Register::is_xmm)
}

/// One element out of a vector or into it.
fn is_element(instruction: &Instruction) -> bool {
    begins_with(&name(instruction), &["pextr", "pinsr", "extractps", "insertps"])
}

/// The lanes are chosen at run time, so that a call in any mode links them all.
fn refer_to_every_loop() {
    let codes = Chop::new(Format::OCP_E4M3, Rounding::NearestEven);
    let (values, mut bytes) = (vec![0.1_f32; 100], vec![0_u8; 100]);
    codes.chop_into_codes(black_box(&values), black_box(&mut bytes)).expect("all have codes");
    let mut back = vec![0.0_f32; 100];
    Format::OCP_E4M3.decode_slice(black_box(&bytes), black_box(&mut back)).expect("all are codes");
    let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
    fp4.chop_into_packed(black_box(&values), black_box(&mut bytes[..50])).expect("all have codes");

    refer_to_arithmetic::<f32>();
    refer_to_arithmetic::<f64>();

    refer_to_blocks();
    refer_to_whole_numbers::<f32>();
    refer_to_whole_numbers::<f64>();

    let chop = black_box(Chop::new(Format::BINARY16, Rounding::Stochastic));
    let stream = chop.stream(1);
    stream.chop_into(&[0.1_f32; 100], &mut [0.0; 100]);
    stream.chop_into(&[0.1_f64; 100], &mut [0.0; 100]);
    stream.chop_slice(&mut [0.1_f32; 100]);
    stream.chop_slice(&mut [0.1_f64; 100]);
}

fn refer_to_blocks() {
    let (values, mut to) = (vec![0.1_f32; 100], vec![0.0_f32; 100]);
    let searched = BlockFormat::NVFP4.with_rule(ScaleRule::LeastSquares);
    for format in [BlockFormat::MXFP4, BlockFormat::NVFP4, searched] {
        let chop = black_box(BlockChop::new(format, Rounding::NearestEven));
        chop.chop_into(black_box(&values), black_box(&mut to));
        chop.chop_slice(black_box(&mut to));
        chop.quantize(black_box(&values)).dequantize_into(black_box(&mut to));
    }
}

fn refer_to_whole_numbers<T: Storage>() {
    let (values, mut codes) = (vec![T::one(); 100], vec![0_i16; 100]);
    let mut to = vec![T::zero(); 100];
    let fixed = black_box(Fixed::new(4, 12).expect("16 bits"));
    fixed.encode_slice(black_box(&values), black_box(&mut codes)).expect("all have codes");
    fixed.decode_slice(black_box(&codes), black_box(&mut to)).expect("all are codes");
    fixed.quantize_slice(black_box(&mut to));
    let parameters = Parameters { scale: 0.1, zero_point: 0 };
    let int16 =
        IntegerFormat::new(16, Codes::Signed).and_then(|int16| int16.with_parameters(parameters));
    let int16 = black_box(int16.expect("16 bits"));
    int16.encode_slice(black_box(&values), black_box(&mut codes)).expect("all have codes");
    int16.decode_slice(black_box(&codes), black_box(&mut to)).expect("all are codes");
    int16.quantize_slice(black_box(&mut to));
}

fn refer_to_arithmetic<T: Storage>() {
    let chop = black_box(Chop::new(Format::BINARY16, Rounding::NearestEven));
    let (x, mut to) = (vec![T::one(); 500], vec![T::zero(); 500]);
    chop.map(Unary::Sqrt, [&x], black_box(&mut to));
    for op in [Binary::Add, Binary::Mul, Binary::Div] {
        chop.map(op, [&x, &x], black_box(&mut to));
    }
    chop.map(Ternary::Fma, [&x, &x, &x], black_box(&mut to));
    chop.map(Ternary::Sum, [&x, &x, &x], black_box(&mut to));
    chop.map(Quaternary::Dot, [&x, &x, &x, &x], black_box(&mut to));
}
