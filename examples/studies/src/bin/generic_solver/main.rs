//! One generic solver in `f64`, `f32` and six formats of low precision, errors side by side.
//!
//! Three functions take `T: num_traits::Float`, as numerics code in Rust does, and know nothing of this
//! crate: Newton's method, a step of Runge and Kutta, Gaussian elimination. Here `T` is `Lp<Binary16>` and
//! the like.
//!
//! ```text
//! cargo run --release -p lowprec-studies --bin generic_solver
//! cargo run --release -p lowprec-studies --bin generic_solver -- --size 12 --steps 64
//! ```

mod problems;
mod solvers;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};
use lowprec::number::{Bfloat16, Binary16, Binary32, Ieee, OcpE4m3, OcpE5m2, Tf32};
use lowprec::{Format, Lp};
use num_traits::Float;

use lowprec_studies::failure::Failure;
use problems::{Errors, Sizes};

/// Solves a cubic equation, an initial value problem and a linear system by generic code, in eight number
/// types.
#[derive(Parser)]
struct Arguments {
    /// Unknowns of the linear system
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=200))]
    size: u16,

    /// Steps of the Runge-Kutta method
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    steps: u16,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

/// Why three precisions err alike; `check` holds it to the figures.
const SAME: &str = "Equal errors at p = 11, 10 and 8: 2.09375 is the number next to the root 2.0945515\n\
in all three, and RK4 ends at 0.88671875 in all three, next to 0.8863602 at\n\
p = 10 and 8, the second next at p = 11.\n";

/// A number type: its name, unit roundoff and errors.
struct Row {
    name: String,
    unit: f64,
    errors: Errors,
}

impl Row {
    fn of<T: Float>(name: &str, format: Format, sizes: Sizes) -> Self {
        let name = format!("{name} (p = {})", format.precision());
        Self { name, unit: format.unit_roundoff(), errors: Errors::of::<T>(sizes) }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let sizes = Sizes { unknowns: arguments.size.into(), steps: arguments.steps.into() };
    // The format whose numbers are those of f32 must give what f32 gives.
    assert_eq!(Errors::of::<Lp<Binary32>>(sizes), Errors::of::<f32>(sizes));
    let rows = [
        Row::of::<f64>("f64", Format::BINARY64, sizes),
        Row::of::<f32>("f32", Format::BINARY32, sizes),
        Row::of::<Lp<Tf32>>("Lp<Tf32>", Format::TF32, sizes),
        Row::of::<Lp<Binary16>>("Lp<Binary16>", Format::BINARY16, sizes),
        Row::of::<Lp<Ieee<6, 9>>>(
            "Lp<Ieee<6, 9>>",
            Format::new(6, 9).map_err(Failure::input)?,
            sizes,
        ),
        Row::of::<Lp<Bfloat16>>("Lp<Bfloat16>", Format::BFLOAT16, sizes),
        Row::of::<Lp<OcpE4m3>>("Lp<OcpE4m3>", Format::OCP_E4M3, sizes),
        Row::of::<Lp<OcpE5m2>>("Lp<OcpE5m2>", Format::OCP_E5M2, sizes),
    ];
    if sizes == Sizes::default() {
        check(&rows);
    }
    let Sizes { unknowns, steps } = sizes;
    let note = if sizes == Sizes::default() { SAME } else { "" };
    write!(
        io::stdout().lock(),
        "Relative errors of three generic functions, each operation rounded once to\nnearest\n\n{}\n\n\
         u: unit roundoff. Newton: the root of x³ - 2x - 5. RK4: y' = y·(1 - y) from\n\
         y = 1/8 to t = 4 in {steps} steps. Elimination: the largest error of {unknowns} unknowns,\n\
         with partial pivoting.\n{note}",
        table(&rows),
    )?;
    Ok(())
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(["type", "u", "Newton", "RK4", "elimination"]);
    for Row { name, unit, errors } in rows {
        let numbers = [*unit, errors.root, errors.growth, errors.system].map(number);
        table.add_row(std::iter::once(name.clone()).chain(numbers));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn number(x: f64) -> String {
    if x == 0.0 { "0".to_owned() } else { format!("{x:.1e}") }
}

/// What a user may expect: an error of a few units for the root, of the number of steps for the growth,
/// of the condition for the system; and less in the formats of more digits.
fn check(rows: &[Row]) {
    for Row { name, unit, errors } in rows {
        assert!(errors.root <= 2.0 * unit, "{name}: the root errs by {:e}", errors.root);
        // RK4 itself errs by 4e-6 with the steps given.
        let growth = 16.0 * unit + 1e-4;
        assert!(errors.growth <= growth, "{name}: the growth errs by {:e}", errors.growth);
        if (1e-4..1e-2).contains(unit) {
            let off = |y: f64, exact: f64| (y - exact).abs() / exact;
            assert_eq!(errors.root, off(2.09375, problems::ROOT), "{name}");
            assert_eq!(errors.growth, off(0.886_718_75, problems::grown()), "{name}");
        }
        let system = 8.0 * unit;
        assert!(errors.system <= system, "{name}: the system errs by {:e}", errors.system);
    }
}
