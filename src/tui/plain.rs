//! Line mode: the same workshop as typed commands and plain text, for screen readers and simple terminals.
//!
//! It has the same state and the same `update` as the screen; only the view differs: whatever changed is printed.

use std::io::{self, BufRead, Write};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::app::{Action, App, Grading, Screen, Stop};
use super::command::{Command, TABLE};
use super::editor::Editor;
use super::effect::{Effect, Job};
use super::message::{DeployStep, Message};
use super::page::{self, text_of};
use super::update::{start, update};
use super::worker::Worker;

/// Columns of what is printed of a deploy: its lines are not broken.
const WIDTH: usize = 400;
/// Rides that one command may request.
const MOST_RIDES: u64 = 10_000;

/// Commands that need a screen.
const SCREEN_ONLY: &[Command] = &[
    Command::Palette,
    Command::Focus,
    Command::FocusBack,
    Command::Zoom,
    Command::Down,
    Command::Up,
    Command::PageDown,
    Command::PageUp,
    Command::Top,
    Command::Bottom,
    Command::Theme,
    Command::Mouse,
    Command::Redraw,
    Command::Suspend,
    Command::Open,
    Command::Split,
    Command::Search,
    Command::Help,
    Command::Write,
    Command::Cloud,
    Command::NextPage,
    Command::PreviousPage,
    Command::Monitor,
    Command::Freeze,
    Command::Record,
    Command::Follow,
    Command::Sort,
    Command::Only,
    Command::FindRide,
    Command::Mask,
    Command::NextPane,
    Command::PreviousPane,
    Command::ZoomPane,
    Command::NextEvent,
    Command::PreviousEvent,
];

struct Session<'a> {
    app: &'a mut App,
    worker: &'a Worker,
    runtime: &'a Runtime,
    messages: &'a mut UnboundedReceiver<Message>,
    editor: Editor,
    done: bool,
}

/// What was on display before a command.
#[derive(PartialEq)]
struct Shown {
    at: usize,
    hints: usize,
    gradings: usize,
    models: usize,
    answer: Option<(usize, usize)>,
    asked: bool,
}

/// Reads commands until the learner leaves or the input ends. `yes` answers every question.
///
/// # Errors
/// Input or output is gone.
pub fn run(
    app: &mut App,
    worker: &Worker,
    runtime: &Runtime,
    messages: &mut UnboundedReceiver<Message>,
    has_services: bool,
    yes: bool,
) -> io::Result<()> {
    app.size = Size::new(83, 200);
    app.zoomed = true;
    let _inside = runtime.enter();
    let effects = start(app, has_services);
    let mut session = Session { app, worker, runtime, messages, editor: Editor::of_environment(), done: false };
    println(&format!(
        "{}\nType a command and press Enter: next, hint, answer, check, help, quit.\n",
        session.app.module.title
    ))?;
    session.perform(effects)?;
    if matches!(session.app.screen(), Screen::Ask(_)) && yes {
        session.take_in(Message::Key(KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE)))?;
    }
    session.lesson()?;
    session.news(None)?;
    let mut line = String::new();
    while !session.done {
        print!("> ");
        io::stdout().flush()?;
        line.clear();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            session.take_in(Message::Stop)?;
            break;
        }
        let before = session.shown();
        session.command(line.trim())?;
        session.news(Some(&before))?;
    }
    Ok(())
}

