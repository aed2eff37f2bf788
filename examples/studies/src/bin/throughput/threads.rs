//! Two threads beside a copy by two threads (feature `rayon`).

use lowprec::{Chop, Format, Rounding};
use rayon::prelude::*;

use crate::args::Args;
use crate::measure::{Meter, Row};
use crate::rows::Buffers;
use crate::support::{Stored, in_place, normal};

/// Values a task copies.
const TASK: usize = 1 << 15;

pub(crate) fn copy(storage: &str) -> String {
    format!("{storage} two threads copy")
}

pub(crate) fn row(storage: &str, mode: Rounding) -> String {
    format!("{storage} two threads {mode}")
}

pub(crate) fn measure(args: &Args, meter: &mut Meter) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
    if let (Ok(pool), true) = (pool, args.large > 0) {
        storage::<f64>(args, meter, &pool);
        storage::<f32>(args, meter, &pool);
    }
}

fn storage<T: Stored>(args: &Args, meter: &mut Meter, pool: &rayon::ThreadPool) {
    let Buffers { from, to } = &Buffers::of(&normal::<T>(args.large));
    let copying = || {
        Row::new(copy(T::NAME), from.len(), || {
            let to = &mut **to.borrow_mut();
            pool.install(|| {
                let tasks = to.par_chunks_mut(TASK).zip(from.par_chunks(TASK));
                tasks.for_each(|(to, from)| to.copy_from_slice(from));
            });
        })
    };
    let mut rows = Vec::new();
    for mode in [Rounding::NearestEven, Rounding::Stochastic] {
        // Before each: both ratios hang on it.
        rows.push(copying());
        rows.push(Row::prepared(row(T::NAME, mode), from.len(), move || {
            in_place(1, from, &mut to.borrow_mut(), |values| {
                let stream = Chop::new(Format::BINARY16, mode).stream(1);
                pool.install(move || stream.par_chop_slice(values));
            })
        }));
    }
    meter.take("two threads", rows);
}
