//! Block formats once more, from the texts of the standards, in exact arithmetic: OCP Microscaling
//! Formats 1.0 (5.2–5.4, 6.3), NVIDIA's description of NVFP4, Microsoft's of MSFP. Slow, and with
//! nothing from the crate: numbers are m·2^e with an integer m, a format is the table of its codes'
//! values, and a quotient is compared by multiplying with the divisor.

use std::cmp::Ordering;

/// m·2^e, not negative.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dyadic {
    pub(crate) m: u128,
    pub(crate) e: i32,
}

impl Dyadic {
    pub(crate) const ZERO: Self = Self { m: 0, e: 0 };

    pub(crate) fn power(e: i32) -> Self {
        Self { m: 1, e }
    }

    /// |x|, x finite.
    pub(crate) fn of(x: f64) -> Self {
        let bits = x.to_bits();
        let (field, trailing) = ((bits >> 52 & 0x7ff) as i32, u128::from(bits & ((1 << 52) - 1)));
        let (m, e) =
            if field == 0 { (trailing, -1074) } else { (trailing | 1 << 52, field - 1075) };
        let zeros = if m == 0 { 0 } else { m.trailing_zeros() };
        Self { m: m >> zeros, e: e + zeros as i32 }
    }

    /// ⌊log2⌋ of a positive number.
    pub(crate) fn log2(self) -> i32 {
        self.e + 127 - self.m.leading_zeros() as i32
    }

    pub(crate) fn times(self, other: Self) -> Self {
        // Powers of two, nearly always; 128 bits are multiplied by a function.
        let m = match other.m {
            1 => self.m,
            m => self.m.checked_mul(m).expect("short numbers"),
        };
        Self { m, e: self.e + other.e }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        if self.m == 0 {
            return other;
        }
        if other.m == 0 {
            return self;
        }
        let e = self.e.min(other.e);
        let aligned = |x: Self| {
            let up = (x.e - e) as u32;
            assert!(up <= x.m.leading_zeros(), "numbers close to each other");
            x.m << up
        };
        Self { m: aligned(self) + aligned(other), e }
    }

    pub(crate) fn cmp(self, other: Self) -> Ordering {
        match (self.m, other.m) {
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Greater,
            _ => {
                let top = |x: Self| x.m << x.m.leading_zeros();
                self.log2().cmp(&other.log2()).then(top(self).cmp(&top(other)))
            }
        }
    }

    pub(crate) fn to_f64(self) -> f64 {
        assert!(self.m < 1 << 53);
        // Of at most 53 bits: to `u64` first, from which there is an instruction.
        let (m, half) = (self.m as u64 as f64, self.e / 2);
        let power = |e: i32| match e {
            -1022..=1023 => f64::from_bits(((e + 1023) as u64) << 52),
            _ => 2f64.powi(e),
        };
        m * power(half) * power(self.e - half)
    }
}

/// Magnitudes of a format: value of each code from 0 on, without the sign, up to the largest finite.
pub(crate) struct Table(pub(crate) Vec<Dyadic>);

impl Table {
    /// Exponent field of `e` bits over `m` bits of trailing significand, codes 0 to `last`.
    pub(crate) fn float(m: u32, bias: i32, last: u32) -> Self {
        let value = |code: u32| {
            let (field, trailing) = ((code >> m) as i32, u128::from(code & ((1 << m) - 1)));
            if field == 0 {
                Dyadic { m: trailing, e: 1 - bias - m as i32 }
            } else {
                Dyadic { m: trailing | 1 << m, e: field - bias - m as i32 }
            }
        };
        Self((0..=last).map(value).collect())
    }

    /// k·2^e, k = 0 to `last`.
    pub(crate) fn integer(e: i32, last: u32) -> Self {
        Self((0..=last).map(|k| Dyadic { m: k.into(), e }).collect())
    }

    pub(crate) fn max(&self) -> Dyadic {
        *self.0.last().expect("a number")
    }
}

