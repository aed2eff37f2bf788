//! Every mode and format over slices.

use std::cell::RefCell;
use std::hint::black_box;

use lowprec::{Chop, Format, Level, Rounding, reference};

use crate::args::Args;
use crate::figures::{Place, Shape, copy, row};
use crate::measure::{Meter, Row};
use crate::support::{Buffer, DESTINATION, SOURCE, Stored, in_place, modes, normal};

/// Source and destination.
pub(crate) struct Buffers<T> {
    pub(crate) from: Buffer<T>,
    pub(crate) to: RefCell<Buffer<T>>,
}

impl<T: Stored> Buffers<T> {
    pub(crate) fn of(values: &[T]) -> Self {
        let to = RefCell::new(Buffer::new(values.len(), DESTINATION));
        Self { from: Buffer::of(values, SOURCE), to }
    }
}

/// A copy of the same bytes.
pub(crate) fn copying<T: Stored>(name: String, buffers: &Buffers<T>) -> Row<'_> {
    Row::new(name, buffers.from.len(), || {
        black_box(&mut **buffers.to.borrow_mut()).copy_from_slice(black_box(&buffers.from));
    })
}

/// A rounding, after a look at whether it is the right one.
pub(crate) fn rounding<T: Stored>(
    name: String,
    shape: Shape,
    chop: Chop,
    buffers: &Buffers<T>,
) -> Row<'_> {
    compare_with_definition(&chop, &buffers.from);
    let (stream, count) = (chop.stream(1), buffers.from.len());
    match shape {
        Shape::Into => Row::new(name, count, move || {
            let to = &mut **buffers.to.borrow_mut();
            stream.chop_into(black_box(&buffers.from), black_box(to));
        }),
        Shape::InPlace => Row::prepared(name, count, move || {
            in_place(1, &buffers.from, &mut buffers.to.borrow_mut(), |x| stream.chop_slice(x))
        }),
    }
}

/// The first values rounded as the definition says; whatever the random bits, by a neighbour.
fn compare_with_definition<T: Stored>(chop: &Chop, values: &[T]) {
    let values = &values[..values.len().min(100)];
    let mut rounded = values.to_vec();
    chop.stream(1).chop_slice(&mut rounded);
    let rule = chop.rule();
    for (&x, &y) in values.iter().zip(&rounded) {
        let by =
            |mode| reference::chop(x, &lowprec::reference::Rule { rounding: mode, ..rule }, &[]);
        let allowed = if chop.rounding().is_stochastic() {
            vec![by(Rounding::TowardZero), by(Rounding::AwayFromZero)]
        } else {
            vec![by(chop.rounding())]
        };
        let is_allowed = allowed.iter().any(|z| y == *z || y.is_nan() && z.is_nan());
        // Toward zero stays finite where the stochastic modes may overflow, and NaN is NaN.
        let is_special = !x.is_finite() && chop.rounding().is_stochastic();
        assert!(is_allowed || is_special, "{chop:?}: {x:?} became {y:?}");
    }
}

/// Formats and modes of one storage type, in both places.
pub(crate) fn measure<T: Stored>(args: &Args, meter: &mut Meter) {
    let small = Buffers::of(&normal::<T>(args.elements));
    for level in args.levels() {
        level.cap();
        let title = if T::NAME == "f64" { "f64, in cache" } else { "f32, in cache" };
        meter.take(title, group(&small, Place::InCache, &[Shape::Into], level, &args.formats()));
    }
    args.level().cap();
    if args.large > 0 {
        let large = Buffers::of(&normal::<T>(args.large));
        let title = if T::NAME == "f64" { "f64, large" } else { "f32, large" };
        let shapes = [Shape::Into, Shape::InPlace];
        meter.take(title, group(&large, Place::OutOfCache, &shapes, args.level(), &args.formats()));
    }
}

fn group<'a, T: Stored>(
    buffers: &'a Buffers<T>,
    place: Place,
    shapes: &[Shape],
    level: Level,
    formats: &[Format],
) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for format in formats {
        // As often as there are formats: a copy slowed by a busy machine would make every ratio look
        // good.
        rows.push(copying(copy(T::NAME, place), buffers));
        for mode in modes() {
            for &shape in shapes {
                let name = row(T::NAME, place, shape, level, format, mode);
                rows.push(rounding(name, shape, Chop::new(*format, mode), buffers));
            }
        }
    }
    rows
}
