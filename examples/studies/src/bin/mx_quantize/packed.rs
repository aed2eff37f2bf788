//! A packed tensor as a file: .npz or .safetensors, written and read.

use std::fs::{self, File};
use std::path::Path;

use lowprec::{BlockFormat, block::BlockTensor};
use lowprec_cli::file::{Data, Kind, NewFile, NewTensor, Nibbles};
use ndarray::OwnedRepr;
use ndarray_npy::{NpzReader, ReadNpzError};
use safetensors::tensor::SafeTensors;

use crate::input::ends_in;
use lowprec_studies::failure::Failure;

/// A tensor taken apart, as both kinds of file hold it.
struct Parts {
    format: String,
    shape: Vec<u64>,
    axis: u64,
    codes: Vec<u8>,
    scales: Vec<u8>,
    tensor_scale: f32,
}

impl Parts {
    fn of(tensor: &BlockTensor) -> Self {
        Self {
            format: name(&tensor.format()),
            shape: tensor.shape().iter().map(|&length| length as u64).collect(),
            axis: tensor.axis() as u64,
            codes: tensor.codes().bytes().to_vec(),
            scales: tensor.scale_bytes(),
            tensor_scale: tensor.tensor_scale(),
        }
    }

    fn tensor(self) -> Result<BlockTensor, String> {
        let format = of_name(&self.format)?;
        let shape: Vec<usize> = self.shape.iter().map(|&length| length as usize).collect();
        let axis = self.axis as usize;
        BlockTensor::from_parts(format, &shape, axis, self.codes, &self.scales, self.tensor_scale)
            .map_err(|error| error.to_string())
    }
}

/// The preset's name; the rule that found the scales behind a slash, where it is not the preset's own.
fn name(format: &BlockFormat) -> String {
    let presets = BlockFormat::PRESETS.iter();
    let row =
        presets.map(|row| (row.0, row.1)).find(|row| row.1.with_rule(format.rule()) == *format);
    match row {
        Some((name, preset)) if preset == *format => name.to_owned(),
        Some((name, _)) => format!("{name}/{}", format.rule()),
        None => format.to_string(),
    }
}

fn of_name(text: &str) -> Result<BlockFormat, String> {
    let (name, rule) = text.split_once('/').unwrap_or((text, ""));
    let format: BlockFormat = name.parse().map_err(|error| format!("{error}"))?;
    if rule.is_empty() {
        return Ok(format);
    }
    let rule = lowprec::block::ScaleRule::ALL.into_iter().find(|known| known.name() == rule);
    rule.map(|rule| format.with_rule(rule)).ok_or_else(|| format!("unknown scale rule in {text:?}"))
}

/// Writes the file that the name's end says; an existing one is replaced only by a complete one.
pub(crate) fn write(path: &Path, tensor: &BlockTensor) -> Result<(), Failure> {
    let parts = Parts::of(tensor);
    let (axis, scale) = ([parts.axis], [parts.tensor_scale]);
    let part = |name, length: usize, data| NewTensor {
        name,
        shape: vec![length],
        fortran_order: false,
        data,
    };
    let mut file = NewFile {
        kind: Kind::of_path(path).unwrap_or(Kind::Safetensors),
        tensors: vec![
            part("codes", parts.codes.len(), Data::U8(&parts.codes)),
            part("scales", parts.scales.len(), Data::U8(&parts.scales)),
            part("tensor_scale", 1, Data::F32(&scale)),
        ],
        metadata: vec![],
        nibbles: Nibbles::LowFirst,
    };
    if file.kind == Kind::Npz {
        file.tensors.extend([
            part("format", parts.format.len(), Data::U8(parts.format.as_bytes())),
            part("shape", parts.shape.len(), Data::U64(&parts.shape)),
            part("axis", 1, Data::U64(&axis)),
        ]);
    } else {
        let lengths: Vec<String> = parts.shape.iter().map(u64::to_string).collect();
        let facts = [
            ("format", parts.format.clone()),
            ("shape", lengths.join(",")),
            ("axis", parts.axis.to_string()),
        ];
        file.metadata.extend(facts.map(|(name, fact)| (name.to_owned(), fact)));
    }
    Ok(file.save(path)?)
}

pub(crate) fn read(path: &Path) -> Result<BlockTensor, Failure> {
    let parts = if ends_in(path, "npz") { read_npz(path) } else { read_safetensors(path) };
    parts
        .and_then(Parts::tensor)
        .map_err(|error| Failure::Output(format!("{}, read back: {error}", path.display())))
}

fn read_npz(path: &Path) -> Result<Parts, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut npz = NpzReader::new(file).map_err(|error| error.to_string())?;
    fn array<T: ndarray_npy::ReadableElement>(
        npz: &mut NpzReader<File>,
        name: &str,
    ) -> Result<Vec<T>, String> {
        let array: Result<ndarray::ArrayBase<OwnedRepr<T>, ndarray::Ix1>, ReadNpzError> =
            npz.by_name(name);
        array.map(|array| array.into_iter().collect()).map_err(|error| format!("{name}: {error}"))
    }
    let one = |name: &str, length: usize| {
        if length == 1 { Ok(()) } else { Err(format!("{name}: {length} numbers, 1 needed")) }
    };
    let format =
        String::from_utf8(array(&mut npz, "format")?).map_err(|error| error.to_string())?;
    let (axis, tensor_scale) = (array(&mut npz, "axis")?, array(&mut npz, "tensor_scale")?);
    one("axis", axis.len())?;
    one("tensor_scale", tensor_scale.len())?;
    Ok(Parts {
        format,
        shape: array(&mut npz, "shape")?,
        axis: axis[0],
        codes: array(&mut npz, "codes")?,
        scales: array(&mut npz, "scales")?,
        tensor_scale: tensor_scale[0],
    })
}

fn read_safetensors(path: &Path) -> Result<Parts, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| error.to_string())?;
    let facts = metadata.metadata().clone().unwrap_or_default();
    let fact = |name: &str| facts.get(name).cloned().ok_or_else(|| format!("no {name}"));
    let number = |text: &str| text.parse::<u64>().map_err(|error| format!("{text:?}: {error}"));
    let file = SafeTensors::deserialize(&bytes).map_err(|error| error.to_string())?;
    let data = |name: &str| {
        file.tensor(name).map(|view| view.data().to_vec()).map_err(|error| error.to_string())
    };
    let scale = data("tensor_scale")?;
    let scale =
        scale.as_slice().try_into().map_err(|_| "tensor_scale: 4 bytes needed".to_owned())?;
    let shape = fact("shape")?;
    let lengths = shape.split(',').filter(|length| !length.is_empty());
    Ok(Parts {
        format: fact("format")?,
        shape: lengths.map(number).collect::<Result<_, _>>()?,
        axis: number(&fact("axis")?)?,
        codes: data("codes")?,
        scales: data("scales")?,
        tensor_scale: f32::from_le_bytes(scale),
    })
}
