//! A string of which only parts may be known before deployment: `/wild-rydes/`, the stage, `/SnsTopicArn`.
//!
//! However a learner spells a part (`${self:provider.stage}`, `${sls:stage}`, `${opt:stage, 'dev'}`), the same thing is the same [`Symbol`],
//! so that two spellings of one value compare equal.

use std::fmt;

/// Something that only a deployment knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// The stage that this service is deployed to.
    Stage,
    /// The region that it is deployed to.
    Region,
    /// The account that it is deployed to.
    AccountId,
    /// `aws`, `aws-cn` …
    Partition,
    /// `amazonaws.com` …
    UrlSuffix,
    /// Name of the service's CloudFormation stack.
    StackName,
    /// ARN of that stack.
    StackId,
    /// What CloudFormation or Serverless makes up so that a name is unique.
    Random,
    /// A variable of the shell that deploys.
    Environment(String),
    /// An option of the command that deploys.
    Option(String),
    /// The value of an SSM parameter.
    SsmParameter(Text),
    /// A value published by another stack: `stack.Output`, as written after `${cf:`.
    StackOutput(Text),
    /// An export of another stack.
    Import(Text),
    /// What `Ref` returns for a resource or template parameter.
    Ref(String),
    /// What `Fn::GetAtt` returns for an attribute of a resource.
    Attribute(String, String),
    /// Something else, as written; it may be of any type.
    Unknown(String),
    /// Something that cannot work, and why.
    Broken(String),
}

/// A piece of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Known characters.
    Literal(String),
    /// Known by name only.
    Symbol(Symbol),
}

/// Known and symbolic parts in order; neighbouring literals are always one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text(Vec<Part>);

/// Longest text that is put together from parts; what is longer is neither a name nor an ARN, and could be a bomb.
const MAX_LENGTH: usize = 64 * 1024;

impl Text {
    /// Text that is fully known.
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::default() } else { Self(vec![Part::Literal(text)]) }
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The characters, if all of them are known.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The symbol, if the text is just that.
    pub fn as_symbol(&self) -> Option<&Symbol> {
        match self.0.as_slice() {
            [Part::Symbol(symbol)] => Some(symbol),
            _ => None,
        }
    }

    /// The symbols in it.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.0.iter().filter_map(|part| match part {
            Part::Symbol(symbol) => Some(symbol),
            Part::Literal(_) => None,
        })
    }

    /// Why it can never have a value, if so.
    pub fn broken(&self) -> Option<&str> {
        self.symbols().find_map(|symbol| match symbol {
            Symbol::Broken(reason) => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Whether a part of it may be anything.
    pub fn is_unknown(&self) -> bool {
        self.symbols().any(|symbol| {
            matches!(symbol, Symbol::Unknown(_) | Symbol::Environment(_) | Symbol::Option(_) | Symbol::Import(_))
        })
    }

    /// Adds known characters at the end.
    pub fn push_str(&mut self, more: &str) {
        if more.is_empty() || self.is_full() {
            return;
        }
        if let Some(Part::Literal(text)) = self.0.last_mut() {
            text.push_str(more);
        } else {
            self.0.push(Part::Literal(more.to_owned()));
        }
        self.limit();
    }

    /// Adds a symbol at the end.
    pub fn push(&mut self, symbol: Symbol) {
        if !self.is_full() {
            self.0.push(Part::Symbol(symbol));
            self.limit();
        }
    }

    /// Adds another text at the end.
    pub fn append(&mut self, more: &Self) {
        for part in &more.0 {
            match part {
                Part::Literal(text) => self.push_str(text),
                Part::Symbol(symbol) => self.push(symbol.clone()),
            }
        }
    }

    /// The same text with every symbol replaced by what `replace` makes of it.
    #[must_use]
    pub fn map(&self, replace: impl Fn(&Symbol) -> Self) -> Self {
        let mut result = Self::default();
        for part in &self.0 {
            match part {
                Part::Literal(text) => result.push_str(text),
                Part::Symbol(symbol) => result.append(&replace(symbol)),
            }
        }
        result
    }

    /// The text cut at `separator` in its known parts, into `limit` pieces at most.
    pub fn split(&self, separator: char, limit: usize) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut current = Self::default();
        for part in &self.0 {
            match part {
                Part::Symbol(symbol) => current.push(symbol.clone()),
                Part::Literal(text) => {
                    let left = limit.saturating_sub(pieces.len()).max(1);
                    for (index, piece) in text.splitn(left, separator).enumerate() {
                        if index > 0 {
                            pieces.push(std::mem::take(&mut current));
                        }
                        current.push_str(piece);
                    }
                }
            }
        }
        pieces.push(current);
        pieces
    }

    fn weight(&self) -> usize {
        self.0.iter().map(Part::weight).sum()
    }

    fn is_full(&self) -> bool {
        self.0.len() > 1024
    }

    /// A text that grows past all reason becomes unknown: no name or ARN is so long.
    fn limit(&mut self) {
        if self.0.len() > 1024 || self.weight() > MAX_LENGTH {
            self.0 = vec![Part::Symbol(Symbol::Unknown("a very long text".to_owned()))];
        }
    }
}

impl Part {
    fn weight(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Symbol(Symbol::SsmParameter(inner) | Symbol::StackOutput(inner) | Symbol::Import(inner)) => {
                inner.weight() + 1
            }
            Self::Symbol(_) => 1,
        }
    }
}

impl From<Symbol> for Text {
    fn from(symbol: Symbol) -> Self {
        Self(vec![Part::Symbol(symbol)])
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

/// As a person would write it: the stage as `STAGE`, a resource's ARN as `Ref X`.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::Symbol(symbol) => symbol.fmt(f),
        })
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage => f.write_str("STAGE"),
            Self::Region => f.write_str("REGION"),
            Self::AccountId => f.write_str("ACCOUNT"),
            Self::Partition => f.write_str("aws"),
            Self::UrlSuffix => f.write_str("amazonaws.com"),
            Self::StackName => f.write_str("STACK"),
            Self::StackId => f.write_str("STACK-ID"),
            Self::Random => f.write_str("RANDOM"),
            Self::Environment(name) => write!(f, "${{env:{name}}}"),
            Self::Option(name) => write!(f, "${{opt:{name}}}"),
            Self::SsmParameter(path) => write!(f, "${{ssm:{path}}}"),
            Self::StackOutput(path) => write!(f, "${{cf:{path}}}"),
            Self::Import(name) => write!(f, "ImportValue {name}"),
            Self::Ref(name) => write!(f, "Ref {name}"),
            Self::Attribute(resource, attribute) => write!(f, "GetAtt {resource}.{attribute}"),
            Self::Unknown(what) | Self::Broken(what) => f.write_str(what),
        }
    }
}
