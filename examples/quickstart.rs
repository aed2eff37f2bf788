//! One number, a slice, a format of your own, arithmetic rounded once.
//!
//! 0.1 has no exact value in any of these formats; how far off it is, is the format's precision. 465 is
//! beyond OCP E4M3, which has a NaN but no infinity; saturation gives the largest number, 448. And
//! 1 + 2^-60 rounded up is the next number above 1, but `chop(1.0 + tiny)` has lost the 2^-60 before it
//! begins: `add` rounds the exact sum, once.
//!
//! ```text
//! cargo run --release --example quickstart
//! ```

use lowprec::{Chop, Format, Overflow, Rounding};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:10} {:>22} {:>10} {:>10}", "format", "0.1", "465", "saturated");
    for name in ["binary16", "bfloat16", "tf32", "e5m2", "e4m3fn", "e2m1fn", "e3m12"] {
        let nearest = Chop::new(name.parse()?, Rounding::NearestEven);
        let saturating = nearest.with_overflow(Overflow::Saturate);
        let (tenth, beyond) = (nearest.chop(0.1), nearest.chop(465.0));
        println!("{name:10} {tenth:22} {beyond:10} {:10}", saturating.chop(465.0));
    }
    let fp8 = Chop::new(Format::OCP_E4M3, Rounding::NearestEven);
    assert!(fp8.chop(465.0_f64).is_nan());
    assert_eq!(fp8.with_overflow(Overflow::Saturate).chop(465.0), 448.0);

    // In place; `chop_into` goes from one slice into another.
    let mut values = [0.1_f32, -3.3, 100.0];
    fp8.chop_slice(&mut values);
    println!("\na slice in e4m3fn: {values:?}");
    assert_eq!(values, [0.1015625, -3.25, 96.0]); // 100 is a tie of 96 and 104

    let up = Chop::new(Format::BFLOAT16, Rounding::Up);
    let tiny = 2_f64.powi(-60);
    let (twice, once) = (up.chop(1.0 + tiny), up.add(1.0, tiny));
    println!("1 + 2^-60 rounded up to bfloat16: {twice} in two steps, {once} in one");
    assert_eq!((twice, once), (1.0, 1.0078125));
    Ok(())
}
