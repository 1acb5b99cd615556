//! The states of the services on the way through a module, derived from the starter and the answers' patches.

use std::collections::BTreeMap;

use super::module::{Module, TaskId};

/// Files of the services: path from the workshop folder with `/` → text.
pub type Tree = BTreeMap<String, String>;

/// A patch that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// It is not a unified diff.
    #[error("not a unified diff: {0}")]
    Syntax(String),
    /// It names a file that is not there.
    #[error("it changes {0}, which is not there")]
    Missing(String),
    /// It does not fit the file.
    #[error("it does not fit {file}: {reason}")]
    Conflict {
        /// Which file.
        file: String,
        /// Where and why.
        reason: String,
    },
}

/// `tree` with a unified patch of one or more files applied. A patch from `/dev/null` makes a file.
///
/// # Errors
/// The patch is malformed, or a hunk does not fit. `tree` is not changed then.
pub fn apply(tree: &Tree, patch: &str) -> Result<Tree, PatchError> {
    let mut result = tree.clone();
    for file in split_files(patch)? {
        let parsed = diffy::Patch::from_str(&file.text).map_err(|error| PatchError::Syntax(error.to_string()))?;
        let before = match tree.get(&file.path) {
            Some(text) => text.as_str(),
            None if file.is_new => "",
            None => return Err(PatchError::Missing(file.path)),
        };
        let after = diffy::apply(before, &parsed)
            .map_err(|error| PatchError::Conflict { file: file.path.clone(), reason: error.to_string() })?;
        result.insert(file.path, after);
    }
    Ok(result)
}

/// The part of a patch that concerns one file.
pub(super) struct FilePatch {
    /// Path without the `b/` prefix.
    pub(super) path: String,
    /// The patch of that file alone.
    pub(super) text: String,
    is_new: bool,
}

pub(super) fn split_files(patch: &str) -> Result<Vec<FilePatch>, PatchError> {
    let mut files: Vec<FilePatch> = Vec::new();
    let mut lines = patch.lines().peekable();
    while let Some(line) = lines.next() {
        let starts_file = line.starts_with("--- ") && lines.peek().is_some_and(|next| next.starts_with("+++ "));
        if starts_file {
            let next = lines.next().unwrap_or_default();
            let path = next.trim_start_matches("+++ ").split('\t').next().unwrap_or_default().trim();
            let path = path.strip_prefix("b/").unwrap_or(path).to_owned();
            files.push(FilePatch {
                path,
                text: format!("{line}\n{next}\n"),
                is_new: line.starts_with("--- /dev/null"),
            });
        } else if let Some(file) =
            files.last_mut().filter(|_| !line.starts_with("diff ") && !line.starts_with("index "))
        {
            file.text.push_str(line);
            file.text.push('\n');
        }
    }
    if files.is_empty() {
        Err(PatchError::Syntax("no `--- a/…` and `+++ b/…` lines".to_owned()))
    } else {
        Ok(files)
    }
}

impl Module {
    /// The services as they are just before `task`, when all earlier answers were applied.
    ///
    /// # Errors
    /// A patch on the way does not apply: a mistake in the module.
    pub fn state_before(&self, task: &TaskId) -> Result<Tree, (TaskId, PatchError)> {
        self.state(self.tasks().take_while(|other| other.id != *task).map(|other| &other.id))
    }

    /// The services as they are just after `task`.
    ///
    /// # Errors
    /// As [`Module::state_before`].
    pub fn state_after(&self, task: &TaskId) -> Result<Tree, (TaskId, PatchError)> {
        let before = self.state_before(task)?;
        match self.task(&task.0).and_then(|task| task.answer.as_ref()) {
            Some(answer) => apply(&before, &answer.patch).map_err(|error| (task.clone(), error)),
            None => Ok(before),
        }
    }

    fn state<'a>(&self, tasks: impl Iterator<Item = &'a TaskId>) -> Result<Tree, (TaskId, PatchError)> {
        tasks
            .filter_map(|id| Some((id, self.task(&id.0)?.answer.as_ref()?)))
            .try_fold(self.starter.clone(), |tree, (id, answer)| {
                apply(&tree, &answer.patch).map_err(|error| (id.clone(), error))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::from([("a/one.txt".to_owned(), "1\n2\n3\n".to_owned())])
    }

    #[test]
    fn a_patch_changes_and_makes_files() {
        let patch = "--- a/a/one.txt\n+++ b/a/one.txt\n@@ -1,3 +1,3 @@\n 1\n-2\n+zwei\n 3\n--- /dev/null\n+++ b/a/two.txt\n@@ -0,0 +1 @@\n+new\n";
        let after = apply(&tree(), patch).unwrap();
        assert_eq!(after["a/one.txt"], "1\nzwei\n3\n");
        assert_eq!(after["a/two.txt"], "new\n");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let missing = "--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-x\n+y\n";
        assert_eq!(apply(&tree(), missing), Err(PatchError::Missing("b.txt".to_owned())));
        let conflict = missing.replace("b.txt", "a/one.txt");
        assert!(matches!(apply(&tree(), &conflict), Err(PatchError::Conflict { .. })));
        assert!(matches!(apply(&tree(), "no patch"), Err(PatchError::Syntax(_))));
    }
}
