//! Code with colours: syntect's parser says what each piece is, a [`Role`] says how it looks.
//!
//! Loading the grammars and parsing take tens of milliseconds, so both happen in a task. Until the result is there, code is drawn plain.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use super::theme::Role;

/// Code as lines of pieces with their roles.
pub type Highlighted = Vec<Vec<(Role, String)>>;

/// A piece of code that can be highlighted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// Language as a fence names it, or a file's extension.
    pub language: String,
    /// The text.
    pub text: String,
}

impl Code {
    /// The code in a file, its language told by the name.
    pub fn of_file(path: &str, text: &str) -> Self {
        let language = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        Self { language: language.to_owned(), text: text.to_owned() }
    }
}

/// What was highlighted so far.
#[derive(Clone, Debug, Default)]
pub struct Highlights {
    done: HashMap<Code, Arc<Highlighted>>,
    asked: Vec<Code>,
    /// Grows with every result, so that pages drawn without colours know to be made again.
    pub generation: usize,
}

impl Highlights {
    /// The colours of `code`, if they are known.
    pub fn get(&self, code: &Code) -> Option<&Arc<Highlighted>> {
        self.done.get(code)
    }

    /// Those of `codes` that nobody asked for yet; they count as asked for from now on.
    pub fn ask(&mut self, codes: Vec<Code>) -> Vec<Code> {
        let wanted: Vec<Code> =
            codes.into_iter().filter(|code| is_known(&code.language) && !self.asked.contains(code)).collect();
        self.asked.extend(wanted.iter().cloned());
        wanted
    }

    /// Takes in results.
    pub fn put(&mut self, results: Vec<(Code, Highlighted)>) {
        // The learner's files change with every save: old versions are forgotten when they become many.
        const MANY: usize = 400;
        if self.done.len() > MANY {
            self.done.clear();
            self.asked.clear();
        }
        self.done.extend(results.into_iter().map(|(code, lines)| (code, Arc::new(lines))));
        self.generation += 1;
    }
}

fn is_known(language: &str) -> bool {
    !matches!(language, "" | "text" | "txt" | "console" | "output")
}

fn grammars() -> &'static SyntaxSet {
    static GRAMMARS: OnceLock<SyntaxSet> = OnceLock::new();
    GRAMMARS.get_or_init(SyntaxSet::load_defaults_newlines)
}

/// Highlights `code`. Slow: for a task, never for the loop that draws.
pub fn highlight(code: &Code) -> Highlighted {
    let grammars = grammars();
    let syntax = grammars.find_syntax_by_token(&code.language).unwrap_or_else(|| grammars.find_syntax_plain_text());
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut lines = Vec::new();
    for line in code.text.split_inclusive('\n') {
        let mut pieces: Vec<(Role, String)> = Vec::new();
        let ended = if line.ends_with('\n') { line.to_owned() } else { format!("{line}\n") };
        let mut from = 0;
        for (at, op) in state.parse_line(&ended, grammars).unwrap_or_default() {
            push(&mut pieces, &stack, ended.get(from..at).unwrap_or_default());
            from = at;
            // A scope that cannot be popped is a flaw of the grammar: the line keeps the colours that it has.
            let _ = stack.apply(&op);
        }
        push(&mut pieces, &stack, ended.get(from..).unwrap_or_default());
        lines.push(pieces);
    }
    lines
}

fn push(pieces: &mut Vec<(Role, String)>, stack: &ScopeStack, text: &str) {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return;
    }
    let role = stack.as_slice().iter().rev().find_map(|scope| role(*scope)).unwrap_or(Role::Text);
    match pieces.last_mut() {
        Some((last, piece)) if *last == role => piece.push_str(text),
        _ => pieces.push((role, text.to_owned())),
    }
}

fn role(scope: Scope) -> Option<Role> {
    static TABLE: OnceLock<Vec<(Scope, Role)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let roles = [
            ("comment", Role::Comment),
            ("punctuation.definition.comment", Role::Comment),
            ("entity.name.tag.yaml", Role::Property),
            ("meta.structure.dictionary.key.json", Role::Property),
            ("string.unquoted", Role::Text),
            ("string", Role::Text2),
            ("constant.character.escape", Role::Constant),
            ("constant", Role::Constant),
            ("variable.language", Role::Keyword),
            ("entity.name.function", Role::Function),
            ("entity.name.class", Role::Function),
            ("support.function", Role::Function),
            ("variable.function", Role::Function),
            ("entity.name.tag", Role::Property),
            ("storage.type.tag-handle", Role::Keyword),
            ("keyword.operator.logical.python", Role::Keyword),
            ("keyword.operator", Role::Punctuation),
            ("keyword", Role::Keyword),
            ("storage", Role::Keyword),
            ("punctuation.separator", Role::Punctuation),
            ("variable.other.readwrite.shell", Role::Property),
        ];
        roles.into_iter().filter_map(|(scope, role)| Some((Scope::new(scope).ok()?, role))).collect()
    });
    table
        .iter()
        .filter(|(prefix, _)| prefix.is_prefix_of(scope))
        .max_by_key(|(prefix, _)| prefix.len())
        .map(|(_, role)| *role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_python_have_their_roles() {
        let cases = [
            ("yml", "Type: AWS::SNS::Topic # why\n", "Type", Role::Property),
            ("yml", "Type: AWS::SNS::Topic # why\n", "# why", Role::Comment),
            ("py", "import boto3\n", "import", Role::Keyword),
            ("python", "def handler(event):\n", "handler", Role::Function),
            ("python", "x = 'ride'\n", "'ride'", Role::Text2),
            ("json", "{\"a\": 1}\n", "1", Role::Constant),
        ];
        for (language, text, piece, role) in cases {
            let lines = highlight(&Code { language: language.to_owned(), text: text.to_owned() });
            let found = lines.iter().flatten().find(|(_, text)| text.trim() == piece);
            assert_eq!(found.map(|(role, _)| *role), Some(role), "{piece} in {lines:?}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        let text = "a: {b: [1, 'x']}\n\n\tc: é\r\nlast";
        let lines = highlight(&Code { language: "yaml".to_owned(), text: text.to_owned() });
        let joined: Vec<String> =
            lines.iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect();
        assert_eq!(joined, ["a: {b: [1, 'x']}", "", "\tc: é", "last"]);
    }
}
