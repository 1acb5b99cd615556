//! Whether an SSM parameter's name is the agreed one, whatever way the stage is spelled.

use crate::serverless::text::{Part, Symbol, Text};
use crate::serverless::variables::Chain;

/// How a name stands to the agreed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same for every stage.
    Same,
    /// The same for one stage only, which is spelled out.
    OneStage(String),
    /// The placeholder of the lesson was copied as it is.
    Placeholder(String),
    /// Another name, and what is different.
    Other(String),
    /// Only a deployment knows.
    Unknown,
}

/// The word that stands for the stage in the name that a task asks for.
const STAGE: &str = "STAGE";

/// Compares `name` with `wanted`, in which the word STAGE stands for the stage.
pub(super) fn compare(name: &Text, wanted: &str, stage: &Chain) -> Verdict {
    if let Some(reason) = name.broken() {
        return Verdict::Other(reason.to_owned());
    }
    let (prefix, suffix) = wanted.split_once(STAGE).unwrap_or((wanted, ""));
    let has_stage = wanted.contains(STAGE);
    let mut agreed = Text::literal(prefix);
    if has_stage {
        agreed.push(Symbol::Stage);
        agreed.push_str(suffix);
    }
    if *name == agreed {
        return Verdict::Same;
    }
    if let Some(literal) = name.as_literal()
        && let Some(hole) =
            literal.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix)).filter(|_| has_stage)
    {
        return hole_verdict(hole, stage);
    }
    let literal = name.to_string();
    if literal == wanted && name.as_literal().is_none() && name.symbols().all(|symbol| *symbol == Symbol::Stage) {
        return Verdict::Same;
    }
    if let Some(placeholder) = placeholder(name) {
        return Verdict::Placeholder(placeholder);
    }
    if name.is_unknown() {
        return if could_be(name, &agreed) { Verdict::Unknown } else { Verdict::Other(difference(&literal, wanted)) };
    }
    Verdict::Other(difference(&literal, wanted))
}

fn hole_verdict(hole: &str, stage: &Chain) -> Verdict {
    let bare = hole.trim_matches(['<', '>', '{', '}', '[', ']', '$', '%', '(', ')']).to_ascii_lowercase();
    if hole == STAGE || (bare == "stage" && stage.default.as_deref() != Some("stage")) {
        return Verdict::Placeholder(hole.to_owned());
    }
    if hole.contains("self:") || hole.contains("sls:") || hole.contains("opt:") || hole.contains("env:") {
        return Verdict::Other(format!("`{hole}` is text, and a variable is written `${{…}}`"));
    }
    if hole.is_empty() {
        return Verdict::Other("nothing stands where the stage belongs".to_owned());
    }
    let plain = hole.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if plain {
        Verdict::OneStage(hole.to_owned())
    } else if hole.contains("stage") {
        Verdict::Placeholder(hole.to_owned())
    } else {
        Verdict::Other(format!("`{hole}` stands where the stage belongs"))
    }
}

/// The literal that stands for the stage as in the lesson, in a name that is wrong elsewhere too.
fn placeholder(name: &Text) -> Option<String> {
    name.parts().iter().find_map(|part| match part {
        Part::Literal(text) => text
            .split('/')
            .find(|piece| matches!(piece.trim_matches(['<', '>', '{', '}', '$']), "STAGE"))
            .map(ToOwned::to_owned),
        Part::Symbol(_) => None,
    })
}

/// Whether the unknown parts could make the name the agreed one: what is known at both ends fits.
fn could_be(name: &Text, agreed: &Text) -> bool {
    let start = |text: &Text| match text.parts().first() {
        Some(Part::Literal(literal)) => Some(literal.clone()),
        _ => None,
    };
    let end = |text: &Text| match text.parts().last() {
        Some(Part::Literal(literal)) => Some(literal.clone()),
        _ => None,
    };
    let fits_start = match (start(name), start(agreed)) {
        (Some(a), Some(b)) => a.starts_with(&b) || b.starts_with(&a),
        _ => true,
    };
    let fits_end = match (end(name), end(agreed)) {
        (Some(a), Some(b)) => a.ends_with(&b) || b.ends_with(&a),
        _ => true,
    };
    fits_start && fits_end
}

/// What is different, in words.
fn difference(name: &str, wanted: &str) -> String {
    if format!("/{name}") == wanted {
        return "it has no `/` at the start".to_owned();
    }
    if name.trim_end_matches('/') == wanted {
        return "it has a `/` at the end".to_owned();
    }
    if name.eq_ignore_ascii_case(wanted) {
        return "capital letters matter in it".to_owned();
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = (wanted.split('/').collect(), name.split('/').collect());
    if ours.len() == theirs.len()
        && let [(own, their)] = ours.iter().zip(&theirs).filter(|(a, b)| a != b).collect::<Vec<_>>().as_slice()
    {
        return format!("it says `{their}` where `{own}` belongs");
    }
    if theirs.len() < ours.len() && !ours.iter().all(|part| theirs.contains(part)) {
        let missing: Vec<&str> = ours.iter().filter(|part| !theirs.contains(part)).copied().collect();
        if missing.len() == 1 {
            return format!("`{}` is missing from it", missing[0]);
        }
    }
    "it is another name".to_owned()
}
