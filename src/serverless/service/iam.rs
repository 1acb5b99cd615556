//! Statements of IAM policies, and whether one speaks of an action on a resource.

use std::sync::Arc;

use super::Service;
use crate::serverless::text::{Part, Text};
use crate::serverless::yaml::{Location, Node};

/// What a statement does to those that it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
    /// Something that IAM would refuse: misspelt or missing.
    Invalid(String),
    /// Only a deployment knows.
    Unknown,
}

/// A list of patterns in a statement, and where each stands.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    /// Text and place; no text where no text stands.
    pub list: Vec<(Option<Text>, Arc<Node>)>,
    /// Whether all but these are meant: `NotAction`, `NotResource`.
    pub inverted: bool,
    /// Where the key stands; none if the statement has none.
    pub key: Option<Location>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Where it stands.
    pub location: Location,
    /// What it does.
    pub effect: Effect,
    /// Where `Effect` stands.
    pub effect_location: Option<Location>,
    /// `Action` or `NotAction`.
    pub actions: Patterns,
    /// `Resource` or `NotResource`.
    pub resources: Patterns,
    /// `NotAction` beside `Action`, or `NotResource` beside `Resource`: IAM refuses such a statement.
    pub contradiction: Option<Location>,
    /// `Principal` or `NotPrincipal`: IAM refuses a role's policy that says whom it is for.
    pub principal: Option<Location>,
    /// Whether it holds only under a `Condition`.
    pub conditional: bool,
    /// Keys that IAM does not know: `Actions`, `effect` …
    pub strays: Vec<(Arc<str>, Location)>,
}

impl Statement {
    /// The statement that `node` is; none if it is no mapping.
    pub fn of(service: &Service, node: &Node) -> Option<Self> {
        let map = node.as_map()?;
        let effect = map.entry("Effect");
        let known = [
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
            "Principal",
            "NotPrincipal",
        ];
        let strays = map.entries.iter().filter(|entry| !known.contains(&&*entry.key));
        Some(Self {
            location: node.location.clone(),
            effect: match effect.map(|effect| effect.value.as_text()) {
                Some(Some(text)) => match text.as_literal() {
                    Some("Allow") => Effect::Allow,
                    Some("Deny") => Effect::Deny,
                    Some(other) => Effect::Invalid(other.to_owned()),
                    None => Effect::Unknown,
                },
                Some(None) => Effect::Unknown,
                None => Effect::Invalid(String::new()),
            },
            effect_location: effect.map(|effect| effect.value.location.clone()),
            actions: Patterns::of(service, node, "Action", "NotAction"),
            resources: Patterns::of(service, node, "Resource", "NotResource"),
            contradiction: [("Action", "NotAction"), ("Resource", "NotResource")]
                .iter()
                .filter(|(key, _)| map.get(key).is_some())
                .find_map(|(_, inverse)| map.entry(inverse))
                .map(|entry| entry.key_location.clone()),
            principal: ["Principal", "NotPrincipal"]
                .iter()
                .find_map(|key| map.entry(key))
                .map(|entry| entry.key_location.clone()),
            conditional: map.get("Condition").is_some_and(|condition| !condition.is_null()),
            strays: strays.map(|entry| (Arc::clone(&entry.key), entry.key_location.clone())).collect(),
        })
    }

    /// Whether it speaks of `action` (in lower case); none if only a deployment knows.
    pub fn speaks_of(&self, action: &str) -> Option<bool> {
        let mut unknown = false;
        let matches = self.actions.list.iter().any(|(text, _)| match text.as_ref().map(Text::as_literal) {
            Some(Some(pattern)) => matches_action(&pattern.to_lowercase(), action),
            Some(None) => {
                unknown = true;
                false
            }
            None => false,
        });
        match (matches, unknown) {
            (true, _) => Some(!self.actions.inverted),
            (false, true) => None,
            (false, false) => Some(self.actions.inverted && self.actions.key.is_some()),
        }
    }
}

impl Patterns {
    fn of(service: &Service, statement: &Node, key: &str, inverse: &str) -> Self {
        let (entry, inverted) = match (statement.entry(key), statement.entry(inverse)) {
            (Some(entry), _) => (entry, false),
            (None, Some(entry)) => (entry, true),
            (None, None) => return Self::default(),
        };
        let one = std::slice::from_ref(&entry.value);
        let items = entry.value.as_list().unwrap_or(one);
        // Serverless flattens nothing, but a variable that is a list inside a list is a common slip that CloudFormation refuses.
        let list = items.iter().map(|item| (service.text(item), Arc::clone(item))).collect();
        Self { list, inverted, key: Some(entry.key_location.clone()) }
    }
}

fn matches_action(pattern: &str, action: &str) -> bool {
    pattern == "*" || (pattern.contains(':') && matches(&characters(pattern), &characters(action)))
}

/// Something that a pattern can stand for: a character, or a part that only a deployment knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Char(char),
    Symbol(crate::serverless::text::Symbol),
}

pub(super) fn characters(text: &str) -> Vec<Token> {
    text.chars().map(Token::Char).collect()
}

pub(super) fn tokens(text: &Text) -> Vec<Token> {
    let part = |part: &Part| match part {
        Part::Literal(literal) => characters(literal),
        Part::Symbol(symbol) => vec![Token::Symbol(symbol.clone())],
    };
    text.parts().iter().flat_map(part).collect()
}

/// Whether a pattern with `*` and `?` stands for `subject`. Takes time proportional to the product of the lengths at most.
pub(super) fn matches(pattern: &[Token], subject: &[Token]) -> bool {
    let (mut p, mut s) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while s < subject.len() {
        match pattern.get(p) {
            Some(Token::Char('*')) => {
                star = Some((p, s));
                p += 1;
            }
            Some(Token::Char('?')) => {
                p += 1;
                s += 1;
            }
            Some(token) if *token == subject[s] => {
                p += 1;
                s += 1;
            }
            _ => match star {
                Some((star_p, star_s)) => {
                    star = Some((star_p, star_s + 1));
                    p = star_p + 1;
                    s = star_s + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Char('*'))
}
