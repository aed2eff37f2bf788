//! serde: modes and policies as their names.

use super::{Overflow, Rounding, Underflow};
use crate::serde::by_name;

by_name!(Rounding Overflow Underflow);
