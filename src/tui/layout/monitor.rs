//! Where the parts of the monitor stand: the picture above, figures below it, then as many panes as there is room for.

use ratatui::layout::Rect;

use crate::ride::State;
use crate::tui::app::{App, Part, Room};

/// The parts of the monitor's screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Monitoring {
    /// The architecture.
    pub picture: Rect,
    /// Whether its nodes are boxes.
    pub boxed: bool,
    /// Rate, counts, latencies.
    pub figures: Rect,
    /// What is wrong with feeds, and what is missing.
    pub troubles: Rect,
    /// Panes, each with the line of its title above it.
    pub panes: Vec<(Part, Rect)>,
}

/// From this size on the nodes of the picture are boxes.
const BOXED: (u16, u16) = (104, 26);
/// From this size on several panes are visible.
const SEVERAL: (u16, u16) = (108, 13);
/// Rows of boxed and of plain nodes.
const BOXES: u16 = 8;
const NAMES: u16 = 3;

impl App {
    /// Where the parts of the monitor stand.
    pub fn monitoring(&self) -> Monitoring {
        let main = self.areas().main;
        let mut parts = Monitoring::default();
        let mut rest = main;
        let mut cut = |rows: u16| {
            let rows = rows.min(rest.height);
            let area = Rect { height: rows, ..rest };
            rest = Rect { y: rest.y + rows, height: rest.height - rows, ..rest };
            area
        };
        parts.boxed = main.width >= BOXED.0 && main.height >= BOXED.1;
        if !self.monitor.zoomed || main.height >= 30 {
            parts.picture = cut(if parts.boxed { BOXES } else { NAMES });
            let roomy = main.height >= 24;
            if parts.boxed && main.height >= 40 {
                cut(1);
            }
            parts.figures = cut(if roomy { 2 } else { 1 });
            let most = if roomy { 3 } else { 1 };
            parts.troubles = cut(u16::try_from(self.monitor_troubles().len()).unwrap_or(most).min(most));
        }
        parts.panes = self.panes(rest);
        parts
    }

    /// The panes in `rest`; each has the line of its title at its top.
    fn panes(&self, rest: Rect) -> Vec<(Part, Rect)> {
        let part = self.monitor.part;
        if self.monitor.zoomed || rest.width < SEVERAL.0 || rest.height < SEVERAL.1 {
            return vec![(part, rest)];
        }
        let lanes = match rest.height {
            0..=17 => 0,
            18..=27 => 6,
            28..=39 => 9,
            _ => 13,
        };
        let upper = Rect { height: rest.height - lanes, ..rest };
        let left = (rest.width * 61 / 100).max(66).min(rest.width.saturating_sub(42));
        let right = Rect { x: upper.x + left + 1, width: upper.width - left - 1, ..upper };
        let mut panes = vec![(Part::Rides, Rect { width: left, ..upper })];
        if right.height >= 24 {
            let numbers = 13.min(right.height / 2);
            panes.push((Part::Ride, Rect { height: right.height - numbers, ..right }));
            panes.push((Part::Numbers, Rect { y: right.y + right.height - numbers, height: numbers, ..right }));
        } else if part == Part::Numbers {
            panes.push((Part::Numbers, right));
        } else if lanes == 0 && part.lane().is_some() {
            panes.push((part, right));
        } else {
            panes.push((Part::Ride, right));
        }
        if lanes > 0 {
            let lower = Rect { y: upper.y + upper.height, height: lanes, ..rest };
            let third = lower.width / 3;
            // Log lines are longer than messages and items.
            let widths = [third - third / 5, third + 2 * (third / 5), lower.width - 2 * third - third / 5];
            let mut x = lower.x;
            for (part, width) in [Part::Topic, Part::Logs, Part::Table].into_iter().zip(widths) {
                panes.push((part, Rect { x, width: width.saturating_sub(1), ..lower }));
                x += width;
            }
        }
        panes
    }

    /// How many rows and columns there are for what is shown.
    pub fn monitor_room(&self) -> Room {
        let parts = self.monitoring();
        let rows = |wanted: fn(Part) -> bool| {
            let panes = parts.panes.iter().filter(|(part, _)| wanted(*part));
            panes.map(|(_, area)| usize::from(area.height.saturating_sub(1))).max().unwrap_or(0)
        };
        Room {
            // The heads of the columns take a row.
            rides: rows(|part| part == Part::Rides).saturating_sub(1),
            lanes: rows(|part| part.lane().is_some()),
            seconds: usize::from(parts.figures.width),
        }
    }

    /// The pane at a place.
    pub fn pane_at(&self, at: ratatui::layout::Position) -> Option<(Part, Rect)> {
        self.monitoring().panes.into_iter().find(|(_, area)| area.contains(at))
    }

    /// What is wrong with the feeds, worst first, and what is missing: one line each.
    pub fn monitor_troubles(&self) -> Vec<crate::tui::app::Trouble> {
        use crate::tui::app::Trouble;
        let picture = &self.monitor.picture;
        let mut troubles: Vec<Trouble> = picture
            .feeds
            .iter()
            .filter(|state| !matches!(state.health.state, State::Live | State::Starting | State::CatchingUp))
            // What is waited for is among what is missing.
            .filter(|state| !matches!(state.health.state, State::Waiting { .. }) || picture.topology.missing.is_empty())
            .map(|state| Trouble::Feed(state.clone()))
            .collect();
        if !picture.topology.missing.is_empty() {
            troubles.push(Trouble::Missing(picture.topology.missing.clone()));
        }
        troubles
    }
}
