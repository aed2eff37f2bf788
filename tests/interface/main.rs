//! What a program sees: methods by name, through the trait and by `map`; streams saved and resumed; text
//! forms; the prelude beside those of other crates.

mod methods;
mod prelude;
mod resume;
mod text;
