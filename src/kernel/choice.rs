//! From a rule and its plan to the types that a loop is made for: mode, lane, finish. The macros name those by
//! the paths of the file that calls them.

/// Calls `$run` with the mode's type.
macro_rules! with_mode {
    ($rule:expr, |$mode:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Nearest(Tie::Even) => with_mode!(@ $mode, NearestEven, $run),
            Decision::Nearest(Tie::Odd) => with_mode!(@ $mode, NearestOdd, $run),
            Decision::Nearest(Tie::Away) => with_mode!(@ $mode, NearestAway, $run),
            Decision::Nearest(Tie::Zero) => with_mode!(@ $mode, NearestZero, $run),
            Decision::Nearest(Tie::Up | Tie::Down) => with_mode!(@ $mode, Ties, $run),
            Decision::Directed(Direction::Up) => with_mode!(@ $mode, Up, $run),
            Decision::Directed(Direction::Down) => with_mode!(@ $mode, Down, $run),
            Decision::Directed(Direction::Outward) => with_mode!(@ $mode, Outward, $run),
            Decision::Directed(Direction::Inward) => with_mode!(@ $mode, Inward, $run),
            Decision::Odd => with_mode!(@ $mode, ToOdd, $run),
            Decision::Stochastic(_) => unreachable!("a stochastic rule takes random bits"),
        }
    };
    (@ $mode:ident, $name:ident, $run:expr) => {{
        type $mode = mode::$name;
        $run
    }};
}

/// Calls `$run` with types for ties to even, the other nearest modes as data, and all that is left as data.
macro_rules! with_even_or_any {
    ($rule:expr, |$mode:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Nearest(Tie::Even) => with_mode!(@ $mode, NearestEven, $run),
            Decision::Nearest(_) => with_mode!(@ $mode, Ties, $run),
            _ => with_mode!(@ $mode, Any, $run),
        }
    };
}

/// Calls `$run` with types for ties to even and to odd, one for the other nearest modes as data, and one for the
/// directed modes as data.
macro_rules! with_kind {
    ($rule:expr, |$mode:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Nearest(Tie::Even) => with_mode!(@ $mode, NearestEven, $run),
            Decision::Nearest(_) => with_mode!(@ $mode, Ties, $run),
            Decision::Directed(_) => with_mode!(@ $mode, Directed, $run),
            Decision::Odd => with_mode!(@ $mode, ToOdd, $run),
            Decision::Stochastic(_) => unreachable!("a stochastic rule takes random bits"),
        }
    };
}

/// Calls `$run` with the lane's type for a plan, `$inner` being its first parameter.
macro_rules! with_way {
    ($plan:expr, $inner:ty, |$lane:ident| $run:expr) => {
        match ($plan.way, $plan.finish) {
            (Way::Add, Finish::Full) => with_way!(@ $lane, Add, $inner, Full, $run),
            (Way::Add, _) => with_way!(@ $lane, Add, $inner, Plain, $run),
            (Way::Mask, Finish::Natural) => with_way!(@ $lane, Mask, $inner, Natural, $run),
            (Way::Mask, _) => with_way!(@ $lane, Mask, $inner, Full, $run),
            (Way::Scale, Finish::Natural) => with_way!(@ $lane, Scale, $inner, Natural, $run),
            (Way::Split, Finish::Plain) => with_way!(@ $lane, Split, $inner, Plain, $run),
            _ if $plan.deep => with_way!(@ $lane, ShiftDeep, mode::Any, Full, $run),
            _ => with_way!(@ $lane, Shift, mode::Any, Full, $run),
        }
    };
    (@ $lane:ident, $name:ident, $inner:ty, $finish:ident, $run:expr) => {{
        type $lane = lane::$name<$inner, finish::$finish>;
        $run
    }};
}

