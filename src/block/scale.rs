//! A block's scale by each rule, exactly.

mod search;

use self::search::{CANDIDATES, Candidates, Search};
use super::format::{BlockFormat, ScaleRule, Specials};
use super::lane;
use super::members::{self, Members, Range};
use super::tiling::{Segment, Tiling};
use crate::chop::Chop;
use crate::definition::Rule;
use crate::format::{Datum, Format, power_of_two};
use crate::kernel::{self, DividedPlan, Divisors, Ends, Nudge, Powers};
use crate::operation::Binary;
use crate::rounding::{Overflow, Rounding};
use crate::storage::Storage;

/// The scales of all blocks, and the one of the tensor.
#[derive(Clone, Debug)]
pub(super) struct Scales {
    /// g.
    pub(super) tensor: f32,
    /// The code of each block's s.
    pub(super) codes: Vec<u32>,
    /// The code of each block's minimum; none where the format has no minima.
    pub(super) minimum_codes: Vec<u32>,
    pub(super) steps: Steps,
}

/// What the elements of each block are multiplied by, and what is added then.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    /// s·g: NaN for a NaN block, zero for a block of zeros only where the scale format has zero.
    pub(super) products: Vec<f64>,
    /// The minimum of each block; none where the format has no minima.
    pub(super) minima: Vec<f64>,
    /// g.
    pub(super) tensor: f32,
}

/// x - m of values of the storage type, to odd: 53 digits are more than twice those of what it is compared with.
pub(super) const DIFFERENCES: Chop = Chop::new(Format::BINARY64, Rounding::ToOdd);

/// ⌊log2 x⌋ of a positive finite number, and whether x is more than that power of two.
pub(crate) fn log2(x: f64) -> (i32, bool) {
    let bits = x.to_bits();
    if x.is_normal() {
        return ((bits >> 52) as i32 - 1023, bits << 12 != 0);
    }
    match Datum::from_f64(x) {
        Datum::Finite { significand, exponent, .. } => {
            (exponent + 63 - significand.leading_zeros() as i32, significand != 1)
        }
        _ => unreachable!("a positive finite number"),
    }
}

/// x·2^-⌊log2 x⌋, in [1, 2).
fn significand(x: f64) -> f64 {
    match Datum::from_f64(x) {
        Datum::Finite { significand, .. } => {
            let bits = significand << significand.leading_zeros() << 1 >> 12;
            f64::from_bits(bits | 1.0_f64.to_bits())
        }
        _ => unreachable!("a positive finite number"),
    }
}

/// The largest finite magnitude, and whether all are finite.
pub(crate) fn largest_finite<T: Storage>(values: &[T]) -> (f64, bool) {
    let largest = lane::largest(values);
    if largest.is_finite() {
        return (largest, true);
    }
    let finite = values.iter().map(|x| x.widen().abs()).filter(|x| x.is_finite());
    (finite.fold(0.0, f64::max), false)
}

/// Quotients of which rules look at the exponent, and at fewer bits than these.
const QUOTIENTS: Chop = match Format::unbounded(51) {
    Ok(format) => Chop::new(format, Rounding::ToOdd),
    Err(_) => panic!("51 digits are fewer than binary64 has"),
};

/// The largest number of a narrow format.
const fn largest(format: &Format) -> f64 {
    format.top() as f64 * power_of_two(format.emax() - format.mantissa_bits() as i32)
}

const fn saturating(format: Format, mode: Rounding) -> Chop {
    Chop::from_rule(Rule { overflow: Overflow::Saturate, ..Rule::new(format, mode) })
}

/// See [`Scaler`].
const fn nudge(format: &BlockFormat, max: f64) -> Option<u64> {
    let nudge = match format.rule {
        ScaleRule::Floor => Nudge::Floor,
        ScaleRule::Ceil => Nudge::Ceil,
        ScaleRule::Rceil => Nudge::Rceil,
        ScaleRule::Even => Nudge::Even,
        _ => return None,
    };
    let powers = format.has_power_scales() && !format.scale.zero_takes_a_normal_code();
    if !powers || format.tensor_scale || format.scale.has_zero() {
        return None;
    }
    let mantissa = f64::MANTISSA_DIGITS - 1;
    Some(nudge.bits(mantissa, format.element.precision(), max.to_bits()))
}

