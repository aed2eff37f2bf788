//! A file that is written is the old one or the complete new one, whatever happens, and nothing else is left.

use std::fs;
use std::io::{self, BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use lowprec_cli::file::{WriteError, replace};
use tempfile::TempDir;

const OLD: &[u8] = b"what was there before";

/// A folder with a file in it.
fn place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("w.npz");
    fs::write(&path, OLD).unwrap();
    (place, path)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The folder holds this file alone, as it was.
#[track_caller]
fn untouched(place: &Path) {
    assert_eq!(names(place), ["w.npz"]);
    assert_eq!(fs::read(place.join("w.npz")).unwrap(), OLD);
}

fn write_new(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"new")
}

#[test]
fn other_files_of_like_names_stay() {
    let (place, path) = place();
    fs::write(place.path().join("w.partial"), "mine").unwrap();
    fs::write(place.path().join("w.npz.partial"), "mine").unwrap();
    replace(&path, write_new).unwrap();
    assert_eq!(names(place.path()), ["w.npz", "w.npz.partial", "w.partial"]);
    assert_eq!(fs::read(place.path().join("w.partial")).unwrap(), b"mine");
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn errors_and_panics_leave_nothing() {
    let (place, path) = place();
    let failing = |out: &mut dyn Write| {
        out.write_all(&[1; 1 << 20])?;
        Err(io::Error::other("no more"))
    };
    let message = replace(&path, failing).unwrap_err().to_string();
    assert!(message.contains("w.npz") && message.contains("no more"), "{message}");
    untouched(place.path());
    let panicking = std::panic::catch_unwind(|| {
        replace(&path, |out| {
            out.write_all(&[1; 1 << 20])?;
            panic!("on the way")
        })
    });
    assert!(panicking.is_err());
    untouched(place.path());
    let gone = |_: &mut dyn Write| Err(io::ErrorKind::BrokenPipe.into());
    assert!(matches!(replace(&path, gone), Err(WriteError::ReaderGone)));
    untouched(place.path());
}

#[test]
fn folders_that_are_none_are_named() {
    let (place, path) = place();
    let message = replace(&place.path().join("no/w.npz"), write_new).unwrap_err().to_string();
    assert!(message.contains("there is no folder"), "{message}");
    let message = replace(&path.join("w.npz"), write_new).unwrap_err().to_string();
    assert!(message.contains("cannot write"), "{message}");
    let message = replace(place.path(), write_new).unwrap_err().to_string();
    assert!(message.contains("directory"), "{message}");
    untouched(place.path());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_stay_and_lead_to_what_is_written() {
        let (place, path) = place();
        let at = |name: &str| place.path().join(name);
        symlink("w.npz", at("near")).unwrap();
        symlink("near", at("far")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        symlink("../made", at("folder/dangling")).unwrap();
        replace(&at("far"), write_new).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        replace(&at("folder/dangling"), write_new).unwrap();
        assert_eq!(fs::read(at("made")).unwrap(), b"new");
        for link in ["near", "far", "folder/dangling"] {
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
        }
        assert_eq!(names(place.path()), ["far", "folder", "made", "near", "w.npz"]);
        assert_eq!(names(&at("folder")), ["dangling"]);
        symlink("round", at("about")).unwrap();
        symlink("about", at("round")).unwrap();
        let message = replace(&at("round"), write_new).unwrap_err().to_string();
        assert!(message.contains("symbolic links"), "{message}");
    }

    #[test]
    fn permissions_are_the_old_ones_or_the_usual() {
        let (place, path) = place();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, write_new).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        // A new one has what any new file has, whatever the mask is.
        let (new, usual) = (place.path().join("new"), place.path().join("usual"));
        replace(&new, write_new).unwrap();
        fs::write(&usual, "").unwrap();
        let mode = |path| fs::metadata(path).unwrap().mode();
        assert_eq!(mode(&new), mode(&usual));
    }

    #[test]
    fn devices_and_pipes_are_written_as_they_are() {
        replace(Path::new("/dev/null"), write_new).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        if Path::new("/dev/full").exists() {
            let message = replace(Path::new("/dev/full"), write_new).unwrap_err().to_string();
            assert!(message.contains("cannot write /dev/full"), "{message}");
        }
    }

    /// A file system of its own, where root may mount one.
    struct Mounted(TempDir);

    impl Mounted {
        fn new(options: &str) -> Option<Self> {
            let place = tempfile::tempdir().unwrap();
            let mut mount = Command::new("mount");
            mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(place.path());
            let done = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
            if !done {
                eprintln!("skipped: no file system can be mounted here (it takes root)");
            }
            done.then_some(Self(place))
        }
    }

    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(self.0.path()).status();
        }
    }

    #[test]
    fn a_full_disk_leaves_the_old_file() {
        let Some(disk) = Mounted::new("size=256k") else { return };
        let path = disk.0.path().join("w.npz");
        fs::write(&path, OLD).unwrap();
        // Both before the end and at the last flush.
        for length in [1 << 20, 240 << 10, (252 << 10) + 1] {
            let message = replace(&path, |out| out.write_all(&vec![7; length]));
            if length == 240 << 10 {
                message.unwrap();
                fs::write(&path, OLD).unwrap();
                continue;
            }
            let message = message.unwrap_err().to_string();
            assert!(message.contains("No space left"), "{length}: {message}");
            untouched(disk.0.path());
        }
    }

    #[test]
    fn a_read_only_folder_is_said_to_be_one() {
        let Some(disk) = Mounted::new("size=256k") else { return };
        fs::write(disk.0.path().join("w.npz"), OLD).unwrap();
        let mut again = Command::new("mount");
        let again = again.args(["-o", "remount,ro"]).arg(disk.0.path()).status().unwrap();
        assert!(again.success());
        for name in ["w.npz", "new.npz"] {
            let message = replace(&disk.0.path().join(name), write_new).unwrap_err().to_string();
            assert!(message.to_lowercase().contains("read-only"), "{message}");
        }
        untouched(disk.0.path());
    }

    fn program(stdout: fs::File) -> std::process::Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lowprec"))
            .args(["-", "-f", "e5m2", "--quiet"])
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"1\n2\n").unwrap();
        child.wait_with_output().unwrap()
    }

    #[test]
    fn a_standard_output_that_cannot_be_written_is_an_error() {
        if !Path::new("/dev/full").exists() {
            eprintln!("skipped: there is no /dev/full");
            return;
        }
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        // Of one that is open for reading only `Stdout` would say that all is well.
        let unwritable = fs::File::open("/dev/null").unwrap();
        for (stdout, what) in [(full, "No space left"), (unwritable, "Bad file descriptor")] {
            let ran = program(stdout);
            let message = String::from_utf8(ran.stderr).unwrap();
            assert_eq!(ran.status.code(), Some(1), "{message}");
            assert!(message.contains("cannot write standard output"), "{message}");
            assert!(message.contains(what), "{message}");
        }
    }

    /// How long the child below writes.
    const PIECES: u32 = 80;
    const PIECE: usize = 50_000;

    /// Writes slowly; run by the tests below, which send it signals.
    #[test]
    #[ignore = "a child of other tests"]
    fn child() {
        let path = std::env::var_os("LOWPREC_WRITES").expect("run by another test");
        let slowly = |out: &mut dyn Write| {
            println!("\nbegun");
            for _ in 0..PIECES {
                out.write_all(&[b'n'; PIECE])?;
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        };
        replace(Path::new(&path), slowly).unwrap();
    }

    /// A child, and its output, which it must be able to write to the end.
    type Running = (Child, Lines<BufReader<ChildStdout>>);

    fn child_of(mut command: Command, path: &Path) -> Running {
        let child = ["replaced::unix::child", "--exact", "--ignored", "--nocapture"];
        command.args(child).env("LOWPREC_WRITES", path);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("this program");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.by_ref().map_while(Result::ok).any(|line| line == "begun"));
        (child, lines)
    }

    fn end((mut child, _lines): Running, signal: &str, after: Duration) -> ExitStatus {
        std::thread::sleep(after);
        let id = child.id().to_string();
        Command::new("kill").args([signal, &id]).stderr(Stdio::null()).status().unwrap();
        child.wait().unwrap()
    }

    fn this() -> Command {
        Command::new(std::env::current_exe().unwrap())
    }

    #[test]
    fn a_signal_at_any_moment_leaves_the_old_file_or_the_new_one() {
        use std::os::unix::process::ExitStatusExt;
        let (place, path) = place();
        let (mut child, _lines) = child_of(this(), &path);
        let started = Instant::now();
        assert!(child.wait().unwrap().success());
        let whole = started.elapsed();
        let (mut old, mut new) = (0, 0);
        for moment in 0..50 {
            fs::write(&path, OLD).unwrap();
            let (signal, number) =
                [("-TERM", 15), ("-INT", 2), ("-HUP", 1), ("-QUIT", 3)][moment % 4];
            // The last ones after the end, however slow the machine has become meanwhile.
            let after = whole.mul_f64(if moment < 45 { moment as f64 / 40.0 } else { 5.0 });
            let status = end(child_of(this(), &path), signal, after);
            assert_eq!(names(place.path()), ["w.npz"], "after {after:?}");
            let content = fs::read(&path).unwrap();
            if content == OLD {
                assert_eq!(status.signal(), Some(number), "{status:?}");
                old += 1;
            } else {
                assert!(content.len() == PIECES as usize * PIECE, "{} bytes", content.len());
                assert!(content.iter().all(|byte| *byte == b'n'));
                new += 1;
            }
        }
        // A busy machine sends late: enough that some were sent during the write.
        assert!(old > 4 && new > 2, "{old} old files, {new} new ones: no moments of a write");
    }

    #[test]
    fn a_signal_that_was_ignored_stays_so() {
        let (place, path) = place();
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
        let status = end(child_of(shell, &path), "-HUP", Duration::ZERO);
        assert!(status.success(), "{status:?}");
        assert_eq!(names(place.path()), ["w.npz"]);
        assert_eq!(fs::metadata(&path).unwrap().len(), u64::from(PIECES) * PIECE as u64);
    }

    #[test]
    fn a_limit_on_the_size_of_files_is_an_error() {
        use std::os::unix::process::ExitStatusExt;
        let (place, path) = place();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "ulimit -f 100; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe().unwrap());
        let (mut child, _lines) = child_of(shell, &path);
        let status = child.wait().unwrap();
        assert!(status.signal().is_none() && !status.success(), "{status:?}");
        untouched(place.path());
    }
}
