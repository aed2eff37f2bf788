//! Signals that would end the process while a temporary file is there.

use std::io;

/// While one of these lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT are noted and no more; when the last is
/// dropped, a signal that came takes its usual effect. Signals that were ignored when the process started
/// (as by `nohup`) stay ignored. Systems other than Unix end the process at once.
#[derive(Debug)]
pub(super) struct Deferred(());

#[cfg(unix)]
mod watch {
    use std::io;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex, OnceLock};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
    use signal_hook::flag;

    /// What the handlers see.
    pub(super) struct Watch {
        /// Whether a signal may take effect at once.
        idle: Arc<AtomicBool>,
        /// The signal that came meanwhile, 0 for none.
        came: Arc<AtomicUsize>,
        /// How many files are being written.
        writing: Mutex<usize>,
    }

    impl Watch {
        /// The process's one, made when it is first needed.
        pub(super) fn get() -> io::Result<&'static Self> {
            static WATCH: OnceLock<Result<Watch, io::ErrorKind>> = OnceLock::new();
            let watch = WATCH.get_or_init(|| Self::new().map_err(|error| error.kind()));
            watch.as_ref().map_err(|kind| io::Error::from(*kind))
        }

        fn new() -> io::Result<Self> {
            let idle = Arc::new(AtomicBool::new(true));
            let came = Arc::new(AtomicUsize::new(0));
            let ignored = ignored();
            for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
                if ignored >> (signal - 1) & 1 == 0 {
                    // In this order: a signal that finds the process idle has been noted, and ends it.
                    flag::register_usize(signal, Arc::clone(&came), signal as usize)?;
                    flag::register_conditional_default(signal, Arc::clone(&idle))?;
                }
            }
            // Beyond the limit on a file's size (`ulimit -f`) writing is to fail, not the process.
            flag::register(SIGXFSZ, Arc::default())?;
            Ok(Self { idle, came, writing: Mutex::new(0) })
        }

        pub(super) fn begin(&self) {
            let mut writing =
                self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *writing += 1;
            self.idle.store(false, Ordering::SeqCst);
        }

        pub(super) fn end(&self) {
            let mut writing =
                self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *writing -= 1;
            if *writing == 0 {
                self.idle.store(true, Ordering::SeqCst);
                let came = self.came.load(Ordering::SeqCst);
                if came != 0 {
                    let _ = signal_hook::low_level::emulate_default_handler(came as i32);
                }
            }
        }

        pub(super) fn came(&self) -> bool {
            self.came.load(Ordering::SeqCst) != 0
        }
    }

    /// The signals that the process was started to ignore, a bit each, where the system tells.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}

#[cfg(unix)]
impl Deferred {
    pub(super) fn new() -> io::Result<Self> {
        watch::Watch::get()?.begin();
        Ok(Self(()))
    }

    /// Fails when a signal has come.
    pub(super) fn check(&self) -> io::Result<()> {
        if watch::Watch::get()?.came() {
            return Err(io::Error::other("ended by a signal"));
        }
        Ok(())
    }
}

#[cfg(unix)]
impl Drop for Deferred {
    fn drop(&mut self) {
        if let Ok(watch) = watch::Watch::get() {
            watch.end();
        }
    }
}

#[cfg(not(unix))]
impl Deferred {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(()))
    }

    pub(super) fn check(&self) -> io::Result<()> {
        Ok(())
    }
}
