//! ndarray: arrays of numbers with a number on the right. All else ndarray has for any such type.

use ndarray::ScalarOperand;

use super::Number;
use super::context::Context;

impl<C: Context> ScalarOperand for Number<C> {}
