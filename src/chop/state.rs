//! `StreamState`: where a stream of random bits stands, as plain data.

use core::fmt;
use core::str::FromStr;

use crate::error::ParseError;
use crate::rounding::Fork;

/// Where a [`Seeded`](crate::Seeded) rounding stands: all that its next random bits depend on.
///
/// Plain data, printed and read as text, with feature `serde` written and read: saved beside a model or an
/// experiment it lets a run go on where it stopped. [`Chop::resume`](crate::Chop::resume) and its relatives
/// make the stream again.
///
/// ```
/// use lowprec::{Chop, Format, Rounding, StreamState};
/// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
/// let run = sr.stream(42).fork(7);
/// run.chop_slice(&mut [0.1_f32; 1000]);
/// let saved = run.state().to_string();
/// assert_eq!(saved, "seed=42,fork=0:7,stream=0,position=1000");
/// // Tomorrow:
/// let again = sr.resume(&saved.parse()?);
/// assert_eq!(again.chop(0.3_f64), run.chop(0.3_f64));
/// # Ok::<(), lowprec::error::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct StreamState {
    /// The seed.
    pub seed: u64,
    /// The forks that led here, the first one first.
    #[cfg_attr(feature = "serde", serde(default))]
    pub path: Vec<Fork>,
    /// The number of the stream among those of its key: see [`Seeded::substream`](crate::Seeded::substream).
    #[cfg_attr(feature = "serde", serde(default))]
    pub stream: u64,
    /// The position of the next element.
    #[cfg_attr(feature = "serde", serde(default))]
    pub position: u64,
}

impl fmt::Display for StreamState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed={}", self.seed)?;
        for Fork { stream, id } in &self.path {
            write!(f, ",fork={stream}:{id}")?;
        }
        write!(f, ",stream={},position={}", self.stream, self.position)
    }
}

/// What [`StreamState`] is read from, for messages.
const FORM: &str =
    "seed=42,fork=0:7,stream=0,position=1000, all but the seed left out where zero or none";

impl FromStr for StreamState {
    type Err = ParseError;

    /// Reads what `Display` prints: `key=value` with commas between. `fork=stream:id` may be repeated,
    /// the first fork first; what is left out is zero, but the seed must be there.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        read(text).ok_or_else(|| ParseError::new("stream state", text, FORM))
    }
}

fn read(text: &str) -> Option<StreamState> {
    let (mut seed, mut stream, mut position, mut path) = (None, None, None, Vec::new());
    for part in text.trim().split(',') {
        let (key, value) = part.split_once('=')?;
        let value = value.trim();
        let place = match key.trim() {
            "fork" => {
                let (stream, id) = value.split_once(':')?;
                path.push(Fork {
                    stream: stream.trim().parse().ok()?,
                    id: id.trim().parse().ok()?,
                });
                continue;
            }
            "seed" => &mut seed,
            "stream" => &mut stream,
            "position" => &mut position,
            _ => return None,
        };
        if place.replace(value.parse().ok()?).is_some() {
            return None;
        }
    }
    let (stream, position) = (stream.unwrap_or(0), position.unwrap_or(0));
    Some(StreamState { seed: seed?, path, stream, position })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back_and_what_is_not_a_state_is_refused() {
        let fork = |stream, id| Fork { stream, id };
        for state in [
            StreamState::default(),
            StreamState { seed: u64::MAX, path: vec![], stream: 3, position: u64::MAX },
            StreamState {
                seed: 1,
                path: vec![fork(0, 7), fork(9, u64::MAX)],
                stream: 0,
                position: 5,
            },
        ] {
            assert_eq!(state.to_string().parse::<StreamState>().unwrap(), state);
        }
        let short: StreamState = " seed = 4 ".parse().unwrap();
        assert_eq!(short, StreamState { seed: 4, ..StreamState::default() });
        for text in [
            "",
            "42",
            "stream=1",
            "seed=1,seed=2",
            "seed=-1",
            "seed=1,fork=2",
            "seed=1,at=3",
            "seed=1,",
        ] {
            let message = text.parse::<StreamState>().unwrap_err().to_string();
            assert!(message.contains("seed=42"), "{message}");
        }
    }
}
