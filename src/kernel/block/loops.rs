//! The loops over blocks, as work for the CPU levels.

use super::super::mode::Signed;
use super::element::{Constants, Element, Moved};
use super::plan::{Block, BlockPlan, MANTISSA, SIZE};
use crate::level::{self, Specialized, Work};

/// Rounds blocks in place; hard ones stay. With words, one for each value.
pub(super) struct InPlace<'a, E> {
    pub(super) plan: &'a BlockPlan,
    pub(super) values: &'a mut [Block<f32>],
    pub(super) words: Option<&'a [Block<u32>]>,
    pub(super) element: E,
}

impl<E: Element> Work for InPlace<'_, E> {
    type Output = u32;

    #[inline(always)]
    fn run(self) -> u32 {
        let constants = Constants::of(self.plan);
        let mut hard = 0;
        if E::DRAWS {
            let words = self.words.unwrap_or(&[]);
            for (i, (block, words)) in self.values.iter_mut().zip(words).enumerate() {
                let mut to = [0.0; SIZE];
                if !one_block(self.element, &constants, block, words, &mut to) {
                    hard |= 1 << i;
                    continue;
                }
                *block = to;
            }
            return hard;
        }
        for (i, block) in self.values.iter_mut().enumerate() {
            level::prefetch(block);
            let Some((moved, _)) = constants.moved(block) else {
                hard |= 1 << i;
                continue;
            };
            for x in block {
                *x = self.element.round(*x, 0, moved, &constants.ready).0;
            }
        }
        hard
    }
}

impl<'a, E: Element> Specialized for InPlace<'a, E> {
    type General = InPlace<'a, E::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { plan, values, words, element } = self;
        InPlace { plan, values, words, element: element.general() }
    }
}

/// A block with random words; false where it is hard. The destination may then have anything in it.
#[inline(always)]
fn one_block<E: Element>(
    element: E,
    constants: &Constants,
    from: &Block<f32>,
    words: &Block<u32>,
    to: &mut Block<f32>,
) -> bool {
    let Some((moved, _)) = constants.moved(from) else { return false };
    let mut any = 0_u32;
    for i in 0..SIZE {
        let (y, open) = element.round(from[i], words[i], moved, &constants.ready);
        to[i] = y;
        any |= u32::from(open);
    }
    any == 0
}

/// Rounds blocks into others; of hard ones the destination is to be written later.
pub(super) struct FromTo<'a, E> {
    pub(super) plan: &'a BlockPlan,
    pub(super) from: &'a [Block<f32>],
    pub(super) to: &'a mut [Block<f32>],
    pub(super) words: Option<&'a [Block<u32>]>,
    pub(super) element: E,
}

#[inline(always)]
fn plain_block<E: Element>(
    element: E,
    constants: &Constants,
    from: &Block<f32>,
    to: &mut Block<f32>,
) -> bool {
    let Some((moved, _)) = constants.moved(from) else { return false };
    for i in 0..SIZE {
        to[i] = element.round(from[i], 0, moved, &constants.ready).0;
    }
    true
}

impl<E: Element> Work for FromTo<'_, E> {
    type Output = u32;

    #[inline(always)]
    fn run(self) -> u32 {
        let constants = Constants::of(self.plan);
        let mut hard = 0;
        let blocks = self.from.iter().zip(self.to).enumerate();
        if E::DRAWS {
            for ((i, (from, to)), words) in blocks.zip(self.words.unwrap_or(&[])) {
                level::prefetch(from);
                level::prefetch(to);
                hard |= u32::from(!one_block(self.element, &constants, from, words, to)) << i;
            }
            return hard;
        }
        for (i, (from, to)) in blocks {
            level::prefetch(from);
            level::prefetch(to);
            hard |= u32::from(!plain_block(self.element, &constants, from, to)) << i;
        }
        hard
    }
}

impl<'a, E: Element> Specialized for FromTo<'a, E> {
    type General = FromTo<'a, E::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { plan, from, to, words, element } = self;
        FromTo { plan, from, to, words, element: element.general() }
    }
}

/// Rounds blocks into codes and the codes of their scales; of hard ones both are to be written later.
pub(super) struct Codes<'a, E> {
    pub(super) plan: &'a BlockPlan,
    pub(super) from: &'a [Block<f32>],
    pub(super) codes: &'a mut [Block<u8>],
    pub(super) scales: &'a mut [u8],
    pub(super) words: Option<&'a [Block<u32>]>,
    pub(super) element: E,
}

impl<E: Element> Work for Codes<'_, E> {
    type Output = u32;

    #[inline(always)]
    fn run(self) -> u32 {
        let constants = Constants::of(self.plan);
        let width = self.plan.width;
        let blocks = self.from.iter().zip(self.codes).zip(self.scales);
        let mut hard = 0;
        for (i, ((from, codes), scale)) in blocks.enumerate() {
            level::prefetch(from);
            let Some((moved, scale_code)) = constants.moved(from) else {
                hard |= 1 << i;
                continue;
            };
            *scale = scale_code as u8;
            let words = match self.words {
                Some(words) if E::DRAWS => &words[i],
                _ => &[0; SIZE],
            };
            let open = code_block(self.element, &constants, moved, width, from, words, codes);
            hard |= u32::from(open) << i;
        }
        hard
    }
}

impl<'a, E: Element> Specialized for Codes<'a, E> {
    type General = Codes<'a, E::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { plan, from, codes, scales, words, element } = self;
        Codes { plan, from, codes, scales, words, element: element.general() }
    }
}

/// The codes of a block; whether any value is left open.
#[inline(always)]
fn code_block<E: Element>(
    element: E,
    constants: &Constants,
    moved: Moved<f32>,
    width: u32,
    from: &Block<f32>,
    words: &Block<u32>,
    codes: &mut Block<u8>,
) -> bool {
    let ready = &constants.ready;
    let base = moved.low.to_bits().wrapping_add(ready.lift) >> ready.cut;
    let top = ((moved.largest.to_bits().wrapping_sub(moved.low.to_bits())) >> ready.cut)
        .wrapping_add(1 << (MANTISSA - ready.cut)) as i32;
    let mut any = 0_u32;
    for i in 0..SIZE {
        let x = Signed::of(from[i]);
        let (sum, c, open) = element.sum(x, words[i], moved, ready);
        let code = sum.wrapping_sub(c).wrapping_add((c >> ready.cut).wrapping_sub(base));
        let code = (code as i32).min(top) as u32;
        codes[i] = (code | x.sign >> (31 - width)) as u8;
        any |= u32::from(open);
    }
    any != 0
}
