//! Blocks of values that share a power-of-two scale, rounded without scaling them: the lane `Add` with
//! its constants moved by the scale's exponent. The exponent comes from the block's largest magnitude,
//! found as an integer.
//!
//! Blocks in which that is not right are left as they are and said to be *hard*: with NaN or infinity,
//! a clamped scale, numbers so large or small that a constant would leave the normal range, or a
//! stochastic rounding that its first bits do not settle.

use core::marker::PhantomData;

use super::draw::{self, Digits, Draw};
use super::mode::{self, Mode, Signed, Sum};
use super::slice::with_mode;
use crate::level::{self, Work};
use crate::plan::{Finish, Plan, Ready, Way};
use crate::rounding::{Decision, Direction, Draw as Drawing, Tie};
use crate::rule::Rule;

/// Values of a block.
pub(crate) const SIZE: usize = 32;

/// Blocks that go through one call, a bit each in the answer.
pub(crate) const TOGETHER: usize = 32;

type Block<A> = [A; SIZE];

const MANTISSA: u32 = f32::MANTISSA_DIGITS - 1;
const MAGNITUDE: u32 = i32::MAX as u32;
const EXPONENTS: u32 = f32::INFINITY.to_bits();

/// How the block's exponent follows from the bits of its largest magnitude: what is added to them
/// before the exponent is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nudge {
    /// Nothing: ⌊log2⌋.
    Floor,
    /// All but the least: ⌈log2⌉.
    Ceil,
    /// Up beyond the element format's largest number.
    Rceil,
    /// Half of the last digit that the element format keeps.
    Even,
}

/// An element format and a scale rule made ready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockPlan {
    element: Plan,
    nudge: u32,
    /// Exponent field of amax, nudged, less this is the scale's exponent.
    emax: i32,
    /// Scale exponents with which all is in range.
    least: i32,
    most: i32,
    /// Scale code less scale exponent.
    code_offset: i32,
    /// Place of the sign bit in a code.
    width: u32,
}

impl BlockPlan {
    /// `None` where blocks are not to be rounded this way: the element format takes another lane, or
    /// overflow does not saturate. Scales are 2^e with e in `scales`, coded as e + `code_offset`.
    pub(crate) fn new(
        rule: &Rule,
        nudge: Nudge,
        scales: core::ops::RangeInclusive<i32>,
        code_offset: i32,
    ) -> Option<Self> {
        let element = Plan::new::<f32>(rule);
        let format = &rule.format;
        let saturates = element.overflow == [element.largest; 2];
        if (element.way, element.finish) != (Way::Add, Finish::Plain) || !saturates {
            return None;
        }
        let (emin, emax) = (format.emin(), format.emax());
        let largest = element.largest as u32 & !EXPONENTS;
        let all = (1 << MANTISSA) - 1;
        let nudge = match nudge {
            Nudge::Floor => 0,
            Nudge::Ceil => all,
            Nudge::Rceil => all - largest,
            Nudge::Even => 1 << (MANTISSA - format.precision()),
        };
        // Sixteen random bits more than the smallest quantum, and half of that, are normal numbers;
        // the sum with the largest power of two is finite.
        let below = 18;
        let least = f32::MIN_EXP - 1 - (emin - format.mantissa_bits() as i32) + below;
        let most = f32::MAX_EXP - 1 - emax - element.cut as i32 - 2;
        Some(Self {
            element,
            nudge,
            emax,
            least: least.max(*scales.start()),
            most: most.min(*scales.end()),
            code_offset,
            width: format.total_bits()? - 1,
        })
    }

    /// Whether a stochastic mode's digits fit beside the element's.
    pub(crate) fn draws(&self, drawing: Drawing) -> bool {
        let n = draw::Any::of(drawing).digits();
        n > 0 && !drawing.is_wide() && n <= MANTISSA - 1 - (f32::MANTISSA_DIGITS - self.element.cut)
    }
}

/// The constants of one block.
#[derive(Clone, Copy)]
struct Moved {
    /// Bits of 2^emin and of the largest number, times the scale.
    low: u32,
    largest: u32,
    scale_code: u32,
}

/// What the loops have at hand.
#[derive(Clone, Copy)]
struct Constants {
    ready: Ready<f32>,
    low: u32,
    largest: u32,
    nudge: u32,
    offset: i32,
    least: i32,
    most: i32,
    code_offset: i32,
}

impl Constants {
    #[inline(always)]
    fn of(plan: &BlockPlan) -> Self {
        let ready = Ready::<f32>::of(&plan.element);
        Self {
            low: ready.low.to_bits(),
            largest: ready.largest.to_bits(),
            ready,
            nudge: plan.nudge,
            offset: f32::MAX_EXP - 1 + plan.emax,
            least: plan.least,
            most: plan.most,
            code_offset: plan.code_offset,
        }
    }

