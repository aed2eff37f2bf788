//! The studies as a user meets them: the compiled programs.

mod block_formats;
mod format_table;
mod quartet;
mod throughput;
