//! Over all 2^16 words in one place, exactly ⌊ν·2^16⌋ round away, and one asks for the next word
//! where ν·2^16 is no integer; with that word forced, the same one level down.

use std::convert::Infallible;

use lowprec::{Chop, Format, Rounding, Storage, reference, reference::Rule};
use rand::TryRng;

use crate::{HALF, power};

/// How many of the 2^16 words round away whatever follows, how many stay, how many leave it open.
#[derive(PartialEq, Eq, Debug)]
struct Census {
    away: u32,
    stay: u32,
    open: u32,
}

impl Census {
    /// `decide(word, tail)`: whether that word in the place looked at, and after it nothing but
    /// `tail`, rounds away. The smaller U, the sooner it does; a word that says one thing before
    /// zeros and another before ones leaves it open.
    fn take(decide: impl Fn(u16, u16) -> bool) -> Self {
        let mut census = Self { away: 0, stay: 0, open: 0 };
        for word in 0..=u16::MAX {
            match (decide(word, 0), decide(word, u16::MAX)) {
                (true, true) => census.away += 1,
                (false, false) => census.stay += 1,
                (true, false) => census.open += 1,
                (false, true) => panic!("word {word:#x}: larger U rounds away, smaller does not"),
            }
        }
        census
    }

    /// What it must be where ν has the digit `digit` in this place, and digits after it or not.
    fn expected(digit: u16, continues: bool) -> Self {
        let (away, open) = (u32::from(digit), u32::from(continues));
        Self { away, stay: 65536 - away - open, open }
    }
}

/// ν = 2^-k, or 1 - 2^-k: its digits in groups of 16.
#[derive(Clone, Copy, Debug)]
struct Nu {
    k: usize,
    complement: bool,
}

impl Nu {
    /// The place of the last digit that is not zero.
    fn last(self) -> usize {
        (self.k - 1) / 16
    }

    /// Whether a digit that is not zero follows before the cap of 512, past which nothing is away:
    /// only then can what follows a word that ties make a difference.
    fn goes_on_after(self, place: usize) -> bool {
        (place + 1..32).any(|later| self.digit(later) != 0)
    }

    fn digit(self, place: usize) -> u16 {
        let lowest = 1 << (15 - (self.k - 1) % 16);
        match (place.cmp(&self.last()), self.complement) {
            (std::cmp::Ordering::Less, complement) => {
                if complement {
                    u16::MAX
                } else {
                    0
                }
            }
            (std::cmp::Ordering::Equal, false) => lowest,
            (std::cmp::Ordering::Equal, true) => !(lowest - 1),
            (std::cmp::Ordering::Greater, _) => 0,
        }
    }
}

const fn nu(k: usize) -> Nu {
    Nu { k, complement: false }
}

const fn one_less(k: usize) -> Nu {
    Nu { k, complement: true }
}

/// A value whose cut-off fraction is ν, and its neighbour away from zero.
struct Site<T> {
    nu: Nu,
    x: T,
    away: T,
}

/// Normal, subnormal, below the smallest subnormal, and beyond the largest finite number: in the
/// binary16 of `HALF`, with as many digits of ν as binary64 has room for.
fn sites_in_f64() -> Vec<Site<f64>> {
    let mut sites = Vec::new();
    for nu in [nu(1), nu(40), one_less(40), one_less(2)] {
        let tail = if nu.complement { 1.0 - power(-(nu.k as i32)) } else { power(-(nu.k as i32)) };
        let ulp = power(-10);
        sites.push(Site { nu, x: 1.0 + ulp * tail, away: 1.0 + ulp });
        let last = power(-24);
        sites.push(Site { nu, x: last * (3.0 + tail), away: last * 4.0 });
        sites.push(Site { nu, x: last * tail, away: last });
        sites.push(Site { nu, x: 65504.0 + 32.0 * tail, away: f64::INFINITY });
    }
    sites.push(Site { nu: nu(1050), x: power(-1074), away: power(-24) });
    sites
}

/// The same in f32: fewer digits in the normal range, all of f32's exponents below it.
fn sites_in_f32() -> Vec<Site<f32>> {
    let mut sites = Vec::new();
    for nu in [nu(1), nu(13), one_less(13)] {
        let tail = if nu.complement { 1.0 - power(-(nu.k as i32)) } else { power(-(nu.k as i32)) };
        let ulp = power(-10);
        sites.push(Site { nu, x: (1.0 + ulp * tail) as f32, away: (1.0 + ulp) as f32 });
        sites.push(Site { nu, x: (65504.0 + 32.0 * tail) as f32, away: f32::INFINITY });
    }
    for nu in [nu(1), nu(40), nu(125)] {
        let x = power(-24 - nu.k as i32) as f32;
        sites.push(Site { nu, x, away: power(-24) as f32 });
    }
    sites.push(Site {
        nu: one_less(24),
        x: power(-24) as f32 * (1.0 - power(-24) as f32),
        away: power(-24) as f32,
    });
    sites
}

