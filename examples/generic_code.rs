//! Generic numerics code, run in low precision without a change.
//!
//! Newton's method for x³ - 2x - 5 = 0, on which Newton showed it, is written for any
//! `T: num_traits::Float` and knows nothing of this crate. In each number type it ends within a unit
//! roundoff or two of the root 2.0945514815…, since every operation is rounded once.
//!
//! ```text
//! cargo run --release --example generic_code
//! ```
//!
//! More of it, with Runge and Kutta's method and Gaussian elimination:
//! `cargo run --release -p lowprec-studies --bin generic_solver`.

use lowprec::number::{Bfloat16, Binary16, Binary32, Ieee, OcpE4m3, OcpE5m2};
use lowprec::{Format, Lp};
use num_traits::Float;

const ROOT: f64 = 2.094_551_481_542_326_5;

/// A root of x³ - 2x - 5: until a step no longer makes the residual smaller.
fn newton<T: Float>() -> T {
    let whole = |n: i32| T::from(n).expect("every number type here has the numbers to 5");
    let f = |x: T| (x * x - whole(2)) * x - whole(5);
    let slope = |x: T| whole(3) * x * x - whole(2);
    let mut x = whole(2);
    loop {
        let next = x - f(x) / slope(x);
        if f(next).abs() >= f(x).abs() {
            return x;
        }
        x = next;
    }
}

fn row<T: Float>(name: &str, format: Format) -> f64 {
    let x = newton::<T>().to_f64().expect("a number type goes into f64");
    let (unit, error) = (format.unit_roundoff(), ((x - ROOT) / ROOT).abs());
    println!("{name:15} {unit:10.1e} {x:20.16} {error:10.1e}");
    assert!(error <= 2.0 * unit, "{name}: an error of {error:e}");
    x
}

fn main() -> Result<(), lowprec::error::FormatError> {
    println!("{:15} {:>10} {:>20} {:>10}", "type", "u", "root", "error");
    row::<f64>("f64", Format::BINARY64);
    let single = row::<f32>("f32", Format::BINARY32);
    // The format whose numbers are those of f32 gives what f32 gives.
    assert_eq!(row::<Lp<Binary32>>("Lp<Binary32>", Format::BINARY32), single);
    row::<Lp<Binary16>>("Lp<Binary16>", Format::BINARY16);
    row::<Lp<Ieee<6, 9>>>("Lp<Ieee<6, 9>>", Format::new(6, 9)?);
    row::<Lp<Bfloat16>>("Lp<Bfloat16>", Format::BFLOAT16);
    row::<Lp<OcpE4m3>>("Lp<OcpE4m3>", Format::OCP_E4M3);
    row::<Lp<OcpE5m2>>("Lp<OcpE5m2>", Format::OCP_E5M2);
    Ok(())
}
