//! Files of tensors, read and written: NumPy's `.npy` and `.npz`, and safetensors; and the one way in which
//! this program and the studies write any file.
//!
//! Reading goes [`Source`] → [`TensorFile`] → [`Tensor`] → [`Elements`]. A file's header is a stranger's
//! word: nothing is allocated by it before its lengths have been held against those of the data, with
//! checked multiplication, and each refusal is an [`Error`] that names the file, the tensor, what it says
//! and what is allowed. Opening takes time and memory in proportion to the header, at most four times the
//! file's length in all, its own bytes among them; a tensor's values take what their type takes.
//!
//! The `.npy` header and the table of a safetensors file are read here, in a page each, and not by the
//! crates of those names: `ndarray-npy` (as `npyz`) allocates by the header's word, aborts or panics where it
//! lies, refuses the void types that `ml_dtypes` writes, and brings a parser generator that compiles for
//! eight seconds; `safetensors` brings serde's derive macros for as long, keeps the last of two tensors of one
//! name and takes a shape of any number of axes. Archives are `rawzip`'s (no dependencies, no `unsafe`, no
//! allocation by the directory's word), deflated data `miniz_oxide`'s, and JSON is `serde_json`'s.

mod dtype;
mod elements;
mod error;
mod json;
mod kind;
mod metadata;
mod new;
mod npy;
mod npz;
mod replace;
mod safetensors;
mod signals;
mod source;
mod tensor;

pub use dtype::Dtype;
pub use elements::{Codes, Elements, Nibbles, Reading, Values};
pub use error::{Error, WriteError, shown};
pub use kind::{Foreign, Kind};
pub use metadata::Metadata;
pub use new::{Data, NewFile, NewTensor};
pub use replace::{replace, to_stdout};
pub use source::Source;
pub use tensor::{Tensor, TensorFile};
