//! JSON that was pieced together from texts and values, read as the receiver would read it.

use std::rc::Rc;

use crate::python::data::{Data, DictData, Kind, Symbol, What, from_json};

/// Marks the number of a piece that is not known in full; letters that no program writes.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// What a pieced-together text turns out to be.
pub(super) enum Pieces {
    /// JSON of this value.
    Json(Data),
    /// No JSON, whatever stands for the pieces.
    NotJson,
    /// It depends on pieces of which too little is known.
    Unclear,
}

/// Reads a text from its parts.
pub(super) fn read(parts: &[Data]) -> Pieces {
    let mut text = String::new();
    let mut pieces: Vec<Data> = Vec::new();
    for part in parts {
        let value = match part {
            Data::Str(known) => {
                text.push_str(known);
                continue;
            }
            Data::Symbol(symbol) => match piece(symbol, part) {
                Some(value) => value,
                None => return Pieces::Unclear,
            },
            _ => return Pieces::Unclear,
        };
        let marker = format!("{OPEN}{}{CLOSE}", pieces.len());
        // A whole JSON text is a value; a plain text stands inside quotes that are there already.
        let whole = matches!(part.what(), Some(What::Json(_)));
        text.push_str(&if whole { format!("\"{marker}\"") } else { marker });
        pieces.push(value);
    }
    match serde_json::from_str(&text) {
        Ok(value) => Pieces::Json(put_back(&from_json(&value), &pieces)),
        Err(_) => Pieces::NotJson,
    }
}

/// What a piece stands for; none where that is not known well enough.
fn piece(symbol: &Rc<Symbol>, part: &Data) -> Option<Data> {
    match &symbol.what {
        What::Json(value) => Some(value.clone()),
        What::Input(_) | What::Env(_) | What::Made(..) if symbol.kind == Kind::Str => Some(part.clone()),
        _ => None,
    }
}

/// The value with the pieces in the place of their marks.
fn put_back(value: &Data, pieces: &[Data]) -> Data {
    match value {
        Data::Str(text) => text_of(text, pieces),
        Data::Dict(dict) => {
            let entries =
                dict.entries.iter().map(|(key, value)| (put_back(key, pieces), put_back(value, pieces))).collect();
            Data::Dict(Rc::new(DictData { entries, open: dict.open }))
        }
        Data::List(items) => Data::List(items.iter().map(|item| put_back(item, pieces)).collect()),
        other => other.clone(),
    }
}

fn text_of(text: &str, pieces: &[Data]) -> Data {
    let mut parts: Vec<Data> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        if !before.is_empty() {
            parts.push(Data::str(before));
        }
        let (number, after) = after.split_once(CLOSE).unwrap_or((after, ""));
        parts.extend(number.parse::<usize>().ok().and_then(|number| pieces.get(number)).cloned());
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Data::str(rest));
    }
    match parts.as_slice() {
        [] => Data::str(""),
        [only] => only.clone(),
        _ => Data::symbol(Kind::Str, What::Joined(parts)),
    }
}
