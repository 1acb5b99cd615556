//! Reading parameters: by name, by path, their history and what describes them.

use std::ops::Bound;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Parameters;
use super::filter::Filter;
use super::name::{Selected, find, not_found, select};
use super::parameter::Parameter;
use crate::sandbox::service::{Call, Fault};

/// Names in one request.
const MOST_NAMES: usize = 10;

/// A text that must be there.
pub(super) fn text<'a>(input: &'a Value, member: &str) -> Result<&'a str, Fault> {
    input[member].as_str().ok_or_else(|| {
        let mut lower = member.to_owned();
        lower[..1].make_ascii_lowercase();
        Fault::sender(
            "ValidationException",
            format!("1 validation error detected: Value null at '{lower}' failed to satisfy constraint: Member must not be null"),
        )
    })
}

/// The `Names` of a request.
pub(super) fn names(input: &Value) -> Result<Vec<&str>, Fault> {
    let names: Vec<&str> = input["Names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if (1..=MOST_NAMES).contains(&names.len()) {
        return Ok(names);
    }
    let bound = if names.is_empty() { "greater than or equal to 1" } else { "less than or equal to 10" };
    Err(Fault::sender(
        "ValidationException",
        format!(
            "1 validation error detected: Value '[{}]' at 'names' failed to satisfy constraint: Member must have length {bound}",
            names.join(", ")
        ),
    ))
}

fn is_decrypted(input: &Value) -> bool {
    input["WithDecryption"].as_bool().unwrap_or(false)
}

/// `GetParameter`.
pub(super) fn get(parameters: &Parameters, call: &Call) -> Result<Value, Fault> {
    let selected = select(parameters, &call.region, text(&call.input, "Name")?)?;
    Ok(json!({"Parameter": selected.as_parameter(&call.region, is_decrypted(&call.input))}))
}

/// `GetParameters`.
pub(super) fn get_several(parameters: &Parameters, call: &Call) -> Result<Value, Fault> {
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names(&call.input)? {
        match select(parameters, &call.region, name) {
            Ok(selected) => found.push(selected.as_parameter(&call.region, is_decrypted(&call.input))),
            Err(_) => invalid.push(name),
        }
    }
    Ok(json!({"Parameters": found, "InvalidParameters": invalid}))
}

/// `GetParametersByPath`.
pub(super) fn by_path(parameters: &Parameters, call: &Call) -> Result<Value, Fault> {
    let path = text(&call.input, "Path")?;
    let is_path = path.starts_with('/')
        && path.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter))
        && !path.contains("//");
    if !is_path {
        return Err(Fault::sender(
            "ValidationException",
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't \
             be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), \
             - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \
             \"/\". Valid example: /get/parameters2-/by1./path0_.",
        ));
    }
    let filters = Filter::of_path(&call.input["ParameterFilters"])?;
    let recursive = call.input["Recursive"].as_bool().unwrap_or(false);
    let decrypted = is_decrypted(&call.input);
    page(parameters, call, 10, |name, parameter| {
        let is_below = is_below(name, path, recursive) && filters.iter().all(|filter| filter.takes(name, parameter));
        let version = parameter.versions.last().filter(|_| is_below)?;
        Some(Selected { name, version, selector: None }.as_parameter(&call.region, decrypted))
    })
}

/// Whether `name` is below `path`; directly, unless `recursive`.
pub(super) fn is_below(name: &str, path: &str, recursive: bool) -> bool {
    let name = name.strip_prefix('/').unwrap_or(name);
    let path = path.trim_matches('/');
    let rest =
        if path.is_empty() { Some(name) } else { name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')) };
    rest.is_some_and(|rest| recursive || !rest.contains('/'))
}

/// `DescribeParameters`.
pub(super) fn describe(parameters: &Parameters, call: &Call) -> Result<Value, Fault> {
    let filters = Filter::of_description(&call.input)?;
    page(parameters, call, 50, |name, parameter| {
        filters.iter().all(|filter| filter.takes(name, parameter)).then(|| parameter.as_metadata(&call.region, name))
    })
}

/// `GetParameterHistory`; a parameter has no more versions than a page holds twice.
pub(super) fn history(parameters: &Parameters, call: &Call) -> Result<Value, Fault> {
    let asked = text(&call.input, "Name")?;
    let (name, parameter) = find(parameters, &call.region, asked).ok_or_else(|| not_found(asked))?;
    let size = page_size(call, 50)?;
    let after: u64 = match token(call)? {
        Some(token) => token.parse().map_err(|_| invalid_token())?,
        None => 0,
    };
    let mut rest = parameter.versions.iter().filter(|version| version.number > after);
    let shown: Vec<_> = rest.by_ref().take(size).collect();
    let decrypted = is_decrypted(&call.input);
    let rows: Vec<Value> = shown.iter().map(|version| version.as_history(&call.region, name, decrypted)).collect();
    let mut output = json!({ "Parameters": rows });
    if let (Some(last), Some(_)) = (shown.last(), rest.next()) {
        output["NextToken"] = Value::from(URL_SAFE_NO_PAD.encode(last.number.to_string()));
    }
    Ok(output)
}

/// One page of what `show` makes of the parameters; `most` rows unless the request wants fewer.
fn page<'a>(
    parameters: &'a Parameters,
    call: &Call,
    most: usize,
    show: impl Fn(&'a str, &'a Parameter) -> Option<Value>,
) -> Result<Value, Fault> {
    let size = page_size(call, most)?;
    let after = token(call)?.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = parameters
        .range::<str, _>((after.as_ref().map(String::as_str), Bound::Unbounded))
        .filter_map(|(name, parameter)| Some((name, show(name, parameter)?)));
    let shown: Vec<_> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let next = shown.last().filter(|_| more).map(|(name, _)| URL_SAFE_NO_PAD.encode(name));
    let rows: Vec<Value> = shown.into_iter().map(|(_, row)| row).collect();
    let mut output = json!({ "Parameters": rows });
    if let Some(next) = next {
        output["NextToken"] = Value::from(next);
    }
    Ok(output)
}

fn page_size(call: &Call, most: usize) -> Result<usize, Fault> {
    let asked = &call.input["MaxResults"];
    if asked.is_null() {
        return Ok(most);
    }
    let size = asked.as_u64().and_then(|size| usize::try_from(size).ok()).filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| {
        Fault::sender(
            "ValidationException",
            format!("1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and {most}"),
        )
    })
}

/// What `NextToken` stands for: the last name, or number, of the page before.
fn token(call: &Call) -> Result<Option<String>, Fault> {
    let Some(token) = call.input["NextToken"].as_str().filter(|token| !token.is_empty()) else { return Ok(None) };
    let decoded = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map(Some).ok_or_else(invalid_token)
}

fn invalid_token() -> Fault {
    Fault::sender("InvalidNextToken", "The specified token is not valid.")
}
