//! The whole loop, with a terminal, input and a world of its own, in paused time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::*;
use crate::diagnostic::Status;
use crate::tui::fixture::{app, grading, pressed};
use crate::tui::update::start;

/// Keys with the pauses before them, and everything that the program asked for.
struct Script {
    keys: Rc<RefCell<VecDeque<(Duration, &'static str)>>>,
    asked: Vec<Effect>,
    results: UnboundedSender<Message>,
    statuses: VecDeque<Vec<Status>>,
}

impl World for Script {
    fn keys(&mut self) -> Keys {
        let keys = Rc::clone(&self.keys);
        Box::pin(futures::stream::unfold(keys, |keys| async move {
            let (pause, key) = keys.borrow_mut().pop_front()?;
            tokio::time::sleep(pause).await;
            Some((pressed(key), keys))
        }))
    }

    fn start(&mut self, effect: Effect) {
        if effect == Effect::Grade {
            let statuses = self.statuses.pop_front().unwrap_or_default();
            let _ = self.results.send(grading(&statuses));
        }
        if let Effect::Wake(time) = effect {
            let results = self.results.clone();
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                let _ = results.send(Message::Wake);
            });
        }
        self.asked.push(effect);
    }

    fn edit(&mut self, spot: &Spot) -> Result<(), String> {
        self.asked.push(Effect::Edit(spot.clone()));
        Ok(())
    }

    fn edits_on_terminal(&self) -> bool {
        true
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.asked.push(Effect::Copy(text.to_owned()));
        Ok(())
    }

    fn mouse(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.asked.push(Effect::Suspend);
        Ok(())
    }

    fn retake(&mut self) -> io::Result<()> {
        self.asked.push(Effect::Retake);
        Ok(())
    }
}

async fn play(keys: &[(u64, &'static str)], statuses: &[[Status; 3]]) -> (App, Script, String) {
    let (sender, mut messages) = unbounded_channel();
    let keys = keys.iter().map(|(pause, key)| (Duration::from_millis(*pause), *key)).collect();
    let statuses = statuses.iter().map(|statuses| statuses.to_vec()).collect();
    let mut world = Script { keys: Rc::new(RefCell::new(keys)), asked: Vec::new(), results: sender, statuses };
    let mut app = app(80, 24);
    let first = start(&mut app, true);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    run(&mut app, &mut terminal, &mut world, &mut messages, first).await.unwrap();
    let screen = terminal.backend().to_string();
    (app, world, screen)
}

use Status::{Blocked, Fail, Pass};

#[tokio::test(start_paused = true)]
async fn a_morning_at_the_workshop() {
    let keys = [(500, "n"), (500, "n"), (500, "e"), (4000, "y"), (100, "q")];
    let (app, world, screen) = play(&keys, &[[Fail, Fail, Blocked], [Pass, Fail, Blocked]]).await;
    assert_eq!(app.count(), (1, 3), "graded again after the editor");
    assert!(app.celebration.is_none(), "the sparks are over");
    assert!(world.asked.iter().any(|effect| matches!(effect, Effect::Edit(_))));
    assert!(world.asked.iter().any(|effect| matches!(effect, Effect::Copy(_))));
    assert!(screen.contains("1 of 3"), "{screen}");
}

#[tokio::test(start_paused = true)]
async fn suspending_takes_the_terminal_again() {
    let (_, world, _) = play(&[(10, "ctrl-z"), (10, "q")], &[[Fail, Fail, Blocked]]).await;
    let at = |wanted: &Effect| world.asked.iter().position(|effect| effect == wanted);
    assert!(at(&Effect::Suspend) < at(&Effect::Retake));
}

#[tokio::test(start_paused = true)]
async fn input_that_ends_ends_the_program() {
    let (_, world, _) = play(&[], &[[Fail, Fail, Blocked]]).await;
    assert!(world.asked.iter().any(|effect| matches!(effect, Effect::Save(_))));
}

#[tokio::test(start_paused = true)]
async fn idle_wakes_nobody() {
    let before = tokio::time::Instant::now();
    let (_, world, _) = play(&[(3_600_000, "q")], &[[Fail, Fail, Blocked]]).await;
    assert!(before.elapsed() >= Duration::from_secs(3600));
    assert!(!world.asked.iter().any(|effect| matches!(effect, Effect::Wake(_))));
}
