//! One value at a time: constant and run-time rules, independent values and chains.

use std::hint::black_box;
use std::rc::Rc;

use half::f16;
use lowprec::{Chop, Format, Rounding, chop, reference};

use crate::args::Args;
use crate::measure::{Meter, Row};
use crate::support::{Stored, normal};

const FORMAT: Format = Format::BINARY16;
const NEAREST: Chop = Chop::new(FORMAT, Rounding::NearestEven);

/// Values of a pass.
const VALUES: usize = 1024;

/// What the rows are called; each stands once with values that do not depend on each other and once
/// in a chain.
pub(crate) const NOTHING: &str = "nothing";
pub(crate) const CONSTANT: &str = "chop(x, CONST, CONST)";
pub(crate) const CONSTANT_CHOP: &str = "constant Chop";
pub(crate) const RUN_TIME_CHOP: &str = "run-time Chop";
pub(crate) const STREAM: &str = "Stream, stochastic";
pub(crate) const DEFINITION: &str = "reference::chop";
pub(crate) const HALF: &str = "half 2.7: f16 and back";

pub(crate) const ROWS: [&str; 7] =
    [NOTHING, CONSTANT, CONSTANT_CHOP, RUN_TIME_CHOP, STREAM, DEFINITION, HALF];

pub(crate) fn independent(storage: &str, row: &str) -> String {
    format!("{storage} independent {row}")
}

pub(crate) fn chain(storage: &str, row: &str) -> String {
    format!("{storage} chain {row}")
}

pub(crate) fn measure(args: &Args, meter: &mut Meter) {
    let mut rows = Vec::new();
    add_rows::<f64>(args, &mut rows);
    add_rows::<f32>(args, &mut rows);
    add::<f32>(args, &mut rows, HALF, |x| f16::from_f32(x).to_f32());
    meter.take("one by one", rows);
}

fn add_rows<T: Stored>(args: &Args, rows: &mut Vec<Row<'_>>) {
    add::<T>(args, rows, NOTHING, |x| x);
    add::<T>(args, rows, CONSTANT, |x| chop(x, FORMAT, Rounding::NearestEven));
    add::<T>(args, rows, CONSTANT_CHOP, |x| NEAREST.chop(x));
    let run_time = black_box(NEAREST);
    add::<T>(args, rows, RUN_TIME_CHOP, move |x| run_time.chop(x));
    let stream = Chop::new(FORMAT, Rounding::Stochastic).stream(1);
    add::<T>(args, rows, STREAM, move |x| stream.chop(x));
    add::<T>(args, rows, DEFINITION, |x| reference::chop(x, &NEAREST.rule(), &[]));
}

/// `round` applied to each value, which goes through memory one by one, or the compiler would make
/// vectors of them; then to each sum with the value before.
fn add<T: Stored>(
    args: &Args,
    rows: &mut Vec<Row<'_>>,
    row: &str,
    round: impl Fn(T) -> T + 'static,
) {
    let count = args.elements.min(VALUES);
    let (values, round) = (normal::<T>(count), Rc::new(round));
    let same = Rc::clone(&round);
    rows.push(Row::new(independent(T::NAME, row), count, move || {
        for x in &values {
            black_box(same(black_box(*x)));
        }
    }));
    let step = black_box(T::from(0.1).expect("a small number"));
    rows.push(Row::new(chain(T::NAME, row), count, move || {
        black_box((0..count).fold(black_box(T::one()), |x, _| round(x + step)));
    }));
}
