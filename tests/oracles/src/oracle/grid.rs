//! Where a number lies among the positive values of a format within a storage type: found in the
//! list of all values, or, for formats too wide to list, by division.

use std::cmp::Ordering;

use lowprec::{Format, Storage};

use super::exact::Exact;

/// Where a number above zero lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// It is a value.
    At,
    /// Strictly between two neighbours; `high` may be the one step beyond the largest value that an
    /// exponent unbounded above would give.
    Between { low: Exact, high: Exact, low_is_odd: bool, side: Ordering },
    /// At or above that step.
    Beyond,
    /// Below the smallest value of a format without zero.
    BelowAll,
}

#[derive(Debug)]
pub struct Grid {
    /// The largest value of the intersection, and whether its code is odd. Zero where the storage type
    /// holds no other.
    pub largest: Exact,
    pub largest_is_odd: bool,
    /// The value that would follow it.
    pub beyond: Exact,
    finder: Finder,
}

#[derive(Debug)]
enum Finder {
    Listed(Listed),
    Divided(Divided),
}

impl Grid {
    /// Lists formats of at most 17 bits, divides in the others.
    #[must_use]
    pub fn new<T: Storage>(format: &Format) -> Self {
        match format.total_bits() {
            Some(..=17) => Self::listed::<T>(format),
            _ => Self::divided::<T>(format),
        }
    }

    #[must_use]
    pub fn listed<T: Storage>(format: &Format) -> Self {
        let listed = Listed::new::<T>(format);
        let (largest, code_is_odd) = listed.values.last().copied().unwrap_or((Exact::ZERO, false));
        // Where the storage type's last bit lies above the format's, it is the last digit there is.
        let last = T::EMIN - (T::PRECISION as i32 - 1);
        let digits = format.mantissa_bits() as i32;
        let cut = digits > 0 && !largest.is_zero() && largest.leading() - digits < last;
        let largest_is_odd = if cut { largest.trailing() == last } else { code_is_odd };
        let beyond = listed.beyond;
        Self { largest, largest_is_odd, beyond, finder: Finder::Listed(listed) }
    }

    #[must_use]
    pub fn divided<T: Storage>(format: &Format) -> Self {
        let divided = Divided::new::<T>(format);
        let top = Exact::of_f64(format.largest_finite().min(T::max_value().widen()));
        if let Some(normal) = divided.smallest_normal
            && top < normal
        {
            let finder = Finder::Divided(divided);
            return Self { largest: Exact::ZERO, largest_is_odd: false, beyond: normal, finder };
        }
        let (count, quantum) = divided.floor(top);
        let (largest, beyond) = (Exact::new(count, quantum), Exact::new(count + 1, quantum));
        let largest_is_odd = count != 0 && divided.is_odd(count, largest.leading());
        Self { largest, largest_is_odd, beyond, finder: Finder::Divided(divided) }
    }

    #[must_use]
    pub fn place(&self, x: Exact) -> Place {
        if x >= self.beyond {
            return Place::Beyond;
        }
        match &self.finder {
            Finder::Listed(listed) => listed.place(x),
            Finder::Divided(divided) => divided.place(x),
        }
    }
}

fn between(x: Exact, low: Exact, high: Exact, low_is_odd: bool) -> Place {
    Place::Between { low, high, low_is_odd, side: x.side(low, high) }
}

/// Every positive value of the intersection with the parity of its code, ascending.
#[derive(Debug)]
struct Listed {
    values: Vec<(Exact, bool)>,
    beyond: Exact,
    has_zero: bool,
    /// Nothing between zero and the smallest normal number: the two count as 0 and 1.
    zero_is_neighbour_of_normal: bool,
}

