//! Everything that the learner can do, in one table: keys, footer, help, palette and line mode all come from it.

/// Something the learner can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Go to the next stop of the lesson.
    Next,
    /// Go to the stop before.
    Previous,
    /// Go to the first task that is not done.
    Continue,
    /// Reveal the next hint.
    Hint,
    /// Show the answer.
    Answer,
    /// Open the file in the editor.
    Edit,
    /// Grade now.
    Check,
    /// Make the change that a finding offers.
    Fix,
    /// Write an own answer to a question.
    Write,
    /// Answer screen: between the lesson's diff and the learner's own file.
    Mine,
    /// Answer screen: apply the selected change.
    Apply,
    /// Answer screen: apply all changes.
    ApplyAll,
    /// Answer screen: select the next change.
    NextHunk,
    /// Answer screen: select the change before.
    PreviousHunk,
    /// Answer screen: side by side, or one below the other.
    Split,
    /// Take back the last change to the learner's files.
    Undo,
    /// Deploy the service of the task, or the one that is shown.
    Deploy,
    /// Deploy all services.
    DeployAll,
    /// Request a ride.
    Ride,
    /// Request many rides.
    Burst,
    /// Show deploys, and what happens in the sandbox.
    Cloud,
    /// Sandbox screen: the next page.
    NextPage,
    /// Sandbox screen: the page before.
    PreviousPage,
    /// The next speed of the sandbox's clock.
    Speed,
    /// Start the sandbox.
    Sandbox,
    /// Watch rides as they travel.
    Monitor,
    /// Monitor: freeze the picture, or let it go on.
    Freeze,
    /// Monitor: write what comes to a file.
    Record,
    /// Monitor: select the newest ride as it comes.
    Follow,
    /// Monitor: another order of rides.
    Sort,
    /// Monitor: other rides.
    Only,
    /// Monitor: rides that hold some words.
    FindRide,
    /// Monitor: hide accounts and addresses.
    Mask,
    /// Monitor: the next pane.
    NextPane,
    /// Monitor: the pane before.
    PreviousPane,
    /// Monitor: one pane alone.
    ZoomPane,
    /// Event: the next one.
    NextEvent,
    /// Event: the one before.
    PreviousEvent,
    /// Copy the code or command on the screen.
    Copy,
    /// Search the lessons.
    Search,
    /// Show all commands, to be filtered.
    Palette,
    /// Show the keys.
    Help,
    /// Give the keys for moving to the next pane.
    Focus,
    /// The same, the other way round.
    FocusBack,
    /// Show one pane alone.
    Zoom,
    /// One line or row down.
    Down,
    /// One line or row up.
    Up,
    /// A screenful down.
    PageDown,
    /// A screenful up.
    PageUp,
    /// To the beginning.
    Top,
    /// To the end.
    Bottom,
    /// Act on what is selected.
    Open,
    /// Close what is open.
    Back,
    /// Write the starter services that are missing.
    LayOut,
    /// The next theme.
    Theme,
    /// Let the terminal select text, or take the mouse back.
    Mouse,
    /// Draw everything again.
    Redraw,
    /// Stop, as the shell's job control does.
    Suspend,
    /// Leave.
    Quit,
}

/// Where a command can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On every screen that is not for writing.
    Everywhere,
    /// Where the lesson is shown.
    Lesson,
    /// Where an answer is shown.
    Answer,
    /// Where deploys and the sandbox's activity are shown.
    Cloud,
    /// Where rides are watched.
    Monitor,
    /// Where an event is shown.
    Event,
}

impl Scope {
    /// Whether a command of this scope can be used where one of `other` can.
    pub fn meets(self, other: Self) -> bool {
        self == Self::Everywhere || other == Self::Everywhere || self == other
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    /// What it does.
    pub command: Command,
    /// Its name in the settings file and in line mode.
    pub name: &'static str,
    /// What it does, in a few words.
    pub title: &'static str,
    /// The word in the footer; none keeps it out.
    pub label: &'static str,
    /// Keys that it has unless the settings say otherwise.
    pub keys: &'static [&'static str],
    /// Where it can be used.
    pub scope: Scope,
}

