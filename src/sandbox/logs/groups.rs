//! Calls about groups: create, delete, describe, retention, tags.

use serde_json::{Map, Value, json};

use super::super::Fault;
use super::Shared;
use super::input::{Input, group_arn, group_of_arn, invalid, no_group};
use super::record::Change;
use super::store::{About, Group, Store};
use super::streams::{page_token, read_page_token};

/// The days that a retention may have.
const DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Tags that a group may have.
const MOST_TAGS: usize = 50;

impl Shared {
    pub(super) fn create_log_group(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let name = input.group_name()?;
        if input.has("kmsKeyId") {
            return Err(invalid("The rydes sandbox has no KMS keys: leave kmsKeyId out."));
        }
        match input.text("logGroupClass")? {
            None | Some("STANDARD") => {}
            Some(other) => {
                return Err(invalid(format!("The rydes sandbox has log groups of class STANDARD only, not {other}.")));
            }
        }
        let mut about = About { created: self.account.clock.millis(), ..About::default() };
        add_tags(&mut about, &input.pairs("tags")?)?;
        let mut store = self.lock();
        if store.group(region, name).is_some() {
            return Err(Fault::sender("ResourceAlreadyExistsException", "The specified log group already exists"));
        }
        self.set_group(&mut store, region, name, about);
        Ok(Value::Null)
    }

    pub(super) fn delete_log_group(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let name = input.group_name()?;
        let mut store = self.lock();
        if !store.delete_group(region, name) {
            return Err(no_group());
        }
        self.remember(&Change::GroupDeleted { region: region.to_owned(), group: name.to_owned() });
        Ok(Value::Null)
    }

    pub(super) fn describe_log_groups(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let (prefix, pattern) = (input.text("logGroupNamePrefix")?, input.text("logGroupNamePattern")?);
        if prefix.is_some() && pattern.is_some() {
            return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
        }
        let limit = input.limit(50)?;
        let after = input.text("nextToken")?.map(read_page_token).transpose()?;
        let pattern = pattern.map(str::to_lowercase);
        let identifiers = input.texts("logGroupIdentifiers")?;
        let named = |identifier: &&str| match identifier.starts_with("arn:") {
            true => group_of_arn(identifier, region).map(str::to_owned),
            false => Ok((*identifier).to_owned()),
        };
        let identifiers = identifiers.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        let is_wanted = |name: &str| {
            prefix.is_none_or(|prefix| name.starts_with(prefix))
                && pattern.as_ref().is_none_or(|pattern| name.to_lowercase().contains(pattern))
                && after.as_ref().is_none_or(|after| name > after.as_str())
                && (identifiers.is_empty() || identifiers.iter().any(|wanted| wanted == name))
        };
        let mut store = self.lock();
        let names = store.regions.get(region).into_iter().flat_map(|groups| groups.keys());
        let mut names: Vec<String> = names.filter(|name| is_wanted(name)).take(limit + 1).cloned().collect();
        let more = names.len() > limit;
        names.truncate(limit);
        let now = self.account.clock.millis();
        let mut groups = Vec::with_capacity(names.len());
        for name in &names {
            store.expire(region, name, now);
            groups.extend(store.group(region, name).map(|group| described(region, name, group)));
        }
        let mut output = json!({ "logGroups": groups });
        if let (true, Some(last)) = (more, names.last()) {
            output["nextToken"] = page_token(last).into();
        }
        Ok(output)
    }

    pub(super) fn put_retention_policy(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let name = input.group_name()?;
        let days = input.number("retentionInDays")?;
        if days.is_none_or(|days| !DAYS.contains(&days)) {
            let days = days.map_or("null".to_owned(), |days| format!("'{days}'"));
            return Err(invalid(format!(
                "1 validation error detected: Value {days} at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: {DAYS:?}"
            )));
        }
        self.change_group(region, name, |about| {
            about.retention = days;
            Ok(())
        })
    }

    pub(super) fn delete_retention_policy(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        self.change_group(region, input.group_name()?, |about| {
            about.retention = None;
            Ok(())
        })
    }

    pub(super) fn tag(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let tags = input.pairs("tags")?;
        if tags.is_empty() {
            return Err(invalid("tags must hold at least one tag"));
        }
        self.change_group(region, tagged(region, input)?, |about| add_tags(about, &tags))
    }

    pub(super) fn untag(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        // The older call says `tags` where the newer says `tagKeys`.
        let keys = [input.texts("tagKeys")?, input.texts("tags")?].concat();
        self.change_group(region, tagged(region, input)?, |about| {
            about.tags.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(())
        })
    }

    pub(super) fn list_tags(&self, region: &str, input: Input<'_>) -> Result<Value, Fault> {
        let name = tagged(region, input)?;
        let store = self.lock();
        let group = store.group(region, name).ok_or_else(no_group)?;
        Ok(json!({ "tags": group.about.tags }))
    }

    fn change_group(
        &self,
        region: &str,
        name: &str,
        change: impl FnOnce(&mut About) -> Result<(), Fault>,
    ) -> Result<Value, Fault> {
        let mut store = self.lock();
        let mut about = store.group(region, name).ok_or_else(no_group)?.about.clone();
        change(&mut about)?;
        self.set_group(&mut store, region, name, about);
        Ok(Value::Null)
    }

    /// The group with what its retention still keeps.
    pub(super) fn current<'s>(&self, store: &'s mut Store, region: &str, name: &str) -> Result<&'s Group, Fault> {
        store.expire(region, name, self.account.clock.millis());
        store.group(region, name).ok_or_else(no_group)
    }
}

/// The group whose tags are meant.
fn tagged<'a>(region: &str, input: Input<'a>) -> Result<&'a str, Fault> {
    match input.text("resourceArn")? {
        Some(arn) => group_of_arn(arn, region),
        None if input.has("logGroupName") => input.group_name(),
        None => input.required("resourceArn"),
    }
}

fn add_tags(about: &mut About, tags: &[(&str, &str)]) -> Result<(), Fault> {
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 || key.starts_with("aws:") {
            return Err(invalid(format!("'{key}': '{value}' is no tag that AWS would take")));
        }
        about.tags.insert((*key).to_owned(), (*value).to_owned());
    }
    if about.tags.len() > MOST_TAGS {
        let message = format!("A resource can have at most {MOST_TAGS} tags.");
        return Err(Fault::sender("TooManyTagsException", message));
    }
    Ok(())
}

fn described(region: &str, name: &str, group: &Group) -> Value {
    let arn = group_arn(region, name);
    let mut members = Map::new();
    members.insert("logGroupName".to_owned(), name.into());
    members.insert("creationTime".to_owned(), group.about.created.into());
    if let Some(days) = group.about.retention {
        members.insert("retentionInDays".to_owned(), days.into());
    }
    members.insert("metricFilterCount".to_owned(), 0.into());
    members.insert("arn".to_owned(), format!("{arn}:*").into());
    members.insert("storedBytes".to_owned(), group.stored.into());
    members.insert("logGroupClass".to_owned(), "STANDARD".into());
    members.insert("logGroupArn".to_owned(), arn.into());
    if group.dropped > 0 {
        // No member of AWS's: clients pass over it, people who look at the JSON learn that lines are missing.
        members.insert("droppedEvents".to_owned(), group.dropped.into());
    }
    Value::Object(members)
}
