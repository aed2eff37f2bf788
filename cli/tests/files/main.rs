//! Files of tensors: every type that NumPy, ml_dtypes and safetensors write, broken and lying ones, and
//! what is written.

mod kinds;
mod read;
mod refused;
mod replaced;
mod written;

use std::path::{Path, PathBuf};

use lowprec_cli::file::{Reading, Source, TensorFile};

/// A file of `cli/tests/data`, which its `make.py` made.
fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn opened(bytes: &[u8]) -> Result<TensorFile, String> {
    let file = Source::of_bytes("given", bytes.to_vec()).into_tensors();
    file.map_err(|error| error.to_string())
}

/// Why a file is refused, at the latest when its elements are asked for.
#[track_caller]
fn refusal(bytes: &[u8]) -> String {
    let file = match opened(bytes) {
        Ok(file) => file,
        Err(message) => return message,
    };
    let reading = Reading::default();
    let read = file.tensors().iter().find_map(|tensor| {
        let elements = file.elements(tensor, &reading);
        elements.and_then(|elements| elements.values()).err()
    });
    read.expect("a file that is refused").to_string()
}

/// A `.npy` file with this dictionary and data.
fn npy(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(dictionary.len()).unwrap().to_le_bytes());
    bytes.extend(dictionary.as_bytes());
    bytes.extend(data);
    bytes
}

/// A safetensors file with this table and data.
fn safetensors(table: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (table.len() as u64).to_le_bytes().to_vec();
    bytes.extend(table.as_bytes());
    bytes.extend(data);
    bytes
}
