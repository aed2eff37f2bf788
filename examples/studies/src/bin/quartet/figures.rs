//! What is measured, and what it must be.

use lowprec::Format;
use lowprec::quant::clip::{self, Clip};
use lowprec::quant::quartet;

use crate::experiment::{Gradient, Normal, Way};

/// The least mean squared error of e2m1 on N(0, 1), and its clip (arXiv 2505.14669).
const LEAST: f64 = 0.0126849;
const CLIP: f64 = 2.92248;

/// Values quantized for an error.
const VALUES: usize = 1 << 20;

/// Estimates whose mean is taken, for each mode.
pub(crate) const ESTIMATES: usize = 256;

/// The two modes compared.
pub(crate) const MODES: [&str; 2] = ["stochastic", "nearest"];

pub(crate) struct Figures {
    /// Errors on N(0, 1) by clip, and the least.
    pub(crate) clips: Vec<Clip>,
    pub(crate) best: Clip,
    /// Relative errors of each way: on N(0, 1), with deviations spread over a binade, with outliers.
    pub(crate) errors: [[f64; 3]; 5],
    /// For each mode.
    pub(crate) estimates: [Estimates; 2],
}

/// Estimates of one gradient.
pub(crate) struct Estimates {
    pub(crate) alignments: Vec<f64>,
    /// ‖mean - g‖ / ‖g‖ of the mean of the first n, for n = 1, 2, 3 …
    pub(crate) distances: Vec<f64>,
}

impl Estimates {
    /// Mean alignment and its standard error.
    pub(crate) fn alignment(&self) -> (f64, f64) {
        let count = self.alignments.len() as f64;
        let mean = self.alignments.iter().sum::<f64>() / count;
        let squares: f64 = self.alignments.iter().map(|a| (a - mean) * (a - mean)).sum();
        (mean, (squares / (count - 1.0) / count).sqrt())
    }
}

impl Figures {
    pub(crate) fn measure(seed: u64) -> Self {
        let levels = levels();
        let error = |clip: f64| {
            let scaled: Vec<f64> = levels.iter().map(|level| level * clip / 6.0).collect();
            Clip { clip, error: clip::normal_error(&scaled) }
        };
        let normal = || Normal(seed);
        let values =
            [normal().many(VALUES), normal().spread(VALUES), normal().with_outliers(VALUES)];
        let gradient = Gradient::random(seed);
        Self {
            clips: (0..=160).map(|i| error(2.0 + f64::from(i) / 40.0)).collect(),
            best: clip::search_normal(&levels, 8.0).expect("a finite interval"),
            errors: Way::ALL.map(|way| [0, 1, 2].map(|kind| way.error(&values[kind], seed))),
            estimates: [
                estimates(&gradient, |run| {
                    let run = seed.wrapping_add(run);
                    gradient.estimate(run, quartet::STOCHASTIC.stream(run))
                }),
                estimates(&gradient, |run| {
                    gradient.estimate(seed.wrapping_add(run), quartet::NEAREST)
                }),
            ],
        }
    }

    /// The paper's figures, or what differs.
    pub(crate) fn check(&self) -> Result<(), String> {
        let near = |got: f64, want: f64, off: f64| (got - want).abs() <= off;
        let [(stochastic, _), (nearest, _)] = [0, 1].map(|mode| self.estimates[mode].alignment());
        let [plain, forward] = [Way::Plain, Way::Down].map(|way| self.errors[way as usize][2]);
        let claims = [
            (near(self.best.error, LEAST, 0.001 * LEAST), "the least error is 0.0126849 ± 0.1 %"),
            (near(self.best.clip, CLIP, 0.001 * CLIP), "it is at the clip 2.92248 ± 0.1 %"),
            (near(stochastic, 1.0, 0.005), "stochastic rounding aligns to 1 ± 0.005"),
            (nearest < 0.99, "nearest aligns to less than 0.99"),
            (forward < 0.5 * plain, "with outliers forward leaves less than half of plain's error"),
        ];
        match claims.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, claim)) => Err(format!("does not hold: {claim}")),
        }
    }
}

/// The numbers of FP4, ascending, one zero.
fn levels() -> Vec<f64> {
    let mut levels: Vec<f64> = Format::OCP_E2M1.values().map(|(_, x)| x).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels
}

fn estimates(gradient: &Gradient, estimate: impl Fn(u64) -> Vec<f64>) -> Estimates {
    let (mut alignments, mut distances, mut sum) = (Vec::new(), Vec::new(), Vec::new());
    for count in 1..=ESTIMATES {
        let one = estimate(count as u64);
        alignments.push(gradient.alignment(&one));
        sum.resize(one.len(), 0.0);
        sum.iter_mut().zip(one).for_each(|(sum, g)| *sum += g);
        distances.push(gradient.distance(&sum, count));
    }
    Estimates { alignments, distances }
}