/// Where a quotient between two codes goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    NearestEven,
    NearestAway,
    TowardZero,
    AwayFromZero,
    Up,
    Down,
    ToOdd,
}

/// The code of x/d, |x| and d given exactly; beyond the largest, the largest.
pub(crate) fn round(table: &Table, x: Dyadic, negative: bool, d: Dyadic, mode: Mode) -> usize {
    let values = &table.0;
    let not_above = values.partition_point(|v| v.times(d).cmp(x) != Ordering::Greater);
    let lower = not_above - 1; // zero is in every table
    if lower + 1 == values.len() || values[lower].times(d).cmp(x) == Ordering::Equal {
        return lower;
    }
    let middle = values[lower].plus(values[lower + 1]);
    let double = Dyadic { m: x.m, e: x.e + 1 };
    let odd = lower % 2 == 1;
    let away = match (mode, double.cmp(middle.times(d))) {
        (Mode::NearestEven | Mode::NearestAway, Ordering::Greater) => true,
        (Mode::NearestEven, Ordering::Equal) => odd,
        (Mode::NearestAway, Ordering::Equal) => true,
        (Mode::NearestEven | Mode::NearestAway | Mode::TowardZero, _) => false,
        (Mode::AwayFromZero, _) => true,
        (Mode::Up, _) => !negative,
        (Mode::Down, _) => negative,
        (Mode::ToOdd, _) => !odd,
    };
    lower + usize::from(away)
}

/// How a block's scale is found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    Floor,
    Ceil,
    Rceil,
    Even,
}

/// An OCP MX format or a block floating point: codes, digits with the leading one, power-of-two
/// scales 2^least to 2^most coded from 0 on, whether code 0xff is NaN.
pub(crate) struct Mx {
    pub(crate) table: Table,
    pub(crate) digits: u32,
    pub(crate) width: u32,
    pub(crate) twos: bool,
    pub(crate) least: i32,
    pub(crate) most: i32,
    pub(crate) nan: bool,
}

/// A block's codes: the scale's and the elements'.
pub(crate) type Codes = (u32, Vec<u16>);

impl Mx {
    fn exponent(&self, amax: Dyadic, rule: Rule) -> i32 {
        let emax = self.table.max().log2();
        match rule {
            Rule::Floor => amax.log2() - emax,
            Rule::Ceil => {
                let is_power = amax.cmp(Dyadic::power(amax.log2())) == Ordering::Equal;
                amax.log2() + i32::from(!is_power) - emax
            }
            Rule::Rceil => {
                // The least k with amax ≤ max·2^k.
                let fits = |k: i32| {
                    amax.cmp(self.table.max().times(Dyadic::power(k))) != Ordering::Greater
                };
                let guess = amax.log2() - emax;
                (guess - 2..guess + 3).find(|&k| fits(k)).expect("close to the guess")
            }
            Rule::Even => {
                // To so many digits, to nearest, ties up; only the exponent counts.
                let unit = Dyadic::power(amax.log2() + 1 - self.digits as i32);
                let mut k = 0_u128;
                while (Dyadic { m: 2 * k + 1, e: unit.e - 1 }).cmp(amax) != Ordering::Greater {
                    k += 1;
                }
                Dyadic { m: k, e: unit.e }.log2() - emax
            }
        }
    }

    pub(crate) fn quantize(&self, block: &[f64], rule: Rule, mode: Mode) -> Codes {
        if self.nan && block.iter().any(|x| !x.is_finite()) {
            return (0xff, vec![0; block.len()]);
        }
        let amax = block.iter().filter(|x| x.is_finite()).fold(Dyadic::ZERO, |amax, x| {
            let x = Dyadic::of(*x);
            if x.cmp(amax) == Ordering::Greater { x } else { amax }
        });
        let scale = if amax.m == 0 {
            0
        } else {
            (self.exponent(amax, rule).clamp(self.least, self.most) - self.least) as u32
        };
        let divisor = Dyadic::power(scale as i32 + self.least);
        (scale, block.iter().map(|&x| self.element(x, divisor, mode)).collect())
    }

