//! The workshop: a module's content, the learner's progress through it, and the learner's files.
//!
//! Pure but for `store` (and `embedded`, which reads what the binary carries). A [`Module`] is data; [`load`] makes one from files.

mod embedded;
pub mod load;
mod module;
mod states;

pub use embedded::{BUILT_IN, built_in, files as built_in_files};
pub use module::{
    Answer, CheckRef, Diagram, Edge, EdgeStyle, Hint, Link, Module, Node, NodeKind, Question, Step, Task, TaskId,
};
pub use states::{PatchError, Tree, apply};
