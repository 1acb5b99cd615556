//! What functions come to, in which order resources come to be, and what a service compiles to.

mod compiling;
mod evaluation;