    fn element(&self, x: f64, divisor: Dyadic, mode: Mode) -> u16 {
        let negative = x.is_sign_negative();
        // Where scales have no NaN, what is not finite saturates.
        let magnitude = if !x.is_finite() {
            self.table.0.len() - 1
        } else {
            round(&self.table, Dyadic::of(x), negative, divisor, mode)
        };
        let negative = negative && !x.is_nan();
        if self.twos {
            let k = magnitude as i32;
            return ((if negative { -k } else { k }) & 0xff) as u16;
        }
        magnitude as u16 | u16::from(negative) << self.width
    }

    /// The value of an element code with a scale code, exact in binary64.
    pub(crate) fn value(&self, scale: u32, code: u16) -> f64 {
        if self.nan && scale == 0xff {
            return f64::NAN;
        }
        let (magnitude, negative) = if self.twos {
            let k = i32::from(code as u8 as i8);
            (k.unsigned_abs() as usize, k < 0)
        } else {
            (usize::from(code & ((1 << self.width) - 1)), code >> self.width == 1)
        };
        let value = self.table.0[magnitude].times(Dyadic::power(scale as i32 + self.least));
        if negative { -value.to_f64() } else { value.to_f64() }
    }
}

/// The number of binary32 nearest to x/d, ties to the even code: its bits, by bisection. At most the
/// largest finite.
pub(crate) fn binary32(x: Dyadic, d: Dyadic) -> u32 {
    let value = |bits: u32| Dyadic::of(f64::from(f32::from_bits(bits)));
    let (mut low, mut high) = (0, f32::MAX.to_bits());
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if value(middle).times(d).cmp(x) == Ordering::Greater {
            high = middle - 1
        } else {
            low = middle
        }
    }
    if low == f32::MAX.to_bits() {
        return low;
    }
    let middle = value(low).plus(value(low + 1));
    match (Dyadic { m: x.m, e: x.e + 1 }).cmp(middle.times(d)) {
        Ordering::Less => low,
        Ordering::Equal => low + low % 2,
        Ordering::Greater => low + 1,
    }
}

/// NVFP4: codes of all scales and elements, and g.
pub(crate) fn nvfp4(tensor: &[Vec<f64>]) -> (f32, Vec<Codes>) {
    let e2m1 = Table::float(1, 1, 7);
    let e4m3 = Table::float(3, 7, 0x7e);
    let largest = |values: &mut dyn Iterator<Item = f64>| {
        values
            .filter(|x| x.is_finite())
            .map(Dyadic::of)
            .fold(Dyadic::ZERO, |amax, x| if x.cmp(amax) == Ordering::Greater { x } else { amax })
    };
    let amax = largest(&mut tensor.iter().flatten().copied());
    let g = match amax.m {
        0 => 1.0,
        _ => f32::from_bits(binary32(amax, Dyadic { m: 6 * 448, e: 0 }).max(1)),
    };
    let exact_g = Dyadic::of(f64::from(g));
    let codes = tensor.iter().map(|block| {
        if block.iter().any(|x| !x.is_finite()) {
            return (0x7f, vec![0; block.len()]);
        }
        let amax = largest(&mut block.iter().copied());
        let six_g = Dyadic { m: 6, e: 0 }.times(exact_g);
        // As g: never zero where the block has more than zeros.
        let s = round(&e4m3, amax, false, six_g, Mode::NearestEven).max(usize::from(amax.m != 0));
        let divisor = e4m3.0[s].times(exact_g);
        let element = |&x: &f64| {
            let magnitude = if s == 0 {
                0
            } else {
                round(&e2m1, Dyadic::of(x), x < 0.0, divisor, Mode::NearestEven)
            };
            magnitude as u16 | u16::from(x.is_sign_negative()) << 3
        };
        (s as u32, block.iter().map(element).collect())
    });
    (g, codes.collect())
}
