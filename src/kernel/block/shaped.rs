//! Blocks of any shape with scales that are powers of two: their largest magnitudes, the exponents of their scales, and
//! the rounding, row by row in the order of memory.

use core::hint::black_box;

use super::element::{Element, Moved};
use super::parts::{Run, Runs, Shape, Way, all};
use super::plan::{PowerPlan, Powers, SPOILED};
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::ready::Ready;
use crate::level::{Specialized, Work};
use crate::storage::{Storage, Word};

/// The bits of a magnitude, which are those of a positive signed number too; zero for what is not finite, if `FINITE`.
#[inline(always)]
fn magnitude<T: Storage, const FINITE: bool>(x: T) -> Bits<T> {
    let bits = x.abs().bits();
    if FINITE { bits & bits.less(T::infinity().bits()) } else { bits }
}

/// The largest magnitude of each block, by the bits; of what is not finite as of all others, or not at all.
pub(super) struct Largest<'a, T: Storage> {
    pub(super) shape: Shape,
    pub(super) values: &'a [T],
    pub(super) finite: bool,
    pub(super) largest: &'a mut [Bits<T>],
}

impl<T: Storage> Work for Largest<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { shape, values, finite, largest } = self;
        if finite {
            return largest_in_runs::<T, true>(shape, values, largest);
        }
        match shape.whole_blocks(0) {
            8 => largest_of_eights(values, largest),
            16 => largest_of::<T, 16>(values, largest),
            32 => largest_of::<T, 32>(values, largest),
            _ => largest_in_runs::<T, false>(shape, values, largest),
        }
    }
}

/// Of blocks of any shape.
#[inline(always)]
fn largest_in_runs<T: Storage, const FINITE: bool>(
    shape: Shape,
    values: &[T],
    largest: &mut [Bits<T>],
) {
    let mut runs = Runs::new(shape, 0, values.len());
    while let Some(Run { at, end, block }) = runs.next() {
        // Never out of range, and no call that says so in the loop.
        let (Some(part), Some(largest)) = (values.get(at..end), largest.get_mut(block..)) else {
            return;
        };
        if shape.tile_columns == 1 {
            for (most, x) in largest.iter_mut().zip(part) {
                *most = most.signed_max(magnitude::<T, FINITE>(*x));
            }
        } else if let Some(place) = largest.first_mut() {
            let mut most = *place;
            for x in part {
                most = most.signed_max(magnitude::<T, FINITE>(*x));
            }
            *place = most;
        }
    }
}

/// Of blocks of eight values: of each the larger ones of its halves, then across these.
#[inline(always)]
fn largest_of_eights<T: Storage>(values: &[T], to: &mut [Bits<T>]) {
    const HALF: usize = 4;
    const SOME: usize = 32;
    let never = black_box(!Bits::<T>::ZERO);
    let mut halves = [[Bits::<T>::ZERO; HALF]; SOME];
    for (blocks, to) in values.as_chunks::<8>().0.chunks(SOME).zip(to.chunks_mut(SOME)) {
        for (block, half) in blocks.iter().zip(&mut halves) {
            for i in 0..HALF {
                let [x, y] = [block[i], block[i + HALF]].map(magnitude::<T, false>);
                half[i] = x.signed_max(y);
            }
            // See `largest_of`.
            if half[0] == never {
                return;
            }
        }
        for (most, [a, b, c, d]) in to.iter_mut().zip(&halves) {
            *most = a.signed_max(*b).signed_max(c.signed_max(*d));
        }
    }
}

/// Of blocks of N values, one after another.
#[inline(always)]
fn largest_of<T: Storage, const N: usize>(values: &[T], to: &mut [Bits<T>]) {
    const LANES: usize = 8;
    let never = black_box(!Bits::<T>::ZERO);
    for (block, most) in values.as_chunks::<N>().0.iter().zip(to) {
        let mut lanes = [Bits::<T>::ZERO; LANES];
        for part in block.as_chunks::<LANES>().0 {
            for (lane, x) in lanes.iter_mut().zip(part) {
                *lane = lane.signed_max(magnitude::<T, false>(*x));
            }
        }
        *most = lanes.into_iter().fold(*most, Bits::<T>::signed_max);
        // Never: none has a sign. Without an end of the loop that it does not foresee, the compiler takes eight
        // blocks side by side and gathers their values one by one.
        if *most == never {
            return;
        }
    }
}

/// The exponents of scales by the largest magnitudes; whether that is all there is to say. It is not where one is
/// subnormal, or not finite and does not spoil its block.
pub(super) struct Exponents<'a, T: Storage> {
    pub(super) powers: &'a Powers,
    pub(super) largest: &'a [Bits<T>],
    pub(super) exponents: &'a mut [i32],
}

