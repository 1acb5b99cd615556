//! Why a permission that somebody tried to give is not given.

use super::super::find::{self, describe};
use super::super::say::{error, replace, unsure};
use super::super::value::Wanted;
use super::{CODE, Publish};
use crate::diagnostic::Diagnostic;
use crate::serverless::intrinsics::meant_as_intrinsic;
use crate::serverless::text::{Symbol, Text};
use crate::serverless::yaml::{Location, Node};
use crate::serverless::{Effect, Permissions, RoleSource, Service, Statement};

/// The most telling reason, if there is one.
pub(super) fn explain(
    publish: &Publish,
    service: &Service,
    permissions: &Permissions,
    text: Option<&str>,
) -> Option<Diagnostic> {
    let action = publish.action.to_lowercase();
    let id = &publish.resource;
    let about = |statement: &&Statement| statement.speaks_of(&action) == Some(true) && !statement.actions.inverted;
    // The action is right, something else is not.
    for statement in permissions.statements.iter().filter(about) {
        if let Some(finding) = effect(statement).or_else(|| resources(publish, service, statement)) {
            return Some(finding);
        }
    }
    // The topic is right, the action is not.
    let on_topic = permissions
        .statements
        .iter()
        .filter(|statement| !statement.resources.inverted && exact(service, statement, id));
    let mut on_topic = on_topic.peekable();
    if let Some(statement) = on_topic.peek() {
        return Some(actions(publish, statement));
    }
    if let Some(finding) = misspelt_action(publish, permissions) {
        return Some(finding);
    }
    if let Some(finding) = stray_keys(publish, permissions) {
        return Some(finding);
    }
    if let Some(finding) = elsewhere(publish, service, permissions) {
        return Some(finding);
    }
    if let Some(comment) = find::in_comment(service, text, &["sns:Publish"]) {
        return Some(
            error(CODE, &comment, "the permission is commented out")
                .help("Remove the `#` in front of the lines of the statement."),
        );
    }
    let comment = comment_with(service, text, &publish.action);
    comment.map(|at| {
        error(CODE, &at, "the permission is commented out")
            .help("Remove the `#` in front of the lines of the statement.")
    })
}

fn comment_with(service: &Service, text: Option<&str>, action: &str) -> Option<Location> {
    let text = text?;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let bare = trimmed.trim_start_matches(['#', ' ', '-']).trim_matches(['\'', '"', ',']);
        if trimmed.starts_with('#') && bare.eq_ignore_ascii_case(action) {
            let start = offset + line.find('#').unwrap_or(0);
            let span = crate::diagnostic::Span::new(start, start + trimmed.len());
            return Some(Location { file: std::sync::Arc::clone(&service.path), span });
        }
        offset += line.len();
    }
    None
}

fn exact(service: &Service, statement: &Statement, id: &str) -> bool {
    use crate::serverless::Coverage;
    matches!(statement.covers(service, id), Coverage::Exact | Coverage::HardCoded)
}

fn effect(statement: &Statement) -> Option<Diagnostic> {
    if let Some(at) = &statement.contradiction {
        return Some(
            error(CODE, at, "IAM refuses a statement that says both what it is about and what it is not about")
                .help("Keep `Action` and `Resource`; remove `NotAction` and `NotResource`."),
        );
    }
    if let Some(at) = &statement.principal {
        return Some(
            error(
                CODE,
                at,
                "IAM refuses a principal in the policy of a role: the statement is for whoever has the role",
            )
            .help("Remove the principal. It belongs into policies of resources, such as the policy of a topic."),
        );
    }
    let Effect::Invalid(written) = &statement.effect else { return None };
    if let Some((key, at)) = statement.strays.iter().find(|(key, _)| find::is_near(key, "Effect")) {
        return Some(wrong_key(key, at, "Effect"));
    }
    let Some(at) = &statement.effect_location else {
        let finding = error(CODE, &statement.location, "this statement has no `Effect`");
        return Some(finding.help("Effect, Action and Resource belong to one entry of the list: only the first of them starts with a dash. Add `Effect: Allow`."));
    };
    let finding =
        error(CODE, at, format!("`Effect` is `{written}`, and IAM knows `Allow` and `Deny`, with a capital letter"));
    let finding = finding.help("Write `Effect: Allow`.");
    Some(if find::is_near(written, "Allow") { finding.edit(replace(at, "Allow", "write Allow")) } else { finding })
}

fn wrong_key(key: &str, at: &Location, right: &str) -> Diagnostic {
    error(CODE, at, format!("`{key}` is no part of a statement; the key is `{right}`"))
        .help(
            "The parts of a statement are `Effect`, `Action` and `Resource`, with capital letters and without an `s`.",
        )
        .edit(replace(at, right, format!("write {right}")))
}

