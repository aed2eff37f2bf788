//! The machine code of the hot loops, read from this very executable: at each CPU level they work on
//! that level's vector registers, call nothing, and do nothing number by number. A helper that is no
//! longer inlined, or a lane that the compiler no longer vectorises, fails here; no time is measured.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod executable;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod inspect;

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[test]
fn hot_loops_are_vector_code() {
    println!("skipped: this test reads x86-64 instructions from an ELF file");
}
