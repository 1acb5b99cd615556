//! Serverless variables: `${self:custom.stage}`, `${opt:stage, 'dev'}`, `${ssm:/a/${sls:stage}/b}` and their like, taken apart here and
//! resolved as far as that is possible without deploying in [`resolve`].
//!
//! `${AWS::Region}` and `${Resource}` inside `Fn::Sub` are CloudFormation's and stay text.

mod chain;
mod file;
mod outside;
mod resolve;
mod symbolic;

pub use chain::Chain;
pub use file::from_workshop;
pub(super) use outside::{Found, Outside};
pub(super) use resolve::resolve_with;
pub use resolve::{Resolved, resolve};

/// Text with variables in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template(pub Vec<Piece>);

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Characters that stay as they are.
    Literal(String),
    /// A variable.
    Variable(Variable),
}

/// One `${…}`: its sources are asked in order until one has a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// As written, braces included.
    pub written: String,
    /// Never empty.
    pub sources: Vec<Source>,
}

/// Where a variable looks for its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `'dev'`, `"dev"`; none for `null`.
    Literal(Option<String>),
    /// `3`, `true`: as written, without quotes.
    Bare(String),
    /// `kind(parameters):address`.
    Lookup {
        /// `self`, `opt`, `ssm` …
        kind: String,
        /// What stands in parentheses, or after a dot as in `ssm.us-east-1`.
        parameters: Vec<Template>,
        /// What stands after the colon.
        address: Template,
    },
    /// A variable as a fallback.
    Nested(Variable),
}

/// Deepest nesting of variables in variables.
const MAX_DEPTH: usize = 24;

impl Template {
    /// Takes `text` apart; what is no variable stays literal.
    pub fn parse(text: &str) -> Self {
        Self::parse_at(text, 0)
    }

    fn parse_at(text: &str, depth: usize) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(index) = rest.find("${") {
            let (before, candidate) = rest.split_at(index);
            let backslashes = before.len() - before.trim_end_matches('\\').len();
            if backslashes % 2 == 1 {
                // `\${` is how Serverless lets a `${` through.
                literal.push_str(&before[..before.len() - 1]);
                literal.push_str("${");
                rest = &candidate[2..];
                continue;
            }
            literal.push_str(before);
            if let Some((variable, after)) = (Cursor { text: candidate, depth }).variable() {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Variable(variable));
                rest = after;
            } else {
                literal.push_str("${");
                rest = &candidate[2..];
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Self(pieces)
    }

    /// The text, if no variable is in it.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The variable, if the text is just that.
    pub fn as_variable(&self) -> Option<&Variable> {
        match self.0.as_slice() {
            [Piece::Variable(variable)] => Some(variable),
            _ => None,
        }
    }
}

struct Cursor<'a> {
    text: &'a str,
    depth: usize,
}

impl<'a> Cursor<'a> {
    /// The variable at the start, and what follows it.
    fn variable(mut self) -> Option<(Variable, &'a str)> {
        let whole = self.text;
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.text = self.text.strip_prefix("${")?;
        let mut sources = Vec::new();
        loop {
            self.skip_space();
            sources.push(self.source(sources.is_empty())?);
            self.skip_space();
            if let Some(rest) = self.text.strip_prefix(',') {
                self.text = rest;
            } else {
                let after = self.text.strip_prefix('}')?;
                let written = whole[..whole.len() - after.len()].to_owned();
                return Some((Variable { written, sources }, after));
            }
        }
    }

    fn source(&mut self, first: bool) -> Option<Source> {
        if self.text.starts_with("${") {
            let (variable, after) = Self { text: self.text, depth: self.depth + 1 }.variable()?;
            self.text = after;
            return Some(Source::Nested(variable));
        }
        if let Some(quote) = self.text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            let inner = &self.text[1..];
            let end = inner.find(quote)?;
            self.text = &inner[end + 1..];
            return (!first).then(|| Source::Literal(Some(inner[..end].to_owned())));
        }
        let length = self.text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')))?;
        let word = &self.text[..length];
        let rest = &self.text[length..];
        let is_kind = word.starts_with(|c: char| c.is_ascii_lowercase());
        if is_kind && (rest.starts_with('(') || rest.starts_with(':') && !rest.starts_with("::")) {
            self.text = rest;
            return self.lookup(word);
        }
        if first || !rest.trim_start().starts_with([',', '}']) {
            return None;
        }
        self.text = rest;
        Some(if word == "null" { Source::Literal(None) } else { Source::Bare(word.to_owned()) })
    }

    fn lookup(&mut self, word: &str) -> Option<Source> {
        // `ssm.us-east-1:/x` is the older spelling of `ssm(us-east-1):/x`.
        let (kind, dotted) = word.split_once('.').map_or((word, None), |(kind, more)| (kind, Some(more)));
        let mut parameters: Vec<Template> = dotted.map(|more| self.template(more)).into_iter().collect();
        if let Some(rest) = self.text.strip_prefix('(') {
            let end = end_of(rest, &[')'])?;
            parameters.extend(cut(&rest[..end]).map(|parameter| self.template(unquoted(parameter))));
            self.text = &rest[end + 1..];
        }
        let mut address = Template::default();
        if let Some(rest) = self.text.strip_prefix(':') {
            let end = end_of(rest, &['}', ','])?;
            address = self.template(unquoted(rest[..end].trim()));
            self.text = &rest[end..];
        }
        Some(Source::Lookup { kind: kind.to_owned(), parameters, address })
    }

    fn template(&self, text: &str) -> Template {
        Template::parse_at(text, self.depth + 1)
    }

    fn skip_space(&mut self) {
        self.text = self.text.trim_start();
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(text)
}

