//! The terminal UI: the lesson, the learner's progress, hints, answers and verdicts on one screen.
//!
//! Everything that happens is one [`message::Message`]; `update` turns it into new state and effects without any I/O, `view` draws the state and changes
//! nothing, `runtime` moves messages and effects between them and the world.

mod app;
mod command;
mod diagram;
mod effect;
mod glyphs;
mod highlight;
mod keymap;
mod layout;
mod look;
mod markdown;
mod message;
mod page;
mod palette;
mod theme;
mod update;
mod view;
mod wrap;
