//! Quantizers on rayon's threads: the same bits as the sequential calls, never used unasked.

use rayon::prelude::*;

use super::code::IntegerCode;
use super::engine::{self, Quantizer, Quantizes};
use super::error::QuantError;
use crate::chop::{Random, Seeded};
use crate::rounding::random::{Drawn, Given, Source};
use crate::storage::Storage;

/// Fewer values are quantized on the calling thread: waking another takes 30 to 40 µs.
const LEAST: usize = 1 << 17;

/// Values of a task; in a stochastic mode an integer of random blocks.
const TASK: usize = 1 << 15;

/// A source of its own for each task.
type Sources = Box<dyn Fn() -> Box<dyn Source> + Sync>;

/// A quantizer of which the random bits of a call can be shared out.
pub(super) trait Shares: Quantizes {
    /// What makes a source, and the number of the first of `count` elements.
    fn share(&self, count: u64) -> (Sources, u64);
}

impl<Q: Quantizer> Shares for Q {
    fn share(&self, _count: u64) -> (Sources, u64) {
        (Box::new(|| Box::new(Drawn::new(rand::rng()))), 0)
    }
}

impl<Q: Quantizer + 'static> Shares for Seeded<Q> {
    fn share(&self, count: u64) -> (Sources, u64) {
        let (source, origin) = Random::share(self, count);
        (Box::new(move || Box::new(source())), origin)
    }
}

/// Takes the random bits of a call on `count` values; calls `run` with what gives each task its own of them, and with
/// the number of the first element.
fn with_sources<R>(
    quantizes: &impl Shares,
    count: usize,
    run: impl FnOnce(&(dyn Fn() -> Box<dyn Source> + Sync), u64) -> R,
) -> R {
    if quantizes.quantizer().rounding().is_stochastic() {
        let (source, origin) = quantizes.share(count as u64);
        run(&*source, origin)
    } else {
        run(&|| Box::new(Given(&[])), 0)
    }
}

#[track_caller]
pub(super) fn in_place<T: Storage>(quantizes: &impl Shares, values: &mut [T]) {
    if values.len() < LEAST {
        return engine::in_place(quantizes, values);
    }
    let quantizer = quantizes.quantizer();
    engine::right_length(quantizer, values.len());
    with_sources(quantizes, values.len(), |source, origin| {
        let tasks = values.par_chunks_mut(TASK).enumerate();
        tasks.for_each(|(number, part)| {
            engine::part_in_place(quantizer, &mut *source(), origin, number * TASK, part);
        });
    });
}

#[track_caller]
pub(super) fn encode<T: Storage, C: IntegerCode>(
    quantizes: &impl Shares,
    from: &[T],
    to: &mut [C],
) -> Result<(), QuantError> {
    if from.len() < LEAST {
        return engine::encode(quantizes, from, to);
    }
    let quantizer = quantizes.quantizer();
    engine::check_encode::<C>(quantizer, from.len(), to.len())?;
    with_sources(quantizes, from.len(), |source, origin| {
        let tasks = from.par_chunks(TASK).zip(to.par_chunks_mut(TASK)).enumerate();
        let failed = tasks.filter_map(|(number, (from, to))| {
            let start = number * TASK;
            let done = engine::encode_part(quantizer, &mut *source(), origin, start, from, to);
            done.err().map(|error| (number, error))
        });
        failed.min_by_key(|(number, _)| *number).map_or(Ok(()), |(_, error)| Err(error))
    })
}
