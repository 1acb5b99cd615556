//! The filters of `DescribeParameters` and `GetParametersByPath`.

use serde_json::Value;

use super::parameter::Parameter;
use super::read::is_below;
use crate::sandbox::service::Fault;

/// One condition; a parameter that any of its values fits is taken.
#[derive(Debug)]
pub(super) struct Filter {
    key: String,
    option: String,
    values: Vec<String>,
}

impl Filter {
    /// The filters of `DescribeParameters`, in either of their two forms.
    pub(super) fn of_description(input: &Value) -> Result<Vec<Self>, Fault> {
        let mut filters = Self::read(&input["ParameterFilters"])?;
        for filter in input["Filters"].as_array().into_iter().flatten() {
            let key = filter["Key"].as_str().unwrap_or_default().to_owned();
            if !["Name", "Type", "KeyId"].contains(&key.as_str()) {
                return Err(Fault::sender("InvalidFilterKey", format!("The filter key {key} is not valid.")));
            }
            let option = if key == "Name" { "BeginsWith" } else { "Equals" };
            filters.push(Self { key, option: option.to_owned(), values: values(filter) });
        }
        Ok(filters)
    }

    /// The filters of `GetParametersByPath`, which has fewer keys.
    pub(super) fn of_path(filters: &Value) -> Result<Vec<Self>, Fault> {
        let filters = Self::read(filters)?;
        match filters.iter().find(|filter| !["Type", "KeyId", "Label"].contains(&filter.key.as_str())) {
            Some(filter) => Err(Fault::sender(
                "InvalidFilterKey",
                format!(
                    "The following filter key is not valid: {}. Valid filter keys include: [Type, KeyId].",
                    filter.key
                ),
            )),
            None => Ok(filters),
        }
    }

    fn read(filters: &Value) -> Result<Vec<Self>, Fault> {
        let read = |filter: &Value| {
            let key = filter["Key"].as_str().unwrap_or_default().to_owned();
            let options: &[&str] = match key.as_str() {
                "Name" => &["Equals", "BeginsWith", "Contains"],
                "Path" => &["OneLevel", "Recursive"],
                "Type" | "KeyId" => &["Equals", "BeginsWith"],
                "Label" | "Tier" | "DataType" => &["Equals"],
                tag if tag.len() > 4 && tag.starts_with("tag:") => &["Equals"],
                _ => return Err(Fault::sender("InvalidFilterKey", format!("The filter key {key} is not valid."))),
            };
            let option = filter["Option"].as_str().unwrap_or(options[0]).to_owned();
            if !options.contains(&option.as_str()) {
                return Err(Fault::sender(
                    "InvalidFilterOption",
                    format!(
                        "The following filter option is not valid: {option}. Valid options include: [{}].",
                        options.join(", ")
                    ),
                ));
            }
            let values = values(filter);
            if values.is_empty() && !key.starts_with("tag:") {
                let words = format!("The following filter values are missing : null for filter key {key}");
                return Err(Fault::sender("InvalidFilterValue", words));
            }
            Ok(Self { key, option, values })
        };
        filters.as_array().into_iter().flatten().map(read).collect()
    }

    /// Whether it takes this parameter.
    pub(super) fn takes(&self, name: &str, parameter: &Parameter) -> bool {
        let Some(version) = parameter.versions.last() else { return false };
        let actual = match self.key.as_str() {
            "Path" => return self.values.iter().any(|path| is_below(name, path, self.option == "Recursive")),
            // Nothing has a label here.
            "Label" => None,
            "Name" => Some(name),
            "Type" => Some(version.kind.as_str()),
            "KeyId" => version.key.as_deref(),
            "Tier" => Some(version.tier.as_str()),
            "DataType" => Some(version.data_type.as_str()),
            tag => parameter.tags.get(tag.trim_start_matches("tag:")).map(String::as_str),
        };
        let Some(actual) = actual else { return false };
        let is_tag = self.key.starts_with("tag:");
        if is_tag && self.values.is_empty() {
            return true;
        }
        // A name is the same with and without its first slash.
        let bare =
            |text: &str| if self.key == "Name" { text.trim_start_matches('/').to_owned() } else { text.to_owned() };
        let actual = bare(actual);
        self.values.iter().any(|value| match self.option.as_str() {
            "BeginsWith" => actual.starts_with(&bare(value)),
            "Contains" => actual.contains(value.as_str()),
            _ => actual == bare(value),
        })
    }
}

fn values(filter: &Value) -> Vec<String> {
    filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
