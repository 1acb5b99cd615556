//! Keeps the pages up to date: made again when something that they show changed, and never while drawing.

use super::{App, Screen, Sheet};
use crate::tui::page::{self, Page};

/// Rides that may stand in the line below the lesson.
const RIDES_BELOW_LESSON: usize = 6;

/// What a page was made from, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl App {
    /// Makes the pages again whose key changed, and keeps all positions inside them. `update` ends with this.
    pub fn refresh(&mut self) {
        if !self.fits() {
            return;
        }
        let areas = self.areas();
        let look = format!("{:?} {} {}", self.look.theme.name, self.look.glyphs.ascii, self.highlights.generation);
        let width = usize::from(self.lesson_area().width);
        let key = Key(format!("{:?} {width} {look} {} {}", self.stop(), self.lesson_key(), self.is_writing()));
        if self.lesson.key.as_ref() != Some(&key) {
            let page = page::lesson(self, width);
            self.wanted.extend(page.wanted.iter().cloned());
            keep(&mut self.lesson, key, page);
        }
        let width = usize::from(areas.verdict.unwrap_or(areas.main).width);
        let key = Key(format!(
            "{:?} {width} {look} {} {:?} {} {:?}",
            self.stop(),
            self.gradings,
            self.grading,
            self.finding,
            self.has_services
        ));
        if self.verdict.key.as_ref() != Some(&key) {
            let page = page::verdict(self, width);
            keep(&mut self.verdict, key, page);
        }
        self.refresh_answer(&look);
        self.refresh_cloud(&look);
        self.refresh_monitor(&look);
        self.keep_inside();
    }

    /// What the lesson's page depends on beside its stop.
    fn lesson_key(&self) -> String {
        let hints = self.task().map(|task| self.progress.task(&task.id).hints_shown);
        let question = self
            .question()
            .map(|question| (self.progress.answers.get(&question.id), self.models.contains(&question.id)));
        format!("{hints:?} {question:?}")
    }

    fn refresh_answer(&mut self, look: &str) {
        let width = usize::from(self.areas().main.width);
        let Some(answer) = self.answer() else { return };
        let key = Key(format!("{} {} {} {} {width} {look}", answer.generation, answer.hunk, answer.split, answer.mine));
        if answer.sheet.key.as_ref() == Some(&key) {
            return;
        }
        let page = page::answer(self, answer, width);
        self.wanted.extend(page.wanted.iter().cloned());
        if let Some(answer) = self.answer_mut() {
            keep(&mut answer.sheet, key, page);
        }
    }

    fn refresh_cloud(&mut self, look: &str) {
        let width = usize::from(self.areas().main.width);
        let Some(screen) = self.cloud_screen() else { return };
        let deploy = self.cloud.deploys.get(screen.page);
        let key = match deploy {
            Some(deploy) => format!("{} {}", deploy.generation, self.gradings),
            None => format!("{} {:?}", self.cloud.told, self.cloud.rides),
        };
        let python = (&self.cloud.no_python, &self.cloud.making);
        let key = Key(format!("{} {key} {width} {look} {:?} {python:?}", screen.page, self.cloud.sandbox));
        if screen.sheet.key.as_ref() == Some(&key) {
            return;
        }
        let page = match deploy {
            Some(deploy) => page::deploy(self, deploy, width),
            None => page::activity(self, width),
        };
        if let Some(screen) = self.cloud_screen_mut() {
            keep(&mut screen.sheet, key, page);
        }
    }

    /// Makes the picture of the monitor anew, and the page of an event.
    fn refresh_monitor(&mut self, look: &str) {
        let room = if self.is_monitoring() {
            self.monitor_room()
        } else {
            super::Room { rides: RIDES_BELOW_LESSON, ..super::Room::default() }
        };
        self.monitor.refresh(room);
        let width = usize::from(self.areas().main.width);
        let Some(screen) = self.event_screen() else { return };
        let key = Key(format!("{} {} {width} {look}", screen.at, self.monitor.masked));
        if screen.sheet.key.as_ref() == Some(&key) {
            return;
        }
        let page = page::event(self, screen, width);
        if let Some(screen) = self.event_screen_mut() {
            keep(&mut screen.sheet, key, page);
        }
    }

    /// No scroll position past the end, the open stop visible in the step list.
    fn keep_inside(&mut self) {
        let areas = self.areas();
        let height = self.lesson_area().height;
        clamp(&mut self.lesson, height);
        clamp(&mut self.verdict, areas.verdict.map_or(0, |area| area.height));
        if let Some(answer) = self.answer_mut() {
            clamp(&mut answer.sheet, areas.main.height);
        }
        if let Some(screen) = self.cloud_screen_mut() {
            clamp(&mut screen.sheet, areas.main.height);
        }
        if let Some(screen) = self.event_screen_mut() {
            clamp(&mut screen.sheet, areas.main.height);
        }
        let height = usize::from(areas.steps.map_or(0, |area| area.height));
        if height > 0 {
            // Two rows above and below the open stop stay visible, so that there is something to go on to.
            let margin = 2.min(height.saturating_sub(1) / 2);
            if self.at != self.steps_at {
                self.steps_at = self.at;
                let first = (self.at + 1 + margin).saturating_sub(height);
                self.steps_scroll = self.steps_scroll.clamp(first, self.at.saturating_sub(margin).max(first));
            }
            self.steps_scroll = self.steps_scroll.min(self.stops.len().saturating_sub(height));
        }
    }

    /// The page whose code the copying takes.
    pub fn copied_sheet(&self) -> &Sheet {
        match (self.screen(), self.cloud_screen()) {
            (Screen::Cloud(_), Some(screen)) => &screen.sheet,
            _ => self.answer().map_or(&self.lesson, |answer| &answer.sheet),
        }
    }

    /// The code and commands that are on the screen, by their place on the page.
    pub fn visible_snippets(&self) -> Vec<usize> {
        let (sheet, height) = (self.copied_sheet(), usize::from(self.areas().main.height));
        let snippets = sheet.page.snippets.iter().enumerate();
        let visible = snippets.filter(|(_, snippet)| {
            let lines = &snippet.lines;
            // A change that only takes lines away leaves nothing to copy.
            lines.start < sheet.scroll + height && lines.end > sheet.scroll && !snippet.text.is_empty()
        });
        visible.map(|(index, _)| index).collect()
    }

    /// The page that the moving keys scroll, and the height of its window.
    pub fn open_sheet(&mut self) -> Option<(&mut Sheet, usize)> {
        let areas = self.areas();
        let main = usize::from(areas.main.height);
        if matches!(self.screen(), Screen::Answer(_)) {
            return self.answer_mut().map(|answer| (&mut answer.sheet, main));
        }
        if matches!(self.screen(), Screen::Cloud(_)) {
            return self.cloud_screen_mut().map(|screen| (&mut screen.sheet, main));
        }
        if matches!(self.screen(), Screen::Event(_)) {
            return self.event_screen_mut().map(|screen| (&mut screen.sheet, main));
        }
        match self.focus {
            super::Pane::Verdict => {
                let height = areas.verdict.map_or(0, |area| usize::from(area.height));
                Some((&mut self.verdict, height))
            }
            super::Pane::Lesson => Some((&mut self.lesson, main)),
            super::Pane::Steps => None,
        }
    }
}

fn keep(sheet: &mut Sheet, key: Key, page: Page) {
    sheet.page = page;
    sheet.key = Some(key);
}

fn clamp(sheet: &mut Sheet, height: u16) {
    let last = sheet.page.lines.len().saturating_sub(usize::from(height));
    sheet.scroll = sheet.scroll.min(last);
}