const fn entry(
    command: Command,
    name: &'static str,
    keys: &'static [&'static str],
    scope: Scope,
    label: &'static str,
    title: &'static str,
) -> Entry {
    Entry { command, name, title, label, keys, scope }
}

use Scope::{Answer, Cloud, Event, Everywhere, Lesson, Monitor};

/// The table, in the order of footer and help.
pub static TABLE: &[Entry] = &[
    entry(Command::Next, "next", &["n", "right"], Lesson, "next", "Go to the next task"),
    entry(Command::Previous, "previous", &["p", "left"], Lesson, "", "Go to the task before"),
    entry(Command::Continue, "continue", &["g"], Lesson, "", "Go to the first task that is not done"),
    entry(Command::Hint, "hint", &["h"], Lesson, "hint", "Show the next hint"),
    entry(Command::Write, "write", &["w"], Lesson, "write", "Write your own answer to the question"),
    entry(Command::Answer, "answer", &["a"], Lesson, "answer", "Show the answer (asks once)"),
    entry(Command::Mine, "mine", &["m"], Answer, "your file", "Your own files against the answer, or the lesson's"),
    entry(Command::Apply, "apply", &["space"], Answer, "apply", "Apply the selected change to your file"),
    entry(Command::ApplyAll, "apply-all", &["A"], Answer, "apply all", "Apply all changes to your files"),
    entry(Command::NextHunk, "next-change", &["n", "]"], Answer, "next", "Select the next change"),
    entry(Command::PreviousHunk, "previous-change", &["p", "["], Answer, "", "Select the change before"),
    entry(Command::Edit, "edit", &["e"], Everywhere, "edit", "Open the file in your editor, at the finding"),
    entry(Command::Check, "check", &["c", "r"], Everywhere, "check", "Check your files now (saving them does it, too)"),
    entry(Command::Fix, "fix", &["f"], Lesson, "fix", "Make the change that the finding offers"),
    entry(Command::Undo, "undo", &["u"], Everywhere, "undo", "Take back rydes's last change to your files"),
    entry(Command::Deploy, "deploy", &["d"], Everywhere, "deploy", "Deploy the service of this task, or the one shown"),
    entry(Command::DeployAll, "deploy-all", &["D"], Everywhere, "", "Deploy all services"),
    entry(Command::Ride, "ride", &["R"], Everywhere, "ride", "Request a ride from what is deployed"),
    entry(Command::Burst, "rides", &["B"], Everywhere, "", "Request 50 rides, four at a time"),
    entry(Command::Cloud, "deploys", &["o"], Everywhere, "sandbox", "Show the last deploys and the sandbox's activity"),
    entry(
        Command::NextPage,
        "next-page",
        &["n", "right", "tab"],
        Cloud,
        "next",
        "Show the next service, or the activity",
    ),
    entry(Command::PreviousPage, "previous-page", &["p", "left", "backtab"], Cloud, "", "Show the one before"),
    entry(Command::Speed, "speed", &["S"], Everywhere, "", "Sandbox clock: 1, 10 or 60 times as fast"),
    entry(Command::Sandbox, "sandbox", &[], Everywhere, "", "Start the sandbox again"),
    entry(Command::Monitor, "monitor", &["M"], Everywhere, "monitor", "Watch rides as they travel"),
    entry(Command::Freeze, "freeze", &["space"], Monitor, "freeze", "Freeze the picture; events are still taken in"),
    entry(Command::FindRide, "find-ride", &["/"], Monitor, "find", "Show rides with an id, a unicorn, a state"),
    entry(Command::Only, "only", &["i"], Monitor, "which", "Show all rides, some on their way, or in trouble"),
    entry(Command::Sort, "sort", &["s"], Monitor, "sort", "Sort rides: newest, slowest, trouble, unicorn"),
    entry(Command::Follow, "follow", &["f"], Monitor, "follow", "Select the newest ride as it comes, or stay"),
    entry(Command::Record, "record", &["w"], Monitor, "record", "Write what happens to a file, for a replay"),
    entry(Command::Mask, "mask", &["X"], Everywhere, "mask", "Watching rides: hide accounts and addresses"),
    entry(Command::NextPane, "next-pane", &["tab", "right"], Monitor, "pane", "Move to the next pane"),
    entry(Command::PreviousPane, "previous-pane", &["backtab", "left"], Monitor, "", "Move to the pane before"),
    entry(Command::ZoomPane, "zoom-pane", &["z"], Monitor, "", "Show this pane alone, or all again"),
    entry(Command::NextEvent, "next-event", &["n", "right"], Event, "next", "Show the next event"),
    entry(Command::PreviousEvent, "previous-event", &["p", "left"], Event, "before", "Show the event before"),
    entry(Command::Copy, "copy", &["y"], Everywhere, "copy", "Copy the command or code shown (again: the next)"),
    entry(
        Command::Split,
        "side-by-side",
        &["s"],
        Answer,
        "side by side",
        "Side by side, or one column (from 120 columns)",
    ),
    entry(Command::Search, "search", &["/"], Lesson, "search", "Search the lessons"),
    entry(Command::Palette, "palette", &[":", "ctrl-p"], Everywhere, "", "Find a command or a task by name"),
    entry(Command::Help, "help", &["?", "f1"], Everywhere, "help", "Show all keys"),
    entry(Command::Focus, "focus", &["tab"], Lesson, "", "Move to the next pane: steps, lesson, verdict"),
    entry(Command::FocusBack, "focus-back", &["backtab"], Lesson, "", "Move to the pane before"),
    entry(Command::Zoom, "zoom", &["z"], Lesson, "", "Show this pane alone, or all again"),
    entry(Command::Down, "down", &["j", "down"], Everywhere, "", "Scroll down, or select the row below"),
    entry(Command::Up, "up", &["k", "up"], Everywhere, "", "Scroll up, or select the row above"),
    entry(Command::PageDown, "page-down", &["pagedown", "ctrl-d"], Everywhere, "", "Scroll a screenful down"),
    entry(Command::PageUp, "page-up", &["pageup", "ctrl-u"], Everywhere, "", "Scroll a screenful up"),
    entry(Command::Top, "top", &["home"], Everywhere, "", "Go to the beginning"),
    entry(Command::Bottom, "bottom", &["end", "G"], Everywhere, "", "Go to the end"),
    entry(Command::Open, "open", &["enter"], Everywhere, "", "Open what is selected"),
    entry(Command::Back, "back", &["esc"], Everywhere, "", "Close what is open"),
    entry(Command::LayOut, "lay-out", &[], Lesson, "", "Write the starter services that are missing"),
    entry(Command::Theme, "theme", &["t"], Everywhere, "", "Next theme: terminal, dark, light, high-contrast"),
    entry(Command::Mouse, "mouse", &[], Everywhere, "", "Mouse: select text with it, or click and scroll"),
    entry(Command::Redraw, "redraw", &["ctrl-l"], Everywhere, "", "Draw the screen again"),
    entry(Command::Suspend, "suspend", &["ctrl-z"], Everywhere, "", "Back to the shell for a while (fg returns)"),
    entry(Command::Quit, "quit", &["q", "ctrl-c"], Everywhere, "quit", "Leave; your place is kept"),
];

impl Command {
    /// Its row in the table.
    pub fn entry(self) -> &'static Entry {
        // The test below proves that every command has a row.
        TABLE.iter().find(|entry| entry.command == self).unwrap_or(&TABLE[0])
    }

    /// The command of this name.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.name == name).map(|entry| entry.command)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_command_has_one_row() {
        let names: BTreeSet<_> = TABLE.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), TABLE.len());
        // The last variant's number tells how many commands there are.
        assert_eq!(Command::Quit as usize + 1, TABLE.len());
        for entry in TABLE {
            assert_eq!(entry.command.entry().name, entry.name);
        }
    }
}
