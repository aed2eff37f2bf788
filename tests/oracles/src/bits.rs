//! The storage types by their bits.

use lowprec::Storage;

/// A storage type seen as bits.
pub trait Bits: Storage {
    const NAME: &str;
    fn to_word(self) -> u64;
    fn of_word(word: u64) -> Self;
    /// The nearest value of the type; for making inputs.
    fn near(x: f64) -> Self;
}

macro_rules! bits {
    ($float:ty, $word:ty, $name:literal) => {
        impl Bits for $float {
            const NAME: &str = $name;
            fn to_word(self) -> u64 {
                u64::from(self.to_bits())
            }
            fn of_word(word: u64) -> Self {
                Self::from_bits(word as $word)
            }
            fn near(x: f64) -> Self {
                x as $float
            }
        }
    };
}
bits!(f32, u32, "f32");
bits!(f64, u64, "f64");