/// Why the resources of a statement with the right action do not cover the topic.
fn resources(publish: &Publish, service: &Service, statement: &Statement) -> Option<Diagnostic> {
    if let Some((key, at)) = statement.strays.iter().find(|(key, _)| find::is_near(key, "Resource")) {
        return Some(wrong_key(key, at, "Resource"));
    }
    if statement.resources.key.is_none() {
        let finding = error(CODE, &statement.location, "this statement has no `Resource`");
        return Some(
            finding.help(format!("Add `Resource: !Ref {}` to it, in the same column as `Effect`.", publish.resource)),
        );
    }
    if let Some(at) = statement.resources.key.as_ref().filter(|_| statement.resources.inverted) {
        return Some(
            error(
                CODE,
                at,
                format!("`NotResource` means everything but these, and `{}` is among them", publish.resource),
            )
            .help(format!("Write `Resource: !Ref {}`.", publish.resource)),
        );
    }
    // A statement about other topics only is no attempt at this one, unless nothing better is there.
    let (text, node) = statement.resources.list.first()?;
    let wanted = Wanted { code: CODE, service, resource: &publish.resource, what: "`Resource`" };
    for (text, node) in &statement.resources.list {
        if let Some(finding) = name_of_topic(publish, text.as_ref(), node) {
            return Some(finding);
        }
    }
    if let Some(text) = text
        && let Some(stem) = text.as_literal().filter(|literal| literal.starts_with("arn:"))
    {
        let finding = error(
            CODE,
            &node.location,
            format!("the pattern `{stem}` does not cover the topic `{}`", publish.resource),
        );
        return Some(
            finding.help(format!("CloudFormation makes up the topic's name; `!Ref {}` is its ARN.", publish.resource)),
        );
    }
    if let Some(text) = text
        && text.parts().len() > 1
        && text
            .symbols()
            .any(|symbol| matches!(symbol, Symbol::Attribute(id, _) | Symbol::Ref(id) if *id == publish.resource))
    {
        let finding = error(CODE, &node.location, format!("`{text}` is not the ARN of the topic"));
        return Some(
            finding.help(format!(
                "`!Ref {}` already is the whole ARN: nothing comes before or after it.",
                publish.resource
            )),
        );
    }
    wanted.judge(node)
}

fn name_of_topic(publish: &Publish, text: Option<&Text>, node: &Node) -> Option<Diagnostic> {
    let id = &publish.resource;
    let edit =
        |finding: Diagnostic| finding.edit(replace(&node.location, format!("!Ref {id}"), format!("refer to {id}")));
    match text.map(|text| (text.as_literal(), text.as_symbol())) {
        Some((Some(literal), _)) if literal == id || meant_as_intrinsic(node, id) => Some(edit(
            error(CODE, &node.location, format!("`Resource` is the text `{literal}`, and IAM wants the topic's ARN"))
                .help(format!("`Ref` of a topic returns its ARN: `Resource: !Ref {id}`.")),
        )),
        Some((_, Some(Symbol::Attribute(own, attribute)))) if own == id && attribute == "TopicName" => Some(edit(
            error(CODE, &node.location, "`Resource` is the topic's name, and IAM wants its ARN")
                .help(format!("`Ref` of a topic returns its ARN: `Resource: !Ref {id}`.")),
        )),
        _ => None,
    }
}

fn actions(publish: &Publish, statement: &Statement) -> Diagnostic {
    if let Some(finding) = effect(statement).filter(|_| statement.actions.key.is_some()) {
        return finding;
    }
    if let Some((key, at)) = statement.strays.iter().find(|(key, _)| find::is_near(key, "Action")) {
        return wrong_key(key, at, "Action");
    }
    if let Some(at) = statement.actions.key.as_ref().filter(|_| statement.actions.inverted) {
        return error(
            CODE,
            at,
            format!("`NotAction` means every action but these, and `{}` is among them", publish.action),
        )
        .help(format!("Write `Action: {}`.", publish.action));
    }
    let Some((text, node)) = statement.actions.list.first() else {
        return error(CODE, &statement.location, "this statement has no `Action`")
            .help(format!("Add `Action: {}` to it.", publish.action));
    };
    action(publish, text.as_ref(), node)
}

fn action(publish: &Publish, text: Option<&Text>, node: &Node) -> Diagnostic {
    let wanted = &publish.action;
    if node.as_map().is_some() {
        return error(CODE, &node.location, "a space after the colon makes the action a mapping")
            .help(format!("Write `{wanted}` without a space."))
            .edit(replace(&node.location, &**wanted, format!("write {wanted}")));
    }
    let written = text.map(ToString::to_string).unwrap_or_default();
    let finding = error(
        CODE,
        &node.location,
        format!("this statement allows `{written}` on the topic, and sending a message is `{wanted}`"),
    );
    let bare = wanted.split_once(':').map_or(wanted.as_str(), |(_, name)| name);
    let finding = finding.help(format!("Write `Action: {wanted}`."));
    if find::is_near(&written, wanted) || find::is_near(&written, bare) || written.eq_ignore_ascii_case(bare) {
        return finding.edit(replace(&node.location, &**wanted, format!("write {wanted}")));
    }
    finding
}

