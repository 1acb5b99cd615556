//! The workshop: a module's content, the learner's progress through it, and the learner's files.
//!
//! Pure but for `store` (and `embedded`, which reads what the binary carries). A [`Module`] is data; [`load`] makes one from files.

mod embedded;
pub mod load;
pub mod mine;
mod module;
pub mod progress;
mod source;
mod states;
pub mod store;

pub use embedded::{BUILT_IN, built_in, files as built_in_files};
pub use module::{
    Answer, CheckRef, Diagram, Edge, EdgeStyle, Hint, Link, Module, Node, NodeKind, Question, Step, Task, TaskId,
};
pub use source::Source;
pub use states::{PatchError, Tree, apply};
