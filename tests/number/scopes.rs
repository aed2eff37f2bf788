//! Formats and modes from a scope: nested, panicking, on several threads, without any.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lowprec::{Chop, Format, Rounding, Scoped, with};
use num_traits::{Float, FromPrimitive, One, Zero};

const HALF: Chop = Chop::new(Format::BINARY16, Rounding::NearestEven);
const UP: Chop = Chop::new(Format::BFLOAT16, Rounding::Up);
const RANDOM: Chop = Chop::new(Format::BFLOAT16, Rounding::Stochastic);

fn third() -> f64 {
    (Scoped::one() / Scoped::from_f64(3.0)).to_f64()
}

/// The text of a panic.
fn panic_of<T>(run: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(run)) else { panic!("no panic") };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}

fn is_outside() -> bool {
    panic_of(|| Scoped::one() + Scoped::one()).contains("lowprec::with")
}

#[test]
fn the_innermost_scope_decides() {
    let (half, up) = (HALF.div(1.0, 3.0), UP.div(1.0, 3.0));
    assert_ne!(half, up);
    with(&HALF, || {
        assert_eq!(third(), half);
        assert_eq!(with(&UP, third), up);
        assert_eq!(third(), half);
    });
    assert!(is_outside());
}

/// An operand with more digits than the inner format has is taken as it is.
#[test]
fn operands_from_the_outer_scope_are_not_rounded() {
    let wide = Chop::new(Format::BINARY64, Rounding::NearestEven);
    with(&wide, || {
        let x = Scoped::from_f64(1.0 + 2f64.powi(-11) + 2f64.powi(-40));
        let difference = with(&HALF, || x - Scoped::one());
        assert_eq!(difference.to_f64(), 2f64.powi(-11));
        assert_eq!(with(&HALF, || x * Scoped::one()).to_f64(), 1.0 + 2f64.powi(-10));
    });
}

#[test]
fn a_panic_ends_its_scope() {
    with(&HALF, || {
        let text = panic_of(|| with(&UP, || with(&RANDOM.stream(1), || panic!("on purpose"))));
        assert_eq!(text, "on purpose");
        assert_eq!(third(), HALF.div(1.0, 3.0));
    });
    assert!(is_outside());
    let stream = RANDOM.stream(1);
    panic_of(|| {
        with(&stream, || {
            third();
            panic!("after two roundings");
        })
    });
    assert_eq!(stream.position(), 2);
    assert_eq!(stream.chop(1.1), RANDOM.stream(1).at(2).chop(1.1));
}

#[test]
fn outside_of_any_scope_some_things_work_and_the_rest_says_what_is_missing() {
    let (zero, one) = (Scoped::zero(), Scoped::one());
    assert!(zero < one && zero.is_zero() && Scoped::default() == zero);
    assert!(<Scoped as Float>::nan().is_nan());
    assert_eq!((one.to_f64(), one.abs().to_f64(), one.to_string()), (1.0, 1.0, "1".to_owned()));
    assert_eq!(Float::max(zero, one).to_f64(), 1.0);
    let actions: [fn() -> Scoped; 9] = [
        || Scoped::one() * Scoped::one(),
        || -Scoped::one(),
        || Scoped::from_f64(0.5),
        || Scoped::from_i32(1).expect("a number"),
        || "0.5".parse().expect("a number"),
        || Scoped::one().sqrt(),
        || Float::sin(Scoped::one()),
        || Float::epsilon(),
        || [Scoped::one()].iter().sum(),
    ];
    for action in actions {
        let text = panic_of(action);
        assert!(text.contains("outside of any scope") && text.contains("lowprec::with"), "{text}");
    }
}