/// How scales are found for one format.
#[derive(Clone, Copy)]
pub(super) struct Scaler {
    format: BlockFormat,
    /// Exponents of the scales, where these are all powers of two between the two.
    powers: Option<[i32; 2]>,
    /// Into the scale format, to nearest even; infinity saturates.
    nearest: Chop,
    /// For the rule `LeastSquares`.
    search: Option<Search>,
    /// The element format's largest number, and that times the scale format's.
    max: f64,
    reach: f64,
    /// Into the minima's format, to nearest even.
    minimum: Option<Chop>,
    /// Where the scale is a power of two that the exponent of the largest magnitude says: what is added to the bits of
    /// that first.
    nudge: Option<u64>,
    /// For quotients rounded to the scale format, many at once.
    quotients: Option<DividedPlan>,
}

impl Scaler {
    pub(super) const fn new(format: &BlockFormat) -> Self {
        let max = largest(&format.element);
        Self {
            format: *format,
            powers: if format.has_power_scales() && !format.scale.zero_takes_a_normal_code() {
                Some([format.scale.emin(), format.scale.emax()])
            } else {
                None
            },
            nearest: saturating(format.scale, Rounding::NearestEven),
            search: match format.rule {
                ScaleRule::LeastSquares => {
                    let element = saturating(format.element, Rounding::NearestEven);
                    Some(Search::new(saturating(format.scale, Rounding::Up), element, max))
                }
                _ => None,
            },
            max,
            reach: max * largest(&format.scale),
            nudge: nudge(format, max),
            quotients: match format.rule {
                ScaleRule::Absmax | ScaleRule::Extreme => {
                    DividedPlan::new(&saturating(format.scale, Rounding::NearestEven).rule())
                }
                _ => None,
            },
            minimum: match format.minimum {
                Some(minimum) => Some(saturating(minimum, Rounding::NearestEven)),
                None => None,
            },
        }
    }

    /// g for the largest finite magnitude of all.
    pub(super) fn tensor(&self, amax: f64) -> f32 {
        if !self.format.tensor_scale || amax == 0.0 {
            return 1.0;
        }
        let single = const { Chop::new(Format::BINARY32, Rounding::NearestEven) };
        let g = single.div(amax, self.reach);
        (g as f32).clamp(f32::from_bits(1), f32::MAX)
    }

    /// The scale with code 0, for a block of zeros.
    fn of_zeros(&self) -> f64 {
        self.format.scale.decode(0)
    }

    /// The scale that the exponent of the largest magnitude says, once `nudge` is added to that.
    #[inline]
    fn power_of(&self, amax: f64, nudge: u64) -> f64 {
        const MANTISSA: u32 = f64::MANTISSA_DIGITS - 1;
        let field = (amax.to_bits() + nudge) >> MANTISSA;
        let exponent = field as i32 - (f64::MAX_EXP - 1) - self.format.element.emax();
        // Of subnormal numbers too: what they say is far below the least.
        let [least, most] = [self.format.scale.emin(), self.format.scale.emax()];
        // A normal number, scales' exponents being within ±256.
        let field = (exponent.clamp(least, most) + f64::MAX_EXP - 1) as u64;
        f64::from_bits(field << MANTISSA)
    }

    /// 2^e in the scale format: the nearest it has, but not zero.
    fn power(&self, e: i32) -> f64 {
        if let Some([least, most]) = self.powers {
            return power_of_two(e.clamp(least, most));
        }
        self.nonzero(self.nearest.chop(power_of_two(e.clamp(-1000, 1000))))
    }

    /// A scale that has been rounded to zero is the smallest instead: zero would lose the whole block.
    fn nonzero(&self, scale: f64) -> f64 {
        if scale == 0.0 { self.nearest.smallest_positive() } else { scale }
    }

    /// The exponent of `Rceil` for u = amax/g: the least k with u ≤ max·2^k.
    fn unclipped_exponent(&self, u: f64) -> i32 {
        let more = significand(u) > significand(self.max);
        log2(u).0 - log2(self.max).0 + i32::from(more)
    }

