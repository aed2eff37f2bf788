//! Operations without a doubt: in integers for the deterministic modes, by the definition
//! where random bits are taken.

use super::odd::{Add, Div, Dot, Fma, Mul, Operation, Sqrt, Sum, two_sum};
use super::steps::{Oddly, Plain};
use super::wide::{Rounded, Wide};
use crate::definition::{Rule, reference};
use crate::flags::Flags;
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::{self, Step, WithError};
use crate::operation::{Binary, Quaternary, Ternary, Unary};
use crate::rounding::Draw;
use crate::storage::{Storage, Word};

/// An operation that can be had exactly.
pub(crate) trait Exactly<const N: usize>: Operation<N> {
    /// The exact result's first bits, for finite operands none of which is zero; nothing where they
    /// are not so, or the result is zero.
    fn wide(self, args: [f64; N]) -> Rounded;

    /// The result by the definition. Random bits come by a pointer, so that it is compiled once and not for each
    /// source of them.
    fn defined<T: Storage>(
        self,
        args: [T; N],
        rule: &Rule,
        bits: &mut dyn FnMut(usize) -> Option<u16>,
    ) -> (T, Flags);

    /// The storage's own result rounded to nearest even, for operations that it has.
    #[inline(always)]
    fn hardware<T: Storage>(self, _args: [T; N]) -> Option<T> {
        None
    }

    /// Whether the storage's own result is known to be exact; of products it would take too long to know.
    #[inline(always)]
    fn is_exact<T: Storage>(self, _args: [T; N]) -> bool {
        false
    }

    /// The result rounded to odd, soon, where it is an ordinary number.
    #[inline(always)]
    fn quick<T: Storage>(self, _args: [T; N]) -> Option<T> {
        None
    }

    /// The result by the error of the storage's own, in a deterministic mode, or a stochastic one with the first
    /// random bits, where it is sure.
    #[inline(always)]
    fn by_error<T: Storage>(
        self,
        _args: [T; N],
        _plan: &Plan,
        _drawing: Option<(Draw, u32)>,
    ) -> Option<T> {
        None
    }

    /// The result in a deterministic mode.
    #[cold]
    #[inline(never)]
    fn exact<T: Storage>(self, args: [T; N], rule: &Rule) -> T {
        match self.wide(args.map(T::widen)) {
            Some((negative, magnitude)) => reference::round_exact(negative, magnitude, rule),
            None => self.defined(args, rule, &mut |_| None).0,
        }
    }
}

/// By the error of the storage's own result.
#[inline(always)]
fn erring<T: Storage, O: WithError<N>, const N: usize>(
    op: O,
    args: [T; N],
    plan: &Plan,
    drawing: Option<(Draw, u32)>,
) -> Option<T> {
    if const { kernel::has_wider::<T>() }
        || !kernel::serves(plan, drawing.map(|(drawing, _)| drawing))
    {
        return None;
    }
    match drawing {
        Some((drawing, word)) => kernel::draw_by_error(op, args, plan, drawing, word),
        None => kernel::settle_one(op, args, plan),
    }
}

macro_rules! by_error {
    ($n:literal) => {
        #[inline(always)]
        fn by_error<T: Storage>(
            self,
            args: [T; $n],
            plan: &Plan,
            drawing: Option<(Draw, u32)>,
        ) -> Option<T> {
            erring(self, args, plan, drawing)
        }
    };
}

/// One step of the loops that round at once.
#[inline(always)]
fn one_step<T: Storage, O, const N: usize>(op: O, args: [T; N]) -> Option<T>
where
    Oddly<O>: Step<N>,
{
    let [result, other] = Oddly(op).step(args, Bits::<T>::ONE);
    let [results, others] = Oddly::<O>::ranges::<T>();
    let within = |x: T, [from, to]: [Bits<T>; 2]| from <= x.abs().bits() && x.abs().bits() < to;
    (within(result, results) && within(other, others)).then_some(result)
}

impl Exactly<2> for Add {
    #[inline(always)]
    fn quick<T: Storage>(self, args: [T; 2]) -> Option<T> {
        one_step(self, args)
    }

    by_error!(2);

    #[inline(always)]
    fn is_exact<T: Storage>(self, [x, y]: [T; 2]) -> bool {
        two_sum(x, self.second(y)).1 == T::zero()
    }

    #[inline(always)]
    fn hardware<T: Storage>(self, args: [T; 2]) -> Option<T> {
        Some(self.plain(args))
    }

    fn wide(self, [x, y]: [f64; 2]) -> Rounded {
        Wide::of(x)?.plus(Wide::of(if self.subtract { -y } else { y })?)
    }

    fn defined<T: Storage>(
        self,
        args: [T; 2],
        rule: &Rule,
        bits: &mut dyn FnMut(usize) -> Option<u16>,
    ) -> (T, Flags) {
        let op = if self.subtract { Binary::Sub } else { Binary::Add };
        reference::binary_drawing(op, args, rule, bits)
    }
}

macro_rules! exactly {
    ($(
        <$n:literal> $name:ident, $defined:ident $op:expr,
        |$own:ident| $hardware:expr, $($quick:ident,)? |$args:pat_param| $wide:expr;
    )*) => {$(
        impl Exactly<$n> for $name {
            #[inline(always)]
            fn hardware<T: Storage>(self, $own: [T; $n]) -> Option<T> {
                $hardware
            }

            $(#[inline(always)]
            fn quick<T: Storage>(self, args: [T; $n]) -> Option<T> {
                $quick(self, args)
            }

            by_error!($n);)?

            fn wide(self, $args: [f64; $n]) -> Rounded {
                $wide
            }

            fn defined<T: Storage>(
                self,
                args: [T; $n],
                rule: &Rule,
                bits: &mut dyn FnMut(usize) -> Option<u16>,
            ) -> (T, Flags) {
                reference::$defined($op, args, rule, bits)
            }
        }
    )*};
}

exactly! {
    <1> Sqrt, unary_drawing Unary::Sqrt, |own| Some(Sqrt.plain(own)), one_step, |[x]| if x > 0.0 { Wide::of(x)?.root() } else { None };
    <2> Mul, binary_drawing Binary::Mul, |own| Some(Mul.plain(own)), one_step, |[x, y]| Wide::of(x)?.times(Wide::of(y)?).rounded();
    <2> Div, binary_drawing Binary::Div, |own| Some(Div.plain(own)), one_step, |[x, y]| Wide::of(x)?.over(Wide::of(y)?);
    <3> Fma, ternary_drawing Ternary::Fma, |own| Some(own[0].mul_add(own[1], own[2])), one_step, |[x, y, z]| {
        Wide::of(x)?.times(Wide::of(y)?).plus(Wide::of(z)?)
    };
    <3> Sum, ternary_drawing Ternary::Sum, |_own| None, |_| None;
    <4> Dot, quaternary_drawing Quaternary::Dot, |_own| None, |[x, y, z, w]| {
        Wide::of(x)?.times(Wide::of(y)?).plus(Wide::of(z)?.times(Wide::of(w)?))
    };
}
