//! Files that lie about themselves.

use std::fs;

use super::{made, npy, opened, refusal, safetensors};

#[test]
fn lying_npy_headers_are_refused_by_arithmetic() {
    let of = |descr: &str, shape: &str| {
        npy(
            &format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"),
            &[0; 48],
        )
    };
    // These two aborted and panicked in the reader used before.
    let message = refusal(&of("<f8", "(1000000000000,)"));
    assert!(message.contains("(1000000000000)") && message.contains("48 given"), "{message}");
    let message = refusal(&of("<f8", "(0, 9223372036854775807, 9)"));
    assert!(message.contains("larger than any memory"), "{message}");
    for (descr, shape) in [
        ("<f4", "(9223372036854775807, 9223372036854775807, 9223372036854775807)"),
        ("<f4", "(18446744073709551615,)"),
        ("<f4", "(18446744073709551616,)"),
        ("<f4", "(4294967296, 4294967296)"),
        ("<f4", "(13,)"),
        ("<f4", "(11,)"),
        ("<f4", "(0, 3)"),
        ("<f8", "()"),
        ("<f2", "(3, 9)"),
        ("<f4", "(-12,)"),
        ("<f4", "(12"),
        ("<f4", "12"),
        ("<f4", "(12.0,)"),
        ("<f4", "(1,2,,6)"),
        ("<c8", "(6,)"),
        ("<f16", "(3,)"),
        ("|O", "(6,)"),
        ("<f99999", "(6,)"),
        ("f4", "(12,)"),
        ("", "(12,)"),
        ("<U4", "(3,)"),
        ("|S4", "(12,)"),
        ("<M8", "(6,)"),
    ] {
        assert!(refusal(&of(descr, shape)).starts_with("given: "), "{descr} {shape}");
    }
    let axes = |count: usize| format!("({})", "1, ".repeat(count));
    assert!(
        opened(&npy(
            &format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {}}}", axes(32)),
            &[0; 4]
        ))
        .is_ok()
    );
    assert!(refusal(&of("<f4", &axes(33))).contains("32 axes"));
}

#[test]
fn npy_dictionaries_are_read_strictly() {
    let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}";
    assert!(opened(&npy(good, &[0; 4])).is_ok());
    // As another writer may: other quotes, other order, no comma, blanks, Python 2's long integers.
    let other = " { \"shape\" : ( 1L , ) , 'descr':'<f4','fortran_order':True } \n";
    assert!(opened(&npy(other, &[0; 4])).is_ok());
    for dictionary in [
        "",
        "{",
        "{}",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f4'), 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [(')', '<f4')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': ], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False 'shape': (1,)}",
    ] {
        assert!(refusal(&npy(dictionary, &[0; 4])).starts_with("given: "), "{dictionary}");
    }
    let message =
        refusal(&npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", &[0; 4]));
    assert!(message.contains("[('a', '<f4')]"), "{message}");
    let deep = format!("{{'descr': {}, 'shape': (1,)}}", "[(".repeat(30_000));
    assert!(refusal(&npy(&deep, &[0; 4])).starts_with("given: "));
    let mut version = npy(good, &[0; 4]);
    version[6] = 4;
    assert!(refusal(&version).contains("version 4.0"));
    let mut long = npy(good, &[0; 4]);
    long[6] = 2;
    long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(refusal(&long).contains("4294967295"));
}

#[test]
fn files_cut_anywhere_are_refused() {
    for name in ["f4.npy", "version2.npy", "stored.npz", "deflated.npz", "all.safetensors"] {
        let whole = fs::read(made(name)).unwrap();
        for length in 1..whole.len() {
            assert!(refusal_at_all(&whole[..length]), "{name} cut to {length} bytes");
        }
    }
}

/// Whether it is refused as a whole: all of its tensors are read.
fn refusal_at_all(bytes: &[u8]) -> bool {
    opened(bytes).is_err()
}