impl<T: Storage> Work for Exponents<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { powers, largest, exponents } = self;
        let &Powers { nudge, emax, scales: [least, most], of_zeros, spoils } = powers;
        let nudge = Bits::<T>::from_u64(nudge >> (f64::MANTISSA_DIGITS - 1 - T::MANTISSA));
        let (offset, normal) = (T::EMAX + emax, Bits::<T>::ONE << T::MANTISSA);
        // Of magnitudes the largest, and of all bits of those that are not zero the complements' largest.
        let (mut greatest, mut smallest) = (Bits::<T>::ZERO, !(T::INFINITY | normal));
        for (largest, to) in largest.iter().zip(exponents) {
            let exponent = (largest.wrapping_add(nudge) >> T::MANTISSA).to_u32() as i32 - offset;
            let exponent = if exponent < least { least } else { exponent };
            let exponent = if exponent > most { most } else { exponent };
            let zero = *largest == Bits::<T>::ZERO;
            let exponent = if zero { of_zeros } else { exponent };
            *to = if T::from_bits(*largest) < T::infinity() { exponent } else { SPOILED };
            greatest = greatest.signed_max(*largest);
            smallest = smallest.signed_max(!(*largest | Bits::<T>::mask(zero) & normal));
        }
        let finite = greatest < T::INFINITY;
        !smallest >= normal && (finite || spoils)
    }
}

/// What is known of blocks: the exponents of their scales, 2^emin and the largest number, both times the scale.
#[derive(Clone, Copy)]
pub(crate) struct Scales<'a, T> {
    pub(crate) exponents: &'a [i32],
    pub(crate) low: &'a [T],
    pub(crate) largest: &'a [T],
}

/// The constants of blocks by the exponents of their scales; anything where the storage type has no room for them.
pub(super) struct ConstantsOf<'a, T> {
    pub(super) plan: &'a Plan,
    pub(super) exponents: &'a [i32],
    pub(super) low: &'a mut [T],
    pub(super) largest: &'a mut [T],
}

impl<T: Storage> Work for ConstantsOf<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { plan, exponents, low, largest } = self;
        let ready = Ready::<T>::of(plan);
        let [of_low, of_largest] = [ready.low, ready.largest].map(T::bits);
        for ((e, low), largest) in exponents.iter().zip(low).zip(largest) {
            let step = Bits::<T>::from_u64(i64::from(*e).cast_unsigned()) << T::MANTISSA;
            *low = T::from_bits(of_low.wrapping_add(step));
            *largest = T::from_bits(of_largest.wrapping_add(step));
        }
    }
}

/// With 2^emin and the largest number.
#[derive(Clone, Copy)]
struct Scaled<'a, T: Storage, E> {
    element: E,
    ready: &'a Ready<T>,
    zero: T,
    exponents: &'a [i32],
    never: i32,
}

impl<T: Storage, E: Element> Way<T> for Scaled<'_, T, E> {
    const DRAWS: bool = E::DRAWS;

    #[inline(always)]
    fn round(self, x: T, [low, largest]: [T; 2], word: u32) -> (T, bool) {
        let (y, open) = self.element.round(x, word, Moved { low, largest }, self.ready);
        (y + self.zero, open)
    }

    #[inline(always)]
    fn ends(self, block: usize) -> bool {
        self.exponents.get(block).is_none_or(|e| *e == self.never)
    }
}

/// Rounds values in place by the scales of their blocks, as [`all`] does.
pub(super) struct Rounds<'a, T: Storage, E> {
    pub(super) plan: &'a Plan,
    pub(super) shape: Shape,
    /// Which value is the first.
    pub(super) start: usize,
    pub(super) scales: Scales<'a, T>,
    pub(super) values: &'a mut [T],
    pub(super) words: Option<&'a [u32]>,
    /// Added: 0 where there is one zero, else -0.
    pub(super) zero: f64,
    pub(super) element: E,
}

impl<T: Storage, E: Element> Work for Rounds<'_, T, E> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        let Self { plan, shape, start, scales, values, words, zero, element } = self;
        let Scales { exponents, low, largest } = scales;
        let (ready, never) = (Ready::<T>::of(plan), black_box(i32::MIN));
        let zero = if zero.is_sign_negative() { -T::zero() } else { T::zero() };
        let way = Scaled { element, ready: &ready, zero, exponents, never };
        all(way, shape, start, [low, largest], values, words.unwrap_or(&[]))
    }
}

impl<'a, T: Storage, E: Element> Specialized for Rounds<'a, T, E> {
    type General = Rounds<'a, T, E::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { plan, shape, start, scales, values, words, zero, element } = self;
        let element = element.general();
        Rounds { plan, shape, start, scales, values, words, zero, element }
    }
}

impl PowerPlan {
    /// The element format in a storage type.
    pub(super) fn plan<T: Storage>(&self) -> &Plan {
        if T::PRECISION == f64::MANTISSA_DIGITS { &self.double } else { &self.single }
    }
}
