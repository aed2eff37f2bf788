//! The pairs of strings that a file carries beside its tensors.

use std::ops::Range;

/// Strings by name. Kept in one text, since a file may hold a great many short ones: 12 bytes a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    text: String,
    /// Where each key begins, where it ends and its value begins, and where that ends; sorted by key.
    places: Vec<[u32; 3]>,
}

impl Metadata {
    /// Room for so many pairs, counted beforehand.
    pub(super) fn with_room(pairs: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), places: Vec::with_capacity(pairs) }
    }

    /// Adds a pair; `None` where the text grows beyond 4 GiB.
    pub(super) fn push(&mut self, key: &str, value: &str) -> Option<()> {
        let start = u32::try_from(self.text.len()).ok()?;
        let middle = start.checked_add(u32::try_from(key.len()).ok()?)?;
        let end = middle.checked_add(u32::try_from(value.len()).ok()?)?;
        self.text.push_str(key);
        self.text.push_str(value);
        self.places.push([start, middle, end]);
        Some(())
    }

    /// Makes the pairs findable; a key that is there twice comes back.
    pub(super) fn sort(&mut self) -> Result<(), String> {
        let Self { text, places } = self;
        let key = |place: &[u32; 3]| &text[range(place[0], place[1])];
        places.sort_unstable_by(|a, b| key(a).cmp(key(b)));
        match places.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])) {
            Some(pair) => Err(key(&pair[0]).to_owned()),
            None => Ok(()),
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.places.binary_search_by(|place| self.key(place).cmp(key)).ok()?;
        Some(self.value(&self.places[found]))
    }

    /// All pairs, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places.iter().map(|place| (self.key(place), self.value(place)))
    }

    fn key(&self, place: &[u32; 3]) -> &str {
        &self.text[range(place[0], place[1])]
    }

    fn value(&self, place: &[u32; 3]) -> &str {
        &self.text[range(place[1], place[2])]
    }
}

fn range(start: u32, end: u32) -> Range<usize> {
    start as usize..end as usize
}
