//! # The file is Python 3
//!
//! ## What it asks
//! The handler is Python 3 from its first line to its last.
//!
//! ## Why
//! Lambda imports the whole file before it calls a function in it. One line that does not parse, and every invocation fails with
//! `Runtime.UserCodeSyntaxError`. The tasks of the file are *blocked* until it is mended; the finding points at the first place.
//!
//! ## Passes
//! ```python
//! print('Response: {}'.format(response))
//! ```
//!
//! ## Fails
//! ```python
//! print 'Response:', response     # Python 2
//! ```

use crate::check::rule::Rule;

/// No task asks for it: it is found on the way to what tasks ask for.
pub(super) static RULE: Rule = Rule {
    code: "RY003",
    name: "python-syntax",
    source: include_str!("python_syntax.rs"),
    judge: |_, _| Ok(Vec::new()),
};
