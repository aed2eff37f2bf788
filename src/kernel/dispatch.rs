//! The CPU level: the same loops compiled for what the machine can run, chosen at run time.
//!
//! The only file of the crate with `unsafe` blocks.
#![allow(unsafe_code)]

use super::lane::{Bias, Compare};
use super::loops::{self, Chunk, Span};
use crate::plan::Plan;
use crate::storage::Storage;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::*;

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn deterministic<T: Storage, M: Bias, const DEEP: bool>(
        plan: &Plan<T>,
        span: Span<'_, T>,
    ) {
        loops::each::<T, M, DEEP>(plan, span);
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn stochastic<T: Storage, C: Compare, const DEEP: bool>(
        plan: &Plan<T>,
        compare: C,
        chunk: &mut Chunk<T>,
    ) -> bool {
        loops::each_drawn::<T, C, DEEP>(plan, compare, chunk)
    }

    /// Whether the shells above may be called. The standard library caches the answer.
    pub(super) fn available() -> bool {
        std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")
    }
}

pub(super) fn deterministic<T: Storage, M: Bias, const DEEP: bool>(
    plan: &Plan<T>,
    span: Span<'_, T>,
) {
    #[cfg(target_arch = "x86_64")]
    if x86::available() {
        // SAFETY: the line above found AVX2 and FMA, all that the callee's `target_feature` asks.
        return unsafe { x86::deterministic::<T, M, DEEP>(plan, span) };
    }
    loops::each::<T, M, DEEP>(plan, span);
}

pub(super) fn stochastic<T: Storage, C: Compare, const DEEP: bool>(
    plan: &Plan<T>,
    compare: C,
    chunk: &mut Chunk<T>,
) -> bool {
    #[cfg(target_arch = "x86_64")]
    if x86::available() {
        // SAFETY: the line above found AVX2 and FMA, all that the callee's `target_feature` asks.
        return unsafe { x86::stochastic::<T, C, DEEP>(plan, compare, chunk) };
    }
    loops::each_drawn::<T, C, DEEP>(plan, compare, chunk)
}
