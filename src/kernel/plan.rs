//! A rule made ready for one storage type: masks, thresholds and constants, computed once, so that
//! the lanes have nothing left to decide but what depends on the value.
//!
//! Everything here is `const`: a `Chop` that is a constant has its plans in the executable.

use crate::definition::Rule;
use crate::format::{Exact, Format, Grid, OverflowValue};
use crate::rounding::{Decision, Overflow, Tie, Underflow};

use super::bias::Bias;
use crate::storage::{Storage, Word, infinity_bits, quiet_nan_bits};

pub(crate) use crate::storage::Bits;

/// Which lane rounds; `kernel/lane.rs` says how they work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// Adding and subtracting a power of two: formats narrower than the storage at both ends.
    Add,
    /// A constant number of bits cut off: formats with the storage's own range, or without
    /// subnormals.
    Mask,
    /// A constant number of bits cut off after the storage's subnormals are scaled up: formats with no smallest exponent.
    Scale,
    /// A constant number of bits cut off normal numbers, and a constant power of two added to
    /// subnormal ones: formats about as precise as the storage, or reaching its top.
    Split,
    /// The number of bits to cut off worked out for each value: everything else.
    Shift,
}

/// What is left to do once the lane has rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Finish {
    /// NaN alone: the carry into infinity is the overflow. `Mask` and `Scale` only.
    Natural,
    /// Overflow, infinity and NaN. `Add` and `Split` only.
    Plain,
    /// Overflow, infinity and NaN, zeros, signs, flushing, and the gap below the smallest number.
    Full,
}

