//! Complete where that is possible: all pairs of the named formats of up to 8 bits, all triples of
//! formats of up to 5, each operation in every deterministic mode.

use lowprec::Format;

use crate::calls::{Columns, DOT, FMA, Op, SQRT, SUM};
use crate::check::{Every, check, rules};
use lowprec_oracles::{Bits, Report};
use lowprec_oracles::{Grid, Oracle};

/// The values of every code, NaN once.
fn values<T: Bits>(format: &Format) -> Vec<T> {
    let mut list: Vec<T> = Vec::new();
    for (_, x) in format.values() {
        let x = T::narrow(x).expect("formats of few bits lie within the storage type");
        if !(x.is_nan() && list.iter().any(|y| y.is_nan())) {
            list.push(x);
        }
    }
    list
}

/// All tuples of so many values.
fn tuples<T: Copy>(values: &[T], operands: usize) -> Columns<T> {
    let count = values.len().pow(operands as u32);
    let column = |place: usize| {
        let period = values.len().pow(place as u32);
        (0..count).map(|i| values[i / period % values.len()]).collect()
    };
    (0..operands).map(column).collect()
}

fn narrow_formats(most: u32) -> impl Iterator<Item = Format> {
    let named = Format::CATALOGUE.iter().map(|row| row.format);
    named.filter(move |format| format.total_bits() <= Some(most))
}

fn pairs<T: Bits>() {
    let mut report = Report::default();
    for (turn, format) in narrow_formats(8).enumerate() {
        let oracle = Oracle::<T>::with_grid(format, Grid::listed::<T>(&format));
        let all = tuples(&values::<T>(&format), 2);
        for (number, op) in Op::BINARY.into_iter().enumerate() {
            let every = Every { scalar: 5, reference: 101, level: None };
            check(&oracle, op, &rules(format, turn + number), &all, every, &mut report);
        }
        let each = tuples(&values::<T>(&format), 1);
        let every = Every { scalar: 1, reference: 1, level: None };
        for turn in 0..6 {
            check(&oracle, SQRT, &rules(format, turn), &each, every, &mut report);
        }
    }
    report.finish(&format!("all pairs of up to 8 bits, {}", T::NAME));
}

#[test]
fn all_pairs_of_the_named_formats_in_f32() {
    pairs::<f32>();
}

#[test]
fn all_pairs_of_the_named_formats_in_f64() {
    pairs::<f64>();
}

fn triples<T: Bits>() {
    let mut report = Report::default();
    let five: Vec<Format> = Format::p3109_family().filter(|f| f.total_bits() <= Some(5)).collect();
    assert!(five.len() >= 24, "{} P3109 formats of up to 5 bits", five.len());
    for (turn, format) in narrow_formats(5).chain(five).enumerate() {
        let oracle = Oracle::<T>::with_grid(format, Grid::listed::<T>(&format));
        let all = tuples(&values::<T>(&format), 3);
        for policies in 0..6 {
            let every = Every { scalar: 7, reference: 211, level: None };
            check(&oracle, FMA, &rules(format, turn + policies), &all, every, &mut report);
        }
        let every = Every { scalar: 7, reference: 211, level: None };
        check(&oracle, SUM, &rules(format, turn), &all, every, &mut report);
    }
    // 16^4 of them.
    let all = tuples(&values::<T>(&Format::OCP_E2M1), 4);
    let oracle = Oracle::<T>::with_grid(Format::OCP_E2M1, Grid::listed::<T>(&Format::OCP_E2M1));
    for turn in 0..6 {
        let every = Every { scalar: 7, reference: 211, level: None };
        check(&oracle, DOT, &rules(Format::OCP_E2M1, turn), &all, every, &mut report);
    }
    report.finish(&format!("all triples of up to 5 bits, {}", T::NAME));
}

#[test]
fn all_triples_of_formats_of_up_to_five_bits_in_f32() {
    triples::<f32>();
}

#[test]
fn all_triples_of_formats_of_up_to_five_bits_in_f64() {
    triples::<f64>();
}
