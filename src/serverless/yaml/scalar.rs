//! Which plain scalars are text and which are not, as js-yaml decides it (YAML 1.2: `yes` and `on` are text).

use std::sync::Arc;

use super::Value;
use crate::serverless::text::Text;

/// The value of a plain, untagged scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(Arc::from(text)),
        _ => Value::Text(Text::literal(text)),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str, radix: u32| {
        !text.is_empty() && text.chars().all(|c| c == '_' || c.is_digit(radix)) && !text.ends_with('_')
    };
    for (prefix, radix) in [("0b", 2), ("0o", 8), ("0x", 16)] {
        if let Some(rest) = unsigned.strip_prefix(prefix) {
            return digits(rest, radix);
        }
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let starts_well = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let plain = unsigned.replace('_', "");
    starts_well
        && !unsigned.ends_with('_')
        && unsigned.chars().any(|c| c.is_ascii_digit())
        && plain.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_1_2_types() {
        for text in
            ["yes", "no", "on", "off", "y", "dev", "1.2.3", "arn:aws", "0x", "1_", "inf", "nan", "-", "1e", "e1"]
        {
            assert_eq!(plain(text), Value::Text(Text::literal(text)), "{text}");
        }
        for text in ["0", "-1", "1.5", ".5", "1e3", "0x1F", "0o17", "1_000", ".inf", "3.6"] {
            assert_eq!(plain(text), Value::Number(Arc::from(text)), "{text}");
        }
        assert_eq!(plain("True"), Value::Bool(true));
        assert_eq!(plain("~"), Value::Null);
    }
}