/// Constants of the lanes for one storage type. Magnitudes are bit patterns without the sign bit,
/// ordered like the numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) way: Way,
    pub(crate) finish: Finish,
    /// How many random bits the way `Add` has room for below the last kept one: at least so many
    /// that the sum is finite, at most so many that it holds them.
    pub(crate) room: [u32; 2],
    /// Whether ν can be had as a storage number of its own.
    pub(crate) residual: bool,
    /// Whether the grid goes on evenly below the smallest normal number.
    pub(crate) gapless: bool,
    /// Bits cut off a normal number: storage significand bits less the format's.
    pub(crate) cut: u32,
    /// Ones in their place; what these bits are where the rounding changes, at the numbers of the format or, in the
    /// nearest modes, half way between two; and ones in the place of a magnitude's bits, for an unsigned format all.
    pub(crate) mask: u64,
    pub(crate) changes: u64,
    pub(crate) magnitude: u64,
    /// Whether the mode is to nearest with ties to even.
    pub(crate) even: bool,
    /// The mode as data.
    pub(crate) bias: Bias,
    /// `bias` for `cut` bits, as three numbers with which every mode takes the same few operations: shifted left
    /// by `place`, a bit pattern has the bit that decides at the top, and a signed shift right makes all ones or
    /// all zeros of it; `base` is what is added where that bit is zero, and `turned` says which bits of `base` are
    /// turned over where it is one: (((bits << place) >> all) & turned) ^ base.
    pub(crate) place: u32,
    pub(crate) turned: u64,
    pub(crate) base: u64,
    /// Exponent of the smallest quantum, counted from the storage's smallest.
    pub(crate) quantum: u32,
    /// Whether the format has quanta finer than its p bits leave in storage subnormals, which are
    /// then normalised before they are cut.
    pub(crate) deep: bool,
    /// Whether the format has one bit of precision: parity is then the exponent's.
    pub(crate) one_bit: bool,
    /// What is added to the exponent for its parity.
    pub(crate) parity: bool,
    /// Whether `f32` and `f64` give the same results: all of the format's numbers are in `f32`.
    pub(crate) in_single: bool,
    /// Whether sums, products and quotients of the format's numbers neither overflow nor underflow in
    /// the storage type.
    pub(crate) members_in_range: bool,
    /// The number one, as a variable. "Add one where the condition holds" is a single masked instruction in
    /// AVX-512, which the compiler finds for `x + (one & mask)`, provided that it cannot see what `one` is. Of a
    /// known 1 it makes the mask itself: a vector of all ones and zeros, a shift and an addition, three
    /// instructions in the place of one. A plan is read from memory, so in a loop its fields are not known.
    pub(crate) one: u64,
    /// Where the bits of a value, less its sign, less `regular`, are below `span`, it lies between two
    /// normal numbers of the format: rounding it is cutting `cut` bits off. For one value at a time a
    /// branch on that is the fastest way.
    pub(crate) regular: u64,
    pub(crate) span: u64,
    /// One where a zero may become something else than itself; else zero.
    pub(crate) changes_zero: u64,
    /// 2^emin and 2^(emax+1).
    pub(crate) low: u64,
    pub(crate) top: u64,
    /// The power of two that stands for the format's subnormal numbers in the way `Split`, and half of
    /// their quantum.
    pub(crate) floor: u64,
    pub(crate) floor_half: u64,
    /// Where the gap is one step wide: its end, 2^emin, and the power of two that stands for the
    /// values in it in the way `Add`. Both zero where there are subnormals.
    pub(crate) gap: u64,
    pub(crate) gap_power: u64,
    /// The smallest positive number. Below it lies the gap, rounded by threshold.
    pub(crate) smallest: u64,
    /// Smallest number of the gap that rounds away from zero, for plus and minus.
    pub(crate) threshold: [u64; 2],
    /// In the gap, a stochastic mode shifts by this less the unit to find ν; `None` where the
    /// smallest positive number is no power of two.
    pub(crate) gap_exponent: Option<u32>,
    /// Results below this are flushed.
    pub(crate) flush: u64,
    /// The largest finite number.
    pub(crate) largest: u64,
    /// Where the finish `Plain` of a directed mode finds an overflow: from the next number on, up to
    /// here; and NaN: behind this. Infinity belongs to the overflows where it becomes what they become,
    /// to the NaNs where it becomes NaN, and to neither where it stays.
    pub(crate) overflow_end: u64,
    pub(crate) before_nan: u64,
    /// What a finite value beyond it becomes, for plus and minus.
    pub(crate) overflow: [u64; 2],
    /// What an infinity becomes, for plus and minus.
    pub(crate) infinity: [u64; 2],
    /// What zero becomes.
    pub(crate) zero: u64,
    /// What a negative value that does not round to zero becomes in an unsigned format.
    pub(crate) negative: u64,
    /// Whether the format has negative values.
    pub(crate) signed: bool,
    /// Whether it has minus zero.
    pub(crate) negative_zero: bool,
}

/// Beyond any exponent a number can have, so that it need not be exact.
const FAR: i32 = 1 << 20;