#[test]
fn safetensors_tables_are_held_to_the_letter() {
    let row = |dtype: &str, shape: &str, offsets: &str| {
        format!(r#"{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}"#)
    };
    let one = |dtype: &str, shape: &str, offsets: &str| {
        safetensors(&format!(r#"{{"w":{}}}"#, row(dtype, shape, offsets)), &[0; 8])
    };
    assert!(opened(&one("F32", "[2]", "[0,8]")).is_ok());
    let says = |bytes: &[u8], what: &str| {
        let message = refusal(bytes);
        assert!(message.starts_with("given") && message.contains(what), "{message}");
    };
    says(&one("F32", "[3]", "[0,8]"), "needs 12 bytes");
    says(&one("F32", "[2]", "[8,0]"), "data_offsets 8 to 0");
    says(&one("F32", "[4]", "[0,16]"), "8 bytes of data");
    says(&one("F32", "[1]", "[0,4]"), "end 4 bytes before");
    says(&one("F32", "[1]", "[4,8]"), "gap");
    says(&one("F32", "[2]", "[18446744073709551608,18446744073709551615]"), "beyond");
    says(&one("F32", "[4294967296,4294967296]", "[0,8]"), "larger than any memory");
    says(&one("F32", "[0,18446744073709551615,9]", "[0,0]"), "larger than any memory");
    says(&one("F32", "[-2]", "[0,8]"), "-2");
    says(&one("F32", "[2.0]", "[0,8]"), "2.0");
    says(&one("F32", "[1e400]", "[0,8]"), "table");
    says(&one("F32", "2", "[0,8]"), "list of lengths");
    says(&one("F32", "[2]", "[0,8,9]"), "table");
    says(&one("F4", "[15]", "[0,8]"), "within a byte");
    says(&one("F8_E3M4", "[8]", "[0,8]"), "F8_E3M4");
    says(&one("F6_E2M3", "[8]", "[0,6]"), "before its data");
    says(&one("C64", "[1]", "[0,8]"), "C64");
    says(&one("F32", &format!("[{}1]", "1,".repeat(32)), "[0,4]"), "32 axes");
    let table = |table: &str| safetensors(table, &[0; 8]);
    let halves = |a: &str, b: &str, names: [&str; 2]| {
        let [first, second] = names;
        let (a, b) = (row("F32", "[1]", a), row("F32", "[1]", b));
        table(&format!(r#"{{"{first}":{a},"{second}":{b}}}"#))
    };
    assert!(opened(&halves("[4,8]", "[0,4]", ["a", "b"])).is_ok());
    says(&halves("[0,4]", "[4,8]", ["a", "a"]), "there twice");
    says(&halves("[0,4]", "[4,8]", ["a", "\\u0061"]), "there twice");
    says(&halves("[0,4]", "[0,4]", ["a", "b"]), "overlaps");
    says(&halves("[0,4]", "[3,7]", ["a", "b"]), "overlaps");
    for bad in [
        r#"{"w":{"dtype":"F32","shape":[2]}}"#,
        r#"{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        r#"{"w":[]}"#,
        r#"{"w":null}"#,
        r#"{"w":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}"#,
        r#"{"__metadata__":{"a":1}}"#,
        r#"{"__metadata__":{"a":"1","a":"2"}}"#,
        r#"{"__metadata__":{},"__metadata__":{}}"#,
        r#"{"w":"#,
        r#"{} {}"#,
        "{\"\u{0}\":{}}",
        "{}",
    ] {
        says(&table(bad), "");
    }
    let quoted = refusal(&table(&format!(r#"{{"w":"{}"}}"#, "x".repeat(100_000))));
    assert!(quoted.len() < 400 && quoted.contains("column 100007"), "{quoted}");
    let deep = format!(r#"{{"w":{}"#, "[".repeat(1 << 20));
    says(&table(&deep), "table");
    let mut long = one("F32", "[2]", "[0,8]");
    long[..8].copy_from_slice(&(1_u64 << 39).to_le_bytes());
    says(&long, "549755813888");
    let not_utf8 = [&[2, 0, 0, 0, 0, 0, 0, 0, b'{', b'"', 0xff][..], b"\":1}"].concat();
    says(&not_utf8, "");
}

/// An archive of one member with whatever the directory is to say.
fn archive(
    method: u16,
    data: &[u8],
    declared: u32,
    crc: u32,
    flags: u16,
    copies: usize,
) -> Vec<u8> {
    let name = b"w.npy";
    let header = |signature: u32, central: bool| {
        let mut bytes = signature.to_le_bytes().to_vec();
        if central {
            bytes.extend(20_u16.to_le_bytes());
        }
        for field in [20, flags, method, 0, 0] {
            bytes.extend(field.to_le_bytes());
        }
        for field in [crc, data.len() as u32, declared] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0; 2]);
        if central {
            // Comment, disk, attributes, and the place of the local header.
            bytes.extend([0; 14]);
        }
        bytes.extend(name);
        bytes
    };
    let mut bytes = header(0x0403_4b50, false);
    bytes.extend(data);
    let start = bytes.len() as u32;
    for _ in 0..copies {
        bytes.extend(header(0x0201_4b50, true));
    }
    let length = bytes.len() as u32 - start;
    bytes.extend(0x0605_4b50_u32.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend((copies as u16).to_le_bytes());
    bytes.extend((copies as u16).to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

#[test]
fn archives_that_lie_are_refused() {
    let member = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", &[0; 8]);
    let length = member.len() as u32;
    let crc = rawzip::crc32(&member);
    let says = |bytes: &[u8], what: &str| {
        let message = refusal(bytes);
        assert!(message.starts_with("given") && message.contains(what), "{message}");
    };
    assert!(opened(&archive(0, &member, length, crc, 0, 1)).is_ok());
    says(&archive(0, &member, length, crc ^ 1, 0, 1), "cannot be read");
    says(&archive(0, &member, length - 1, crc, 0, 1), "stored in");
    says(&archive(12, &member, length, crc, 0, 1), "packed by");
    says(&archive(0, &member, length, crc, 1, 1), "encrypted");
    says(&archive(0, &member, length, crc, 0, 20), "share bytes");
    says(&archive(8, &member, length, crc, 0, 1), "tensor w");
    let packed = miniz_oxide::deflate::compress_to_vec(&member, 6);
    assert!(opened(&archive(8, &packed, length, crc, 0, 1)).is_ok());
    says(&archive(8, &packed, length + 1, crc, 0, 1), "needs 8 bytes");
    says(&archive(8, &packed, 5, crc, 0, 1), "within its header");
    says(&archive(8, &packed, length, crc ^ 1, 0, 1), "cannot be read");
    // Four gigabytes from four kilobytes.
    says(&archive(8, &packed, u32::MAX - 1, crc, 0, 1), "at most 268435456 allowed");
    let lies = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1000,)}", &[0; 2000]);
    let packed = miniz_oxide::deflate::compress_to_vec(&lies, 6);
    let declared = (lies.len() - 1000) as u32;
    says(&archive(8, &packed, declared, rawzip::crc32(&lies), 0, 1), "cannot be read");
    says(&archive(0, b"x", 1, rawzip::crc32(b"x"), 0, 1), "cut off");
}
