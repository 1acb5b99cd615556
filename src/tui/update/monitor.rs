//! The monitor of rides: its keys, and what its feeds tell.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::app::{App, Ask, EventScreen, LANES, Part, Sandbox, Screen, Source};
use crate::tui::command::Command;
use crate::tui::effect::{Effect, Job};
use crate::tui::message::{Message, MonitorNews};
use crate::tui::theme::Role;

/// How long a frame of the animation stands.
const FRAME: Duration = Duration::from_millis(45);

/// Shows the monitor, and starts it if it does not run.
pub(super) fn open(app: &mut App) -> Vec<Effect> {
    if matches!(app.screen(), Screen::Monitor) {
        return super::commands::back(app);
    }
    while app.is_monitoring() && !matches!(app.screen(), Screen::Monitor) && app.screens.len() > 1 {
        app.screens.pop();
    }
    if !app.is_monitoring() {
        app.screens.truncate(1);
        app.screens.push(Screen::Monitor);
    }
    start(app)
}

/// Starts what the monitor shows, unless it was started already.
pub(super) fn start(app: &mut App) -> Vec<Effect> {
    if app.monitor.asked || app.monitor.source != Source::None {
        return Vec::new();
    }
    app.monitor.asked = true;
    if app.cloud.sandbox == Sandbox::Aws {
        app.screens.push(Screen::Ask(Ask::Watch));
        return Vec::new();
    }
    vec![Effect::Cloud(Job::Watch(true))]
}

/// The learner said whether a queue may be created.
pub(super) fn consented(app: &mut App, create: bool) -> Vec<Effect> {
    if !create {
        app.say(Role::Dim, "Nothing is created in your account: messages of the topic are not shown.");
    }
    vec![Effect::Cloud(Job::Watch(create))]
}

/// Runs one of the monitor's own commands.
pub(super) fn run(app: &mut App, command: Command) -> Vec<Effect> {
    let monitor = &mut app.monitor;
    match command {
        Command::Freeze => {
            monitor.freeze();
            let frozen = monitor.frozen.is_some();
            let key = app.keymap.label(Command::Freeze);
            if frozen {
                app.say(Role::Dim, format!("The picture stands still; what happens is taken in. {key} goes on."));
            }
        }
        Command::Record => return vec![Effect::Cloud(Job::Record(None))],
        Command::Follow => {
            if monitor.follow {
                monitor.follow = false;
            } else {
                monitor.select_end(false);
            }
        }
        Command::Sort => {
            monitor.sort = monitor.sort.next();
            monitor.relist();
        }
        Command::Only => {
            monitor.only = monitor.only.next();
            monitor.relist();
        }
        Command::FindRide => {
            monitor.part = Part::Rides;
            app.screens.push(Screen::FindRide);
        }
        Command::Mask => {
            monitor.masked = !monitor.masked;
            let words = if monitor.masked { "hidden" } else { "shown" };
            app.say(Role::Dim, format!("Account ids, ARNs and addresses are {words}."));
        }
        Command::NextPane => focus(app, 1),
        Command::PreviousPane => focus(app, Part::ALL.len() - 1),
        Command::ZoomPane => monitor.zoomed = !monitor.zoomed,
        Command::NextEvent => leaf(app, 1),
        Command::PreviousEvent => leaf(app, -1),
        _ => {}
    }
    Vec::new()
}

fn focus(app: &mut App, by: usize) {
    let at = Part::ALL.iter().position(|part| *part == app.monitor.part).unwrap_or(0);
    if let Some(part) = Part::ALL.get((at + by) % Part::ALL.len()) {
        app.monitor.part = *part;
    }
}

