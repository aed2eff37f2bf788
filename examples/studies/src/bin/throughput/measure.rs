//! The smallest time of many, in passes over all rows of a group.

use std::time::{Duration, Instant};

use crate::figures::Figures;
use lowprec_studies::progress::Progress;

/// A sample lasts at least this long, so that reading the clock does not count.
const SAMPLE: Duration = Duration::from_micros(40);

/// How long a row is sampled in one pass.
const PASS: Duration = Duration::from_micros(1500);

/// One thing to time.
pub(crate) struct Row<'a> {
    name: String,
    elements: usize,
    /// Time of that many calls.
    sample: Box<dyn FnMut(u32) -> Duration + 'a>,
    /// Whether a sample is one call whatever it takes.
    single: bool,
    calls: u32,
}

impl<'a> Row<'a> {
    /// Calls that can follow each other.
    pub(crate) fn new(name: String, elements: usize, mut run: impl FnMut() + 'a) -> Self {
        let sample = Box::new(move |calls| {
            let start = Instant::now();
            for _ in 0..calls {
                run();
            }
            start.elapsed()
        });
        Self { name, elements, sample, single: false, calls: 1 }
    }

    /// Calls each of which needs something prepared that does not count; `run` says how long it took.
    pub(crate) fn prepared(
        name: String,
        elements: usize,
        mut run: impl FnMut() -> Duration + 'a,
    ) -> Self {
        Self { name, elements, sample: Box::new(move |_| run()), single: true, calls: 1 }
    }

    /// Finds out how many calls make a sample; warms up on the way.
    fn calibrate(&mut self) {
        while !self.single && (self.sample)(self.calls) < SAMPLE {
            self.calls *= 2;
        }
    }

    fn pass(&mut self, figures: &mut Figures) {
        let start = Instant::now();
        loop {
            let time = (self.sample)(self.calls).as_nanos() as f64;
            figures.note(&self.name, time / (f64::from(self.calls) * self.elements as f64));
            if start.elapsed() >= PASS {
                return;
            }
        }
    }
}

/// Takes times and keeps them.
pub(crate) struct Meter {
    figures: Figures,
    passes: usize,
    progress: Progress,
}

impl Meter {
    pub(crate) fn new(passes: usize) -> Self {
        Self { figures: Figures::default(), passes, progress: Progress::new() }
    }

    /// Measures the rows of a group in turns.
    pub(crate) fn take(&mut self, title: &'static str, mut rows: Vec<Row<'_>>) {
        self.progress.stage(title, self.passes * rows.len());
        rows.iter_mut().for_each(Row::calibrate);
        for _ in 0..self.passes {
            for row in &mut rows {
                row.pass(&mut self.figures);
                self.progress.advance(1);
            }
        }
    }

    pub(crate) fn finish(self) -> Figures {
        self.progress.finish();
        self.figures
    }
}