    /// The scale of a block: of its largest finite magnitude, g and, for the rules that look at them,
    /// its finite values.
    pub(super) fn scale(&self, amax: f64, tensor: f32, values: &[f64]) -> f64 {
        if amax == 0.0 {
            return self.of_zeros();
        }
        if let Some(nudge) = self.nudge {
            return self.power_of(amax, nudge);
        }
        let g = f64::from(tensor);
        // Exact where there is no tensor scale.
        let u = || if self.format.tensor_scale { QUOTIENTS.div(amax, g) } else { amax };
        let emax = self.format.element.emax();
        match self.format.rule {
            ScaleRule::Floor => self.power(log2(u()).0 - emax),
            ScaleRule::Ceil => {
                let (exponent, more) = log2(u());
                self.power(exponent + i32::from(more) - emax)
            }
            ScaleRule::Rceil => self.power(self.unclipped_exponent(u())),
            ScaleRule::Even => {
                // Half of the last bit kept takes 1.1…1 and a half into the next binade.
                let half = power_of_two(-(self.format.element.precision() as i32));
                let u = u();
                let carries = significand(u) + half >= 2.0;
                self.power(log2(u).0 + i32::from(carries) - emax)
            }
            ScaleRule::MaxAbs => self.nonzero(self.nearest.chop(u())),
            ScaleRule::Absmax => self.nonzero(self.nearest.div(amax, self.max * g)),
            ScaleRule::Extreme => {
                // Its sign is seen to where the values are at hand.
                let lowest = self.format.lowest_element().abs();
                self.nonzero(self.nearest.div(amax, lowest * g))
            }
            ScaleRule::LeastSquares => match &self.search {
                Some(search) => self.searched(search, u(), amax, g, values),
                None => unreachable!("made for this rule"),
            },
            ScaleRule::Custom(rule) => {
                let scaled: Vec<f64> = values.iter().map(|x| x / g).collect();
                let wanted = rule(&scaled, &self.format);
                if wanted > 0.0 { self.nonzero(self.nearest.chop(wanted)) } else { self.of_zeros() }
            }
        }
    }

    /// The candidates of `LeastSquares`, from the largest on.
    fn candidates(&self, search: &Search, u: f64, amax: f64, g: f64) -> Candidates {
        let mut found = Candidates::new();
        if self.format.has_power_scales() {
            let most = self.unclipped_exponent(u);
            (0..=4).for_each(|below| found.add(self.power(most - below)));
            return found;
        }
        let most = search.upward.div(amax, self.max * g);
        let mut scales =
            core::array::from_fn::<_, CANDIDATES, _>(|i| most * (64 - i) as f64 / 64.0);
        self.nearest.chop_slice(&mut scales);
        scales.into_iter().for_each(|scale| found.add(scale));
        found
    }

    fn searched(&self, search: &Search, u: f64, amax: f64, g: f64, values: &[f64]) -> f64 {
        // In units of the largest value, so that squares neither vanish nor overflow.
        let unit = power_of_two(-log2(amax).0.clamp(-1000, 1000));
        let candidates = self.candidates(search, u, amax, g);
        search.best(&candidates, self.of_zeros(), g, unit, values)
    }

    /// Whether a rule looks at a block's values.
    const fn wants_values(&self) -> bool {
        matches!(self.format.rule, ScaleRule::LeastSquares | ScaleRule::Custom(_))
    }

    /// The minima of blocks, their least finite values rounded to the minima's format, and the largest magnitudes of the
    /// differences from them, which are those of the least or of the largest.
    fn lifted(minimum: &Chop, ranges: &[Range]) -> [Vec<f64>; 2] {
        let of = |range: &Range, x: f64| if range[0] <= range[1] { x } else { 0.0 };
        let mut ends: [Vec<f64>; 2] =
            core::array::from_fn(|k| ranges.iter().map(|range| of(range, range[k])).collect());
        let mut minima = ends[0].clone();
        minimum.chop_slice(&mut minima);
        minima.iter_mut().for_each(|m| *m += 0.0);
        for end in &mut ends {
            let given = end.clone();
            DIFFERENCES.map(Binary::Sub, [&given, &minima], end);
        }
        let [low, high] = ends;
        let largest = low.iter().zip(high).map(|(low, high)| low.abs().max(high.abs()));
        [minima, largest.collect()]
    }

