//! NumPy's `.npy` files: f4 and f8 of any shape, in C or Fortran order.

use std::io::{self, Write};

use ndarray::ArrayD;
use ndarray_npy::npy::header::Header;
use ndarray_npy::{ReadNpyExt, WriteNpyExt};

use super::args::Held;
use super::number::Number;
use crate::failure::Failure;

const MAGIC: &[u8] = b"\x93NUMPY";

pub(crate) fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The element type that the header names.
pub(crate) fn held(name: &str, bytes: &[u8]) -> Result<Held, Failure> {
    let header = Header::from_reader(&mut &bytes[..])
        .map_err(|error| Failure::input(format!("{name}: {error}")))?;
    match header.type_descriptor.as_string().map(String::as_str) {
        Some("<f4" | ">f4" | "=f4") => Ok(Held::F32),
        Some("<f8" | ">f8" | "=f8") => Ok(Held::F64),
        _ => Err(Failure::input(format!(
            "{name}: elements of type {}; f4 and f8 can be rounded",
            header.type_descriptor
        ))),
    }
}

/// The array; f4 elements become f64 exactly where that is asked for. [`held`] and the caller have
/// seen to it that no f8 becomes an f32.
pub(crate) fn read<T: Number>(name: &str, bytes: &[u8]) -> Result<ArrayD<T>, Failure> {
    match held(name, bytes)? {
        Held::F32 => elements::<f32, T>(name, bytes),
        Held::F64 => elements::<f64, T>(name, bytes),
    }
}

fn elements<E: Number, T: Number>(name: &str, bytes: &[u8]) -> Result<ArrayD<T>, Failure> {
    let array: ArrayD<E> =
        ArrayD::read_npy(bytes).map_err(|error| Failure::input(format!("{name}: {error}")))?;
    Ok(array.mapv(|x| T::narrow(x.widen()).expect("a storage type at least as wide")))
}

/// The array's header and layout with other elements, which are given in logical order.
pub(crate) fn write<T: Number>(
    mut array: ArrayD<T>,
    elements: &[T],
    out: &mut dyn Write,
) -> io::Result<()> {
    array.iter_mut().zip(elements).for_each(|(slot, element)| *slot = *element);
    array.write_npy(out).map_err(|error| match error {
        ndarray_npy::WriteNpyError::Io(error) => error,
        other => io::Error::other(other),
    })
}