/// Moves the selection of the pane that has the focus, or scrolls it.
pub(super) fn go(app: &mut App, command: Command) {
    let page = app.monitor_room().rides.saturating_sub(1).max(1);
    let (by, down) = match command {
        Command::Down => (1, true),
        Command::Up => (1, false),
        Command::PageDown => (page, true),
        Command::PageUp => (page, false),
        Command::Top => (usize::MAX, false),
        _ => (usize::MAX, true),
    };
    let monitor = &mut app.monitor;
    match monitor.part {
        Part::Rides if by == usize::MAX => monitor.select_end(down),
        Part::Rides => {
            monitor.move_selection(by, down);
            monitor.scroll[0] = 0;
        }
        Part::Ride | Part::Numbers => {
            let place = usize::from(monitor.part == Part::Numbers);
            let last = match place {
                0 => monitor.picture.ride.as_ref().map_or(0, |ride| ride.events.len().saturating_sub(1)),
                // The rows of all tables, about: what is beyond is empty.
                _ => 24,
            };
            let scroll = &mut monitor.scroll[place];
            *scroll = if down { scroll.saturating_add(by).min(last) } else { scroll.saturating_sub(by) };
        }
        Part::Topic | Part::Logs | Part::Table => {
            let lane = monitor.part.lane().unwrap_or(0);
            let numbers =
                monitor.picture.lanes.get(lane).map(|lane| lane.iter().map(|entry| entry.number).collect::<Vec<_>>());
            let numbers = numbers.unwrap_or_default();
            let at = monitor.marked.get(lane).copied().flatten();
            let at = at.and_then(|marked| numbers.iter().position(|number| *number == marked)).unwrap_or(0);
            let to =
                if down { at.saturating_add(by) } else { at.saturating_sub(by) }.min(numbers.len().saturating_sub(1));
            if let Some(marked) = monitor.marked.get_mut(lane) {
                // At its top a lane follows what comes.
                *marked = numbers.get(to).copied().filter(|_| to > 0);
            }
        }
    }
}

/// A click into a pane, `row` rows below its title. True if what is there was selected already: it is opened then.
pub(super) fn click(app: &mut App, part: Part, row: usize) -> bool {
    let monitor = &mut app.monitor;
    let had_focus = std::mem::replace(&mut monitor.part, part) == part;
    match part.lane() {
        _ if row == 0 => false,
        Some(lane) => {
            let number = monitor.picture.lanes.get(lane).and_then(|lane| lane.get(row - 1)).map(|entry| entry.number);
            let Some(marked) = monitor.marked.get_mut(lane).filter(|_| number.is_some()) else { return false };
            let same = *marked == number && had_focus;
            *marked = number;
            same
        }
        None if part == Part::Rides && row > 1 => {
            let before = monitor.selected;
            monitor.select_row(row - 2);
            before.is_some() && before == monitor.selected && had_focus
        }
        None => false,
    }
}

/// Opens what is selected: the events of a ride, or an event of a lane.
pub(super) fn show(app: &mut App) -> Vec<Effect> {
    let monitor = &app.monitor;
    let screen = match monitor.part.lane() {
        Some(lane) => {
            let feed = LANES.get(lane).copied();
            let wanted = monitor.marked.get(lane).copied().flatten();
            let wanted = wanted.or_else(|| monitor.picture.lanes.get(lane)?.first().map(|entry| entry.number));
            // Newer ones are before it, as in the lane.
            let around = feed.map(|feed| monitor.book.lane(feed).rev().take(200).collect::<Vec<_>>());
            let around = around.unwrap_or_default();
            let at = around.iter().position(|(number, _)| Some(*number) == wanted);
            at.map(|at| EventScreen::new(around.into_iter().map(|(_, event)| event.clone()).collect(), at))
        }
        None => {
            let ride = monitor.selected.and_then(|number| monitor.book.numbered(number));
            let mut events: Vec<_> =
                ride.map(|ride| monitor.book.events_of(ride.id()).into_iter().cloned().collect()).unwrap_or_default();
            events.sort_by_key(|event: &crate::ride::Event| event.at.unwrap_or(event.seen));
            let at = if monitor.part == Part::Ride {
                monitor.scroll[0].min(events.len().saturating_sub(1))
            } else {
                first(&events)
            };
            (!events.is_empty()).then(|| EventScreen::new(events, at))
        }
    };
    match screen {
        Some(screen) => app.screens.push(Screen::Event(Box::new(screen))),
        None => app.say(Role::Dim, "There is no event to show: it is too old to be kept, or nothing is selected."),
    }
    Vec::new()
}