/// Whether the definition rounds `site.x` to its upper neighbour, with the given random bits.
fn defined_away<T: Storage>(site: &Site<T>, random: &[u16]) -> bool {
    let y = reference::chop(site.x, &HALF.rule(), random);
    assert!(y == site.away || y < site.x, "{:?} gave {y:?}", site.x);
    y == site.away
}

fn by_definition<T: Storage>(sites: &[Site<T>]) {
    const PLACES: usize = 34;
    for site in sites {
        for place in [0, 1, 2, 3] {
            if place > site.nu.last() {
                continue;
            }
            let census = Census::take(|word, tail| {
                let mut random = [tail; PLACES];
                for (before, group) in random[..place].iter_mut().enumerate() {
                    *group = site.nu.digit(before);
                }
                random[place] = word;
                defined_away(site, &random)
            });
            let expected = Census::expected(site.nu.digit(place), site.nu.goes_on_after(place));
            assert_eq!(census, expected, "x = {:?}, {:?}, place {place}", site.x, site.nu);
        }
    }
}

#[test]
fn the_definition_counts_exactly_at_every_level() {
    by_definition(&sites_in_f64());
    by_definition(&sites_in_f32());
}

/// The kernel, through `chop_slice_words`: U is one 32-bit word, two places.
fn by_words<T: Storage>(sites: &[Site<T>]) {
    for site in sites {
        let away = |word: u16, tail: u16| u32::from(word) << 16 | u32::from(tail);
        let forced = |_: u16, word: u16| u32::from(site.nu.digit(0)) << 16 | u32::from(word);
        let first = Census::take_slices(site, away);
        let expected = Census::expected(site.nu.digit(0), site.nu.last() > 0);
        // A word that ties with the first place is decided by the second alone, and past that U
        // ends: not away. Where the second place holds a zero of ν, no tail of it is below ν.
        let expected = match site.nu.digit(1) {
            0 => Census { open: 0, stay: expected.stay + expected.open, ..expected },
            _ => expected,
        };
        assert_eq!(first, expected, "x = {:?}, {:?}", site.x, site.nu);
        if site.nu.last() > 0 {
            let words: Vec<u32> = (0..=u16::MAX).map(|word| forced(0, word)).collect();
            let away = rounded_away(site, &words).iter().filter(|&&away| away).count();
            assert_eq!(away, usize::from(site.nu.digit(1)), "x = {:?}, place 1", site.x);
        }
    }
}

fn rounded_away<T: Storage>(site: &Site<T>, words: &[u32]) -> Vec<bool> {
    let mut values = vec![site.x; words.len()];
    HALF.chop_slice_words(&mut values, words);
    values.into_iter().map(|y| y == site.away).collect()
}

impl Census {
    /// As [`Census::take`], all words in two slices.
    fn take_slices<T: Storage>(site: &Site<T>, word: impl Fn(u16, u16) -> u32) -> Self {
        let all = |tail| (0..=u16::MAX).map(|first| word(first, tail)).collect::<Vec<_>>();
        let [zeros, ones] = [0, u16::MAX].map(|tail| rounded_away(site, &all(tail)));
        Self::take(
            |word, tail| if tail == 0 { zeros[usize::from(word)] } else { ones[usize::from(word)] },
        )
    }
}

#[test]
fn given_words_count_exactly_at_both_levels() {
    by_words(&sites_in_f64());
    by_words(&sites_in_f32());
}

/// Hands out the given words and, when they are used up, zeros.
struct Scripted<'a>(std::slice::Iter<'a, u32>);

impl TryRng for Scripted<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next().copied().unwrap_or(0))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("random bits are taken 32 at a time")
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
        unreachable!("random bits are taken 32 at a time")
    }
}

