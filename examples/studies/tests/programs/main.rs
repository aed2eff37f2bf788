//! The studies as a user meets them: the compiled programs.

mod format_table;
mod mx_quantize;
mod quartet;
mod throughput;
