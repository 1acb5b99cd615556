//! The sandbox: deploys, rides, the speed of its clock, and what it tells.

mod telling;

use super::{commands, finder, grade};
use crate::cloud::{RideOutcome, Summary};
use crate::sandbox::{Progress, PythonProgress};
use crate::tui::app::{Action, App, CloudScreen, Deploying, Finder, Line, PythonMaking, Sandbox, Screen, Source};
use crate::tui::command::Command;
use crate::tui::effect::{Effect, Job, Spot};
use crate::tui::message::{CloudNews, DeployStep, Message};
use crate::tui::theme::Role;

/// Rides of a burst.
const BURST: u64 = 50;
/// Speeds of the clock, from one to the next.
const SPEEDS: [f64; 3] = [1.0, 10.0, 60.0];

/// Starts the sandbox where there are services and it was not started yet.
pub(super) fn start(app: &mut App) -> Vec<Effect> {
    if app.has_services != Some(true) || app.cloud.sandbox != Sandbox::Off {
        return Vec::new();
    }
    app.cloud.sandbox = Sandbox::Starting;
    vec![Effect::Cloud(Job::Start)]
}

/// Starts the sandbox again after it was stopped or could not be started.
pub(super) fn start_again(app: &mut App) -> Vec<Effect> {
    if app.cloud.is_on() {
        app.say(Role::Dim, "The sandbox runs already.");
        return Vec::new();
    }
    if can_be_used(app) { vec![Effect::Cloud(Job::Start)] } else { Vec::new() }
}

/// Whether there is anything to deploy here; says why not.
fn can_be_used(app: &mut App) -> bool {
    if app.cloud.sandbox == Sandbox::Aws {
        app.say(Role::Dim, "You work on AWS: `rydes deploy` and `rydes ride` in another terminal do it there.");
    } else if app.has_services == Some(false) {
        let key = app.keymap.label(Command::LayOut);
        app.say(Role::Dim, format!("There are no services in {} yet. {key} lays out the starters.", app.folder));
    } else {
        return true;
    }
    false
}

/// Deploys the service that is shown, or that of the open task; asks which if there is none.
pub(super) fn deploy(app: &mut App) -> Vec<Effect> {
    match app.service() {
        Some(service) => deploy_services(app, vec![service]),
        None if !can_be_used(app) => Vec::new(),
        None => {
            app.screens.push(Screen::Palette(Finder { query: "deploy ".to_owned(), ..Finder::default() }));
            finder::renew(app);
            Vec::new()
        }
    }
}

/// Deploys all services that are in the folder.
pub(super) fn deploy_all(app: &mut App) -> Vec<Effect> {
    let file = |service: &str| app.files.keys().any(|path| path.starts_with(&format!("{service}/serverless.y")));
    // Before the first grading the files are not known: what is missing then says so itself.
    let services = app.module.services.iter().filter(|service| app.files.is_empty() || file(service));
    let services = services.cloned().collect();
    deploy_services(app, services)
}

/// Deploys these services, and shows the first.
pub(super) fn deploy_services(app: &mut App, services: Vec<String>) -> Vec<Effect> {
    if !can_be_used(app) {
        return Vec::new();
    }
    let Some(first) = services.first().cloned() else {
        app.say(Role::Dim, format!("No service in {} has a serverless.yml.", app.folder));
        return Vec::new();
    };
    open(app, app.cloud.deploys.iter().position(|deploy| deploy.service == first));
    let underway = app.cloud.deploys.iter().find(|deploy| deploy.is_underway() && services.contains(&deploy.service));
    if let Some(underway) = underway {
        app.say(Role::Dim, format!("{} is being deployed already.", underway.service));
        return Vec::new();
    }
    for service in &services {
        if let Some(deploy) = app.cloud.deploy_mut(service) {
            deploy.begin();
        }
    }
    vec![Effect::Cloud(Job::Deploy(services))]
}

/// Requests a ride.
pub(super) fn ride(app: &mut App) -> Vec<Effect> {
    request(app, 1)
}

/// Requests many rides.
pub(super) fn burst(app: &mut App) -> Vec<Effect> {
    request(app, BURST)
}