/// Where one of `closers` stands outside of nested variables and quotes.
fn end_of(text: &str, closers: &[char]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut previous = ' ';
    for (index, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if depth == 0 && closers.contains(&c) => return Some(index),
            None if c == '{' && previous == '$' => depth += 1,
            None if c == '}' && depth > 0 => depth -= 1,
            // A quote opens only where a word can start: `rider's` is a name.
            None if matches!(c, '\'' | '"') && !previous.is_alphanumeric() => quote = Some(c),
            None => {}
        }
        previous = c;
    }
    None
}

fn cut(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        if let Some(end) = end_of(current, &[',']) {
            rest = Some(&current[end + 1..]);
            Some(&current[..end])
        } else {
            rest = None;
            Some(current)
        }
    })
    .filter(|piece| !piece.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(kind: &str, address: &str) -> Source {
        Source::Lookup { kind: kind.to_owned(), parameters: Vec::new(), address: Template::parse(address) }
    }

    #[test]
    fn sources_in_order() {
        let text = Some("dev".to_owned());
        let cases = [
            ("${self:custom.stage}", vec![lookup("self", "custom.stage")]),
            ("${opt:stage, 'dev'}", vec![lookup("opt", "stage"), Source::Literal(text.clone())]),
            (
                "${opt:stage, env:SLS_STAGE, \"dev\"}",
                vec![lookup("opt", "stage"), lookup("env", "SLS_STAGE"), Source::Literal(text.clone())],
            ),
            ("${opt:stage,self:provider.stage}", vec![lookup("opt", "stage"), lookup("self", "provider.stage")]),
            ("${ssm:/a/b~true}", vec![lookup("ssm", "/a/b~true")]),
            ("${self:}", vec![lookup("self", "")]),
            ("${self:custom.${sls:stage}.x}", vec![lookup("self", "custom.${sls:stage}.x")]),
            ("${env:A, null}", vec![lookup("env", "A"), Source::Literal(None)]),
            ("${env:A, 3}", vec![lookup("env", "A"), Source::Bare("3".to_owned())]),
        ];
        for (written, sources) in cases {
            let template = Template::parse(written);
            assert_eq!(template.as_variable().map(|variable| &variable.sources), Some(&sources), "{written}");
        }
    }

    #[test]
    fn parameters() {
        for written in ["${ssm(us-east-1):/a}", "${ssm.us-east-1:/a}", "${ssm( us-east-1 ):/a}"] {
            let template = Template::parse(written);
            let [Source::Lookup { kind, parameters, address }] = &template.as_variable().unwrap().sources[..] else {
                panic!("{written}")
            };
            assert_eq!((kind.as_str(), address.as_literal()), ("ssm", Some("/a")));
            assert_eq!(parameters, &[Template::parse("us-east-1")]);
        }
    }

    #[test]
    fn what_is_no_variable() {
        for text in [
            "${AWS::Region}",
            "${RidesSnsTopic}",
            "${A.Arn}",
            "$",
            "${",
            "${self:a",
            "\u{e9}${",
            "${'x'}",
            "${}",
            "${:x}",
        ] {
            assert_eq!(Template::parse(text).as_literal(), Some(text));
        }
        assert_eq!(Template::parse("a\\${self:b}").as_literal(), Some("a${self:b}"));
        assert_eq!(Template::parse("x${AWS::Region}-${sls:stage}y").0.len(), 3);
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "[${}:,'\"()a-z.~ \\\\é]{0,60}") {
            let _ = Template::parse(&text);
        }
    }
}
