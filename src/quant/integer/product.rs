//! `Product`: matrices of integer codes, multiplied in `i32` without overflow.

use super::super::code::{IntegerCode, compiled_for_integers};
use super::super::error::QuantError;
use super::IntegerFormat;
use crate::level::{self, Work};

/// One side of a product: codes and what is subtracted from each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Operand {
    integer: IntegerFormat,
    zero_point: i32,
}

impl Operand {
    /// Codes of `integer` with a zero point.
    ///
    /// # Errors
    ///
    /// If the zero point is no code (for symmetric codes, not 0).
    pub fn new(integer: IntegerFormat, zero_point: i32) -> Result<Self, QuantError> {
        integer.check_zero_point(zero_point)?;
        Ok(Self { integer, zero_point })
    }

    /// The largest magnitude of a code less the zero point.
    #[must_use]
    pub fn magnitude(&self) -> u32 {
        let minimum = self.integer.minimum_code().abs_diff(self.zero_point);
        minimum.max(self.integer.maximum_code().abs_diff(self.zero_point))
    }

    /// Refuses numbers that are no codes: the bound on the sums rests on that.
    fn check<C: IntegerCode>(&self, codes: &[C]) -> Result<(), QuantError> {
        let minimum = i64::from(self.integer.minimum_code());
        let maximum = i64::from(self.integer.maximum_code());
        match first_outside(codes, [minimum, maximum]) {
            None => Ok(()),
            Some(index) => {
                Err(QuantError::NotACode { index, code: codes[index].widen(), minimum, maximum })
            }
        }
    }
}

/// The product of two matrices of codes, (a - zero point)·(b - zero point) summed in `i32`, exact: a number
/// of terms that could overflow is refused when the product is made.
///
/// ```
/// use lowprec::quant::integer::{Codes, IntegerFormat, Operand, Product};
/// let int8 = Operand::new(IntegerFormat::new(8, Codes::Signed)?, 0)?;
/// assert_eq!(Product::limit(int8, int8), 131_071);
/// let error = Product::new(int8, int8, 131_072).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "terms of a sum in i32: 131072 given, at most 131071 cannot overflow"
/// );
/// let product = Product::new(int8, int8, 2)?;
/// let mut sums = [0_i32; 2];
/// product.multiply_into(&[1_i8, 2], &[3_i8, -4, 5, 6], 1, 2, &mut sums)?;
/// assert_eq!(sums, [13, 8]);
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Product {
    left: Operand,
    right: Operand,
    terms: usize,
}

impl Product {
    /// The largest number of terms whose sum cannot leave `i32`, whatever the codes: ⌊(2^31 - 1) /
    /// (largest magnitude · largest magnitude)⌋.
    #[must_use]
    pub fn limit(left: Operand, right: Operand) -> usize {
        let maximum = u64::from(left.magnitude()) * u64::from(right.magnitude());
        (i32::MAX.unsigned_abs() as usize) / usize::try_from(maximum).unwrap_or(usize::MAX)
    }

    /// Products with so many terms a sum: columns of the left matrix, rows of the right one.
    ///
    /// # Errors
    ///
    /// For more terms than [`Product::limit`].
    pub fn new(left: Operand, right: Operand, terms: usize) -> Result<Self, QuantError> {
        let limit = Self::limit(left, right);
        if terms > limit {
            return Err(QuantError::Terms { given: terms, limit });
        }
        Ok(Self { left, right, terms })
    }

    /// `to` = `left` · `right`, all in row-major order: `left` has `rows` rows, `right` and `to` have
    /// `columns` columns.
    ///
    /// # Errors
    ///
    /// At the first number that is no code of its side, with its index; nothing is written then.
    ///
    /// # Panics
    ///
    /// If a slice is not as long as rows, terms and columns say.
    #[track_caller]
    pub fn multiply_into<A: IntegerCode, B: IntegerCode>(
        &self,
        left: &[A],
        right: &[B],
        rows: usize,
        columns: usize,
        to: &mut [i32],
    ) -> Result<(), QuantError> {
        let terms = self.terms;
        for (name, length, [high, wide]) in [
            ("left", left.len(), [rows, terms]),
            ("right", right.len(), [terms, columns]),
            ("result", to.len(), [rows, columns]),
        ] {
            let needed = high.checked_mul(wide);
            assert!(needed == Some(length), "{name}: {length} elements, {high} x {wide} needed");
        }
        self.left.check(left)?;
        self.right.check(right)?;
        to.fill(0);
        if terms > 0 && columns > 0 {
            let (left_zero, right_zero) = (self.left.zero_point, self.right.zero_point);
            let mut factors = vec![0; terms];
            for (sums, left) in to.chunks_exact_mut(columns).zip(left.chunks_exact(terms)) {
                less_zero(left, left_zero, &mut factors);
                add_rows(&factors, right, right_zero, sums);
            }
        }
        Ok(())
    }
}

compiled_for_integers! {
    /// Where the first number is that lies outside two limits.
    fn first_outside<C>(codes: &[C], limits: [i64; 2]) -> Option<usize> = run_first_outside;

    /// Codes less their zero point.
    fn less_zero<C>(codes: &[C], zero: i32, to: &mut [i32]) = run_less_zero;

    /// Adds the rows of a matrix, each times its factor, to a row of sums.
    fn add_rows<C>(factors: &[i32], rows: &[C], zero: i32, sums: &mut [i32]) = run_add_rows;
}

#[inline(always)]
fn run_first_outside<C: IntegerCode>(codes: &[C], [minimum, maximum]: [i64; 2]) -> Option<usize> {
    let outside = |code: &C| !(minimum..=maximum).contains(&code.widen());
    // All of them first: a loop that may end anywhere is no vector code.
    let any = codes.iter().fold(false, |any, code| any | outside(code));
    if any { codes.iter().position(outside) } else { None }
}

#[inline(always)]
fn run_less_zero<C: IntegerCode>(codes: &[C], zero: i32, to: &mut [i32]) {
    for (code, place) in codes.iter().zip(to) {
        *place = code.widen() as i32 - zero;
    }
}

#[inline(always)]
fn run_add_rows<C: IntegerCode>(factors: &[i32], rows: &[C], zero: i32, sums: &mut [i32]) {
    level::run(AddRows { factors, rows, zero, sums });
}

struct AddRows<'a, C> {
    factors: &'a [i32],
    rows: &'a [C],
    zero: i32,
    sums: &'a mut [i32],
}

impl<C: IntegerCode> Work for AddRows<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { factors, rows, zero, sums } = self;
        for (factor, row) in factors.iter().zip(rows.chunks_exact(sums.len())) {
            add_row(sums, *factor, row, zero);
        }
    }
}

#[inline(always)]
fn add_row<B: IntegerCode>(sums: &mut [i32], a: i32, right: &[B], zero: i32) {
    for (sum, b) in sums.iter_mut().zip(right) {
        *sum += a * (b.widen() as i32 - zero);
    }
}
