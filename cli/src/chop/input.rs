//! Where numbers come from: text from a file, standard input or the shipped data set; or a file of tensors.

use lowprec_cli::file::{self, Kind, TensorFile};

use super::args::Args;
use super::number::Number;
use super::text::{Text, Wanted};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::shipped;

/// What was found.
pub(crate) enum Source {
    Text(TextSource),
    Tensors(TensorFile),
}

/// A text, and the name to call it by.
pub(crate) struct TextSource {
    name: String,
    bytes: Vec<u8>,
    shipped: bool,
}

impl Source {
    pub(crate) fn open(args: &Args) -> Result<Self, Failure> {
        let Some(path) = &args.file else {
            let (name, bytes) = (shipped::NAME.into(), shipped::TEXT.into());
            return Ok(Self::Text(TextSource { name, bytes, shipped: true }));
        };
        let source = file::Source::open(path)?;
        let name = source.name().to_owned();
        let tensors = matches!(source.kind(), Kind::Npy | Kind::Npz | Kind::Safetensors);
        let what = source.kind().what();
        let foreign = args.of_the_other_kind(tensors);
        if let Some(option) = foreign {
            let wants = if tensors { "reads text, this" } else { "is for files of tensors, this" };
            return Err(Failure::input(format_args!("{name}: --{option} {wants} is {what}")));
        }
        if tensors {
            return Ok(Self::Tensors(source.into_tensors()?));
        }
        let kind = args.output.as_deref().and_then(Kind::of_path);
        if let Some(kind) = kind.filter(|kind| *kind != Kind::Text) {
            return Err(Failure::input(format_args!(
                "{name}: text given, and text comes out, not {}",
                kind.what()
            )));
        }
        Ok(Self::Text(TextSource { name, bytes: source.into_text()?, shipped: false }))
    }
}

/// The numbers of a text, and what is needed to write others in their places.
pub(crate) struct Document<T> {
    pub(crate) name: String,
    pub(crate) shipped: bool,
    /// The nearest numbers of the storage type, in order of reading.
    pub(crate) numbers: Vec<T>,
    pub(crate) text: Text,
}

impl<T: Number> Document<T> {
    pub(crate) fn read(
        source: TextSource,
        args: &Args,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let TextSource { name, bytes, shipped } = source;
        let (text, numbers) = if args.hex {
            Text::hex::<T>(&name, bytes, progress)?
        } else {
            let wanted = Wanted {
                header: args.header,
                columns: args.columns.clone(),
                skip_bad: args.skip_bad,
            };
            Text::decimal(&name, bytes, &wanted, progress)?
        };
        Ok(Self { name, shipped, numbers, text })
    }
}