/// An action that is nearly the right one, in a statement that is not about the topic either.
fn misspelt_action(publish: &Publish, permissions: &Permissions) -> Option<Diagnostic> {
    let bare = publish.action.split_once(':').map_or(publish.action.as_str(), |(_, name)| name);
    permissions.statements.iter().flat_map(|statement| &statement.actions.list).find_map(|(text, node)| {
        let written = text.as_ref().and_then(Text::as_literal).unwrap_or_default();
        let split = node.as_map().is_some_and(|map| map.get("sns").is_some());
        (split || find::is_near(written, &publish.action) || find::is_near(written, bare) || written == bare)
            .then(|| action(publish, text.as_ref(), node))
    })
}

/// A statement whose keys IAM does not know, such as `action` or `Actions`.
fn stray_keys(publish: &Publish, permissions: &Permissions) -> Option<Diagnostic> {
    let mut strays = permissions.statements.iter().filter(|statement| statement.actions.key.is_none());
    strays.find_map(|statement| {
        let (key, at) = statement.strays.iter().find(|(key, _)| find::is_near(key, "Action"))?;
        let finding = wrong_key(key, at, "Action");
        Some(match &finding.help {
            Some(help) => finding.clone().help(format!("{help} The action is `{}`.", publish.action)),
            None => finding,
        })
    })
}

/// A statement that stands where nothing reads it.
fn elsewhere(publish: &Publish, service: &Service, permissions: &Permissions) -> Option<Diagnostic> {
    let action = publish.action.to_lowercase();
    if let (_, Some(idle)) = service.provider_statements()
        && speaks(service, &idle.value, &action)
    {
        let finding = error(
            CODE,
            &idle.key_location,
            "these statements have no effect, because `provider.iam.role.statements` is there too",
        );
        return Some(
            finding.help("Serverless reads one of the two only: move the statement to `provider.iam.role.statements`."),
        );
    }
    let candidates = find::nodes(&service.root, |node| {
        Statement::of(service, node).is_some_and(|statement| {
            statement.speaks_of(&action) == Some(true)
                && !statement.actions.inverted
                && !permissions.statements.iter().any(|known| known.location == statement.location)
        })
    });
    let (path, node) = candidates.into_iter().next()?;
    let at = &node.location;
    let help =
        "Serverless reads the statements of the list `provider.iamRoleStatements` (or `provider.iam.role.statements`).";
    let message = match path.as_slice() {
        ["provider", "iamRoleStatements"] | ["provider", "iam", "role", "statements"] => match &permissions.source {
            RoleSource::External(_) | RoleSource::Resource(..) => {
                "this statement has no effect: the function runs with a role of its own, and not with the one that Serverless makes".to_owned()
            }
            RoleSource::PerFunction(_) => {
                "this statement has no effect on the function: it has statements of its own, which replace the provider's".to_owned()
            }
            RoleSource::Generated => "the statements are no list: a dash belongs in front of each".to_owned(),
        },
        ["functions", function, "iam", "role", "statements"] if *function == publish.function => {
            return Some(unsure(CODE, at, "statements under `iam` of a function count in Serverless 4 only"));
        }
        ["functions", function, "iamRoleStatements"] if *function == publish.function => {
            "statements under a function count only with the plugin `serverless-iam-roles-per-function`".to_owned()
        }
        ["functions", function, "iamRoleStatements"] => format!("this statement is for the function `{function}`, and `{}` publishes", publish.function),
        ["provider", key] if find::is_near(key, "iamRoleStatements") => {
            let key_at = service.at(&["provider"]).and_then(|provider| provider.entry(key)).map_or(at, |entry| &entry.key_location);
            return Some(
                error(CODE, key_at, format!("`{key}` is not known to Serverless; the key is `iamRoleStatements`"))
                    .help(help)
                    .edit(replace(key_at, "iamRoleStatements", "rename to iamRoleStatements")),
            );
        }
        ["resources", "Resources", resource, ..] => {
            return Some(unattached(service, resource, at));
        }
        path => format!("this statement stands {}, where Serverless does not look", describe(path)),
    };
    Some(error(CODE, at, message).help(help))
}

fn unattached(service: &Service, resource: &str, at: &Location) -> Diagnostic {
    let policy = service.resources.get(resource);
    if policy.is_some_and(|policy| policy.is("AWS::SNS::TopicPolicy")) {
        return unsure(CODE, at, "the topic's own policy may allow the function to publish");
    }
    error(CODE, at, format!("`{resource}` allows it, but not to the role that the function runs with"))
        .help("Attach it to that role, or put the statement under `provider.iamRoleStatements`, which is simpler.")
}

fn speaks(service: &Service, node: &Node, action: &str) -> bool {
    let items = node.as_list().unwrap_or_default();
    items
        .iter()
        .filter_map(|item| Statement::of(service, item))
        .any(|statement| statement.speaks_of(action) == Some(true))
}