pub(super) fn request(app: &mut App, count: u64) -> Vec<Effect> {
    if let Source::Replay { .. } = app.monitor.source {
        app.say(Role::Dim, "This is a recording: no ride can be requested in it.");
        return Vec::new();
    }
    // Who watches rides in an account may request some there.
    let on_aws = app.cloud.sandbox == Sandbox::Aws && app.monitor.asked;
    if !on_aws && !can_be_used(app) {
        return Vec::new();
    }
    if app.cloud.rides.underway.is_some() {
        app.say(Role::Dim, "Rides are on their way already.");
        return Vec::new();
    }
    app.cloud.rides.underway = Some((0, count));
    app.say(Role::Dim, if count == 1 { "Requesting a ride".to_owned() } else { format!("Requesting {count} rides") });
    vec![Effect::Cloud(Job::Ride(count))]
}

/// The next speed.
pub(super) fn speed(app: &mut App) -> Vec<Effect> {
    if !can_be_used(app) {
        return Vec::new();
    }
    let next = SPEEDS.into_iter().find(|speed| *speed > app.cloud.speed).unwrap_or(SPEEDS[0]);
    vec![Effect::Cloud(Job::Speed(next))]
}

/// Shows deploys and activity: this page, or the one that says most now.
pub(super) fn open(app: &mut App, page: Option<usize>) {
    let task = app.service();
    let deploys = &app.cloud.deploys;
    let page = page
        .or_else(|| deploys.iter().position(|deploy| deploy.state == Deploying::Running))
        .or_else(|| deploys.iter().position(|deploy| Some(&deploy.service) == task.as_ref()))
        .unwrap_or(deploys.len());
    match app.cloud_screen_mut() {
        Some(screen) => {
            if screen.page != page {
                *screen = CloudScreen { page, ..CloudScreen::default() };
            }
        }
        None => {
            app.screens.truncate(1);
            app.screens.push(Screen::Cloud(Box::new(CloudScreen { page, ..CloudScreen::default() })));
        }
    }
}

/// Shows the page after this one, or before.
pub(super) fn turn(app: &mut App, by: isize) -> Vec<Effect> {
    let pages = app.cloud.deploys.len() + 1;
    if let Some(screen) = app.cloud_screen_mut() {
        let page = (screen.page + pages).saturating_add_signed(by) % pages;
        *screen = CloudScreen { page, ..CloudScreen::default() };
    }
    Vec::new()
}

/// Does what was named.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Deploy(service) => deploy_services(app, vec![service]),
        Action::Rides(count) => request(app, count),
        Action::Run(command) => commands::run(app, command),
        Action::Go(at) | Action::Find(at, _) => commands::go_to(app, at),
    }
}

/// Takes in what the sandbox tells.
pub(super) fn result(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Cloud(news) => news_of(app, news),
        Message::Deploying(service, step) => step_of(app, &service, step),
        Message::Deployed(_) | Message::Looked => return deployed(app),
        Message::Rode(time, outcome) => rode(app, time, &outcome),
        Message::Rides(done) => {
            rides(app, done);
            return deployed(app);
        }
        Message::Activity(seen) => seen.into_iter().for_each(|seen| telling::tell(app, seen)),
        // Handled elsewhere.
        _ => {}
    }
    Vec::new()
}

/// What is deployed, or what it did, is another than before: the tasks that ask for it are graded anew.
fn deployed(app: &mut App) -> Vec<Effect> {
    grade(app)
}

fn news_of(app: &mut App, news: CloudNews) {
    match news {
        CloudNews::Starting => app.cloud.sandbox = Sandbox::Starting,
        CloudNews::On { port, other } => app.cloud.sandbox = Sandbox::On { port, other },
        CloudNews::Off(reason) => {
            let key = app.keymap.label(Command::Sandbox);
            app.say(Role::Warn, format!("The sandbox is off: {reason}. {key} starts it again."));
            app.cloud.sandbox = Sandbox::Stopped(reason);
        }
        CloudNews::Failed(reason) => {
            let key = app.keymap.label(Command::Sandbox);
            app.say(Role::Fail, format!("There is no sandbox: {} {key} tries again.", telling::sentence(&reason)));
            app.cloud.sandbox = Sandbox::Stopped(reason);
        }
        CloudNews::Python(Ok(())) => app.cloud.no_python = None,
        CloudNews::Python(Err(reason)) => {
            app.say(Role::Warn, format!("Handlers cannot run here: {}", telling::sentence(&reason)));
            app.cloud.no_python = Some(reason);
        }
        CloudNews::Making(progress) => making(app, progress),
        CloudNews::Speed(speed) => {
            if (speed - app.cloud.speed).abs() > f64::EPSILON {
                app.say(Role::Dim, format!("The clock of the sandbox runs {speed} times as fast as the wall's."));
            }
            app.cloud.speed = speed;
        }
    }
}