    /// The block's constants; `None` if it is hard. A block of zeros has the code 0, and any scale
    /// does.
    #[inline(always)]
    fn moved(&self, block: &Block<f32>) -> Option<Moved> {
        let mut amax = 0_i32;
        for x in block {
            amax = amax.max((x.to_bits() & MAGNITUDE) as i32);
        }
        let exponent = ((amax as u32 + self.nudge) >> MANTISSA) as i32 - self.offset;
        let hard = exponent < self.least || exponent > self.most;
        if hard && amax != 0 {
            return None;
        }
        let exponent = if amax == 0 { self.least } else { exponent };
        let step = (exponent << MANTISSA) as u32;
        Some(Moved {
            low: self.low.wrapping_add(step),
            largest: self.largest.wrapping_add(step),
            scale_code: if amax == 0 { 0 } else { (exponent + self.code_offset) as u32 },
        })
    }
}

/// The power of two to add, with its last place `digits` below the element's quantum.
#[inline(always)]
fn power(magnitude: u32, moved: Moved, lift: u32) -> u32 {
    let power = (magnitude & EXPONENTS) as i32;
    power.max(moved.low as i32) as u32 + lift
}

/// One value rounded, with the random word of its place; whether that leaves it open.
trait Element: Copy {
    fn round(self, x: f32, word: u32, moved: Moved, ready: &Ready<f32>) -> (f32, bool);
    /// The sum's bits, c's bits, and whether open: as codes want it.
    fn sum(self, x: Signed<f32>, word: u32, moved: Moved, ready: &Ready<f32>) -> (u32, u32, bool);
}

/// A deterministic mode.
#[derive(Clone, Copy)]
struct Fixed<M>(PhantomData<M>);

impl<M: Mode> Element for Fixed<M> {
    #[inline(always)]
    fn round(self, x: f32, _: u32, moved: Moved, ready: &Ready<f32>) -> (f32, bool) {
        let x = Signed::of(x);
        let c = power(x.magnitude.to_bits(), moved, ready.lift);
        let y = M::round(x, f32::from_bits(c), ready);
        (finish(y, x, moved), false)
    }

    #[inline(always)]
    fn sum(self, x: Signed<f32>, _: u32, moved: Moved, ready: &Ready<f32>) -> (u32, u32, bool) {
        let c = power(x.magnitude.to_bits(), moved, ready.lift);
        (M::correct(Sum::new(x.magnitude, f32::from_bits(c), ready), x), c, false)
    }
}

/// A stochastic mode, as in `kernel/draw.rs`.
#[derive(Clone, Copy)]
struct Drawn<D>(D);

impl<D: Draw> Drawn<D> {
    /// The sum with n digits more, the random bits added and the digits cleared.
    #[inline(always)]
    fn drawn(
        self,
        x: Signed<f32>,
        word: u32,
        moved: Moved,
        ready: &Ready<f32>,
    ) -> (u32, u32, bool) {
        let n = self.0.digits();
        let c = power(x.magnitude.to_bits(), moved, ready.lift - (n << MANTISSA));
        let sum = D::Fine::correct(Sum::new(x.magnitude, f32::from_bits(c), ready), x);
        let one = 1_u32 << n;
        let random = word >> (32 - n);
        if D::OPEN {
            let sum = sum.wrapping_add(one - random);
            (sum & !(one - 1), c, sum & (one - 2) == 0)
        } else {
            (sum.wrapping_add(random) & !(one - 1), c, false)
        }
    }
}

impl<D: Draw> Element for Drawn<D> {
    #[inline(always)]
    fn round(self, x: f32, word: u32, moved: Moved, ready: &Ready<f32>) -> (f32, bool) {
        let x = Signed::of(x);
        let (sum, c, open) = self.drawn(x, word, moved, ready);
        (finish(f32::from_bits(sum) - f32::from_bits(c), x, moved), open)
    }

    #[inline(always)]
    fn sum(self, x: Signed<f32>, word: u32, moved: Moved, ready: &Ready<f32>) -> (u32, u32, bool) {
        let (sum, c, open) = self.drawn(x, word, moved, ready);
        // Counted in the element's quanta from c's binade, as in the deterministic modes.
        let n = self.0.digits();
        ((sum.wrapping_sub(c) >> n).wrapping_add(c + (n << MANTISSA)), c + (n << MANTISSA), open)
    }
}

/// Saturation and the sign.
#[inline(always)]
fn finish(rounded: f32, x: Signed<f32>, moved: Moved) -> f32 {
    let bits = (rounded.to_bits() as i32).min(moved.largest as i32) as u32;
    f32::from_bits(bits | x.sign)
}

/// Rounds blocks in place; hard ones stay. With words, one for each value.
struct InPlace<'a, E> {
    plan: &'a BlockPlan,
    values: &'a mut [Block<f32>],
    words: Option<&'a [Block<u32>]>,
    element: E,
}

