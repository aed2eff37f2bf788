//! What a mode adds before bits are cut off.

use crate::rounding::{Decision, Direction, Draw, Tie};

/// A mode as data: four facts, from which what it adds to a bit pattern before the last bits are cut off
/// follows without a branch.
///
/// Let `mask` be ones in the place of what is cut off, and half of that a 0 and then ones: the most that
/// leaves a tie below the next number. The modes add, then,
///
/// | | |
/// |---|---|
/// | nearest, ties toward zero | half |
/// | nearest, ties away | half + 1, which is half with every bit of the mask turned over |
/// | toward zero | nothing |
/// | away from zero | the mask: nothing with every bit of it turned over |
///
/// and the other modes one or the other of a pair of these, as one bit tells: the sign, or the last bit that
/// is kept. So all that a mode has to say is which pair, which bit, whether the bit matters, and which of
/// the two comes of a zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bias {
    /// Whether ties are told from the rest: the pair is half of the mask and one more.
    pub(crate) nearest: bool,
    /// Whether the sign decides, rather than the last kept bit.
    pub(crate) by_sign: bool,
    /// Whether that bit, where it is set, turns the mask over.
    pub(crate) turns: bool,
    /// Whether the mask is turned over to begin with: from half to half and one, or from all to nothing.
    pub(crate) flips: bool,
}

impl Bias {
    /// Whether it is that of ties to even.
    #[inline(always)]
    pub(crate) const fn is_nearest_even(&self) -> bool {
        self.nearest && self.turns && !self.by_sign && !self.flips
    }

    /// That of a deterministic mode; of a stochastic one how it rounds the fraction cut off to n bits.
    #[inline(always)]
    pub(super) const fn of(decision: Decision) -> Self {
        const fn nearest(turns: bool, flips: bool) -> Bias {
            Bias { nearest: true, by_sign: false, turns, flips }
        }
        const fn directed(by_sign: bool, turns: bool, flips: bool) -> Bias {
            Bias { nearest: false, by_sign, turns, flips }
        }
        match decision {
            Decision::Nearest(Tie::Even)
            | Decision::Stochastic(Draw::Exact | Draw::HalfEven(_)) => nearest(true, false),
            Decision::Nearest(Tie::Odd) => nearest(true, true),
            Decision::Nearest(Tie::Away) | Decision::Stochastic(Draw::HalfUp(_)) => {
                nearest(false, true)
            }
            Decision::Nearest(Tie::Zero) => nearest(false, false),
            Decision::Nearest(Tie::Up) => Bias { by_sign: true, ..nearest(true, true) },
            Decision::Nearest(Tie::Down) => Bias { by_sign: true, ..nearest(true, false) },
            Decision::Directed(Direction::Inward) | Decision::Stochastic(Draw::Floor(_)) => {
                directed(false, false, true)
            }
            Decision::Directed(Direction::Outward) => directed(false, false, false),
            Decision::Directed(Direction::Up) => directed(true, true, false),
            Decision::Directed(Direction::Down) => directed(true, true, true),
            Decision::Odd | Decision::Stochastic(Draw::Equal) => directed(false, true, false),
        }
    }
}