fn making(app: &mut App, progress: PythonProgress) {
    let before = app.cloud.making.take();
    match progress {
        PythonProgress::Making { step, done, of } => {
            if before.is_none() {
                app.say(Role::Dim, "Your handlers get an environment with boto3 and requests. It is made now, once.");
            }
            app.cloud.making = Some(PythonMaking { step, done, of });
        }
        PythonProgress::Made(version) => {
            app.say(Role::Pass, format!("Python {version} with boto3 and requests is ready."))
        }
        // Whoever wanted it tells why.
        PythonProgress::Ended => {}
    }
}

fn step_of(app: &mut App, service: &str, step: DeployStep) {
    let begins = matches!(step, DeployStep::Progress(Progress::Started { .. }));
    let ended = match &step {
        DeployStep::Progress(Progress::Done(outcome)) if outcome.is_unchanged() => {
            Some((Role::Pass, format!("{service} is deployed as it was: nothing changed.")))
        }
        DeployStep::Progress(Progress::Done(outcome)) => {
            Some((Role::Pass, format!("{service} is deployed, in {:.2} s.", outcome.elapsed / 1000.0)))
        }
        DeployStep::Progress(Progress::Failed { .. }) => {
            let key = app.keymap.label(Command::Cloud);
            Some((Role::Fail, format!("{service} was not deployed; {key} shows why.")))
        }
        _ => None,
    };
    let Some(at) = app.cloud.deploys.iter().position(|deploy| deploy.service == service) else { return };
    app.cloud.deploys[at].take(step);
    // Whoever watches one deploy of several is taken along to the next.
    let followed = begins
        && app.cloud_screen().is_some_and(|screen| {
            app.cloud.deploys.get(screen.page).is_some_and(|shown| matches!(shown.state, Deploying::Done(_)))
        });
    if followed && app.cloud.deploys.iter().filter(|deploy| deploy.state != Deploying::Never).count() > 1 {
        open(app, Some(at));
    }
    if let Some((role, text)) = ended {
        // On its own page the deploy tells this itself.
        if role == Role::Pass || app.cloud_screen().is_none_or(|screen| screen.page != at) {
            app.say(role, text);
        }
    }
}

fn rode(app: &mut App, time: String, outcome: &RideOutcome) {
    let (role, text) = telling::ride(outcome);
    let rides = &mut app.cloud.rides;
    let single = rides.underway.is_some_and(|(_, all)| all == 1);
    if let Some((done, _)) = &mut rides.underway {
        *done += 1;
    }
    if outcome.error.is_none() {
        rides.answered += 1
    } else {
        rides.failed += 1
    }
    rides.last.clone_from(&text);
    // Of many rides, those that failed are worth a line.
    if single || role == Role::Fail {
        app.cloud.tell(Line { time, role, text: text.clone(), more: None });
    }
    if single {
        app.say(role, text);
    }
}

fn rides(app: &mut App, done: Result<Box<Summary>, String>) {
    let single = app.cloud.rides.underway.take().is_some_and(|(_, all)| all == 1);
    match done {
        Ok(summary) if !single => {
            let (role, text) = telling::summary(&summary);
            app.cloud.tell(Line { time: String::new(), role, text: text.clone(), more: None });
            app.say(role, text);
        }
        Ok(_) => {}
        Err(reason) => {
            // What to type in a shell has a key here.
            let key = app.keymap.label(Command::Deploy);
            let reason = reason.replace("`rydes deploy`", &key);
            app.say(Role::Fail, format!("No ride: {}", telling::sentence(&reason)));
        }
    }
}

/// Where the editor opens on this screen: at the failure of the deploy that is shown, or where the last missing permission belongs.
pub fn spot(app: &App) -> Option<Spot> {
    let screen = app.cloud_screen()?;
    match app.cloud.deploys.get(screen.page) {
        Some(deploy) => deploy
            .spot()
            .or_else(|| Some(Spot { file: format!("{}/serverless.yml", deploy.service), line: 1, column: 1 })),
        None => app.cloud.denied.clone(),
    }
}

#[cfg(test)]
mod tests;