fn println(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

impl Session<'_> {
    fn take_in(&mut self, message: Message) -> io::Result<()> {
        let effects = update(self.app, message);
        self.perform(effects)
    }

    /// Does `effects`, and waits for what they give.
    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        let mut waiting = effects;
        let (mut writes, mut jobs) = (0, 0);
        loop {
            for effect in std::mem::take(&mut waiting) {
                match effect {
                    Effect::Quit => self.done = true,
                    Effect::Edit(spot) => {
                        let result = self.editor.open(self.worker.root(), &spot);
                        waiting.extend(update(self.app, Message::EditorClosed(result)));
                    }
                    Effect::Copy(text) => println(&text)?,
                    Effect::Highlight(_)
                    | Effect::Wake(_)
                    | Effect::Redraw
                    | Effect::Retake
                    | Effect::Suspend
                    | Effect::Mouse(_) => {}
                    other => {
                        writes += usize::from(matches!(other, Effect::LayOut | Effect::Change(..) | Effect::Undo));
                        jobs += match &other {
                            Effect::Cloud(Job::Deploy(services)) => services.len(),
                            Effect::Cloud(Job::Ride(_)) => 1,
                            _ => 0,
                        };
                        self.worker.start(other);
                    }
                }
            }
            if !waiting.is_empty() {
                continue;
            }
            // Whatever else comes meanwhile (saves that were noticed, progress that cannot be kept) is taken in and waited for no longer.
            if writes == 0 && jobs == 0 && self.app.grading == Grading::Idle {
                return Ok(());
            }
            let Some(message) = self.next_message() else { return Ok(()) };
            writes -= usize::from(matches!(message, Message::LaidOut(_) | Message::Changed(..) | Message::Undone(_)));
            let deployed = match &message {
                Message::Deployed(service) | Message::Deploying(service, DeployStep::NotTried) => Some(service.clone()),
                _ => None,
            };
            jobs -= usize::from(deployed.is_some() || matches!(message, Message::Rides(_)));
            waiting.extend(update(self.app, message));
            if let Some(service) = deployed {
                self.deployed(&service)?;
            }
        }
    }

    /// Prints what came of a deploy.
    fn deployed(&self, service: &str) -> io::Result<()> {
        let deploy = self.app.cloud.deploys.iter().find(|deploy| deploy.service == service);
        deploy.map_or(Ok(()), |deploy| println(&page::deploy(self.app, deploy, WIDTH).plain()))
    }

    fn next_message(&mut self) -> Option<Message> {
        // The tasks run while this waits.
        self.runtime.block_on(self.messages.recv())
    }

    fn shown(&self) -> Shown {
        Shown {
            at: self.app.at,
            hints: self.app.task().map_or(0, |task| self.app.progress.task(&task.id).hints_shown),
            gradings: self.app.gradings,
            models: self.app.models.len(),
            answer: self.app.answer().map(|answer| (answer.generation, answer.hunk)),
            asked: false,
        }
    }

    fn command(&mut self, line: &str) -> io::Result<()> {
        if matches!(self.app.screen(), Screen::Ask(_)) {
            let code = if line.to_lowercase().starts_with('y') { 'y' } else { 'n' };
            return self.take_in(Message::Key(KeyEvent::new(KeyCode::Char(code), KeyModifiers::NONE)));
        }
        let (verb, rest) = line.split_once(' ').map_or((line, ""), |(verb, rest)| (verb, rest.trim()));
        let stop = |name: &str| {
            let called = |at: &usize| {
                let (number, title) = self.app.title(self.app.stops[*at]);
                number == name || (!name.is_empty() && title.eq_ignore_ascii_case(name))
            };
            (0..self.app.stops.len()).find(called)
        };
        match verb {
            "" => self.take_in(Message::FilesChanged),
            "help" => help(),
            "steps" => self.steps(),
            "lesson" => self.lesson(),
            "q" => self.take_in(Message::Command(Command::Quit)),
            "write" => self.write(),
            "search" => self.search(rest),
            "deploy" if !rest.is_empty() => self.deploy(rest),
            "ride" if rest.parse::<u64>().is_ok_and(|count| (1..=MOST_RIDES).contains(&count)) => {
                self.take_in(Message::Act(Action::Rides(rest.parse().unwrap_or(1))))
            }
            "go" if stop(rest).is_some() => self.take_in(Message::Go(stop(rest).unwrap_or_default())),
            _ if stop(line).is_some() => self.take_in(Message::Go(stop(line).unwrap_or_default())),
            _ => match self.named(line).filter(|command| !SCREEN_ONLY.contains(command)) {
                Some(command) => self.run(command),
                None => println(&format!("There is no command {line:?}. Type help for all of them.")),
            },
        }
    }

    /// Runs a command. What it opens beside the lesson was printed while it went on.
    fn run(&mut self, command: Command) -> io::Result<()> {
        // Without a task there is no service that could be meant.
        let command =
            if command == Command::Deploy && self.app.service().is_none() { Command::DeployAll } else { command };
        self.take_in(Message::Command(command))?;
        self.app.screens.retain(|screen| !matches!(screen, Screen::Cloud(_)));
        Ok(())
    }

    /// Deploys the service of this name, or with this ending.
    fn deploy(&mut self, name: &str) -> io::Result<()> {
        let services = &self.app.module.services;
        let known = services.iter().find(|service| *service == name);
        let known = known.or_else(|| services.iter().find(|service| service.ends_with(&format!("-{name}"))));
        let Some(service) = known.cloned() else {
            return println(&format!("There is no service {name:?}. There are: {}.", services.join(", ")));
        };
        self.take_in(Message::Act(Action::Deploy(service)))?;
        self.app.screens.retain(|screen| !matches!(screen, Screen::Cloud(_)));
        Ok(())
    }

    /// The command of this name, or of this key on the screen.
    fn named(&self, line: &str) -> Option<Command> {
        let key = || self.app.keymap.command(line.parse().ok()?, self.app.scope()?);
        Command::named(line).or_else(key)
    }

    /// Prints whatever changed.
    fn news(&mut self, before: Option<&Shown>) -> io::Result<()> {
        let now = self.shown();
        if let Some(before) = before {
            if now.at != before.at || now.models != before.models || (now.answer.is_none() && before.answer.is_some()) {
                self.lesson()?;
            } else if now.hints > before.hints {
                let from = self.app.lesson.page.anchor(&format!("hint {}", now.hints)).unwrap_or(0);
                for line in &self.app.lesson.page.lines[from..] {
                    println(text_of(line).trim_end())?;
                }
            }
            if now.answer != before.answer
                && let Some(answer) = self.app.answer()
            {
                let whose = if answer.mine { "Your own files against the answer" } else { "The lesson's answer" };
                println(&format!(
                    "{whose}. Change {} of {} is selected.\n",
                    (answer.hunk + 1).min(answer.hunks()),
                    answer.hunks()
                ))?;
                println(&answer.sheet.page.plain())?;
                println("Commands here: next-change, apply, apply-all, mine, undo, back.")?;
            }
        }
        if before.is_none_or(|before| before.gradings != now.gradings || before.at != now.at)
            && self.app.task().is_some()
        {
            println(&format!("Verdict: {}.", App::verdict_words(self.app.task_report())))?;
            println(&self.app.verdict.page.plain())?;
        }
        if before.is_some_and(|before| before.gradings != now.gradings && before.at == now.at)
            && self.app.task().is_none()
        {
            let (done, all) = self.app.count();
            println(&format!("{done} of {all} tasks are done."))?;
        }
        if let Some(notice) = self.app.notice.take() {
            println(&notice.text)?;
        }
        if let Screen::Ask(ask) = self.app.screen() {
            println(&super::view::ask_text(self.app, ask))?;
            println("Answer yes or no.")?;
        }
        Ok(())
    }

    fn lesson(&self) -> io::Result<()> {
        let (done, all) = self.app.count();
        println(&format!("\n{done} of {all} tasks are done.\n"))?;
        println(&self.app.lesson.page.plain())
    }

    fn steps(&self) -> io::Result<()> {
        for stop in &self.app.stops {
            let mark = match stop {
                Stop::Task(step, task) => {
                    let task = &self.app.module.steps[*step].tasks[*task];
                    let words = self.app.mark(task).map_or("still ahead", |status| match status {
                        crate::check::Status::Pass => "done",
                        crate::check::Status::Warn => "done, with advice",
                        crate::check::Status::Fail => "not there yet",
                        crate::check::Status::Blocked => "no verdict",
                    });
                    format!(" ({words})")
                }
                Stop::Question(_) => " (a question)".to_owned(),
                Stop::Step(_) => String::new(),
            };
            println(&format!("{}{mark}", self.app.name(*stop)))?;
        }
        Ok(())
    }

    fn search(&mut self, query: &str) -> io::Result<()> {
        self.take_in(Message::Command(Command::Search))?;
        self.take_in(Message::Paste(query.to_owned()))?;
        if let Some(Screen::Search(finder)) = self.app.screens.pop() {
            for found in finder.rows.iter().take(20) {
                let place = match found.action {
                    Action::Go(at) | Action::Find(at, _) => self.app.title(self.app.stops[at]).0,
                    Action::Run(_) | Action::Deploy(_) | Action::Rides(_) => String::new(),
                };
                println(
                    format!("{} {} {}", found.title, if found.detail.is_empty() { "" } else { ":" }, found.detail)
                        .trim_end(),
                )?;
                if !place.is_empty() {
                    println(&format!("  go {place}"))?;
                }
            }
            if finder.rows.is_empty() {
                println("Nothing was found.")?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        self.take_in(Message::Command(Command::Write))?;
        if !matches!(self.app.screen(), Screen::Writing(_)) {
            return Ok(());
        }
        println("Write your answer; a line with a single full stop ends it.")?;
        let mut text = String::new();
        for line in io::stdin().lock().lines() {
            let line = line?;
            if line.trim() == "." {
                break;
            }
            text.push_str(&line);
            text.push('\n');
        }
        self.take_in(Message::Paste(text))?;
        self.take_in(Message::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)))
    }
}

fn help() -> io::Result<()> {
    println(
        "go 2.1: go to a task, a step, or a question by its title\nsteps: all steps and tasks\nlesson: read this page again\nsearch WORDS: search the lessons\nwrite: write your own answer to a question\ndeploy NAME: deploy a service; deploy alone: that of this task, or all\nride 20: request 20 rides",
    )?;
    for entry in TABLE.iter().filter(|entry| !SCREEN_ONLY.contains(&entry.command)) {
        println(&format!("{}: {}", entry.name, entry.title))?;
    }
    println("An empty line checks your files again.")
}