/// Calls `$run` with the lane's type for a rule and its plan. Where a lane does little with a value there is
/// one for each mode; where it does more, one for each kind of modes, as data;
/// where it does much, one for all.
macro_rules! with_lane {
    ($rule:expr, $plan:expr, |$lane:ident| $run:expr) => {
        match ($plan.way, $plan.finish) {
            (Way::Add, Finish::Plain) => with_mode!($rule, |Mode| {
                with_way!(@ $lane, Add, Mode, Plain, $run)
            }),
            (Way::Mask, Finish::Natural) => with_mode!($rule, |Mode| {
                with_way!(@ $lane, Mask, Mode, Natural, $run)
            }),
            (Way::Scale, Finish::Natural) => with_mode!($rule, |Mode| {
                with_way!(@ $lane, Scale, Mode, Natural, $run)
            }),
            (Way::Add, _) => with_kind!($rule, |Mode| {
                with_way!(@ $lane, Add, Mode, Full, $run)
            }),
            (Way::Split, Finish::Plain) => with_kind!($rule, |Mode| {
                with_way!(@ $lane, Split, Mode, Plain, $run)
            }),
            (Way::Mask, _) => with_even_or_any!($rule, |Mode| {
                with_way!(@ $lane, Mask, Mode, Full, $run)
            }),
            _ if $plan.deep => with_way!(@ $lane, ShiftDeep, mode::Any, Full, $run),
            _ => with_way!(@ $lane, Shift, mode::Any, Full, $run),
        }
    };
}

/// Calls `$run` with the types of a stochastic mode and a lane that has room for its random bits; for what is
/// left the lane `Shift`, which takes the mode as data.
macro_rules! with_drawn_lane {
    ($plan:expr, $drawing:expr, |$draw:ident, $lane:ident| $run:expr) => {{
        let n = $drawing.all_digits();
        // Without a bit C's parity is that of 0, not of the last bit kept.
        let fits = n > 0;
        let [least, most] = $plan.room;
        let has_room = fits && least <= n && n <= most;
        match ($plan.way, $plan.finish, $drawing) {
            (Way::Add, Finish::Plain, _) if has_room => {
                with_drawn_lane!(@each $drawing, $draw, $lane Add, Plain, $run)
            }
            (Way::Add, _, _) if has_room => {
                with_drawn_lane!(@some $drawing, $draw, $lane Add, Full, $run)
            }
            (Way::Add, Finish::Plain, Drawing::Exact) if $plan.residual => {
                with_drawn_lane!(@ $draw Exact, $lane draw::Residual<finish::Plain>, $run)
            }
            (Way::Add, _, Drawing::Exact) if $plan.residual => {
                with_drawn_lane!(@ $draw Exact, $lane draw::Residual<finish::Full>, $run)
            }
            (Way::Mask, Finish::Natural, _) if fits => {
                with_drawn_lane!(@some $drawing, $draw, $lane Mask, Natural, $run)
            }
            (Way::Mask, ..) if fits && $plan.gapless => {
                with_drawn_lane!(@some $drawing, $draw, $lane Mask, Full, $run)
            }
            (Way::Scale, Finish::Natural, _) if fits => {
                with_drawn_lane!(@some $drawing, $draw, $lane Scale, Natural, $run)
            }
            _ if $plan.deep => {
                with_drawn_lane!(@ $draw Any, $lane lane::ShiftDeep<draw::Exact, finish::Full>, $run)
            }
            _ => with_drawn_lane!(@ $draw Any, $lane lane::Shift<draw::Exact, finish::Full>, $run),
        }
    }};
    // One lane for each mode.
    (@each $drawing:expr, $draw:ident, $lane:ident $name:ident, $finish:ident, $run:expr) => {{
        type $lane = lane::$name<draw::Exact, finish::$finish>;
        match $drawing {
            Drawing::Exact => with_drawn_lane!(@ $draw Exact, $run),
            Drawing::Equal => with_drawn_lane!(@ $draw Coin, $run),
            Drawing::Floor(_) => with_drawn_lane!(@ $draw Counted<'A'>, $run),
            Drawing::HalfUp(_) => with_drawn_lane!(@ $draw Counted<'B'>, $run),
            Drawing::HalfEven(_) => with_drawn_lane!(@ $draw Counted<'C'>, $run),
        }
    }};
    // One for `Stochastic`, one for the others as data.
    (@some $drawing:expr, $draw:ident, $lane:ident $name:ident, $finish:ident, $run:expr) => {{
        type $lane = lane::$name<draw::Exact, finish::$finish>;
        match $drawing {
            Drawing::Exact => with_drawn_lane!(@ $draw Exact, $run),
            _ => with_drawn_lane!(@ $draw Settled, $run),
        }
    }};
    (@ $draw:ident $name:ident $(<$rule:literal>)?, $run:expr) => {{
        type $draw = draw::$name $(<$rule>)?;
        $run
    }};
    (@ $draw:ident $name:ident, $lane:ident $type:ty, $run:expr) => {{
        type $draw = draw::$name;
        type $lane = $type;
        $run
    }};
}

pub(super) use {with_drawn_lane, with_even_or_any, with_kind, with_lane, with_mode, with_way};
