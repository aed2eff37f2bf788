//! What was to be reached, and what was.

use lowprec::{Chop, Format, Level, Rounding};

use crate::args::Args;
use crate::codes;
use crate::figures::{Figures, Place, Shape, copy, row};
use crate::measure::{Meter, Row};
use crate::rows::{Buffers, rounding};
use crate::scalar;
use crate::support::{Stored, formats, normal, troubled};
use crate::tables::table;
#[cfg(feature = "rayon")]
use crate::threads;

const NEAREST: Rounding = Rounding::NearestEven;

/// Formats beside those of the tables: with the exponents of the storage type; then nearly as precise
/// as it, or with subnormals of their own and no room above.
fn more_formats(storage: &str) -> ([Format; 1], [Format; 3]) {
    let range = |precision, emin, emax| {
        Format::from_range(precision, emin, emax).expect("within what formats may be")
    };
    if storage == "f64" {
        let wide = [range(52, -100, 100), range(53, -100, 100), range(11, -14, 1023)];
        ([range(11, -1022, 1023)], wide)
    } else {
        let wide = [range(23, -50, 50), range(24, -50, 50), range(11, -14, 127)];
        ([range(11, -126, 127)], wide)
    }
}

fn troubled_name(storage: &str, level: Level, format: &Format) -> String {
    let mode = Rounding::Stochastic;
    format!("troubled {}", row(storage, Place::InCache, Shape::Into, level, format, mode))
}

/// What the tables do not have.
pub(crate) fn measure_more(args: &Args, meter: &mut Meter) {
    storage::<f64>(args, meter);
    storage::<f32>(args, meter);
}

fn storage<T: Stored>(args: &Args, meter: &mut Meter) {
    let level = args.level();
    let clean = Buffers::of(&normal::<T>(args.elements));
    let trouble =
        formats().map(|format| (format, Buffers::of(&troubled::<T>(args.elements, format))));
    let (ranges, wide) = more_formats(T::NAME);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for format in ranges.into_iter().chain(wide) {
        let name = row(T::NAME, Place::InCache, Shape::Into, level, &format, NEAREST);
        rows.push(rounding(name, Shape::Into, Chop::new(format, NEAREST), &clean));
    }
    for (format, buffers) in &trouble {
        let chop = Chop::new(*format, Rounding::Stochastic);
        let name = troubled_name(T::NAME, level, format);
        rows.push(rounding(name, Shape::Into, chop, buffers));
    }
    meter.take("special cases", rows);
}

/// The largest of some figures and what it belongs to; and the one in the middle, which a busy moment of
/// the machine does not change.
struct Worst {
    figure: Option<(f64, String)>,
    median: Option<f64>,
}

impl Worst {
    fn of(figures: impl Iterator<Item = (Option<f64>, String)>) -> Self {
        let mut known: Vec<_> = figures.filter_map(|(figure, of)| Some((figure?, of))).collect();
        known.sort_by(|a, b| a.0.total_cmp(&b.0));
        let median = (known.len() > 4).then(|| known[known.len() / 2].0);
        Self { figure: known.pop(), median }
    }
}

/// A row of the table.
struct Claim {
    what: String,
    reach: f64,
    /// How the figure is written.
    unit: &'static str,
    /// Whether the figure has to be at least, not at most, what is to be reached.
    at_least: bool,
    worst: Worst,
}

impl Claim {
    fn at_most(what: String, reach: f64, unit: &'static str, worst: Worst) -> Self {
        Self { what, reach, unit, at_least: false, worst }
    }

    fn at_least(what: String, reach: f64, unit: &'static str, worst: Worst) -> Self {
        Self { what, reach, unit, at_least: true, worst }
    }

