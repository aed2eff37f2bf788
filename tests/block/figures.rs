//! Published figures: e2m1 on N(0, 1) in blocks of 32.

use lowprec::{
    BlockChop, BlockFormat, Rounding,
    block::{BlockReport, ScaleRule},
};

use lowprec_oracles::blocks::Random;

const BLOCKS: usize = 200_000;

#[test]
fn the_four_rules_have_their_errors_and_their_clipped_blocks() {
    let mut random = Random(2026);
    let values: Vec<f32> = (0..32 * BLOCKS).map(|_| random.normal() as f32).collect();
    let figures = [
        (ScaleRule::Floor, 0.0132, 0.2960),
        (ScaleRule::Ceil, 0.0208, 0.0),
        (ScaleRule::Rceil, 0.0133, 0.0),
        (ScaleRule::Even, 0.0125, 0.1270),
    ];
    let report = |rule| -> BlockReport {
        let chop = BlockChop::new(BlockFormat::MXFP4.with_rule(rule), Rounding::NearestEven);
        chop.report(&values, &[values.len()], 0).unwrap()
    };
    for (rule, mse, clipped) in figures {
        let report = report(rule);
        let share = report.clipped_blocks as f64 / report.blocks as f64;
        println!("{rule}: {:.5}, {:.4} of blocks clipped", report.relative_mse(), share);
        assert!((report.relative_mse() / mse - 1.0).abs() < 0.02, "{rule}: {report:?}");
        if clipped == 0.0 {
            assert_eq!(report.clipped_blocks, 0, "{rule}");
        } else {
            assert!((share - clipped).abs() < 0.005, "{rule}: {share}");
        }
        assert_eq!((report.blocks, report.bits_per_value()), (BLOCKS, 4.25));
    }
    // The search is at least as good as each of them.
    let searched = report(ScaleRule::LeastSquares);
    let best = figures.iter().map(|row| report(row.0).relative_mse()).fold(1.0, f64::min);
    println!("least squares: {:.5}", searched.relative_mse());
    assert!(searched.relative_mse() < best);
}