    /// s·g of values that are one block, all there are.
    pub(super) fn product<T: Storage>(&self, values: &[T]) -> f64 {
        let largest = lane::largest(values);
        if !largest.is_finite() && self.format.specials == Specials::Nan {
            return f64::NAN;
        }
        let amax = if largest.is_finite() { largest } else { largest_finite(values).0 };
        let tensor = self.tensor(amax);
        let tiling = Tiling::whole(values.len());
        let members = self.wants_values().then(|| Members::of(&tiling, values));
        let members = members.as_ref().map_or(&[][..], |members| members.of_block(0));
        let mut scale = [self.scale(amax, tensor, members)];
        self.turn(&tiling, values, &[amax], &mut scale);
        scale[0] * f64::from(tensor)
    }

    /// The scales of all blocks of `values`.
    pub(super) fn scales<T: Storage>(&self, tiling: &Tiling, values: &[T]) -> Scales {
        let (tensor, scales, minima) = self.numbers(tiling, values, None);
        self.coded(tensor, scales, minima)
    }

    /// s·g and minimum of all blocks of `values`.
    pub(super) fn steps<T: Storage>(&self, tiling: &Tiling, values: &[T]) -> Steps {
        self.steps_by(None, tiling, values)
    }

    /// By g of a larger array, if there is one.
    pub(super) fn steps_by<T: Storage>(
        &self,
        tensor: Option<f32>,
        tiling: &Tiling,
        values: &[T],
    ) -> Steps {
        let (tensor, mut products, minima) = self.numbers(tiling, values, tensor);
        if tensor != 1.0 {
            products.iter_mut().for_each(|scale| *scale *= f64::from(tensor));
        }
        Steps { products, minima, tensor }
    }

    /// g, and the scales and minima of all blocks.
    fn numbers<T: Storage>(
        &self,
        tiling: &Tiling,
        values: &[T],
        tensor: Option<f32>,
    ) -> (f32, Vec<f64>, Vec<f64>) {
        let blocks = tiling.blocks();
        if let Some(exponents) = self.exponents(tiling, values) {
            return (1.0, exponents.into_iter().map(kernel::scale).collect(), Vec::new());
        }
        let mut amax = vec![0_f64; blocks];
        let shape = tiling.shape();
        kernel::largest_of_blocks(shape, values, false, &mut amax);
        let mut special = Vec::new();
        if !lane::largest(&amax).is_finite() {
            special.extend(amax.iter().map(|largest| !largest.is_finite()));
            kernel::largest_of_blocks(shape, values, true, &mut amax);
        }
        let spoils = self.format.specials == Specials::Nan;
        let mut members = self.wants_values().then(|| Members::of(tiling, values));
        let mut minima = Vec::new();
        if let Some(minimum) = &self.minimum {
            let ranges = members::ranges(tiling, values);
            [minima, amax] = Self::lifted(minimum, &ranges);
            for (block, m) in minima.iter().enumerate() {
                if let Some(members) = &mut members {
                    members.map(block, |x| DIFFERENCES.sub(x, *m));
                }
            }
        }
        let tensor = tensor.unwrap_or_else(|| self.tensor(lane::largest(&amax)));
        let mut scales = self.quotients(&amax, tensor);
        if scales.is_empty() {
            let scale = |(block, &amax)| {
                let members = members.as_ref().map_or(&[][..], |members| members.of_block(block));
                self.scale(amax, tensor, members)
            };
            scales = amax.iter().enumerate().map(scale).collect();
        } else {
            let of_zeros = self.of_zeros();
            for (scale, amax) in scales.iter_mut().zip(&amax) {
                *scale = if *amax > 0.0 { *scale } else { of_zeros };
            }
        }
        self.turn(tiling, values, &amax, &mut scales);
        for (scale, _) in scales.iter_mut().zip(special).filter(|(_, special)| *special && spoils) {
            *scale = f64::NAN;
        }
        (tensor, scales, minima)
    }

    /// The exponents of the scales of all blocks, [`kernel::SPOILED`] for NaN, where these are powers of two and the
    /// largest magnitudes' exponents say them.
    pub(super) fn exponents<T: Storage>(&self, tiling: &Tiling, values: &[T]) -> Option<Vec<i32>> {
        let nudge = self.nudge.filter(|_| self.minimum.is_none())?;
        let scales = [self.format.scale.emin(), self.format.scale.emax()];
        let powers = Powers {
            nudge,
            emax: self.format.element.emax(),
            scales,
            of_zeros: kernel::exponent(self.of_zeros()),
            spoils: self.format.specials == Specials::Nan,
        };
        let mut exponents = vec![0; tiling.blocks()];
        let all = kernel::exponents_of_blocks(tiling.shape(), values, &powers, &mut exponents);
        all.then_some(exponents)
    }