    fn cells(&self) -> Vec<String> {
        let sign = if self.at_least { "≥" } else { "≤" };
        let reach = format!("{sign} {} {}", self.reach, self.unit);
        let Some((figure, of)) = &self.worst.figure else {
            return vec![self.what.clone(), reach, "not measured".to_owned(), String::new()];
        };
        let is_reached = if self.at_least { *figure >= self.reach } else { *figure <= self.reach };
        let median = self.worst.median.map_or_else(String::new, |x| format!("; median {x:.2}"));
        let of = if of.is_empty() { String::new() } else { format!(" ({of}{median})") };
        let measured = format!("{figure:.2} {}{of}", self.unit);
        vec![self.what.clone(), reach, measured, if is_reached { "yes" } else { "no" }.to_owned()]
    }
}

pub(crate) fn table_of_claims(args: &Args, figures: &Figures) -> String {
    let judge = Judge { figures, level: args.level() };
    let claims = [
        judge.out_of_cache(),
        judge.in_cache(),
        judge.stochastic(),
        judge.special(),
        judge.scalar(),
        judge.codes(),
    ];
    let rows = claims.iter().flatten().map(Claim::cells).collect();
    table(args, ["what", "to reach", "measured", "reached"], rows)
}

/// Ratios of the figures at one level.
struct Judge<'a> {
    figures: &'a Figures,
    level: Level,
}

const STORAGES: [&str; 2] = ["f64", "f32"];

