//! The CPU level: one body of code compiled for each instruction set worth having, chosen at run
//! time. No level changes a result.
//!
//! The only file of the crate with `unsafe` blocks, and the only one that names an instruction set.
#![allow(unsafe_code)]

use core::fmt;
use core::sync::atomic::{AtomicU8, Ordering};

/// The instruction sets that the loops are compiled for. Results are the same at every level.
///
/// ```
/// use lowprec::Level;
/// // What the machine has, from the plainest on; the last is used unless capped.
/// assert_eq!(Level::available().first(), Some(&Level::Portable));
/// println!("loops run at level {}", Level::current());
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// What the target has without asking: SSE2 on x86-64, NEON on aarch64.
    Portable = 1,
    /// x86-64 with AVX2 and FMA.
    Avx2 = 2,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512 = 3,
}

/// 0 until first asked; then the level in use.
static CURRENT: AtomicU8 = AtomicU8::new(0);

impl Level {
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The levels that this machine can run, the plainest first.
    #[must_use]
    pub fn available() -> &'static [Self] {
        &Self::ALL[..best() as usize]
    }

    /// The level in use.
    #[must_use]
    #[inline]
    pub fn current() -> Self {
        match CURRENT.load(Ordering::Relaxed) {
            1 => Self::Portable,
            2 => Self::Avx2,
            3 => Self::Avx512,
            _ => Self::first(),
        }
    }

    /// The best level, unless another thread has set one meanwhile.
    #[cold]
    fn first() -> Self {
        match CURRENT.compare_exchange(0, best() as u8, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => best(),
            Err(_) => Self::current(),
        }
    }

    /// Uses no level above this one, in the whole process: global state, the only one of this crate beside the thread's
    /// generator and scopes, for comparing levels in tests and benchmarks. No result depends on it. Answers the level
    /// then in use, which the machine may limit further; the last call of several counts, whatever thread it is on.
    #[cold]
    pub fn cap(self) -> Self {
        let level = self.min(best());
        CURRENT.store(level as u8, Ordering::Relaxed);
        level
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Portable => "portable",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        })
    }
}

/// Something to do at a CPU level. `run` must be `#[inline(always)]`, and so must all that it calls
/// in a loop: a function left outside is compiled for the plainest level.
pub(crate) trait Work {
    type Output;
    fn run(self) -> Self::Output;
}

/// Does it at the level in use.
#[inline]
pub(crate) fn run<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    match Level::current() {
        // SAFETY: `Level::current` is at most `best()`, which found all that the callee asks for.
        Level::Avx512 => return unsafe { x86::avx512(work) },
        // SAFETY: `Level::current` is at most `best()`, which found AVX2 and all else that the callee asks for.
        Level::Avx2 => return unsafe { x86::avx2(work) },
        Level::Portable => {}
    }
    portable(work)
}

/// Work of which there is one form for each of several cases, a rounding mode or the like, and one for all of
/// them, which does the same and is slower.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
pub(crate) trait Specialized: Work {
    /// For all cases.
    type General: Work<Output = Self::Output>;
    fn general(self) -> Self::General;
}

/// Does it at the level in use, in which form is settled here: on x86-64 the portable level, at which hardly a
/// machine runs, is compiled in the general form alone. On other processors it is the one level, and fast.
#[inline]
pub(crate) fn run_specialized<W: Specialized>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    match Level::current() {
        // SAFETY: `Level::current` is at most `best()`, which found all that the callee asks for.
        Level::Avx512 => unsafe { x86::avx512(work) },
        // SAFETY: `Level::current` is at most `best()`, which found AVX2 and all else that the callee asks for.
        Level::Avx2 => unsafe { x86::avx2(work) },
        Level::Portable => portable(work.general()),
    }
    #[cfg(not(target_arch = "x86_64"))]
    portable(work)
}

/// Never inlined, so that the machine code of a loop has a name.
#[inline(never)]
fn portable<W: Work>(work: W) -> W::Output {
    work.run()
}

/// Asks the memory for what lies [`AHEAD`] bytes after `block`, for a loop over blocks one after another
/// that will soon come there, to read it or to write it. A loop that does much with each value has too few
/// of them under way at a time to keep the memory busy, and its own prefetching does not make up for that.
///
/// A hint: nothing is read or written, and there need not be anything.
#[inline(always)]
pub(crate) fn prefetch<B>(block: &B) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..size_of::<B>()).step_by(x86::LINE) {
        let place = core::ptr::from_ref(block).cast::<i8>().wrapping_add(AHEAD + line);
        // SAFETY: a prefetch of any address, also of one that is not mapped, has no effect but on time.
        unsafe { core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(place) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = block;
}

/// Bytes by which [`prefetch`] is ahead: what the loop does meanwhile takes about as long as the memory.
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 2048;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Work;

    /// Bytes that the memory hands over at a time.
    pub(super) const LINE: usize = 64;

    #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt")]
    #[inline(never)]
    pub(super) fn avx2<W: Work>(work: W) -> W::Output {
        work.run()
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi1,bmi2,lzcnt")]
    #[inline(never)]
    pub(super) fn avx512<W: Work>(work: W) -> W::Output {
        work.run()
    }
}

/// The best level that this machine can run.
fn best() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! has {
            ($($feature:tt)*) => { $(std::is_x86_feature_detected!($feature))&&* };
        }
        let avx2 = has!("avx2" "fma" "bmi1" "bmi2" "lzcnt");
        if avx2 && has!("avx512f" "avx512bw" "avx512dq" "avx512vl") {
            return Level::Avx512;
        }
        if avx2 {
            return Level::Avx2;
        }
    }
    Level::Portable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_holds_until_lifted() {
        assert_eq!(Level::Portable.cap(), Level::Portable);
        assert_eq!(Level::current(), Level::Portable);
        assert_eq!(Level::Avx512.cap(), *Level::available().last().unwrap());
    }
}
