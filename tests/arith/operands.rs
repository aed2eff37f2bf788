//! Operands on which an operation can go wrong.

use lowprec::{Chop, Format, Rounding};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use crate::calls::{ADD, Columns, DIV, DOT, FMA, MUL, Op, SUB, SUM};
use lowprec_oracles::Bits;

/// What the operands of one element have in common.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Numbers of the format of ordinary size.
    Near,
    /// Numbers of the format from its whole range.
    Members,
    /// Few digits: exact results and ties.
    Short,
    /// Storage values from the format's whole range and a little beyond it, most not in the format.
    Wide,
    /// Storage values from the storage type's whole range.
    Storage,
    /// The last terms nearly cancel the others.
    Cancelling,
    /// A result about the format's largest number.
    Top,
    /// The storage type's largest numbers, and terms of a few of their last places.
    Brink,
    /// A result about the format's smallest numbers.
    Bottom,
    /// A result about the middle between two neighbours.
    Middle,
    /// Subnormal numbers of the format and the storage type among ordinary ones.
    Subnormal,
    /// Any bits.
    Bits,
    /// Zeros, infinities, NaN, ones among others.
    Special,
}

const KINDS: [Kind; 13] = [
    Kind::Near,
    Kind::Members,
    Kind::Short,
    Kind::Wide,
    Kind::Storage,
    Kind::Cancelling,
    Kind::Top,
    Kind::Brink,
    Kind::Bottom,
    Kind::Middle,
    Kind::Subnormal,
    Kind::Bits,
    Kind::Special,
];

/// Makes operands for one operation into one format.
#[derive(Debug)]
pub struct Operands {
    op: Op,
    nearest: Chop,
    precision: u32,
    /// Exponents of the smallest number, the smallest normal one, and the largest one that format and
    /// storage type share.
    low: i32,
    normal: i32,
    high: i32,
}

impl Operands {
    pub fn new<T: Bits>(op: Op, format: Format) -> Self {
        let storage_low = T::EMIN - (T::PRECISION as i32 - 1);
        let (mut low, mut normal, mut high) = (storage_low, T::EMIN, T::EMAX);
        if !format.is_unbounded() {
            low = low.max(format.emin() - format.mantissa_bits() as i32);
            normal = normal.max(format.emin());
            high = high.min(format.emax());
        }
        let nearest = Chop::new(format, Rounding::NearestEven);
        Self { op, nearest, precision: format.precision().min(T::PRECISION), low, normal, high }
    }

    /// So many elements, every kind as often as any other.
    pub fn columns<T: Bits>(&self, count: usize, rng: &mut StdRng) -> Columns<T> {
        self.collect(count, |i, rng| self.element::<T>(KINDS[i % KINDS.len()], rng), rng)
    }

    /// So many elements of one kind, by its number: slices of which nothing is special go through
    /// loops that one special element in a hundred keeps them from. Roots are of positive numbers.
    pub fn of_one_kind<T: Bits>(&self, count: usize, kind: usize, rng: &mut StdRng) -> Columns<T> {
        let kind = KINDS[kind % KINDS.len()];
        let positive = self.op.operands() == 1;
        let element = |_, rng: &mut StdRng| {
            let args = self.element::<T>(kind, rng);
            if positive { args.map(|x| x.abs()) } else { args }
        };
        self.collect(count, element, rng)
    }

    /// Ordinary elements with one of every kind in turn among each 625 of them: what is wrong with it
    /// must be seen where all its neighbours are right. `first` is the number of the first such kind.
    pub fn among_ordinary<T: Bits>(
        &self,
        count: usize,
        first: usize,
        rng: &mut StdRng,
    ) -> Columns<T> {
        let positive = self.op.operands() == 1;
        let element = |i: usize, rng: &mut StdRng| {
            if i % 625 == 300 {
                return self.element::<T>(KINDS[(first + i / 625) % KINDS.len()], rng);
            }
            let args = self.element::<T>([Kind::Near, Kind::Middle][i % 2], rng);
            if positive { args.map(|x| x.abs()) } else { args }
        };
        self.collect(count, element, rng)
    }