/// The event of a ride that tells most: its message, else its item, else the first.
fn first(events: &[crate::ride::Event]) -> usize {
    use crate::ride::Happening;
    let message = events.iter().position(|event| matches!(event.happening, Happening::Message { .. }));
    let item = || events.iter().position(|event| matches!(event.happening, Happening::Item { .. }));
    message.or_else(item).unwrap_or(0)
}

fn leaf(app: &mut App, by: isize) {
    let Some(screen) = app.event_screen_mut() else { return };
    let last = screen.events.len().saturating_sub(1);
    let at = screen.at.saturating_add_signed(by).min(last);
    if at != screen.at {
        screen.at = at;
        screen.sheet.scroll = 0;
    }
}

/// A key while words for the search are typed.
pub(super) fn typed(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Esc => {
            app.monitor.query.clear();
            app.screens.pop();
        }
        KeyCode::Enter => _ = app.screens.pop(),
        KeyCode::Backspace => _ = app.monitor.query.pop(),
        KeyCode::Char('u') if control => app.monitor.query.clear(),
        KeyCode::Char(letter) if !control => app.monitor.query.push(letter),
        KeyCode::Down => go(app, Command::Down),
        KeyCode::Up => go(app, Command::Up),
        _ => {}
    }
    app.monitor.relist();
    Vec::new()
}

/// Pasted words to search for: their first line.
pub(super) fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    app.monitor.query.push_str(text.lines().next().unwrap_or_default());
    app.monitor.relist();
    Vec::new()
}

/// Takes in what the monitor tells.
pub(super) fn result(app: &mut App, message: Message) -> Vec<Effect> {
    let is_visible = app.is_monitoring();
    match message {
        Message::Monitor(MonitorNews::Events(events, now, permit)) => {
            let rides = app.monitor.book.counts().rides;
            app.monitor.take(events, now);
            drop(permit);
            // Elsewhere only the rides below the lesson are seen.
            app.changed = is_visible || rides > 0 || app.monitor.book.counts().rides > 0;
        }
        Message::Monitor(MonitorNews::Tick(now)) => {
            let before = app.monitor.book.counts().clone();
            app.monitor.tick(now);
            app.changed = is_visible || before != *app.monitor.book.counts();
        }
        Message::Monitor(MonitorNews::Source(source)) => app.monitor.source = source,
        Message::Monitor(MonitorNews::Recording(file)) => {
            match (&file, app.monitor.recording.take()) {
                (Some(file), _) => {
                    let text = format!("What happens is written to {file}. `rydes monitor --replay {file}` plays it.");
                    app.say(Role::Pass, text);
                }
                (None, Some(file)) => app.say(Role::Pass, format!("The recording is in {file}.")),
                (None, None) => {}
            }
            app.monitor.recording = file;
        }
        Message::Frame => {
            app.monitor.ticking = false;
            if app.monitor.frozen.is_none() {
                app.monitor.journeys.frame();
            }
            app.changed = is_visible;
        }
        _ => {}
    }
    Vec::new()
}

/// Asks for the next frame if something is seen to move.
pub(super) fn animate(app: &mut App) -> Vec<Effect> {
    if !app.is_monitoring() || !app.monitor.journeys.is_moving() {
        if !app.is_monitoring() {
            app.monitor.journeys.clear();
        }
        return Vec::new();
    }
    if app.monitor.ticking || app.monitor.frozen.is_some() {
        return Vec::new();
    }
    app.monitor.ticking = true;
    vec![Effect::Animate(FRAME)]
}

#[cfg(test)]
mod tests;