impl<E: Element> Work for InPlace<'_, E> {
    type Output = u32;

    #[inline(always)]
    fn run(self) -> u32 {
        let constants = Constants::of(self.plan);
        let mut hard = 0;
        match self.words {
            None => {
                for (i, block) in self.values.iter_mut().enumerate() {
                    let Some(moved) = constants.moved(block) else {
                        hard |= 1 << i;
                        continue;
                    };
                    for x in block {
                        *x = self.element.round(*x, 0, moved, &constants.ready).0;
                    }
                }
            }
            Some(words) => {
                for (i, (block, words)) in self.values.iter_mut().zip(words).enumerate() {
                    let mut to = [0.0; SIZE];
                    if !one_block(self.element, &constants, block, words, &mut to) {
                        hard |= 1 << i;
                        continue;
                    }
                    *block = to;
                }
            }
        }
        hard
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
    let Some(moved) = constants.moved(from) else { return false };
    let mut any = 0_u32;
    for i in 0..SIZE {
        let (y, open) = element.round(from[i], words[i], moved, &constants.ready);
        to[i] = y;
        any |= u32::from(open);
    }
    any == 0
}

/// Rounds blocks into others; of hard ones the destination is to be written later.
struct FromTo<'a, E> {
    plan: &'a BlockPlan,
    from: &'a [Block<f32>],
    to: &'a mut [Block<f32>],
    words: Option<&'a [Block<u32>]>,
    element: E,
}

#[inline(always)]
fn plain_block<E: Element>(
    element: E,
    constants: &Constants,
    from: &Block<f32>,
    to: &mut Block<f32>,
) -> bool {
    let Some(moved) = constants.moved(from) else { return false };
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
        for (i, (from, to)) in self.from.iter().zip(self.to).enumerate() {
            let done = match self.words {
                None => plain_block(self.element, &constants, from, to),
                Some(words) => one_block(self.element, &constants, from, &words[i], to),
            };
            hard |= u32::from(!done) << i;
        }
        hard
    }
}

/// Rounds blocks into codes and the codes of their scales; of hard ones both are to be written later.
struct Codes<'a, E> {
    plan: &'a BlockPlan,
    from: &'a [Block<f32>],
    codes: &'a mut [Block<u8>],
    scales: &'a mut [u8],
    words: Option<&'a [Block<u32>]>,
    element: E,
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
            let Some(moved) = constants.moved(from) else {
                hard |= 1 << i;
                continue;
            };
            *scale = moved.scale_code as u8;
            let open = match self.words {
                None => code_block(self.element, &constants, moved, width, from, &[0; SIZE], codes),
                Some(words) => {
                    code_block(self.element, &constants, moved, width, from, &words[i], codes)
                }
            };
            hard |= u32::from(open) << i;
        }
        hard
    }
}

/// The codes of a block; whether any value is left open.
#[inline(always)]
fn code_block<E: Element>(
    element: E,
    constants: &Constants,
    moved: Moved,
    width: u32,
    from: &Block<f32>,
    words: &Block<u32>,
    codes: &mut Block<u8>,
) -> bool {
    let ready = &constants.ready;
    let base = moved.low.wrapping_add(ready.lift) >> ready.cut;
    let top = ((moved.largest.wrapping_sub(moved.low)) >> ready.cut)
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

/// Calls `$run` with the element's way of rounding.
macro_rules! with_element {
    ($rule:expr, |$element:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Stochastic(drawing) => match drawing {
                Drawing::Exact => with_element!(@ $element, draw::Exact, $run),
                Drawing::Equal => with_element!(@ $element, draw::Coin, $run),
                Drawing::Floor(n) => {
                    with_element!(@ $element, draw::Counted::<'A'>::of(n), $run)
                }
                Drawing::HalfUp(n) => {
                    with_element!(@ $element, draw::Counted::<'B'>::of(n), $run)
                }
                Drawing::HalfEven(n) => {
                    with_element!(@ $element, draw::Counted::<'C'>::of(n), $run)
                }
            },
            _ => with_mode!($rule, |Mode| {
                let $element = Fixed::<Mode>(PhantomData);
                $run
            }),
        }
    };
    (@ $element:ident, $draw:expr, $run:expr) => {{
        let $element = Drawn($draw);
        $run
    }};
}

/// Rounds at most [`TOGETHER`] blocks in place, or from one slice into another; the bits of the answer
/// say which are hard.
pub(crate) fn chop_blocks(
    rule: &Rule,
    plan: &BlockPlan,
    from: Option<&[Block<f32>]>,
    to: &mut [Block<f32>],
    words: Option<&[Block<u32>]>,
) -> u32 {
    match from {
        Some(from) => {
            with_element!(rule, |element| level::run(FromTo { plan, from, to, words, element }))
        }
        None => with_element!(rule, |element| {
            level::run(InPlace { plan, values: to, words, element })
        }),
    }
}

/// Rounds at most [`TOGETHER`] blocks into codes; the bits of the answer say which are hard.
pub(crate) fn chop_blocks_into_codes(
    rule: &Rule,
    plan: &BlockPlan,
    from: &[Block<f32>],
    codes: &mut [Block<u8>],
    scales: &mut [u8],
    words: Option<&[Block<u32>]>,
) -> u32 {
    with_element!(rule, |element| level::run(Codes { plan, from, codes, scales, words, element }))
}