impl Plan {
    #[inline(always)]
    pub(crate) const fn new<T: Storage>(rule: &Rule) -> Self {
        let format = &rule.format;
        let grid = Grid::of::<T>(format);
        let (threshold, overflow, infinity) = by_sign::<T>(rule, &grid);
        let flushes = matches!(rule.underflow, Underflow::FlushToZero) && format.has_subnormals();
        let flush = if flushes { flush_below::<T>(&grid) } else { 0 };
        let zero = if format.has_zero() { 0 } else { lowest::<T>(rule, &grid) };
        let power_of_two = grid.smallest.significand == 1;
        let (mantissa, m) = (T::PRECISION as i32 - 1, grid.precision - 1);
        let deep = grid.quantum < T::EMIN - m;
        let way = way::<T>(format, &grid, deep);
        let gapless = gapless(format, &grid);
        let gap = matches!(way, Way::Add) && !gapless;
        let simple = format.has_sign() && format.has_zero() && format.has_negative_zero();
        let simple = simple && flush == 0 && gapless;
        let [overflow_end, before_nan] = directed_tests::<T>(overflow, infinity);
        let emax = grid.largest.leading();
        let (regular, span) = regular::<T>(&grid);
        let cut = (T::PRECISION as i32 - grid.precision) as u32;
        let bias = Bias::of(rule.rounding.decision());
        let mask = (1 << cut) - 1;
        let flipped = if bias.flips { mask } else { 0 };
        Self {
            way,
            finish: if simple {
                finish::<T>(rule, &grid, way, overflow, infinity)
            } else {
                Finish::Full
            },
            room: room::<T>(format, &grid, way),
            residual: matches!(way, Way::Add) && -grid.quantum < T::EMAX,
            gapless,
            cut,
            mask,
            changes: if bias.nearest { mask & !(mask >> 1) } else { 0 },
            magnitude: u64::MAX
                >> if format.has_sign() { 64 - (<Bits<T> as Word>::BITS - 1) } else { 0 },
            even: bias.is_nearest_even(),
            bias,
            place: if bias.by_sign { 0 } else { <Bits<T> as Word>::BITS - 1 - cut },
            turned: if bias.turns { mask } else { 0 },
            base: flipped ^ if bias.nearest { mask >> 1 } else { mask },
            quantum: nonnegative(grid.quantum - grid.storage_quantum),
            deep,
            one_bit: grid.precision == 1,
            parity: format.one_bit_parity(grid.storage_quantum),
            in_single: in_single(format),
            members_in_range: members_in_range::<T>(&grid),
            one: 1,
            regular,
            span,
            changes_zero: !(format.has_zero() && (!format.has_sign() || format.has_negative_zero()))
                as u64,
            low: power_of_two_bits::<T>(grid.emin),
            top: power_of_two_bits::<T>(emax + 1),
            floor: power_of_two_bits::<T>(grid.quantum + mantissa),
            floor_half: power_of_two_bits::<T>(grid.quantum - 1),
            gap: if gap { power_of_two_bits::<T>(grid.emin) } else { 0 },
            gap_power: if gap { power_of_two_bits::<T>(grid.emin + m) } else { 0 },
            smallest: magnitude::<T>(grid.smallest),
            threshold,
            gap_exponent: if power_of_two {
                Some(nonnegative(grid.smallest.exponent - grid.storage_quantum))
            } else {
                None
            },
            flush,
            largest: magnitude::<T>(grid.largest),
            overflow_end,
            before_nan,
            overflow,
            infinity,
            zero,
            negative: negative::<T>(rule, &grid),
            signed: format.has_sign(),
            negative_zero: format.has_negative_zero(),
        }
    }
}

/// Whether all numbers of the format are numbers of `f32`.
#[inline(always)]
const fn in_single(format: &Format) -> bool {
    let (single, double) = (Grid::of::<f32>(format), Grid::of::<f64>(format));
    single.precision == double.precision
        && single.quantum == double.quantum
        && single.smallest.equals(double.smallest)
        && single.largest.equals(double.largest)
}

/// The numbers are below 2^(emax+1) and multiples of the smallest quantum.
#[inline(always)]
const fn members_in_range<T: Storage>(grid: &Grid) -> bool {
    if grid.largest.significand == 0 {
        return false;
    }
    let (above, least) = (grid.largest.leading() + 1, grid.smallest.leading());
    2 * above <= T::EMAX
        && above - least <= T::EMAX
        && 2 * least >= T::EMIN
        && least - above >= T::EMIN
}

#[inline(always)]
const fn nonnegative(x: i32) -> u32 {
    if x < 0 {
        0
    } else if x > FAR {
        FAR as u32
    } else {
        x as u32
    }
}

/// Whether the smallest positive number is one quantum: nothing lies between the grid's even part and
/// zero. An unbounded format has the storage's smallest number.
#[inline(always)]
const fn gapless(format: &Format, grid: &Grid) -> bool {
    format.has_subnormals()
        || grid.smallest.significand == 1 && grid.smallest.exponent == grid.storage_quantum
}