    fn collect<T: Bits>(
        &self,
        count: usize,
        element: impl Fn(usize, &mut StdRng) -> [T; 4],
        rng: &mut StdRng,
    ) -> Columns<T> {
        let mut columns = vec![Vec::with_capacity(count); self.op.operands()];
        for i in 0..count {
            for (column, x) in columns.iter_mut().zip(element(i, rng)) {
                column.push(x);
            }
        }
        columns
    }

    fn element<T: Bits>(&self, kind: Kind, rng: &mut StdRng) -> [T; 4] {
        let (low, high) = (self.low, self.high);
        let middle = 0.clamp(low, high);
        let near =
            |rng: &mut StdRng| rng.random_range((middle - 6).max(low)..=(middle + 6).min(high));
        match kind {
            Kind::Near => std::array::from_fn(|_| {
                let e = near(rng);
                self.member(number::<T>(e, rng))
            }),
            Kind::Members => std::array::from_fn(|_| {
                let e = rng.random_range(low..=high);
                self.member(number::<T>(e, rng))
            }),
            Kind::Short => std::array::from_fn(|_| {
                let digits = rng.random_range(1..=self.precision.div_ceil(2) + 1);
                short::<T>(near(rng), digits, rng)
            }),
            Kind::Wide => std::array::from_fn(|_| {
                let e = rng.random_range(low - 3..=high + 2);
                number::<T>(e, rng)
            }),
            Kind::Storage => std::array::from_fn(|_| {
                let e = rng.random_range(T::EMIN - T::PRECISION as i32..=T::EMAX);
                number::<T>(e, rng)
            }),
            Kind::Cancelling => self.cancelling(rng),
            Kind::Top => self.about(high, rng),
            Kind::Brink => std::array::from_fn(|_| brink(rng)),
            Kind::Bottom => self.about([self.low, self.normal][rng.random_range(0..2)], rng),
            Kind::Middle => self.about_a_middle(rng),
            Kind::Subnormal => std::array::from_fn(|_| {
                let e = match rng.random_range(0..4) {
                    0 => rng.random_range(low - 2..=self.normal),
                    1 => rng.random_range(T::EMIN - T::PRECISION as i32 + 1..=T::EMIN),
                    2 => rng.random_range(self.normal..=high),
                    _ => near(rng),
                };
                number::<T>(e, rng)
            }),
            Kind::Bits => std::array::from_fn(|_| T::of_word(rng.next_u64())),
            Kind::Special => std::array::from_fn(|_| {
                let tiny = T::of_word(1);
                let specials = [
                    T::zero(),
                    T::infinity(),
                    T::nan(),
                    T::one(),
                    tiny,
                    T::max_value(),
                    T::near(self.nearest.largest_finite::<f64>()),
                    T::near(self.nearest.smallest_positive::<f64>()),
                ];
                let x = specials.get(rng.random_range(0..12)).copied();
                let e = near(rng);
                match x {
                    Some(x) => signed(x, rng),
                    None => number(e, rng),
                }
            }),
        }
    }

    fn member<T: Bits>(&self, x: T) -> T {
        let y = self.nearest.chop(x);
        if y.is_finite() { y } else { x }
    }

    /// Half of them numbers of the format.
    fn either<T: Bits>(&self, x: T, rng: &mut StdRng) -> T {
        if rng.random() { self.member(x) } else { x }
    }

    /// Operands whose result has about that exponent.
    fn about<T: Bits>(&self, target: i32, rng: &mut StdRng) -> [T; 4] {
        let jitter = rng.random_range(-2..=1);
        let target = target + jitter;
        let e = rng.random_range(-20..=20).clamp(self.low, self.high);
        let exponents = match self.op {
            MUL | FMA => [e, target - e, target - rng.random_range(0..40), 0],
            DIV => [target + e, e, 0, 0],
            DOT => {
                let f = rng.random_range(-20..=20);
                [e, target - e, f, target - f - rng.random_range(0..30)]
            }
            ADD | SUB | SUM => {
                [target, target - rng.random_range(0..30), target - rng.random_range(0..60), 0]
            }
            _ => [target; 4],
        };
        exponents.map(|e| {
            let x = number::<T>(e, rng);
            self.either(x, rng)
        })
    }

