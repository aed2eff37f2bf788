//! Format and mode from a scope: the stack of scopes of a thread, and the context that looks there.

use core::cell::RefCell;
use core::fmt;

use super::context::{self, sealed};
use crate::arith;
use crate::chop::{self, Chop, Draws, Loan, Stream};
use crate::definition::real::Real;
use crate::rounder::Rounder;

/// What a scope is opened with: a [`Chop`] or a [`Stream`]. Sealed.
pub trait Scope: Rounder + lending::Lend {}

impl<R: Rounder + lending::Lend> Scope for R {}

/// Runs `compute` with the numbers of type [`Scoped`](super::Scoped) rounded by `rounder`, on this
/// thread and until `compute` returns or panics. Scopes nest: the innermost decides. Other threads,
/// those that `compute` starts too, are outside. So are closures that rayon runs, on whichever of its threads:
/// open the scope inside them (`par_iter().map(|x| lowprec::with(&chop, || …))`), with a
/// [`fork`](Stream::fork) of a stream for each, or the result depends on where they run.
///
/// A [`Stream`] moves on with the operations, each of which takes one position in a stochastic mode.
/// While the scope lasts it draws for the scope alone; `position` tells where it stood before.
///
/// # Panics
///
/// If `rounder` is a stream that serves a scope already.
///
/// ```
/// use lowprec::{Chop, Format, Rounding, Scoped};
/// use num_traits::Float;
///
/// fn e<T: Float>() -> T {
///     (1..30).rev().fold(T::one(), |sum, n| sum / T::from(n).unwrap() + T::one())
/// }
///
/// // One generic function at many precisions, compiled once.
/// let mut errors = (2..=52).map(|p| {
///     let chop = Chop::new(Format::unbounded(p).unwrap(), Rounding::NearestEven);
///     lowprec::with(&chop, || (e::<Scoped>().to_f64() - std::f64::consts::E).abs())
/// });
/// assert_eq!(errors.next(), Some(3.0 - std::f64::consts::E));
/// assert!(errors.last().unwrap() < 2f64.powi(-50));
/// ```
#[track_caller]
pub fn with<T>(rounder: &impl Scope, compute: impl FnOnce() -> T) -> T {
    let (rounding, loan) = rounder.lend();
    SCOPES.with_borrow_mut(|scopes| scopes.push(rounding));
    let _close = Close { loan };
    compute()
}

thread_local! {
    /// The scopes that are open on this thread, the innermost last.
    static SCOPES: RefCell<Vec<lending::Owned>> = const { RefCell::new(Vec::new()) };
}

/// Ends a scope, also when it ends by a panic.
struct Close<'a> {
    loan: Option<Loan<'a, Chop>>,
}

impl Drop for Close<'_> {
    fn drop(&mut self) {
        let scope = SCOPES.with_borrow_mut(Vec::pop);
        if let (Some(lending::Owned::Stream(twin)), Some(loan)) = (scope, self.loan.take()) {
            loan.give_back(&twin);
        }
    }
}

pub(super) mod lending {
    use super::{Chop, Loan, Stream};

    /// A rounder that the thread keeps while the scope is open.
    #[derive(Debug)]
    pub enum Owned {
        Chop(Box<Chop>),
        Stream(Box<Stream>),
    }

    pub trait Lend {
        #[track_caller]
        fn lend(&self) -> (Owned, Option<Loan<'_, Chop>>);
    }

    impl Lend for Chop {
        fn lend(&self) -> (Owned, Option<Loan<'_, Chop>>) {
            (Owned::Chop(Box::new(*self)), None)
        }
    }

    impl Lend for Stream {
        #[track_caller]
        fn lend(&self) -> (Owned, Option<Loan<'_, Chop>>) {
            let (twin, loan) = Stream::lend(self);
            (Owned::Stream(Box::new(twin)), Some(loan))
        }
    }
}

/// The context of [`Scoped`](super::Scoped): format and mode come from the innermost scope that
/// [`with`] has opened on this thread.
#[derive(Clone, Copy)]
pub struct Dynamic(());

impl fmt::Debug for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dynamic")
    }
}

/// Calls an expression with the innermost scope's rounder. The panic is not inside of the closure,
/// which would hide where the operation stands.
macro_rules! innermost {
    (|$rounder:ident| $value:expr) => {
        innermost!(|$rounder| $value, $value)
    };
    (|$rounder:ident| $by_chop:expr, $by_stream:expr) => {{
        let value = SCOPES.with_borrow(|scopes| match scopes.last()? {
            lending::Owned::Chop($rounder) => {
                let $rounder: &Chop = $rounder;
                Some($by_chop)
            }
            lending::Owned::Stream($rounder) => {
                let $rounder: &Stream = $rounder;
                Some($by_stream)
            }
        });
        match value {
            Some(value) => value,
            None => missing(),
        }
    }};
}

#[cold]
#[track_caller]
fn missing() -> ! {
    panic!(
        "a Scoped number is computed with outside of any scope, so there is no format to round to: \
         wrap the computation in lowprec::with(&chop, || …) on this thread"
    )
}

macro_rules! operations {
    ($($name:ident($($x:ident),+) = $function:path;)*) => {$(
        #[track_caller]
        #[inline]
        fn $name($($x: f64),+) -> f64 {
            // Not inlined: what the operation needs of registers would be saved before the scope is found. Nor generic, so
            // that they are compiled with this crate.
            #[inline(never)]
            fn by_chop(rounder: &Chop, $($x: f64),+) -> f64 {
                $function(rounder, $($x),+)
            }
            #[inline(never)]
            fn by_stream(rounder: &Stream, $($x: f64),+) -> f64 {
                $function(rounder, $($x),+)
            }
            innermost!(|rounder| by_chop(rounder, $($x),+), by_stream(rounder, $($x),+))
        }
    )*};
}

/// Operands may come from another scope, so nothing is known of them. The operations are compiled with
/// this crate: inlined they would bring every mode and lane to each place that adds.
impl sealed::Context for Dynamic {
    type Storage = f64;

    #[track_caller]
    fn rounding_down() -> Chop {
        context::downward(&Self::chop())
    }

    #[inline]
    fn plain(x: f64) -> f64 {
        x
    }

    #[track_caller]
    fn chop() -> Chop {
        innermost!(|rounder| *Draws::chop_ref(rounder))
    }

    operations! {
        round(x) = chop::one;
        round_f64(x) = chop::one;
        round_sum(x, y) = arith::called::add;
        add(x, y) = arith::called::add;
        sub(x, y) = arith::called::sub;
        mul(x, y) = arith::called::mul;
        div(x, y) = arith::called::div;
        fmod(x, y) = arith::fmod;
        remainder(x, y) = arith::remainder;
        sqrt(x) = arith::called::sqrt;
        fma(x, y, z) = arith::called::fma;
    }

    #[track_caller]
    fn round_real(x: Real) -> f64 {
        innermost!(|rounder| context::round_real(rounder, x))
    }

    #[track_caller]
    fn neg(x: f64) -> f64 {
        innermost!(|rounder| context::negated(Draws::chop_ref(rounder), x))
    }
}
