//! Operations rounded stochastically from the storage's own result, without its error.
//!
//! The exact result lies within half of z's last place, z being the storage's result to nearest. Let D be the first 16 of
//! the digits of z that are cut off, and R the first 16 random bits: of R below D - 1 it is certain that the exact
//! fraction is above the random number, of R above D that it is not, whatever z's error. Where R is D or D - 1,
//! which is so once in 2^15 times, the result is left open; D of zero counts as 2^16 for an exact result below z.

use super::fused::{four, operands};
use super::loops::BLOCK;
use crate::kernel::WithError;
use crate::kernel::plan::{Bits, Finish, Plan};
use crate::level::Work;
use crate::rounding::Draw as Drawing;
use crate::storage::{Storage, Word, sign_bit};

/// Digits that are compared at once.
const DIGITS: u32 = 16;

/// Whether a mode and its plan are for these loops.
#[inline(always)]
pub(crate) const fn draws_nearby(plan: &Plan, drawing: Drawing) -> bool {
    matches!(drawing, Drawing::Exact) && plan.cut >= DIGITS && plan.signed
}

/// Whole blocks of operands and places, with a word for each result.
pub(crate) struct Nearby<'a, T: Storage, O, const N: usize> {
    pub(crate) op: O,
    pub(crate) plan: &'a Plan,
    pub(crate) args: [&'a [[T; BLOCK]]; N],
    pub(crate) to: &'a mut [[T; BLOCK]],
    /// Those in which some results are not sure.
    pub(crate) open: &'a mut [bool],
    pub(crate) words: &'a [[u32; BLOCK]],
}

/// The plan as the loop needs it.
#[derive(Clone, Copy)]
struct Limits<T: Storage> {
    mask: Bits<T>,
    /// Bits behind the digits.
    left: u32,
    /// The digits but the last, and one in the place of that.
    digits: Bits<T>,
    unit: Bits<T>,
    /// Magnitudes from here on, less than so many, and what they are rounded to, are normal numbers of the format: moved by
    /// half the integers' range, so that signed comparison serves.
    start: Bits<T>,
    length: Bits<T>,
    /// All ones where a zero sum stays one.
    zero: Bits<T>,
}

impl<T: Storage> Limits<T> {
    #[inline(always)]
    fn of(plan: &Plan) -> Self {
        let word = Bits::<T>::from_u64;
        let left = plan.cut - DIGITS;
        let step = plan.mask + 1;
        let length = plan.span.saturating_sub(2 * step);
        Self {
            mask: word(plan.mask),
            left,
            digits: word(0xfffe) << left,
            unit: Bits::<T>::ONE << left,
            start: word(plan.regular + step).wrapping_add(sign_bit::<T>()),
            length: word(length).wrapping_add(sign_bit::<T>()),
            zero: Bits::<T>::mask(plan.finish != Finish::Full),
        }
    }

    /// A result to nearest rounded, and all ones where that may be wrong.
    #[inline(always)]
    fn draw(&self, sum: bool, z: T, word: u32) -> (T, Bits<T>) {
        let zero = Bits::<T>::ZERO;
        let sign = z.bits() & sign_bit::<T>();
        let magnitude = z.bits() ^ sign;
        let random = Bits::<T>::from_u64(u64::from(word >> 16 ^ 0xffff));
        // It carries where the digits are more than R. All ones are left of digits that are R, zeros of one more.
        let carried = magnitude.wrapping_add(random << self.left);
        let close = Bits::<T>::mask(carried.wrapping_add(self.unit) & self.digits == zero);
        let stays = if sum { self.zero & Bits::<T>::mask(magnitude == zero) } else { zero };
        let regular = magnitude.wrapping_sub(self.start).less(self.length);
        (T::from_bits(carried & !self.mask | sign), close | !(regular | stays))
    }
}

impl<T: Storage, O: WithError<N>, const N: usize> Work for Nearby<'_, T, O, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { op, plan, args, to, open, words } = self;
        let limits = Limits::of(plan);
        for (index, ((to, open), words)) in to.iter_mut().zip(open).zip(words).enumerate() {
            let [a, b, c, d] = four(args, index);
            *open = block(op, a, b, c, d, words, to, &limits);
        }
    }
}

#[inline(always)]
#[allow(clippy::many_single_char_names, clippy::too_many_arguments)]
fn block<T: Storage, O: WithError<N>, const N: usize>(
    op: O,
    a: &[T; BLOCK],
    b: &[T; BLOCK],
    c: &[T; BLOCK],
    d: &[T; BLOCK],
    words: &[u32; BLOCK],
    to: &mut [T; BLOCK],
    limits: &Limits<T>,
) -> bool {
    let mut count = Bits::<T>::ZERO;
    for i in 0..BLOCK {
        let (z, _) = op.with_error(operands([a[i], b[i], c[i], d[i]]), false);
        let (y, open) = limits.draw(O::SUM, z, words[i]);
        to[i] = y;
        count = count.wrapping_sub(open);
    }
    count != Bits::<T>::ZERO
}