/// The fastest lane that is right for the format.
#[inline(always)]
const fn way<T: Storage>(format: &Format, grid: &Grid, deep: bool) -> Way {
    let (mantissa, m) = (T::PRECISION as i32 - 1, grid.precision - 1);
    if grid.precision == 1 || grid.largest.significand == 0 {
        return Way::Shift;
    }
    if gapless(format, grid) {
        if deep && grid.quantum == grid.storage_quantum && m < mantissa {
            return Way::Scale;
        }
        if grid.quantum == T::EMIN - m {
            return Way::Mask;
        }
    } else if grid.emin >= T::EMIN && grid.emin <= T::EMAX {
        // The gap, of one step, is cheaper by `Add` where that applies.
        if grid.smallest.significand != 1 || !adds::<T>(format, grid) {
            return Way::Mask;
        }
    }
    if adds::<T>(format, grid) {
        Way::Add
    } else if splits::<T>(format, grid) {
        Way::Split
    } else {
        Way::Shift
    }
}

/// What is left to do for a format with signs, both zeros and gradual underflow, given what overflow and
/// infinity become.
#[inline(always)]
const fn finish<T: Storage>(
    rule: &Rule,
    grid: &Grid,
    way: Way,
    overflow: [u64; 2],
    infinity: [u64; 2],
) -> Finish {
    let format = &rule.format;
    let ieee = matches!(rule.overflow, Overflow::Ieee);
    let storage_range = matches!(format.overflow_value(), OverflowValue::Infinity)
        && grid.largest.leading() == T::EMAX
        && grid.largest.significand == (1 << grid.precision) - 1;
    let alike = is_alike(overflow, infinity);
    let two_tests = match rule.rounding.decision() {
        Decision::Nearest(_) | Decision::Stochastic(_) => alike,
        // An infinite sum must not be taken for an infinity that stays, where the overflow is another.
        _ if excess::<T>(format, grid) > 0 && !alike && !ieee => false,
        Decision::Directed(_) | Decision::Odd => {
            alike || infinity[0] == infinity_bits::<T>() || infinity[0] == quiet_nan_bits::<T>()
        }
    };
    match way {
        Way::Mask | Way::Scale if storage_range && ieee => Finish::Natural,
        Way::Add | Way::Split if two_tests => Finish::Plain,
        _ => Finish::Full,
    }
}

/// Whether overflow and infinity become the same, of either sign. A signed format's are those of plus.
#[inline(always)]
const fn is_alike(overflow: [u64; 2], infinity: [u64; 2]) -> bool {
    overflow[0] == infinity[0] && overflow[1] == infinity[0]
}

/// `overflow_end` and `before_nan`.
#[inline(always)]
const fn directed_tests<T: Storage>(overflow: [u64; 2], infinity: [u64; 2]) -> [u64; 2] {
    let inf = infinity_bits::<T>();
    [
        if is_alike(overflow, infinity) { inf + 1 } else { inf },
        if infinity[0] == quiet_nan_bits::<T>() { inf - 1 } else { inf },
    ]
}

/// Least and most random bits that the way `Add` has room for: a quantum of n bits more must be normal,
/// and leave two bits above the value's own.
#[inline(always)]
const fn room<T: Storage>(format: &Format, grid: &Grid, way: Way) -> [u32; 2] {
    if !matches!(way, Way::Add) {
        return [1, 0];
    }
    let by_width = T::PRECISION as i32 - 2 - grid.precision;
    let by_range = grid.quantum - 1 - T::EMIN;
    let most = if by_width < by_range { by_width } else { by_range };
    [nonnegative(excess::<T>(format, grid)), nonnegative(most)]
}

/// Whether the power of two that stands for the format's subnormal numbers is a storage number, and
/// half of their quantum too.
#[inline(always)]
const fn splits<T: Storage>(format: &Format, grid: &Grid) -> bool {
    format.has_subnormals()
        && grid.emin == grid.quantum + grid.precision - 1
        && grid.emin >= T::EMIN
        && grid.quantum > grid.storage_quantum
        && grid.quantum + T::PRECISION as i32 - 1 <= T::EMAX
}