/// The kernel's ties, settled by more words of the caller's generator: 32 bits first, then 16 a
/// word, as `chop_with` takes them.
#[test]
fn a_generator_is_asked_for_as_many_words_as_ties_need() {
    for site in sites_in_f64() {
        let places = site.nu.last() + 1;
        let digits = |count: usize| {
            let first = u32::from(site.nu.digit(0)) << 16 | u32::from(site.nu.digit(1));
            let later = (2..count).map(|place| u32::from(site.nu.digit(place)) << 16);
            std::iter::once(first).chain(later).collect::<Vec<u32>>()
        };
        // Ties everywhere but in the last word asked for: one less is away, the same is not.
        let capped = places.min(32);
        for place in 2..capped {
            let mut words = digits(place + 1);
            let last = words.last_mut().expect("at least two words");
            let digit = *last;
            *last = digit.wrapping_sub(1 << 16);
            let below = HALF.chop_with(site.x, &mut Scripted(words.iter()));
            assert_eq!(below == site.away, digit != 0, "x = {:e}, place {place}", site.x);
            *words.last_mut().expect("as above") = digit.wrapping_add(1 << 16);
            let above = HALF.chop_with(site.x, &mut Scripted(words.iter()));
            let wrapped = digit == 0xffff_0000;
            assert_eq!(above == site.away, wrapped, "x = {:e}, place {place}", site.x);
        }
        // All digits tie, to the end or to the cap of 512 bits: not away.
        let words = digits(capped);
        assert!(HALF.chop_with(site.x, &mut Scripted(words.iter())) < site.x, "x = {:e}", site.x);
    }
}

/// ν = 2^-1050 has no digit before the cap. The one word that ties shows by what it asks for: all
/// of the 480 bits that are left, while every other word is enough.
#[test]
fn one_word_ties_where_all_of_nus_first_digits_are_zero() {
    for first in (0..=u16::MAX).map(u32::from) {
        let words = [first << 16; 40];
        let mut generator = Scripted(words.iter());
        let y = HALF.chop_with(power(-1074), &mut generator);
        let asked = words.len() - generator.0.len();
        assert_eq!((y, asked), (0.0, if first == 0 { 31 } else { 1 }), "word {first:#x}");
    }
}

#[test]
fn both_signs_round_by_magnitude() {
    for site in sites_in_f64() {
        for word in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let mut pair = [site.x, -site.x];
            HALF.chop_slice_words(&mut pair, &[word; 2]);
            assert_eq!(pair[0].to_bits(), (-pair[1]).to_bits(), "x = {:e}", site.x);
        }
    }
}

#[test]
fn stochastic_equal_looks_at_the_first_bit_alone() {
    let equal = Chop::new(Format::BINARY16, Rounding::StochasticEqual);
    for site in sites_in_f64() {
        let words = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
        let mut values = [site.x; 5];
        equal.chop_slice_words(&mut values, &words);
        let away = values.map(|y| y == site.away);
        assert_eq!(away, [false, false, false, true, true], "x = {:e}", site.x);
        for (word, away) in words.into_iter().zip(away) {
            let y = reference::chop(site.x, &equal.rule(), &[(word >> 16) as u16, word as u16]);
            assert_eq!(y == site.away, away);
        }
        // An exact value stays, whatever the bits.
        let mut exact = [site.away; 2];
        equal.chop_slice_words(&mut exact, &[0, u32::MAX]);
        assert_eq!(exact, [site.away; 2]);
    }
}

/// DLFloat16's smallest positive number is 513·2^-40, so that below it ν is no binary fraction:
/// 171·2^-40 has ν = 1/3 = 0.010101…
#[test]
fn below_dlfloats_smallest_number_nu_is_a_third() {
    let rule = Rule::new(Format::DLFLOAT16, Rounding::Stochastic);
    let (x, away) = (171.0 * power(-40), 513.0 * power(-40));
    assert_eq!(Format::DLFLOAT16.smallest_positive(), away);
    for place in [0, 1, 2, 30] {
        let census = Census::take(|word, tail| {
            let mut random = [tail; 34];
            random[..place].fill(0x5555);
            random[place] = word;
            reference::chop(x, &rule, &random) == away
        });
        assert_eq!(census, Census::expected(0x5555, true), "place {place}");
    }
    // 512 digits that tie: not away.
    assert_eq!(reference::chop(x, &rule, &[0x5555; 32]), 0.0);
    let mut mine = [0x5555; 32];
    mine[31] = 0x5554;
    assert_eq!(reference::chop(x, &rule, &mine), away);

    fn by_words<T: Storage>(x: T, away: T) {
        let words = [0, 0x5555_5554, 0x5555_5555, 0x5555_5556, u32::MAX];
        let mut values = [x; 5];
        Chop::new(Format::DLFLOAT16, Rounding::Stochastic).chop_slice_words(&mut values, &words);
        let zero = T::zero();
        assert_eq!(values, [away, away, zero, zero, zero]);
    }
    by_words(x, away);
    by_words(x as f32, away as f32);
}
