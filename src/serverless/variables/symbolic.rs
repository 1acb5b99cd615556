//! Nothing is deployed: what only a deployment knows becomes a [`Symbol`].

use super::outside::{Found, Outside};
use super::{Chain, Variable};
use crate::serverless::text::{Symbol, Text};

/// Sources of values that Serverless knows without plugins and whose names are long enough to tell a slip.
const SOURCES: &[&str] = &["self", "opt", "env", "ssm", "file", "param", "sls", "aws"];

/// Where the stage and the region come from is all that is known.
pub(super) struct Symbolic<'r> {
    pub(super) stage: &'r Chain,
    pub(super) region: &'r Chain,
}

impl Outside for Symbolic<'_> {
    fn own(&self, path: &str) -> Option<Found> {
        let is = |chain: &Chain, name: &str| path == name || chain.paths.iter().any(|known| known == path);
        if is(self.stage, "provider.stage") {
            return Some(Symbol::Stage.into());
        }
        is(self.region, "provider.region").then(|| Symbol::Region.into())
    }

    /// An address with the stage and region filled in by what they are when nobody says otherwise.
    fn concrete(&self, address: &Text) -> Option<String> {
        let fill = |chain: &Chain, symbol: &Symbol| {
            chain.default.as_deref().map_or_else(|| Text::from(symbol.clone()), Text::literal)
        };
        let filled = address.map(|symbol| match symbol {
            Symbol::Stage => fill(self.stage, symbol),
            Symbol::Region => fill(self.region, symbol),
            other => other.clone().into(),
        });
        filled.as_literal().map(|path| path.trim().to_owned())
    }

    fn source(&self, kind: &str, _: &[Text], address: &Text, variable: &Variable) -> Found {
        match (kind, address.as_literal()) {
            ("opt", Some("stage")) | ("sls", Some("stage")) => Symbol::Stage.into(),
            ("opt", Some("region")) | ("aws", Some("region")) => Symbol::Region.into(),
            ("aws", Some("accountId")) => Symbol::AccountId.into(),
            ("sls", Some("instanceId")) => Symbol::Random.into(),
            ("env", Some(name)) if name == "SLS_STAGE" || self.stage.environment.iter().any(|own| own == name) => {
                Symbol::Stage.into()
            }
            ("env", Some(name)) if self.region.environment.iter().any(|own| own == name) => Symbol::Region.into(),
            ("env", Some(name)) => Symbol::Environment(name.to_owned()).into(),
            ("opt", Some(name)) => Symbol::Option(name.to_owned()).into(),
            ("ssm", _) => {
                let path = address.split('~', 2).into_iter().next().unwrap_or_default();
                Symbol::SsmParameter(path).into()
            }
            ("cf", _) => Symbol::StackOutput(address.clone()).into(),
            // Plugins may add sources, but hardly one that is a slip away from Serverless' own.
            (other, _)
                if let Some(known) = SOURCES.iter().find(|known| strsim::osa_distance(other, known) == 1)
                    && !SOURCES.contains(&other) =>
            {
                Found::Missing(format!(
                    "{} asks `{other}`, and Serverless' own source is called `{known}`",
                    variable.written
                ))
            }
            _ => Symbol::Unknown(variable.written.clone()).into(),
        }
    }

    fn literal(&self, text: Option<&str>, variable: &Variable) -> Found {
        match text {
            Some(text) => Found::Text(Text::literal(text)),
            None => Found::Missing(format!("{} is null", variable.written)),
        }
    }

    fn bare(&self, word: &str, _: &Variable) -> Found {
        Found::Text(Text::literal(word))
    }

    fn absent(&self, path: &str, variable: &Variable) -> Found {
        // Only these are looked for; what else may be there is not known.
        if matches!(path.rsplit('.').next(), Some("yml" | "yaml" | "json")) {
            return Found::Missing(format!("the file {path} is not there, or cannot be read"));
        }
        Symbol::Unknown(variable.written.clone()).into()
    }

    fn program(&self, _: &str, variable: &Variable) -> Found {
        Symbol::Unknown(variable.written.clone()).into()
    }

    fn stage(&self) -> Option<&str> {
        None
    }

    fn parameter(&self, _: &str) -> Option<Found> {
        None
    }
}