/// Whether 2^(e + mantissa - m) and half of a quantum are normal numbers for every e from emin to
/// emax + 1. A storage number may be so large that the sum is infinite, an overflow all the same.
#[inline(always)]
const fn adds<T: Storage>(format: &Format, grid: &Grid) -> bool {
    let (mantissa, m) = (T::PRECISION as i32 - 1, grid.precision - 1);
    m >= 1
        && m <= mantissa - 2
        && grid.quantum > T::EMIN
        && grid.emin == grid.quantum + m
        && highest_power::<T>(format, grid) < T::EMAX
}

/// Exponent of the highest power of two that the way `Add` adds.
#[inline(always)]
const fn highest_power<T: Storage>(format: &Format, grid: &Grid) -> i32 {
    let top = grid.largest.leading() + 1 + T::PRECISION as i32 - grid.precision;
    // In the gap the quantum is 2^emin.
    let gap = grid.emin + T::PRECISION as i32 - 1;
    if gapless(format, grid) || top > gap { top } else { gap }
}

/// By how many binades that is too high to leave the sum with any storage number finite: for that it
/// must be less than half of the largest one's last place.
#[inline(always)]
const fn excess<T: Storage>(format: &Format, grid: &Grid) -> i32 {
    highest_power::<T>(format, grid) - (T::EMAX - T::PRECISION as i32 - 1)
}

/// The smallest number from which on the grid is the storage's with `cut` bits less, and how far from
/// there the end of the largest lies; nothing where there is none.
#[inline(always)]
const fn regular<T: Storage>(grid: &Grid) -> (u64, u64) {
    let emin = if grid.emin > T::EMIN { grid.emin } else { T::EMIN };
    let normal = Exact { significand: 1, exponent: emin };
    let low = if normal.is_less_than(grid.smallest) { grid.smallest } else { normal };
    if grid.precision == 1 || grid.largest.is_less_than(low) {
        return (0, 0);
    }
    let low = magnitude::<T>(low);
    (low, magnitude::<T>(grid.largest) - low + 1)
}

/// Threshold of the gap, overflow and infinity, each for plus and minus.
#[inline(always)]
const fn by_sign<T: Storage>(rule: &Rule, grid: &Grid) -> ([u64; 2], [u64; 2], [u64; 2]) {
    let plus = ends::<T>(rule, grid, false);
    let minus = ends::<T>(rule, grid, true);
    ([plus.0, minus.0], [plus.1, minus.1], [plus.2, minus.2])
}

#[inline(always)]
const fn ends<T: Storage>(rule: &Rule, grid: &Grid, negative: bool) -> (u64, u64, u64) {
    let largest = largest::<T>(rule, grid);
    let beyond = match rule.format.overflow_value() {
        OverflowValue::Infinity => infinity_bits::<T>(),
        OverflowValue::Nan => quiet_nan_bits::<T>(),
        OverflowValue::Largest => largest,
    };
    let stays = match rule.rounding.decision() {
        Decision::Nearest(_) | Decision::Stochastic(_) => false,
        Decision::Directed(direction) => !direction.is_outward(negative),
        Decision::Odd => grid.largest_is_odd(),
    };
    let (overflow, infinity) = match rule.overflow {
        Overflow::Ieee => (if stays { largest } else { beyond }, beyond),
        Overflow::SaturateFinite if rule.format.has_infinity() => (largest, infinity_bits::<T>()),
        Overflow::Saturate | Overflow::SaturateFinite => (largest, largest),
    };
    let unsigned_negative = negative && !rule.format.has_sign();
    let infinity = if unsigned_negative { lowest::<T>(rule, grid) } else { infinity };
    (threshold::<T>(rule, grid, negative), overflow, infinity)
}

