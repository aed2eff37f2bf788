//! Tensors in a block format as a file: codes, scales, minima, each in the type of its format where the file has it.

use std::path::Path;

use lowprec::Format;
use lowprec::block::BlockTensor;
use lowprec_cli::file::{Codes, Data, Dtype, Kind, Metadata, NewFile, NewTensor, Nibbles, Tensor};

use crate::failure::Failure;

/// What is to be written.
pub(super) struct Packed {
    parts: Vec<Part>,
    metadata: Vec<(String, String)>,
    nibbles: Nibbles,
}

struct Part {
    name: String,
    shape: Vec<usize>,
    fortran_order: bool,
    data: New,
}

enum New {
    Codes(Format, Codes),
    /// Codes of integers, one a byte.
    Bytes(Vec<u8>),
    Number(f32),
    Kept(Dtype, Vec<u8>),
}

/// A part of a tensor by its name.
fn part_of(tensor: &str, part: &str) -> String {
    if tensor.is_empty() { part.to_owned() } else { format!("{tensor}.{part}") }
}

/// Codes in the integer type of the format's width.
fn typed(format: &Format, codes: &[u32]) -> Codes {
    match format.total_bits() {
        Some(0..=8) => Codes::U8(codes.iter().map(|&code| code as u8).collect()),
        Some(9..=16) => Codes::U16(codes.iter().map(|&code| code as u16).collect()),
        _ => Codes::U32(codes.to_vec()),
    }
}

impl Packed {
    pub(super) fn new(nibbles: Nibbles) -> Self {
        Self { parts: Vec::new(), metadata: Vec::new(), nibbles }
    }

    /// A tensor as it is.
    pub(super) fn keep(&mut self, tensor: &Tensor, dtype: Dtype, bytes: Vec<u8>) {
        self.parts.push(Part {
            name: tensor.name().to_owned(),
            shape: tensor.shape().to_vec(),
            fortran_order: tensor.fortran_order(),
            data: New::Kept(dtype, bytes),
        });
    }

    /// A tensor of a block format, and the name to call that by.
    pub(super) fn add(
        &mut self,
        name: &str,
        format_name: &str,
        tensor: &BlockTensor,
    ) -> Result<(), Failure> {
        let format = tensor.format();
        let shape = tensor.shape().to_vec();
        let blocks = tensor.scale_shape();
        let elements = match tensor.codes().format() {
            Some(element) => {
                let codes: Vec<u32> = tensor.codes().iter().map(u32::from).collect();
                New::Codes(element, typed(&element, &codes))
            }
            None if format.element_bits() <= u8::BITS => {
                New::Bytes(tensor.codes().iter().map(|code| code as u8).collect())
            }
            None => {
                return Err(Failure::input(format_args!(
                    "--write: {format_name}: integers of {} bits given, at most 8 allowed",
                    format.element_bits()
                )));
            }
        };
        let mut push = |part, shape: &[usize], data| {
            let (name, shape) = (part_of(name, part), shape.to_vec());
            self.parts.push(Part { name, shape, fortran_order: false, data });
        };
        push("codes", &shape, elements);
        let scales = typed(&format.scale(), tensor.scale_codes());
        push("scales", &blocks, New::Codes(format.scale(), scales));
        if let Some(minimum) = format.minimum() {
            let minima = typed(&minimum, tensor.minimum_codes());
            push("minima", &blocks, New::Codes(minimum, minima));
        }
        if format.has_tensor_scale() {
            push("tensor_scale", &[], New::Number(tensor.tensor_scale()));
        }
        let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
        let facts = [
            ("block_format", format.to_string()),
            ("shape", lengths.join(",")),
            ("axis", tensor.axis().to_string()),
        ];
        self.metadata.extend(facts.map(|(fact, text)| (part_of(name, fact), text)));
        Ok(())
    }

    /// Writes the file, with the metadata of the one that was read; how many bytes the parts have.
    pub(super) fn save(
        &self,
        path: &Path,
        kind: Kind,
        metadata: &Metadata,
    ) -> Result<usize, Failure> {
        let tensors = self.parts.iter().map(|part| NewTensor {
            name: &part.name,
            shape: part.shape.clone(),
            fortran_order: part.fortran_order,
            data: match &part.data {
                New::Codes(format, codes) => Data::Codes(*format, codes),
                New::Bytes(bytes) => Data::U8(bytes),
                New::Number(number) => Data::F32(std::slice::from_ref(number)),
                New::Kept(dtype, bytes) => Data::Kept(dtype, bytes),
            },
        });
        // What was said of parts of these names before is not true of the new ones.
        let stale = |key: &str| {
            let own = |part: &Part| key.strip_prefix(&part.name) == Some(".format");
            let kept = |part: &Part| matches!(part.data, New::Kept(..));
            let said = self.metadata.iter().any(|(new, _)| new == key);
            said || self.parts.iter().any(|part| own(part) && !kept(part))
        };
        let old = metadata
            .iter()
            .filter(|(key, _)| !stale(key))
            .map(|(key, text)| (key.to_owned(), text.to_owned()));
        let file = NewFile {
            kind,
            tensors: tensors.collect(),
            metadata: old.chain(self.metadata.iter().cloned()).collect(),
            nibbles: self.nibbles,
        };
        file.save(path)?;
        Ok(file.tensors.iter().map(|tensor| tensor.size_in_bytes(kind)).sum())
    }
}
