//! Whether an ARN or a pattern of ARNs covers a topic of the service.

use super::Service;
use super::iam::{characters, matches, tokens};
use crate::serverless::text::{Symbol, Text};

/// How a pattern stands to the ARN of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// It is that ARN.
    Exact,
    /// It covers it and no other of the service, but says account or region as literals: right for one of them only.
    HardCoded,
    /// It covers it and much more.
    Wide,
    /// It does not cover it.
    No,
    /// Only a deployment knows.
    Unknown,
}

/// What a topic is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicName(pub Text);

impl Service {
    /// The name of the topic `id`: its `TopicName`, or what CloudFormation makes up.
    pub fn topic_name(&self, id: &str) -> TopicName {
        let topic = self.resources.get(id);
        let fixed = topic.and_then(|topic| topic.property("TopicName")).and_then(|name| self.text(name));
        TopicName(fixed.unwrap_or_else(|| {
            let mut name = self.stack_name();
            name.push_str(&format!("-{id}-"));
            name.push(Symbol::Random);
            name
        }))
    }

    /// Whether `pattern` covers the ARN of the topic `id`.
    pub fn covers_topic(&self, pattern: &Text, id: &str) -> Coverage {
        let arn = Symbol::Attribute(id.to_owned(), "TopicArn".to_owned());
        // A topic that is not there (yet) is asked for by `Ref` all the same.
        let reference = Symbol::Ref(id.to_owned());
        if pattern.as_symbol().is_some_and(|symbol| *symbol == arn || *symbol == reference) {
            return Coverage::Exact;
        }
        if let Some(literal) = pattern.as_literal()
            && !literal.is_empty()
            && literal.chars().all(|c| c == '*')
        {
            return Coverage::Wide;
        }
        // An ARN with more behind it (`Ref` and `:*`) is no ARN of a topic any more.
        let pieces = pattern.split(':', 6);
        let [prefix, partition, namespace, region, account, name] = pieces.as_slice() else {
            return if pattern.is_unknown() { Coverage::Unknown } else { self.loose(pattern, id) };
        };
        if prefix.as_literal() != Some("arn") {
            return if pattern.is_unknown() { Coverage::Unknown } else { Coverage::No };
        }
        let partition = part(partition, &[Symbol::Partition], |text| text.starts_with("aws"));
        let namespace = part(namespace, &[], |text| matches(&characters(text), &characters("sns")));
        // Whoever sets the region in the shell may well mean another one than the default.
        let is_set = self.region.option || !self.region.environment.is_empty();
        let own_region = self.region.default.as_deref().filter(|_| !is_set);
        let region = part(region, &[Symbol::Region], |text| {
            // A region has two dashes at least: `us-east-2`, `us-gov-west-1`.
            own_region.map_or_else(|| text.matches('-').count() > 1, |own| own == text)
        });
        let account =
            part(account, &[Symbol::AccountId], |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()));
        let name = self.name_part(name, id);
        [partition, namespace.exact(), region, account, name].into_iter().fold(Coverage::Exact, Coverage::worse)
    }

    /// A pattern that is no whole ARN: `arn:aws:sns:*`.
    fn loose(&self, pattern: &Text, id: &str) -> Coverage {
        let mut arn = Text::literal("arn:aws:sns:");
        arn.push(Symbol::Region);
        arn.push_str(":");
        arn.push(Symbol::AccountId);
        arn.push_str(":");
        arn.append(&self.topic_name(id).0);
        let pattern = pattern.map(|symbol| match symbol {
            Symbol::Partition => "aws".into(),
            other => other.clone().into(),
        });
        if matches(&tokens(&pattern), &tokens(&arn)) { Coverage::Wide } else { Coverage::No }
    }

    fn name_part(&self, name: &Text, id: &str) -> Coverage {
        let own = self.topic_name(id).0;
        let attribute = Symbol::Attribute(id.to_owned(), "TopicName".to_owned());
        if *name == own || name.as_symbol() == Some(&attribute) {
            return Coverage::Exact;
        }
        if matches(&tokens(name), &tokens(&own)) {
            // `STACK-RidesSnsTopic-*` leaves out only what CloudFormation makes up.
            let mut tight = self.stack_name();
            tight.push_str(&format!("-{id}"));
            let covered = tokens(name);
            return if covered.starts_with(&tokens(&tight)) { Coverage::Exact } else { Coverage::Wide };
        }
        let default = self.stage.default.as_deref().unwrap_or("dev");
        let for_one_stage = own.map(|symbol| match symbol {
            Symbol::Stage => default.into(),
            other => other.clone().into(),
        });
        if matches(&tokens(name), &tokens(&for_one_stage)) {
            return Coverage::HardCoded;
        }
        if name.is_unknown() || own.is_unknown() { Coverage::Unknown } else { Coverage::No }
    }
}

impl Coverage {
    fn worse(self, other: Self) -> Self {
        let rank = |coverage| match coverage {
            Self::Exact => 0,
            Self::HardCoded => 1,
            Self::Wide => 2,
            Self::Unknown => 3,
            Self::No => 4,
        };
        if rank(self) >= rank(other) { self } else { other }
    }

    /// The same, for a part in which literals are no hard-coding.
    fn exact(self) -> Self {
        if self == Self::HardCoded { Self::Exact } else { self }
    }

    /// Whether the topic is covered.
    pub fn is_covered(self) -> bool {
        matches!(self, Self::Exact | Self::HardCoded | Self::Wide)
    }
}

/// One part of an ARN: one of `symbols`, a wildcard, or a literal that `fits`.
fn part(part: &Text, symbols: &[Symbol], fits: impl Fn(&str) -> bool) -> Coverage {
    match (part.as_literal(), part.as_symbol()) {
        (Some("aws"), _) => Coverage::Exact,
        // A wildcard for region or account widens nothing that matters: the name decides.
        (Some("*"), _) => Coverage::Exact,
        (Some(text), _) if fits(text) => Coverage::HardCoded,
        (Some(_), _) => Coverage::No,
        (None, Some(symbol)) if symbols.contains(symbol) => Coverage::Exact,
        // `${env:AWS_ACCOUNT}` is what a person calls the account.
        (None, _) => {
            if part.is_unknown() {
                Coverage::Exact
            } else {
                Coverage::No
            }
        }
    }
}
