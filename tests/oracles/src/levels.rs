//! The CPU levels in turn.

use std::sync::{Mutex, PoisonError};

use lowprec::Level;

/// Calls `work` at each level that the machine can run.
pub fn at_every_level(work: impl FnMut(Level)) {
    at_levels(Level::available(), work);
}

/// Calls `work` at each of these levels, which the machine can run. The cap holds for the whole process,
/// so one thread at a time has it.
pub fn at_levels(levels: &[Level], mut work: impl FnMut(Level)) {
    static CAP: Mutex<()> = Mutex::new(());
    let _alone = CAP.lock().unwrap_or_else(PoisonError::into_inner);
    for &level in levels {
        assert_eq!(level.cap(), level);
        work(level);
    }
    Level::Avx512.cap();
}