impl Judge<'_> {
    fn row(&self, storage: &str, format: &Format, mode: Rounding) -> String {
        row(storage, Place::InCache, Shape::Into, self.level, format, mode)
    }

    /// The worst ratio of rows to the name that `to` gives, over formats and modes.
    fn worst(
        &self,
        formats: &[Format],
        modes: &[Rounding],
        ratio: impl Fn(&Format, Rounding) -> Option<f64>,
    ) -> Worst {
        let pairs = formats.iter().flat_map(|f| modes.iter().map(move |m| (f, *m)));
        Worst::of(pairs.map(|(f, m)| {
            let of = if modes.len() == 1 { f.to_string() } else { format!("{f}, {m}") };
            (ratio(f, m), of)
        }))
    }

    fn out_of_cache(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (shape, words, reach) in
            [(Shape::Into, "into another slice", 1.10), (Shape::InPlace, "in place", 0.75)]
        {
            for storage in STORAGES {
                let copy = copy(storage, Place::OutOfCache);
                let worst = self.worst(&formats(), &Rounding::DETERMINISTIC, |f, m| {
                    let row = row(storage, Place::OutOfCache, shape, self.level, f, m);
                    self.figures.ratio(&row, &copy)
                });
                let what = format!("deterministic modes out of cache, {words}, {storage}");
                claims.push(Claim::at_most(what, reach, "× copy", worst));
            }
        }
        claims
    }

    fn in_cache(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        for storage in STORAGES {
            let copy = copy(storage, Place::InCache);
            let nearest = |f: &Format| self.row(storage, f, NEAREST);
            let to_copy =
                self.worst(&formats(), &[NEAREST], |f, _| self.figures.ratio(&nearest(f), &copy));
            let what = format!("nearest-even in cache, {storage}");
            claims.push(Claim::at_most(what, 1.9, "× copy", to_copy));
            let to_nearest = self.worst(&formats(), &Rounding::DETERMINISTIC[1..], |f, m| {
                self.figures.ratio(&self.row(storage, f, m), &nearest(f))
            });
            let what = format!("other deterministic modes in cache, {storage}");
            claims.push(Claim::at_most(what, 2.0, "× nearest-even", to_nearest));
        }
        let half = codes::name(codes::BINARY16, codes::HALF);
        let own = codes::name(codes::BINARY16, codes::LOWPREC);
        let faster = Worst::of([(self.figures.ratio(&half, &own), String::new())].into_iter());
        let what = "binary16 in f32 against half's f32 → f16 → f32 slices, in cache".to_owned();
        claims.push(Claim::at_least(what, 2.0, "× as fast", faster));
        claims
    }

    fn stochastic(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mode = Rounding::Stochastic;
        let [binary16, _, e4m3, e2m1, _, unbounded] = formats();
        let cases = [
            ("f64", "", formats().to_vec(), 3.0),
            ("f32", ", p ≤ 7", vec![e4m3, e2m1], 4.5),
            ("f32", ", p = 11", vec![binary16, unbounded], 5.5),
        ];
        for (storage, digits, formats, reach) in cases {
            let worst = self.worst(&formats, &[mode], |f, m| {
                self.figures.ratio(&self.row(storage, f, m), &self.row(storage, f, NEAREST))
            });
            let what = format!("stochastic in cache, {storage}{digits}");
            claims.push(Claim::at_most(what, reach, "× nearest-even", worst));
        }
        for (storage, reach) in [("f64", 1.4), ("f32", 1.9)] {
            let copy = copy(storage, Place::OutOfCache);
            let worst = self.worst(&formats(), &[mode], |f, m| {
                let row = row(storage, Place::OutOfCache, Shape::Into, self.level, f, m);
                self.figures.ratio(&row, &copy)
            });
            let what = format!("stochastic out of cache, {storage}");
            claims.push(Claim::at_most(what, reach, "× copy", worst));
        }
        #[cfg(feature = "rayon")]
        for (storage, reach) in [("f64", 1.4), ("f32", 2.0)] {
            let ratio = self.figures.ratio(&threads::row(storage, mode), &threads::copy(storage));
            let worst = Worst::of([(ratio, "binary16".to_owned())].into_iter());
            let what = format!("stochastic out of cache, two threads, {storage}");
            claims.push(Claim::at_most(what, reach, "× copy by two", worst));
        }
        for storage in STORAGES {
            let worst = self.worst(&formats(), &[mode], |f, m| {
                let clean = self.row(storage, f, m);
                self.figures.ratio(&troubled_name(storage, self.level, f), &clean)
            });
            let what =
                format!("stochastic, a tenth NaN, infinite or overflowing, in cache, {storage}");
            claims.push(Claim::at_most(what, 1.5, "× clean data", worst));
        }
        claims
    }

    fn special(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        let unbounded = formats()[5];
        for storage in STORAGES {
            let (ranges, wide) = more_formats(storage);
            let binary16 = self.row(storage, &Format::BINARY16, NEAREST);
            let ratio = |f: &Format, m| self.figures.ratio(&self.row(storage, f, m), &binary16);
            let worst = self.worst(&[ranges[0], unbounded], &[NEAREST], ratio);
            let what =
                format!("nearest-even with the exponents of {storage} or unbounded, in cache");
            claims.push(Claim::at_most(what, 1.0, "× binary16", worst));
            let worst = self.worst(&wide, &[NEAREST], ratio);
            let digits = if storage == "f64" { 52 } else { 23 };
            let what = format!(
                "nearest-even, p ≥ {digits}, or own subnormals up to the top of {storage}, in cache"
            );
            claims.push(Claim::at_most(what, 2.0, "× binary16", worst));
        }
        claims
    }

    fn scalar(&self) -> Vec<Claim> {
        let slower = |name: fn(&str, &str) -> String, row: &str| {
            let figure = |storage: &&str| self.figures.get(&name(storage, row));
            Worst::of(STORAGES.iter().map(|s| (figure(s), (*s).to_owned())))
        };
        let call = |what: &str, reach, worst| Claim::at_most(what.to_owned(), reach, "ns", worst);
        let (alone, waiting) = (scalar::independent, scalar::chain);
        let constant = "one constant call, nearest-even";
        vec![
            call(&format!("{constant}, independent"), 2.5, slower(alone, scalar::CONSTANT)),
            call(&format!("{constant}, in a chain"), 4.5, slower(waiting, scalar::CONSTANT)),
            call("one seeded stochastic call", 8.0, slower(alone, scalar::STREAM)),
        ]
    }

    fn codes(&self) -> Vec<Claim> {
        [codes::TO_E4M3, codes::FROM_E4M3, codes::PACK_E2M1]
            .map(|work| {
                let ns = self.figures.get(&codes::name(work, codes::LOWPREC));
                let worst = Worst::of([(ns.map(|ns| 1.0 / ns), String::new())].into_iter());
                Claim::at_least(format!("{work}, in cache"), 2.5, "G elements/s", worst)
            })
            .into()
    }
}
