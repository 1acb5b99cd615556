//! `--undo`: takes the last change that this program made to the learner's files back.

use super::ask::confirm;
use super::session::{Session, say};
use super::{COULD_NOT_RUN, FINDINGS};

pub(super) fn run(session: &mut Session) -> anyhow::Result<u8> {
    let Some(preview) = session.folder.undo_preview()? else {
        say("There is nothing to undo.");
        return Ok(COULD_NOT_RUN);
    };
    if !preview.edited_since.is_empty() {
        let question = format!(
            "You edited {} since. Undo all the same? (A copy stays in {}.)",
            preview.edited_since.join(", "),
            preview.copies.display()
        );
        if !confirm(&session.settings, &question)? {
            say("Nothing was changed.");
            return Ok(FINDINGS);
        }
    }
    if let Some(undone) = session.folder.undo()? {
        // What was done by what is undone is not done any more.
        let all: Vec<_> = session.module.tasks().map(|task| task.id.clone()).collect();
        session.grade(&all)?;
        session.save();
        say(&format!("Undid \"{}\": {} as before.", undone.what, undone.files.join(", ")));
    }
    Ok(0)
}
