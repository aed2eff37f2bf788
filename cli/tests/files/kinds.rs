//! Files that are not read are called what they are.

use std::fs;

use lowprec_cli::file::{Kind, Source, shown};

#[test]
fn foreign_files_are_named() {
    let tar = [&[b'a'; 257][..], b"ustar"].concat();
    let rows: [(&[u8], &str); 19] = [
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "Zstandard"),
        (&tar, "tar"),
        (b"\x89PNG\r\n\x1a\n\0", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"%PDF-1.7", "PDF"),
        (b"\x80\x02}q\0.", "pickle"),
        (b"\x80\x04\x95\x10", "pickle"),
        (b"GGUF\x03\0", "GGUF"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"MATLAB 5.0 MAT-file, Platform", "MATLAB"),
        (b"PAR1\x15\0", "Parquet"),
        (b"ARROW1\0\0", "Arrow"),
        (b"\x7fELF\x02", "program"),
        (b"\xff\xfe1\0,\0", "UTF-16"),
        (b"1,2\0,3", "binary"),
        (b"SQLite format 3\0", "SQLite"),
    ];
    for (bytes, what) in rows {
        let source = || Source::of_bytes("x.csv", bytes.to_vec());
        assert!(matches!(source().kind(), Kind::Foreign(_)), "{what}");
        for message in [source().into_text().unwrap_err(), source().into_tensors().unwrap_err()] {
            let message = message.to_string();
            assert!(message.contains(what) && message.starts_with("x.csv: is "), "{message}");
            assert!(message.contains("; "), "a hint: {message}");
        }
    }
}

#[test]
fn text_and_tensors_are_told_apart() {
    for text in
        ["", "PAR1,PAR2\n", "GIF8;1", "1,2\n", "{\"a\": 1}", "12345678{1}", "\u{feff}1\n", "é;1\n"]
    {
        let source = Source::of_bytes("x", text.as_bytes().to_vec());
        assert_eq!(source.kind(), Kind::Text, "{text}");
        assert_eq!(source.into_text().unwrap(), text.as_bytes());
        let message = Source::of_bytes("x", text.into()).into_tensors().unwrap_err().to_string();
        assert!(message.contains("x: is text"), "{message}");
    }
    for (file, what) in
        [("f4.npy", ".npy"), ("stored.npz", "zip archive"), ("all.safetensors", ".safetensors")]
    {
        let source = Source::open(&super::made(file)).unwrap();
        let message = source.into_text().unwrap_err().to_string();
        assert!(message.contains(what) && message.contains(file), "{message}");
    }
}

#[test]
fn archives_of_other_things_are_named() {
    let archive = |members: &[&str]| {
        let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
        for member in members {
            let (mut entry, config) = archive.new_file(member).start().unwrap();
            let (_, descriptor) = config.wrap(&mut entry).finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap()
    };
    let pt = super::refusal(&archive(&["model/data.pkl", "model/data/0"]));
    assert!(pt.contains("PyTorch") && pt.contains("safetensors"), "{pt}");
    let xlsx = super::refusal(&archive(&["[Content_Types].xml", "xl/workbook.xml"]));
    assert!(xlsx.contains("Office") && xlsx.contains("CSV"), "{xlsx}");
    let other = super::refusal(&archive(&["readme\u{1b}.txt"]));
    assert!(other.contains("without .npy") && !other.contains('\u{1b}'), "{other}");
    assert!(super::opened(&archive(&[])).unwrap().tensors().is_empty());
}

#[test]
fn names_are_fit_for_a_terminal() {
    assert_eq!(shown("a\u{1b}]0;x\u{7}b"), "a\\u{1b}]0;x\\u{7}b");
    assert_eq!(shown("a\0\n\u{202e}b"), "a\\0\\n\\u{202e}b");
    assert_eq!(shown("h.0.größe"), "h.0.größe");
    assert_eq!(shown(&"x".repeat(1000)).chars().count(), 101);
    let table = "{\"a\\u001b[2J\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    let message = super::refusal(&super::safetensors(table, &[0]));
    assert!(message.contains("a\\u{1b}[2J") && !message.contains('\u{1b}'), "{message}");
}

#[test]
fn what_cannot_be_opened_is_named() {
    let place = tempfile::tempdir().unwrap();
    let message = Source::open(&place.path().join("no\u{7}ne.npy")).unwrap_err().to_string();
    assert!(message.contains("no\\u{7}ne.npy: cannot be read"), "{message}");
    let deep = place.path().join("folder/".repeat(30)).join("w.npy");
    let message = Source::open(&deep).unwrap_err().to_string();
    assert!(message.contains("/w.npy: cannot"), "the end of a long path: {message}");
    let message = Source::open(place.path()).unwrap_err().to_string();
    assert!(message.contains("cannot be read"), "{message}");
    fs::write(place.path().join("empty"), "").unwrap();
    assert_eq!(Source::open(&place.path().join("empty")).unwrap().kind(), Kind::Text);
}