    /// Scales of `Extreme` become negative where the first of a block's largest magnitudes is positive, if there are
    /// such scales.
    fn turn<T: Storage>(&self, tiling: &Tiling, values: &[T], amax: &[f64], scales: &mut [f64]) {
        if !matches!(self.format.rule, ScaleRule::Extreme) || !self.format.scale.has_sign() {
            return;
        }
        // Blocks of several segments are found once.
        let mut found = vec![false; amax.len()];
        for Segment { start, length, block } in tiling.segments() {
            if found[block] {
                continue;
            }
            let part = &values[start..start + length];
            if let Some(x) = part.iter().find(|x| x.widen().abs() == amax[block]) {
                found[block] = true;
                if *x > T::zero() {
                    scales[block] = -scales[block];
                }
            }
        }
    }

    /// The scales of `Absmax` and the sizes of those of `Extreme`, where that is the rule: of all blocks at once, much
    /// faster than one by one.
    fn quotients(&self, amax: &[f64], tensor: f32) -> Vec<f64> {
        let reached = match self.format.rule {
            ScaleRule::Absmax => self.max,
            ScaleRule::Extreme => self.format.lowest_element().abs(),
            _ => return Vec::new(),
        };
        let divisor = reached * f64::from(tensor);
        let smallest = self.nearest.smallest_positive();
        let nonzero = |scale: &mut f64| *scale = if *scale > 0.0 { *scale } else { smallest };
        let mut quotients = amax.to_vec();
        if let Some(plan) = &self.quotients {
            let divisors = Divisors { reciprocals: &[1.0 / divisor], factors: &[1.0], common: 1.0 };
            let ends = Ends { largest: largest(&self.format.scale), zero: -0.0 };
            let shape = Tiling::whole(amax.len()).shape();
            let mut done = 0;
            while done < quotients.len() {
                let rest = &mut quotients[done..];
                done += kernel::chop_divided(plan, shape, done, divisors, ends, rest, None);
                // Exactly, what is left open.
                for (quotient, amax) in
                    quotients[done..].iter_mut().zip(&amax[done..]).take(kernel::PART)
                {
                    *quotient = self.nearest.div(*amax, divisor);
                    done += 1;
                }
            }
        } else {
            let divisors = vec![divisor; amax.len()];
            self.nearest.map(Binary::Div, [amax, &divisors], &mut quotients);
        }
        quotients.iter_mut().for_each(nonzero);
        quotients
    }

    /// Scales, which are numbers of the scale format, with their codes.
    pub(super) fn coded(&self, tensor: f32, mut scales: Vec<f64>, minima: Vec<f64>) -> Scales {
        let codes_of = |format: &Format, numbers: &[f64]| {
            let mut codes = vec![0_u32; numbers.len()];
            if let Err(error) = format.encode_slice(numbers, &mut codes) {
                unreachable!("a scale or minimum has been rounded to its format: {error}");
            }
            codes
        };
        let codes = codes_of(&self.format.scale, &scales);
        let minimum_codes = match &self.format.minimum {
            Some(format) => codes_of(format, &minima),
            None => Vec::new(),
        };
        scales.iter_mut().for_each(|scale| *scale *= f64::from(tensor));
        Scales { tensor, codes, minimum_codes, steps: Steps { products: scales, minima, tensor } }
    }

    /// The largest power of two not above a positive number, or the nearest to that in the scale format.
    pub(super) fn below(&self, scale: f64) -> f64 {
        self.power(log2(scale.min(f64::MAX)).0)
    }

    /// A scale given by the caller, rounded to the scale format.
    pub(super) fn given(&self, scale: f64) -> f64 {
        self.nearest.chop(scale)
    }
}

/// s·g of a code; NaN where the code is NaN's, `None` where it stands for nothing.
pub(super) fn product(format: &BlockFormat, code: u32, tensor: f32) -> Option<f64> {
    let datum = format.scale.decode_exact(u64::from(code))?;
    datum.to_f64().map(|scale| scale * f64::from(tensor))
}
