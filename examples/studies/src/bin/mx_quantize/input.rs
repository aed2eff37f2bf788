//! Arrays from .npy and .safetensors files, and the data set that is shipped.

use std::fs;
use std::path::Path;

use lowprec::Format;
use ndarray::ArrayD;
use ndarray_npy::ReadNpyExt;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::args::Args;
use lowprec_studies::failure::Failure;

/// Breast Cancer Wisconsin (Diagnostic): see examples/data/README.md.
const SHIPPED: &str = include_str!("../../../../../cli/data/wdbc.csv");

/// Numbers in the type that holds them.
pub(crate) enum Values {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

/// An array in row-major order.
pub(crate) struct Array {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Values,
    /// Along which blocks lie unless told otherwise.
    pub(crate) axis: usize,
    pub(crate) shipped: bool,
}

impl Array {
    fn new(name: String, shape: Vec<usize>, values: Values) -> Self {
        let axis = shape.len().saturating_sub(1);
        Self { name, shape, values, axis, shipped: false }
    }

    /// Bits of the type that holds the values.
    pub(crate) fn bits(&self) -> usize {
        match self.values {
            Values::Single(_) => 32,
            Values::Double(_) => 64,
        }
    }
}

/// The array that the arguments name.
pub(crate) fn read(args: &Args) -> Result<Array, Failure> {
    let Some(path) = &args.file else { return shipped() };
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| Failure::input(format!("{name}: {error}")))?;
    if bytes.starts_with(b"\x93NUMPY") {
        return npy(&name, &bytes);
    }
    if path.extension().is_some_and(|end| end == "safetensors") {
        return safetensors(&name, &bytes, args.tensor.as_deref());
    }
    Err(Failure::input(format!("{name}: neither a .npy nor a .safetensors file")))
}

fn shipped() -> Result<Array, Failure> {
    let rows: Vec<&str> = SHIPPED.lines().skip(1).collect();
    let values: Result<Vec<f32>, _> =
        rows.iter().flat_map(|row| row.split(',')).map(str::parse).collect();
    let values = values.map_err(|error| Failure::input(format!("wdbc.csv: {error}")))?;
    let shape = vec![rows.len(), values.len() / rows.len()];
    let array = Array::new("wdbc.csv".into(), shape, Values::Single(values));
    Ok(Array { axis: 0, shipped: true, ..array })
}

fn npy(name: &str, bytes: &[u8]) -> Result<Array, Failure> {
    if let Ok(array) = ArrayD::<f32>::read_npy(bytes) {
        let (shape, values) = (array.shape().to_vec(), array.iter().copied().collect());
        return Ok(Array::new(name.into(), shape, Values::Single(values)));
    }
    let array = ArrayD::<f64>::read_npy(bytes).map_err(|error| {
        Failure::input(format!("{name}: {error} (of element types, f4 and f8 are read)"))
    })?;
    let (shape, values) = (array.shape().to_vec(), array.iter().copied().collect());
    Ok(Array::new(name.into(), shape, Values::Double(values)))
}

fn safetensors(name: &str, bytes: &[u8], wanted: Option<&str>) -> Result<Array, Failure> {
    let refuse = |error: String| Failure::input(format!("{name}: {error}"));
    let file = SafeTensors::deserialize(bytes).map_err(|error| refuse(error.to_string()))?;
    let mut names = file.names();
    names.sort_unstable();
    let tensor = match (wanted, names.as_slice()) {
        (Some(tensor), _) => tensor,
        (None, [only]) => only,
        (None, _) => {
            let names = names.join(", ");
            return Err(refuse(format!("several tensors; choose one with --tensor: {names}")));
        }
    };
    let view = file
        .tensor(tensor)
        .map_err(|_| refuse(format!("no tensor {tensor:?}; there are: {}", names.join(", "))))?;
    let values = of_view(&view).map_err(|error| refuse(format!("{tensor}: {error}")))?;
    Ok(Array::new(format!("{name}, {tensor}"), view.shape().to_vec(), values))
}

fn of_view(view: &TensorView<'_>) -> Result<Values, String> {
    let data = view.data();
    let halves = |format: Format| {
        let codes: Vec<u16> =
            data.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
        let mut values = vec![0_f32; codes.len()];
        format.decode_slice(&codes, &mut values).map_err(|error| error.to_string())?;
        Ok(Values::Single(values))
    };
    match view.dtype() {
        Dtype::F32 => Ok(Values::Single(
            data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        )),
        Dtype::F64 => Ok(Values::Double(
            data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
        )),
        Dtype::F16 => halves(Format::BINARY16),
        Dtype::BF16 => halves(Format::BFLOAT16),
        other => Err(format!("elements of type {other:?} given; F32, F64, F16 and BF16 are read")),
    }
}

/// Whether a path ends in this.
pub(crate) fn ends_in(path: &Path, end: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(end))
}