    /// Terms whose sum is small, or zero.
    fn cancelling<T: Bits>(&self, rng: &mut StdRng) -> [T; 4] {
        let spread = rng.random_range(1..=30);
        let [x, y, mut z, mut w] = std::array::from_fn(|_| {
            let e = rng.random_range(-spread..=spread).clamp(self.low, self.high);
            let x = number::<T>(e, rng);
            self.either(x, rng)
        });
        let mut y = y;
        let beside = |x: T, rng: &mut StdRng| {
            let word = x.to_word();
            let steps = rng.random_range(0..4_u64);
            if word & 0xffff > 4 { T::of_word(word - steps) } else { x }
        };
        match self.op {
            ADD => y = beside(-x, rng),
            SUB => y = beside(x, rng),
            SUM => z = beside(-(x + y), rng),
            FMA => z = beside(-(x * y), rng),
            DOT if rng.random() => (z, w) = (beside(-x, rng), beside(y, rng)),
            DOT => w = beside(-(x * y) / z, rng),
            _ => y = beside(x, rng),
        }
        if rng.random_range(0..3) == 0 {
            z = self.member(z);
        }
        [x, y, z, w]
    }

    /// A number of the format and a term of half its last place, or a little beside it.
    fn about_a_middle<T: Bits>(&self, rng: &mut StdRng) -> [T; 4] {
        let e = rng.random_range(-3..=3).clamp(self.low, self.high);
        let x: T = self.member(number(e, rng));
        let half = scaled::<T>(T::one(), e - self.precision as i32);
        let far = half * scaled(T::one(), -rng.random_range(1..90));
        let (half, far) = (signed(half, rng), signed(far, rng));
        let beside = T::of_word(half.to_word() + rng.random_range(0..3) - 1);
        match self.op {
            SUM => [x, half, if rng.random() { far } else { T::zero() }, T::one()],
            FMA => {
                let factor = scaled(T::one(), rng.random_range(-9..=9));
                [beside / factor, factor, x, T::one()]
            }
            DOT => {
                let factor = scaled(T::one(), rng.random_range(-9..=9));
                [x / factor, factor, beside, T::one()]
            }
            // x·(1 + 2^-p) and its like: a product just beside the middle.
            MUL | DIV => [x, T::one() + beside / scaled(T::one(), e), half, far],
            _ => [x, beside, half, far],
        }
    }
}

/// One of the storage type's largest numbers, or so many eighths of its last place there, or one.
fn brink<T: Bits>(rng: &mut StdRng) -> T {
    let x = match rng.random_range(0..5) {
        0 | 1 => T::of_word(T::max_value().to_word() - rng.random_range(0..4)),
        2 | 3 => {
            let eighths = T::near(f64::from(rng.random_range(0..300)));
            scaled(eighths, T::EMAX - T::PRECISION as i32 - 2)
        }
        _ => T::one(),
    };
    signed(x, rng)
}

/// A number of random significand and sign with that exponent; zero or infinite beyond the range.
fn number<T: Bits>(e: i32, rng: &mut StdRng) -> T {
    let significand = T::of_word(T::one().to_word() | rng.next_u64() >> (65 - T::PRECISION));
    signed(scaled(significand, e), rng)
}

/// The same of so many digits.
fn short<T: Bits>(e: i32, digits: u32, rng: &mut StdRng) -> T {
    let count = 1_u64 << (digits - 1) | rng.next_u64() >> 1 >> (64 - digits);
    signed(scaled(T::near(count as f64), e - digits as i32 + 1), rng)
}

fn signed<T: Bits>(x: T, rng: &mut StdRng) -> T {
    if rng.random() { x } else { -x }
}

/// x·2^e, rounded to the storage type.
fn scaled<T: Bits>(x: T, e: i32) -> T {
    let e = e.clamp(-2000, 2000);
    // At most 668 in magnitude.
    let power = |e: i32| f64::from_bits(((e + 1023) as u64) << 52);
    let third = e / 3;
    let wide = x.widen() * power(third) * power(third) * power(e - 2 * third);
    T::near(wide)
}
