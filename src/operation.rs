//! The operations of arithmetic, by the number of their operands.

use core::fmt;

/// An operation on one number.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unary {
    /// √x: NaN below zero; the root of -0 is -0 (IEEE 754-2019 5.4.1).
    Sqrt,
}

/// An operation on two numbers.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Binary {
    /// x + y. An exact zero sum is -0 in mode `Down` and +0 in the others, unless both operands are
    /// zeros of one sign (IEEE 754-2019 6.3).
    Add,
    /// x - y.
    Sub,
    /// x·y.
    Mul,
    /// x / y.
    Div,
    /// The IEEE remainder x - y·n, n being the integer nearest to x / y, the even one of two
    /// (IEEE 754-2019 5.3.1). Zero has the sign of x.
    Remainder,
    /// The remainder of truncated division, C's `fmod` and Rust's `%`: x - y·n, n being x / y rounded
    /// toward zero. It has the sign of x.
    Fmod,
}

/// An operation on three numbers.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ternary {
    /// x·y + z (`fusedMultiplyAdd`, IEEE 754-2019 5.4.1).
    Fma,
    /// x + y + z.
    Sum,
}

/// An operation on four numbers.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quaternary {
    /// x·y + z·w.
    Dot,
}

macro_rules! display {
    ($($type:ty { $($variant:ident $name:literal),* })*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $name),* })
            }
        }
    )*};
}

display! {
    Unary { Sqrt "sqrt" }
    Binary { Add "add", Sub "sub", Mul "mul", Div "div", Remainder "remainder", Fmod "fmod" }
    Ternary { Fma "fma", Sum "sum" }
    Quaternary { Dot "dot" }
}
