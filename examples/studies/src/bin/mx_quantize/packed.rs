//! A packed tensor as a file: .npz or .safetensors, written and read.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use lowprec::{BlockFormat, block::BlockTensor};
use ndarray::{Array1, OwnedRepr};
use ndarray_npy::{NpzReader, NpzWriter, ReadNpzError};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

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

/// Writes beside the file, then renames: nobody sees half of it.
pub(crate) fn write(path: &Path, tensor: &BlockTensor) -> Result<(), Failure> {
    let parts = Parts::of(tensor);
    let partial = path.with_extension("partial");
    let refuse = |error: String| Failure::Output(format!("{}: {error}", path.display()));
    if ends_in(path, "npz") {
        write_npz(&partial, &parts).map_err(refuse)?;
    } else {
        write_safetensors(&partial, &parts).map_err(refuse)?;
    }
    fs::rename(&partial, path).map_err(|error| refuse(error.to_string()))
}

pub(crate) fn read(path: &Path) -> Result<BlockTensor, Failure> {
    let parts = if ends_in(path, "npz") { read_npz(path) } else { read_safetensors(path) };
    parts
        .and_then(Parts::tensor)
        .map_err(|error| Failure::Output(format!("{}, read back: {error}", path.display())))
}

fn write_npz(path: &Path, parts: &Parts) -> Result<(), String> {
    let file = File::create(path).map_err(|error| error.to_string())?;
    let mut npz = NpzWriter::new(BufWriter::new(file));
    let mut add = || {
        npz.add_array("format", &Array1::from(parts.format.as_bytes().to_vec()))?;
        npz.add_array("shape", &Array1::from(parts.shape.clone()))?;
        npz.add_array("axis", &Array1::from(vec![parts.axis]))?;
        npz.add_array("codes", &Array1::from(parts.codes.clone()))?;
        npz.add_array("scales", &Array1::from(parts.scales.clone()))?;
        npz.add_array("tensor_scale", &Array1::from(vec![parts.tensor_scale]))
    };
    add().map_err(|error| error.to_string())?;
    npz.finish().map(|_| ()).map_err(|error| error.to_string())
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

fn write_safetensors(path: &Path, parts: &Parts) -> Result<(), String> {
    let view = |dtype, length, bytes| {
        TensorView::new(dtype, vec![length], bytes).map_err(|error| error.to_string())
    };
    let scale = parts.tensor_scale.to_le_bytes();
    let tensors = [
        ("codes", view(Dtype::U8, parts.codes.len(), &parts.codes)?),
        ("scales", view(Dtype::U8, parts.scales.len(), &parts.scales)?),
        ("tensor_scale", view(Dtype::F32, 1, &scale)?),
    ];
    let lengths: Vec<String> = parts.shape.iter().map(u64::to_string).collect();
    let facts = [
        ("format", parts.format.clone()),
        ("shape", lengths.join(",")),
        ("axis", parts.axis.to_string()),
    ];
    let facts = facts.map(|(name, fact)| (name.to_owned(), fact));
    let bytes =
        serialize(tensors, Some(HashMap::from(facts))).map_err(|error| error.to_string())?;
    fs::write(path, bytes).map_err(|error| error.to_string())
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
