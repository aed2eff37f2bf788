//! A progress bar for files that take longer than a second, where a person is looking.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// One bar at a time, each for one stage of the work; none unless standard error is a terminal.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    watched: bool,
    stage: Cell<&'static str>,
    total: Cell<u64>,
    done: Cell<u64>,
    bar: RefCell<Option<ProgressBar>>,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// No bar yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            watched: io::stderr().is_terminal(),
            stage: Cell::new(""),
            total: Cell::new(0),
            done: Cell::new(0),
            bar: RefCell::new(None),
        }
    }

    /// Begins a stage of `total` steps.
    pub fn stage(&self, name: &'static str, total: usize) {
        self.finish();
        self.stage.set(name);
        self.total.set(total as u64);
        self.done.set(0);
    }

    /// `steps` more of the stage are done.
    pub fn advance(&self, steps: usize) {
        self.done.set(self.done.get() + steps as u64);
        if !self.watched || self.started.elapsed() < PATIENCE {
            return;
        }
        let mut bar = self.bar.borrow_mut();
        let bar = bar.get_or_insert_with(|| new_bar(self.stage.get(), self.total.get()));
        bar.set_position(self.done.get());
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(stage: &'static str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:9} [{bar:50}] {percent:>3} %  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    ProgressBar::new(total).with_style(style).with_message(stage)
}
