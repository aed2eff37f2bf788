//! The data set shipped with the program.

use lowprec_cli::file::{Data, Kind, NewFile, NewTensor, Nibbles, Source};

/// Embedded, so that the program runs from any directory.
pub(crate) const TEXT: &str = include_str!("../data/wdbc.csv");
/// What to call it.
pub(crate) const NAME: &str = "wdbc.csv";

/// The numbers as an array of rows and columns.
pub(crate) fn as_npy() -> Source {
    let rows = TEXT.lines().skip(1).filter(|line| !line.starts_with('#'));
    let columns = TEXT.lines().next().map_or(0, |header| header.split(',').count());
    let values: Vec<f64> =
        rows.flat_map(|row| row.split(',')).filter_map(|field| field.parse().ok()).collect();
    let shape = vec![values.len() / columns.max(1), columns];
    let tensor = NewTensor { name: "", shape, fortran_order: false, data: Data::F64(&values) };
    let (tensors, nibbles) = (vec![tensor], Nibbles::default());
    let file = NewFile { kind: Kind::Npy, tensors, metadata: Vec::new(), nibbles };
    let mut bytes = Vec::new();
    if let Err(error) = file.write(&mut bytes) {
        unreachable!("memory takes what is written: {error}");
    }
    Source::of_bytes(NAME, bytes)
}
