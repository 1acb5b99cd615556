//! Whether a value is what identifies a resource: a topic's ARN, a table's name. And if not, what it is instead.

use super::find;
use super::say::{error, replace, unsure, warning};
use crate::diagnostic::Diagnostic;
use crate::serverless::intrinsics::{Intrinsic, meant_as_intrinsic};
use crate::serverless::text::{Symbol, Text};
use crate::serverless::yaml::Node;
use crate::serverless::{Coverage, Service};

/// A value that should identify `resource`.
pub(super) struct Wanted<'a> {
    pub(super) code: &'static str,
    pub(super) service: &'a Service,
    /// Logical id of the resource.
    pub(super) resource: &'a str,
    /// The subject of the sentence: "`RIDES_SNS_TOPIC_ARN`", "the value of `X`".
    pub(super) what: &'a str,
}

impl Wanted<'_> {
    /// Nothing if `node` identifies the resource.
    pub(super) fn judge(&self, node: &Node) -> Option<Diagnostic> {
        let Some(text) = self.service.text(node) else { return Some(self.no_text(node)) };
        if let Some(reason) = text.broken() {
            return Some(error(self.code, &node.location, format!("{} cannot be worked out: {reason}", self.what)));
        }
        if self.identifies(&text) {
            return None;
        }
        if let Some(literal) = text.as_literal() {
            return self.literal(node, literal, &text);
        }
        if self.is_topic() && self.service.covers_topic(&text, self.resource) == Coverage::HardCoded {
            return Some(self.one_account(node));
        }
        if let Some(symbol) = text.as_symbol() {
            return Some(self.symbol(node, symbol));
        }
        if text.is_unknown() {
            return Some(self.not_certain(node, &text));
        }
        Some(
            self.wrong(
                node,
                format!("{} is `{text}`, which is not the {} `{}`", self.what, self.thing(), self.resource),
            ),
        )
    }

    fn identifies(&self, text: &Text) -> bool {
        let reference = Symbol::Ref(self.resource.to_owned());
        if text.as_symbol() == Some(&reference) {
            return true;
        }
        if let Some(Symbol::Attribute(id, attribute)) = text.as_symbol()
            && attribute == "Value"
            && let Some(parameter) =
                self.service.resources.get(id).filter(|resource| resource.is("AWS::SSM::Parameter"))
            && let Some(value) = parameter.property("Value")
            && let Some(value) = self.service.text(value)
        {
            // The value of a parameter that holds it. One step only, so that a parameter of its own value ends.
            return value.as_symbol() == Some(&reference) || self.is_topic() && self.is_arn(&value);
        }
        if self.is_topic() {
            return self.is_arn(text);
        }
        let table = self.service.resources.get(self.resource);
        let fixed = table.and_then(|table| table.property("TableName")).and_then(|name| self.service.text(name));
        fixed.is_some_and(|fixed| fixed == *text && fixed != Text::default())
    }

    fn is_arn(&self, text: &Text) -> bool {
        let wild = text
            .parts()
            .iter()
            .any(|part| matches!(part, crate::serverless::text::Part::Literal(text) if text.contains(['*', '?'])));
        !wild && self.service.covers_topic(text, self.resource) == Coverage::Exact
    }

    /// Whether the resource is a topic, or would be if it were there.
    fn is_topic(&self) -> bool {
        match self.service.resources.get(self.resource) {
            Some(resource) => !resource.is("AWS::DynamoDB::Table"),
            None => self.resource.contains("Topic"),
        }
    }

    fn thing(&self) -> &'static str {
        if self.is_topic() { "ARN of" } else { "name of" }
    }

    fn no_text(&self, node: &Node) -> Diagnostic {
        if node.is_null() {
            return self.wrong(node, format!("{} has no value", self.what));
        }
        if matches!(Intrinsic::of(node), Some(Intrinsic::Ref(_))) {
            return self.wrong(node, format!("{} is taken away by `AWS::NoValue`", self.what));
        }
        self.wrong(node, format!("{} is {}, where a `Ref` to `{}` belongs", self.what, node.kind(), self.resource))
    }

    fn literal(&self, node: &Node, literal: &str, text: &Text) -> Option<Diagnostic> {
        let resource = self.resource;
        if meant_as_intrinsic(node, resource) {
            return Some(self.wrong(
                node,
                format!(
                    "{} is the text `{literal}`: in quotes or without its function, CloudFormation takes it as it is",
                    self.what
                ),
            ));
        }
        if literal == resource {
            return Some(self.wrong(
                node,
                format!(
                    "{} is the text `{resource}`, not the {} the resource: only `Ref` looks it up",
                    self.what,
                    self.thing()
                ),
            ));
        }
        if self.is_topic() && self.service.covers_topic(text, resource) == Coverage::HardCoded {
            return Some(self.one_account(node));
        }
        if literal.starts_with("arn:") {
            return Some(self.wrong(
                node,
                format!("{} is an ARN written out: it is right for one deployment at most, and breaks when the topic is made anew", self.what),
            ));
        }
        Some(self.wrong(node, format!("{} is the text `{literal}`, not the {} `{resource}`", self.what, self.thing())))
    }

    fn symbol(&self, node: &Node, symbol: &Symbol) -> Diagnostic {
        let (what, resource) = (self.what, self.resource);
        let known = &self.service.resources;
        match symbol {
            Symbol::Attribute(id, attribute) if id == resource && attribute == "TopicName" => {
                self.wrong(node, format!("{what} is the topic's name (`TopicName`), and its ARN is wanted"))
            }
            Symbol::Attribute(id, attribute) if id == resource && attribute == "Arn" && !self.is_topic() => {
                self.wrong(node, format!("{what} is the ARN of `{resource}`, and its name is wanted: `Ref` returns that"))
            }
            Symbol::Attribute(id, attribute) if id == resource => {
                self.wrong(node, format!("`{resource}` has no attribute `{attribute}` that is the {} it", self.thing()))
            }
            Symbol::Ref(id) | Symbol::Attribute(id, _) => {
                let parameter = known.get(id).is_some_and(|resource| resource.is("AWS::SSM::Parameter"));
                if parameter && matches!(symbol, Symbol::Ref(_)) {
                    self.wrong(node, format!("{what} is the name of the parameter `{id}`: that is what `Ref` returns for one"))
                } else if known.get(id).is_some() {
                    self.wrong(node, format!("{what} is about the resource `{id}`, and `{resource}` is wanted"))
                } else if find::is_near(id, resource) {
                    self.wrong(node, format!("{what} names `{id}`; the resource is called `{resource}`"))
                } else if !known.unknown.is_empty() || known.parameters.iter().any(|parameter| *parameter.key == **id) {
                    self.not_certain(node, &symbol.clone().into())
                } else {
                    self.wrong(node, format!("{what} names `{id}`, and there is no such resource"))
                }
            }
            Symbol::SsmParameter(path) => self.wrong(
                node,
                format!("{what} is read from the SSM parameter `{path}` when you deploy, before this very service has written it"),
            ),
            symbol @ (Symbol::Unknown(_) | Symbol::Environment(_) | Symbol::Option(_) | Symbol::Import(_) | Symbol::StackOutput(_)) => {
                self.not_certain(node, &symbol.clone().into())
            }
            other => self.wrong(node, format!("{what} is `{other}`, not the {} `{resource}`", self.thing())),
        }
    }

    fn wrong(&self, node: &Node, message: String) -> Diagnostic {
        let resource = self.resource;
        let help = if self.is_topic() {
            format!("`Ref` of a topic returns its ARN: write `Ref: {resource}` or `!Ref {resource}`.")
        } else {
            format!("`Ref` of a table returns its name: write `Ref: {resource}` or `!Ref {resource}`.")
        };
        let finding = error(self.code, &node.location, message).help(help);
        // An empty place may be anywhere, and a long one may hold more than the value.
        let span = node.location.span;
        if span.start < span.end && node.as_list().is_none() {
            let edit = replace(&node.location, format!("!Ref {resource}"), format!("refer to {resource}"));
            return finding.edit(edit);
        }
        finding
    }

    fn one_account(&self, node: &Node) -> Diagnostic {
        let message = format!(
            "{} spells out what differs from account to account, region to region or stage to stage",
            self.what
        );
        warning(self.code, &node.location, message)
            .help(format!("`!Ref {}` is shorter and right everywhere.", self.resource))
    }

    fn not_certain(&self, node: &Node, text: &Text) -> Diagnostic {
        unsure(
            self.code,
            &node.location,
            format!("whether {} is the {} `{}` depends on {text}", self.what, self.thing(), self.resource),
        )
    }
}
