//! The command line.

use std::path::PathBuf;

use clap::Parser;
use lowprec::{BlockChop, BlockFormat, Rounding, block::ScaleRule};

use crate::PLAIN;
use crate::input::ends_in;
use lowprec_studies::failure::Failure;

const AFTER_HELP: &str = "\
FILES
  NumPy's .npy of f4 or f8, and .safetensors of F32, F64, F16 or BF16 (the last two are widened, which
  is exact). A file with several tensors wants --tensor; their names are listed where it is missing.

WHAT IS WRITTEN
  --write takes one --format and writes .npz or .safetensors, by the name's end: 'codes', packed with
  the least significant bits first; 'scales', a code for each block in row-major order; 'tensor_scale';
  and format, shape and axis. The file is read back and compared.

COLUMNS
  SNR: 10 log10 of the sum of squares over that of the errors. clipped: values beyond the largest
  element times the scale. vanished: values that are zero afterwards and were not before.
  Exit code 2: something in the arguments or the input cannot be understood. 1: cannot write.

EXAMPLES  (mx_quantize stands for: cargo run --release -p lowprec-studies --bin mx_quantize --)
  mx_quantize                                   every format on the shipped data set
  mx_quantize weights.npy --picture .           and a bar chart
  mx_quantize model.safetensors --tensor h.0.mlp.weight --axis 0
  mx_quantize weights.npy --format mxfp4 --rule rceil --write weights.npz
  mx_quantize weights.npy --rounding stochastic --seed 1";

/// Quantizes the numbers of a .npy or .safetensors file to block formats, side by side: size, signal
/// to noise, share clipped, largest error.
#[derive(Debug, Parser)]
#[command(name = "mx_quantize", version, after_help = AFTER_HELP, verbatim_doc_comment)]
pub(crate) struct Args {
    /// .npy or .safetensors file; none is the shipped data set wdbc.csv
    pub(crate) file: Option<PathBuf>,

    /// Which tensor of a .safetensors file
    #[arg(long, value_name = "NAME")]
    pub(crate) tensor: Option<String>,

    /// Axis along which blocks lie, counted from 0; the last if not given
    #[arg(long)]
    pub(crate) axis: Option<usize>,

    /// Block format: mxfp8_e4m3, mxfp8_e5m2, mxfp6_e3m2, mxfp6_e2m3, mxfp4,
    /// mxint8, nvfp4, msfp12, msfp16, bfp2, bfp16, fp8_e4m3_tensor,
    /// fp8_e5m2_tensor, fp8_e4m3_1x128, fp8_e4m3_128x128; several with
    /// commas or repeated; all of them if none is given
    #[arg(short, long, value_name = "FORMAT", value_delimiter = ',', verbatim_doc_comment)]
    pub(crate) format: Vec<BlockFormat>,

    /// Scale rule instead of each format's own: floor, ceil, rceil, even,
    /// max-abs, absmax, least-squares
    #[arg(long, value_name = "RULE", value_parser = rule, verbatim_doc_comment)]
    pub(crate) rule: Option<ScaleRule>,

    /// Rounding of the elements, as in the example chop: nearest-even, up,
    /// stochastic …
    #[arg(short, long, value_name = "MODE", default_value_t, verbatim_doc_comment)]
    pub(crate) rounding: Rounding,

    /// Seed of the stochastic modes; if none is given, each run differs
    #[arg(long)]
    pub(crate) seed: Option<u64>,

    /// File for the packed result, .npz or .safetensors
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,

    /// Directory for a bar chart, mx_quantize.svg and mx_quantize.png
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) picture: Option<PathBuf>,
}

fn rule(text: &str) -> Result<ScaleRule, String> {
    let name = text.trim().to_ascii_lowercase().replace('_', "-");
    let found = ScaleRule::ALL.into_iter().find(|rule| rule.name() == name);
    found.ok_or_else(|| {
        let names = ScaleRule::ALL.map(|rule| rule.name()).join(", ");
        format!("unknown scale rule {text:?}; try {names}")
    })
}

impl Args {
    /// What clap cannot see in one argument alone.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.write.is_some() && self.format.len() != 1 {
            let given = self.format.len();
            return Err(Failure::input(format!("--write takes one --format, {given} given")));
        }
        if let Some(path) = &self.write
            && !ends_in(path, "npz")
            && !ends_in(path, "safetensors")
        {
            let path = path.display();
            return Err(Failure::input(format!("{path}: a name in .npz or .safetensors needed")));
        }
        if self.tensor.is_some() && self.file.is_none() {
            return Err(Failure::input("--tensor needs a .safetensors FILE"));
        }
        Ok(())
    }

    /// Whether the figures are those of the shipped data set.
    pub(crate) fn is_plain(&self) -> bool {
        let own = self.format.is_empty() && self.rule.is_none() && self.axis.is_none();
        own && self.rounding == PLAIN
    }

    /// What stands side by side: the formats asked for, or every one, MXFP4 with the search too.
    pub(crate) fn roundings(&self) -> Vec<BlockChop> {
        let mut formats = self.format.clone();
        if formats.is_empty() {
            formats.extend(BlockFormat::PRESETS.map(|row| row.1));
            if self.rule.is_none() {
                let after = formats.iter().position(|&format| format == BlockFormat::MXFP4);
                let searched = BlockFormat::MXFP4.with_rule(ScaleRule::LeastSquares);
                formats.insert(after.map_or(0, |place| place + 1), searched);
            }
        }
        let with_rule = |format: BlockFormat| match self.rule {
            Some(rule) => format.with_rule(rule),
            None => format,
        };
        formats.into_iter().map(|format| BlockChop::new(with_rule(format), self.rounding)).collect()
    }
}