/// The panic points to the operation, not into the library.
#[test]
fn the_panic_says_where_the_operation_stands() {
    use std::sync::{Arc, Mutex};
    let place = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&place);
    let handle = std::thread::Builder::new().name("placed".to_owned());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() == Some("placed") {
            let location = info.location().expect("a place");
            *seen.lock().expect("whole") = format!("{}:{}", location.file(), location.line());
        } else {
            before(info);
        }
    }));
    let line = line!() + 1;
    let thread = handle.spawn(|| Scoped::one() + Scoped::one()).expect("a thread");
    assert!(thread.join().is_err());
    let place = place.lock().expect("whole").replace('\\', "/");
    assert_eq!(place, format!("{}:{line}", file!().replace('\\', "/")));
}

#[test]
fn a_scope_is_of_one_thread() {
    with(&HALF, || {
        std::thread::scope(|threads| {
            threads.spawn(|| {
                assert!(is_outside());
                assert_eq!(with(&UP, third), UP.div(1.0, 3.0));
            });
            let sums = [1, 2, 3, 4].map(|seed| {
                threads.spawn(move || with(&RANDOM.stream(seed), || sum_of_tenths(1000)))
            });
            for (sum, seed) in sums.into_iter().zip(1..) {
                let alone = with(&RANDOM.stream(seed), || sum_of_tenths(1000));
                assert_eq!(sum.join().expect("no panic"), alone);
            }
        });
        assert_eq!(third(), HALF.div(1.0, 3.0));
    });
}

fn sum_of_tenths(count: usize) -> f64 {
    std::iter::repeat_n(Scoped::from_f64(0.1), count).sum::<Scoped>().to_f64()
}

/// Each operation in a scope is the stream's own, at the same position; signs and comparisons take none.
#[test]
fn a_stream_moves_on_with_its_scope() {
    let (scoped, direct) = (RANDOM.stream(7), RANDOM.stream(7));
    let y = with(&scoped, || {
        let mut y = Scoped::from_f64(0.1);
        for _ in 0..500 {
            let sum = y + Scoped::one();
            let product = sum * y.sqrt();
            let quotient = -(-product).abs() / sum.mul_add(sum, product);
            y = Float::exp(Float::min(quotient, Scoped::zero())) % Scoped::one();
        }
        y.to_f64()
    });
    let mut x = direct.chop(0.1);
    for _ in 0..500 {
        let sum = direct.add(x, 1.0);
        let product = direct.mul(sum, direct.sqrt(x));
        let quotient = direct.div(-product.abs(), direct.fma(sum, sum, product));
        x = direct.fmod(direct.chop(libm::exp(quotient.min(0.0))), 1.0);
    }
    assert_eq!((y, scoped.position()), (x, direct.position()));
    assert_eq!(direct.position(), 1 + 500 * 7);
}

/// While a scope has it, a stream draws for nobody else: the same bits would come twice.
#[test]
fn a_stream_serves_one_scope_at_a_time() {
    let stream = RANDOM.stream(1);
    let text = panic_of(|| with(&stream, || stream.chop(0.1)));
    assert!(text.contains("in use by a scope"), "{text}");
    let text = panic_of(|| with(&stream, || with(&stream, third)));
    assert!(text.contains("in use by a scope"), "{text}");
    assert!(is_outside());
    assert_eq!(stream.position(), 0);
    assert_eq!(stream.chop(0.1), RANDOM.stream(1).chop(0.1));
    // Forks are others.
    with(&stream, || with(&stream.fork(1), third));
}

/// One generic function at precisions from 2 to 52, compiled once.
#[test]
fn precisions_are_swept() {
    for p in 2..=52 {
        let chop = Chop::new(Format::unbounded(p).unwrap(), Rounding::NearestEven);
        let root = with(&chop, || {
            let half = Scoped::from_f64(0.5);
            (0..8).fold(Scoped::one(), |x, _| half * (x + Scoped::from_f64(2.0) / x)).to_f64()
        });
        let error = (root - 2f64.sqrt()).abs();
        assert!(error <= 2f64.powi(1 - p as i32), "{p} digits: {error:e}");
    }
}
