//! serde: a format as its name.

use super::Format;
use crate::serde::by_name;

by_name!(Format);
