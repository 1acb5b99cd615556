//! The TOML at the head of a Markdown file.

use serde::Deserialize;

use crate::workshop::module::{CheckRef, Link};

/// A Markdown file taken apart.
pub(super) struct Parts<'a> {
    pub(super) front: &'a str,
    /// Offset of the front matter in the file.
    pub(super) front_start: usize,
    pub(super) body: &'a str,
    /// Offset of the body in the file.
    pub(super) body_start: usize,
}

/// Takes `text` apart at its two lines `+++`; none if they are not there.
pub(super) fn split(text: &str) -> Option<Parts<'_>> {
    let front_start = ["+++\n", "+++\r\n"].iter().find(|fence| text.starts_with(**fence))?.len();
    let mut offset = front_start;
    for line in text[front_start..].split_inclusive('\n') {
        let next = offset + line.len();
        if line.trim_end() == "+++" {
            return Some(Parts {
                front: &text[front_start..offset],
                front_start,
                body: &text[next..],
                body_start: next,
            });
        }
        offset = next;
    }
    None
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFront {
    pub(super) id: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) tasks: Vec<TaskFront>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskFront {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) file: Option<String>,
    #[serde(default)]
    pub(super) checks: Vec<CheckFront>,
    #[serde(default)]
    pub(super) docs: Vec<Link>,
    #[serde(default)]
    pub(super) hints: Vec<HintFront>,
    pub(super) answer: Option<String>,
    pub(super) any_order: Option<String>,
    pub(super) deploys: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HintFront {
    pub(super) title: String,
    pub(super) patch: Option<String>,
}

/// `"RY201"`, or `{ code = "RY201", … }` with parameters.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum CheckFront {
    Code(String),
    WithParameters {
        code: String,
        #[serde(flatten)]
        parameters: toml::Table,
    },
}

impl From<CheckFront> for CheckRef {
    fn from(front: CheckFront) -> Self {
        match front {
            CheckFront::Code(code) => Self { code, parameters: toml::Table::new() },
            CheckFront::WithParameters { code, parameters } => Self { code, parameters },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionsFront {
    #[serde(default)]
    pub(super) questions: Vec<QuestionFront>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionFront {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) step: String,
}
