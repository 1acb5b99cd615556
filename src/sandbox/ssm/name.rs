//! Names of parameters: what is allowed, ARNs, and the version that a name may select.

use std::collections::BTreeMap;

use super::Parameters;
use super::parameter::{Parameter, Version};
use crate::sandbox::account::ACCOUNT_ID;
use crate::sandbox::service::Fault;

/// Levels of a hierarchy.
const DEEPEST: usize = 15;
/// Characters of a name, with its ARN.
const LONGEST: usize = 1011;

/// The ARN of the parameter `name`, which may be its ARN already and may select a version.
pub(super) fn arn(region: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let name = name.split(':').next().unwrap_or_default();
    let slash = if name.starts_with('/') { "" } else { "/" };
    format!("arn:aws:ssm:{region}:{ACCOUNT_ID}:parameter{slash}{name}")
}

/// Whether a parameter may have this name.
pub(super) fn check(name: &str) -> Result<(), Fault> {
    let validation = |words: String| Err(Fault::sender("ValidationException", words));
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let segments: Vec<&str> = name.strip_prefix('/').unwrap_or(name).split('/').collect();
    let first = segments.first().map(|segment| segment.to_ascii_lowercase()).unwrap_or_default();
    if first.starts_with("aws") {
        return Err(Fault::sender("AccessDeniedException", format!("No access to reserved parameter name: {name}.")));
    }
    if first.starts_with("ssm") || segments.iter().any(|segment| segment.is_empty() || !segment.chars().all(allowed)) {
        return validation(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths \
             divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_"
                .to_owned(),
        );
    }
    if segments.len() > 1 && !name.starts_with('/') {
        return validation("Parameter name must be a fully qualified name.".to_owned());
    }
    if segments.len() > DEEPEST {
        let words = format!("Hierarchy can have a maximum of {DEEPEST} levels.");
        return Err(Fault::sender("HierarchyLevelLimitExceededException", words));
    }
    if name.len() > LONGEST {
        return validation(format!("Parameter name: can't be longer than {LONGEST} characters."));
    }
    Ok(())
}

/// What a name, or ARN, with or without `:VERSION`, selects.
pub(super) struct Selected<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a Version,
    /// `:3`, as asked for.
    pub(super) selector: Option<String>,
}

/// Finds what `asked` selects.
pub(super) fn select<'a>(parameters: &'a Parameters, region: &str, asked: &str) -> Result<Selected<'a>, Fault> {
    let (base, selector) = split(asked);
    let (name, parameter) = find(parameters, region, base).ok_or_else(|| not_found(base))?;
    let selected = match selector {
        None => parameter.versions.last(),
        Some(selector) => parameter.versions.iter().find(|version| version.number.to_string() == selector),
    };
    let version = selected.ok_or_else(|| {
        let words = format!(
            "Systems Manager could not find version {} of {name}. Verify the version and try again.",
            selector.unwrap_or_default()
        );
        Fault::sender("ParameterVersionNotFound", words)
    })?;
    Ok(Selected { name, version, selector: selector.map(|selector| format!(":{selector}")) })
}

/// The name, or ARN, and the version that follows it.
fn split(asked: &str) -> (&str, Option<&str>) {
    let colons = if asked.starts_with("arn:") { 6 } else { 1 };
    match asked.match_indices(':').nth(colons - 1) {
        Some((at, _)) => (&asked[..at], Some(&asked[at + 1..])),
        None => (asked, None),
    }
}

/// The parameter with this name or ARN.
pub(super) fn find<'a>(parameters: &'a Parameters, region: &str, name: &str) -> Option<(&'a str, &'a Parameter)> {
    let found = |name: &str| parameters.get_key_value(name).map(|(name, parameter)| (name.as_str(), parameter));
    let Some(resource) = name.strip_prefix("arn:") else { return found(name) };
    let prefix = format!("aws:ssm:{region}:{ACCOUNT_ID}:parameter");
    let path = resource.strip_prefix(&prefix)?;
    // The ARN does not tell whether a name of one level begins with a slash.
    found(path).or_else(|| found(path.strip_prefix('/')?))
}

/// As [`find`], to be changed.
pub(super) fn find_mut<'a>(
    parameters: &'a mut BTreeMap<String, Parameter>,
    region: &str,
    name: &str,
) -> Option<&'a mut Parameter> {
    let name = find(parameters, region, name)?.0.to_owned();
    parameters.get_mut(&name)
}

/// There is no such parameter.
pub(super) fn not_found(name: &str) -> Fault {
    Fault::sender("ParameterNotFound", format!("Parameter {name} not found."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_as_aws_does() {
        for name in ["x", "/x", "/wild-rydes/dev/SnsTopicArn", "a.b-c_D1", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o"] {
            check(name).unwrap();
        }
        for (name, code) in [
            ("", "ValidationException"),
            ("/", "ValidationException"),
            ("/a/", "ValidationException"),
            ("/a//b", "ValidationException"),
            ("a/b", "ValidationException"),
            ("a b", "ValidationException"),
            ("/a/é", "ValidationException"),
            ("ssm-x", "ValidationException"),
            ("/SSM/x", "ValidationException"),
            ("/aws/x", "AccessDeniedException"),
            ("awesome", "ok"),
            ("AWSx", "AccessDeniedException"),
            ("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", "HierarchyLevelLimitExceededException"),
            (&format!("/{}", "x".repeat(LONGEST)), "ValidationException"),
        ] {
            assert_eq!(check(name).map_or_else(|fault| fault.code, |()| "ok".to_owned()), code, "{name}");
        }
    }

    #[test]
    fn arns_and_versions() {
        assert_eq!(arn("us-east-2", "/a/b:3"), "arn:aws:ssm:us-east-2:123456789012:parameter/a/b");
        assert_eq!(arn("us-east-2", "x"), "arn:aws:ssm:us-east-2:123456789012:parameter/x");
        assert_eq!(split("/a:3"), ("/a", Some("3")));
        assert_eq!(split("arn:aws:ssm:r:1:parameter/a:3"), ("arn:aws:ssm:r:1:parameter/a", Some("3")));
        assert_eq!(split("arn:aws:ssm:r:1:parameter/a"), ("arn:aws:ssm:r:1:parameter/a", None));
    }
}
