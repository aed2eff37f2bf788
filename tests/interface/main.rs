//! What a program sees: methods by name, through the trait and by `map`; streams saved and resumed; text
//! forms. The prelude beside those of other crates is in `tests/adapters/`.

mod methods;
mod resume;
mod text;