impl Listed {
    fn new<T: Storage>(format: &Format) -> Self {
        let sign_bit = u32::from(format.has_sign());
        let magnitudes =
            1_u64 << (format.total_bits().expect("listed formats have codes") - sign_bit);
        let mut values: Vec<(Exact, bool)> = (0..magnitudes)
            .filter_map(|code| Some((Exact::of_datum(format.decode_exact(code)?)?, code % 2 == 1)))
            .filter(|(value, _)| !value.is_zero())
            .collect();
        assert!(values.is_sorted_by(|a, b| a.0 < b.0), "{format}: codes must ascend");
        // As if the exponent were unbounded above, whichever of the two ranges ends first.
        let within = values.iter().rev().find(|(value, _)| value.leading() <= T::EMAX);
        let beyond = within.map_or(values[0].0, |(largest, _)| {
            let quantum = largest.leading().max(format.emin()) - format.mantissa_bits() as i32;
            Exact::new(largest.in_units(quantum) as u64 + 1, quantum)
        });
        values.retain(|(value, _)| storage_holds::<T>(*value));
        Self {
            values,
            beyond,
            has_zero: format.has_zero(),
            zero_is_neighbour_of_normal: !format.has_subnormals(),
        }
    }

    fn place(&self, x: Exact) -> Place {
        let above = self.values.partition_point(|(value, _)| *value < x);
        let high = match self.values.get(above) {
            Some((value, _)) if *value == x => return Place::At,
            Some((value, _)) => *value,
            None => self.beyond,
        };
        match above.checked_sub(1) {
            Some(below) => between(x, self.values[below].0, high, self.values[below].1),
            None if !self.has_zero => Place::BelowAll,
            None => {
                let first_is_odd = self.values.first().is_none_or(|(_, odd)| *odd);
                assert!(self.zero_is_neighbour_of_normal || first_is_odd, "1 is odd");
                between(x, Exact::ZERO, high, false)
            }
        }
    }
}

fn storage_holds<T: Storage>(x: Exact) -> bool {
    let (top, last) = (T::EMAX, T::EMIN - (T::PRECISION as i32 - 1));
    x.leading() <= top && x.trailing() >= last && x.leading() - x.trailing() < T::PRECISION as i32
}

/// Multiples of a quantum that depends on the leading bit. For formats with zero.
#[derive(Debug)]
struct Divided {
    precision: i32,
    /// The quantum never lies below 2^this.
    last: i32,
    /// Below this one nothing but zero, where there are no subnormal numbers.
    smallest_normal: Option<Exact>,
}

impl Divided {
    fn new<T: Storage>(format: &Format) -> Self {
        assert!(format.has_zero() && (format.is_unbounded() || format.precision() > 1), "{format}");
        let storage_last = T::EMIN - (T::PRECISION as i32 - 1);
        let unbounded = format.is_unbounded();
        let own_last =
            if unbounded { i32::MIN } else { format.emin() - format.mantissa_bits() as i32 };
        let sparse = !unbounded && !format.has_subnormals();
        Self {
            precision: format.precision().min(T::PRECISION) as i32,
            last: own_last.max(storage_last),
            smallest_normal: sparse.then(|| Exact::new(1, format.emin())),
        }
    }

    /// ⌊x / quantum⌋ and the quantum's exponent.
    fn floor(&self, x: Exact) -> (u64, i32) {
        let quantum = (x.leading() - (self.precision - 1)).max(self.last);
        let unit = quantum.min(x.trailing());
        if x.leading() < quantum {
            return (0, quantum);
        }
        // The leading bit is at or above the quantum, so the count has at most 53 bits and the
        // number at most 53 more below it.
        ((x.in_units(unit) >> (quantum - unit)) as u64, quantum)
    }

    /// Whether the code of count·quantum is odd. With one bit of precision and no codes the parity
    /// is that of the exponent.
    fn is_odd(&self, count: u64, leading: i32) -> bool {
        match self.precision {
            1 => leading.rem_euclid(2) == 1,
            _ => count % 2 == 1,
        }
    }

    fn place(&self, x: Exact) -> Place {
        if let Some(normal) = self.smallest_normal
            && x < normal
        {
            return between(x, Exact::ZERO, normal, false);
        }
        let (count, quantum) = self.floor(x);
        let low = Exact::new(count, quantum);
        if low == x {
            return Place::At;
        }
        let low_is_odd = count != 0 && self.is_odd(count, low.leading());
        between(x, low, Exact::new(count + 1, quantum), low_is_odd)
    }
}