/// The smallest storage number below the format's smallest positive one that rounds away from zero.
/// The lower neighbour is zero, whose code is even.
#[inline(always)]
const fn threshold<T: Storage>(rule: &Rule, grid: &Grid, negative: bool) -> u64 {
    let (always, never) = (1, infinity_bits::<T>());
    if !rule.format.has_zero() {
        return always;
    }
    match rule.rounding.decision() {
        Decision::Directed(direction) if direction.is_outward(negative) => always,
        Decision::Directed(_) | Decision::Stochastic(_) => never,
        Decision::Odd => always,
        Decision::Nearest(tie) => {
            let Exact { significand, exponent } = grid.smallest;
            let half = Exact { significand, exponent: exponent - 1 };
            // Half of it may lie between two storage numbers.
            let below = half.truncated(grid.storage_quantum);
            if below.is_less_than(half) {
                return magnitude::<T>(below) + 1;
            }
            let ties_away = match tie {
                Tie::Away | Tie::Odd => true,
                Tie::Even | Tie::Zero => false,
                Tie::Up => !negative,
                Tie::Down => negative,
            };
            let bits = magnitude::<T>(half);
            if ties_away || bits == never { bits } else { bits + 1 }
        }
    }
}

/// The bits of a number; infinity's where it is beyond the storage type, one ulp's where below.
#[inline(always)]
const fn magnitude<T: Storage>(x: Exact) -> u64 {
    if x.significand == 0 {
        return 0;
    }
    let leading = x.leading();
    let mantissa = T::PRECISION as i32 - 1;
    let storage_quantum = T::EMIN - mantissa;
    if leading > T::EMAX {
        return infinity_bits::<T>();
    }
    if leading < storage_quantum {
        return 1;
    }
    let normal = leading >= T::EMIN;
    let unit = if normal { leading - mantissa } else { storage_quantum };
    let up = x.exponent - unit;
    // All that are asked for are storage numbers or below the smallest.
    let bits = if up >= 0 { x.significand << up } else { x.significand >> -up };
    let field = if normal { (leading - T::EMIN) as u64 } else { 0 };
    bits + (field << mantissa)
}

/// 2^e; infinity's bits where it is beyond the storage type, zero where below.
#[inline(always)]
pub(crate) const fn power_of_two_bits<T: Storage>(e: i32) -> u64 {
    if e < T::EMIN - (T::PRECISION as i32 - 1) {
        0
    } else {
        magnitude::<T>(Exact { significand: 1, exponent: e })
    }
}

/// The smallest normal number; above every result where it is beyond the storage type, and zero
/// where it is below.
#[inline(always)]
const fn flush_below<T: Storage>(grid: &Grid) -> u64 {
    // Where it is the first power of two beyond, a result that reaches it overflows unflushed.
    if grid.emin > T::EMAX + 1 {
        infinity_bits::<T>() + 1
    } else {
        power_of_two_bits::<T>(grid.emin)
    }
}

/// The largest finite number; NaN where the storage type's range holds no value of the format.
#[inline(always)]
const fn largest<T: Storage>(rule: &Rule, grid: &Grid) -> u64 {
    if grid.largest.significand == 0 && !rule.format.has_zero() {
        quiet_nan_bits::<T>()
    } else {
        magnitude::<T>(grid.largest)
    }
}

/// What lies below an unsigned format's range: NaN, or its smallest value under saturation.
#[inline(always)]
const fn lowest<T: Storage>(rule: &Rule, grid: &Grid) -> u64 {
    let empty = !rule.format.has_zero() && grid.largest.significand == 0;
    match rule.overflow {
        Overflow::Ieee => quiet_nan_bits::<T>(),
        _ if empty => quiet_nan_bits::<T>(),
        _ if rule.format.has_zero() => 0,
        _ => magnitude::<T>(grid.smallest),
    }
}

/// What a negative value that does not round to zero becomes in an unsigned format.
#[inline(always)]
const fn negative<T: Storage>(rule: &Rule, grid: &Grid) -> u64 {
    let upward = match rule.rounding.decision() {
        Decision::Directed(direction) => !direction.is_outward(true),
        _ => false,
    };
    if upward && rule.format.has_zero() { 0 } else { lowest::<T>(rule, grid) }
}
