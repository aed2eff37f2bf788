//! The operations under one name, and the ways to call them.

use std::fmt;

use lowprec::{
    Binary, Chop, Flags, Quaternary, Rounder, Storage, Stream, Ternary, Unary, reference,
    reference::Rule,
};

use lowprec_oracles::Outcome;

/// Any operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    One(Unary),
    Two(Binary),
    Three(Ternary),
    Four(Quaternary),
}

/// Operands of all elements: as many columns as the operation has operands.
pub type Columns<T> = Vec<Vec<T>>;

pub const ADD: Op = Op::Two(Binary::Add);
pub const SUB: Op = Op::Two(Binary::Sub);
pub const MUL: Op = Op::Two(Binary::Mul);
pub const DIV: Op = Op::Two(Binary::Div);
pub const SQRT: Op = Op::One(Unary::Sqrt);
pub const REMAINDER: Op = Op::Two(Binary::Remainder);
pub const FMOD: Op = Op::Two(Binary::Fmod);
pub const FMA: Op = Op::Three(Ternary::Fma);
pub const SUM: Op = Op::Three(Ternary::Sum);
pub const DOT: Op = Op::Four(Quaternary::Dot);

impl Op {
    pub const ALL: [Op; 10] = [ADD, SUB, MUL, DIV, SQRT, REMAINDER, FMOD, FMA, SUM, DOT];
    pub const BINARY: [Op; 6] = [ADD, SUB, MUL, DIV, REMAINDER, FMOD];

    pub fn operands(self) -> usize {
        match self {
            Op::One(_) => 1,
            Op::Two(_) => 2,
            Op::Three(_) => 3,
            Op::Four(_) => 4,
        }
    }

    /// The exact result.
    pub fn outcome<T: Storage>(self, args: &[T]) -> Outcome {
        let args: [f64; 4] = std::array::from_fn(|i| args.get(i).map_or(0.0, |x| x.widen()));
        let [x, y, z, w] = args;
        match self {
            ADD => Outcome::sum_of_products(&[[x, 1.0], [y, 1.0]]),
            SUB => Outcome::sum_of_products(&[[x, 1.0], [-y, 1.0]]),
            MUL => Outcome::product(x, y),
            DIV => Outcome::quotient(x, y),
            SQRT => Outcome::root(x),
            REMAINDER => Outcome::remainder(x, y, true),
            FMOD => Outcome::remainder(x, y, false),
            FMA => Outcome::sum_of_products(&[[x, y], [z, 1.0]]),
            SUM => Outcome::sum_of_products(&[[x, 1.0], [y, 1.0], [z, 1.0]]),
            DOT => Outcome::sum_of_products(&[[x, y], [z, w]]),
            other => panic!("no exact result for {other}"),
        }
    }

    /// One element.
    pub fn scalar<T: Storage>(self, by: &impl Rounder, a: &[T]) -> T {
        match self {
            ADD => by.add(a[0], a[1]),
            SUB => by.sub(a[0], a[1]),
            MUL => by.mul(a[0], a[1]),
            DIV => by.div(a[0], a[1]),
            SQRT => by.sqrt(a[0]),
            REMAINDER => by.remainder(a[0], a[1]),
            FMOD => by.fmod(a[0], a[1]),
            FMA => by.fma(a[0], a[1], a[2]),
            SUM => by.sum(a[0], a[1], a[2]),
            DOT => by.dot(a[0], a[1], a[2], a[3]),
            other => panic!("no method for {other}"),
        }
    }

    /// One element and its flags.
    pub fn with_flags<T: Storage>(self, by: &Chop, a: &[T]) -> (T, Flags) {
        match self {
            ADD => by.add_flags(a[0], a[1]),
            SUB => by.sub_flags(a[0], a[1]),
            MUL => by.mul_flags(a[0], a[1]),
            DIV => by.div_flags(a[0], a[1]),
            SQRT => by.sqrt_flags(a[0]),
            REMAINDER => by.remainder_flags(a[0], a[1]),
            FMOD => by.fmod_flags(a[0], a[1]),
            FMA => by.fma_flags(a[0], a[1], a[2]),
            SUM => by.sum_flags(a[0], a[1], a[2]),
            DOT => by.dot_flags(a[0], a[1], a[2], a[3]),
            other => panic!("no method for {other}"),
        }
    }

    /// By the definition, with the random bits given.
    pub fn reference<T: Storage>(self, a: &[T], rule: &Rule, random: &[u16]) -> (T, Flags) {
        match self {
            Op::One(op) => reference::unary(op, a[0], rule, random),
            Op::Two(op) => reference::binary(op, a[0], a[1], rule, random),
            Op::Three(op) => reference::ternary(op, a[0], a[1], a[2], rule, random),
            Op::Four(op) => reference::quaternary(op, [a[0], a[1], a[2], a[3]], rule, random),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::One(op) => op.fmt(f),
            Op::Two(op) => op.fmt(f),
            Op::Three(op) => op.fmt(f),
            Op::Four(op) => op.fmt(f),
        }
    }
}

/// Slices of operations by either rounder.
pub trait Slices {
    fn slice<T: Storage>(&self, op: Op, columns: &[&[T]], to: &mut [T]);
    /// x becomes op(x, …); operations on one or two numbers.
    fn in_place<T: Storage>(&self, op: Op, x: &mut [T], others: &[&[T]]);
}

macro_rules! slices {
    ($type:ty) => {
        impl Slices for $type {
            fn slice<T: Storage>(&self, op: Op, columns: &[&[T]], to: &mut [T]) {
                match (op, columns) {
                    (Op::One(op), [x]) => self.map(op, [x], to),
                    (Op::Two(op), [x, y]) => self.map(op, [x, y], to),
                    (Op::Three(op), [x, y, z]) => self.map(op, [x, y, z], to),
                    (Op::Four(op), [x, y, z, w]) => self.map(op, [x, y, z, w], to),
                    _ => panic!("{op} on {} columns", columns.len()),
                }
            }

            fn in_place<T: Storage>(&self, op: Op, x: &mut [T], others: &[&[T]]) {
                match (op, others) {
                    (Op::One(op), []) => self.map_inplace(op, x, []),
                    (Op::Two(op), [y]) => self.map_inplace(op, x, [y]),
                    _ => panic!("{op} has no form in place"),
                }
            }
        }
    };
}
slices!(Chop);
slices!(Stream);

/// Columns as slices.
pub fn slices<T>(columns: &Columns<T>) -> Vec<&[T]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// One element's operands.
pub fn row<T: Storage>(columns: &[&[T]], index: usize) -> [T; 4] {
    std::array::from_fn(|i| columns.get(i).map_or(T::zero(), |column| column[index]))
}
