//! One pattern of a filter policy: what it looks like, and what it matches.

use std::net::IpAddr;

use serde_json::Value;

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// A text, truth value or null.
    Equals(Value),
    Number(f64),
    Prefix(String),
    Suffix(String),
    /// `*` stands for any text.
    Wildcard(Vec<String>),
    IgnoreCase(String),
    /// None of these.
    AnythingBut(Vec<Pattern>),
    /// All of these.
    Numeric(Vec<(Order, f64)>),
    /// Network and length of its prefix.
    Cidr(IpAddr, u8),
    Exists(bool),
}

/// How numbers stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// In words.
    pub fn parse(pattern: &Value) -> Result<Self, String> {
        match pattern {
            Value::Number(number) => number.as_f64().map(Self::Number).ok_or_else(|| unknown(pattern)),
            Value::String(_) | Value::Bool(_) | Value::Null => Ok(Self::Equals(pattern.clone())),
            Value::Object(operator) if operator.len() == 1 => {
                let (name, operand) = operator.iter().next().ok_or_else(|| unknown(pattern))?;
                Self::operator(name, operand)
            }
            Value::Object(operator) if operator.len() > 1 => Err("Only one key allowed in match expression".to_owned()),
            _ => Err("Match value must be String, number, true, false, or null".to_owned()),
        }
    }

    fn operator(name: &str, operand: &Value) -> Result<Self, String> {
        let text = || match operand {
            Value::String(text) if !text.is_empty() => Ok(text.clone()),
            _ => Err(format!("{name} match pattern must be a non-empty string")),
        };
        match name {
            "prefix" => text().map(Self::Prefix),
            "suffix" => text().map(Self::Suffix),
            "equals-ignore-case" => text().map(Self::IgnoreCase),
            "wildcard" => {
                let text = text()?;
                if text.contains("**") {
                    return Err("Consecutive wildcard characters are not allowed".to_owned());
                }
                Ok(Self::Wildcard(text.split('*').map(str::to_owned).collect()))
            }
            "exists" => operand
                .as_bool()
                .map(Self::Exists)
                .ok_or_else(|| "exists match pattern must be either true or false.".to_owned()),
            "anything-but" => anything_but(operand),
            "numeric" => numeric(operand).map(Self::Numeric),
            "cidr" => cidr(&text()?),
            _ => Err(format!("Unrecognized match type {name}")),
        }
    }

    /// Whether what is under a key matches: nothing, one value, or one of a list's.
    pub fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => {
                let is_there = value.is_some_and(|value| {
                    !value.is_object() || value.as_object().is_some_and(serde_json::Map::is_empty)
                });
                *wanted == is_there
            }
            (_, None) => false,
            (_, Some(Value::Array(items))) => items.iter().any(|item| self.matches(Some(item))),
            (_, Some(value)) => self.matches_one(value),
        }
    }

    fn matches_one(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Equals(wanted) => wanted == value,
            Self::Number(wanted) => value.as_f64().is_some_and(|value| same(value, *wanted)),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::Wildcard(pieces) => text.is_some_and(|text| fits(text, pieces)),
            Self::IgnoreCase(wanted) => text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase()),
            // Objects stand for binary attributes, which patterns cannot look into.
            Self::AnythingBut(none) => !value.is_object() && !none.iter().any(|pattern| pattern.matches_one(value)),
            Self::Numeric(all) => {
                value.as_f64().is_some_and(|value| all.iter().all(|(order, bound)| order.holds(value, *bound)))
            }
            Self::Cidr(network, length) => {
                let address = text.and_then(|text| text.parse().ok());
                address.is_some_and(|address| in_network(address, *network, *length))
            }
            Self::Exists(_) => false,
        }
    }
}

fn unknown(pattern: &Value) -> String {
    format!("Unrecognized match pattern {pattern}")
}

/// Of a value, of several, or of a pattern with one or several texts.
fn anything_but(operand: &Value) -> Result<Pattern, String> {
    let none = match operand {
        Value::Array(values) if values.is_empty() => return Err("Empty arrays are not allowed".to_owned()),
        Value::Array(values) if values.iter().all(|value| value.is_string() || value.is_number()) => {
            values.iter().map(Pattern::parse).collect::<Result<_, _>>()?
        }
        Value::String(_) | Value::Number(_) => vec![Pattern::parse(operand)?],
        Value::Object(operator) if operator.len() == 1 => {
            let mut operator = operator.iter();
            match operator.next() {
                Some((name, texts))
                    if matches!(name.as_str(), "prefix" | "suffix" | "wildcard" | "equals-ignore-case") =>
                {
                    match texts {
                        Value::Array(texts) if !texts.is_empty() => {
                            texts.iter().map(|text| Pattern::operator(name, text)).collect::<Result<_, _>>()?
                        }
                        text => vec![Pattern::operator(name, text)?],
                    }
                }
                _ => return Err("Unsupported anything-but pattern".to_owned()),
            }
        }
        _ => return Err("anything-but takes strings, numbers, or one pattern of them".to_owned()),
    };
    Ok(Pattern::AnythingBut(none))
}

fn numeric(operand: &Value) -> Result<Vec<(Order, f64)>, String> {
    let pieces = operand.as_array().ok_or("Value of numeric must be an array")?;
    if pieces.is_empty() || pieces.len() % 2 == 1 {
        return Err("Invalid member in numeric match: operators and numbers come in pairs".to_owned());
    }
    let pairs = pieces.chunks(2).map(|pair| {
        let order = match pair[0].as_str().unwrap_or_default() {
            "=" => Order::Equal,
            "<" => Order::Less,
            "<=" => Order::LessOrEqual,
            ">" => Order::Greater,
            ">=" => Order::GreaterOrEqual,
            _ => return Err(format!("Unrecognized numeric range operator: {}", pair[0])),
        };
        let bound = pair[1].as_f64().ok_or_else(|| format!("Value of {} must be numeric", pair[0]))?;
        if bound.abs() > 1e9 {
            return Err("Numbers must be from -10^9 to 10^9".to_owned());
        }
        Ok((order, bound))
    });
    let pairs: Vec<(Order, f64)> = pairs.collect::<Result<_, String>>()?;
    match pairs.as_slice() {
        [_] => {}
        [(Order::Greater | Order::GreaterOrEqual, bottom), (Order::Less | Order::LessOrEqual, top)] => {
            if bottom >= top {
                return Err("Bottom must be less than top".to_owned());
            }
        }
        [_, _] => return Err("Bad numeric range operator: a range goes from > or >= to < or <=".to_owned()),
        _ => return Err("Too many elements in numeric expression".to_owned()),
    }
    Ok(pairs)
}

impl Order {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => same(value, bound),
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

/// SNS compares numbers to five places behind the point.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 5e-6
}

fn fits(text: &str, pieces: &[String]) -> bool {
    let [first, middle @ .., last] = pieces else { return pieces.first().is_some_and(|piece| piece == text) };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for piece in middle {
        let Some(at) = rest.find(piece.as_str()) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last.as_str())
}

fn cidr(text: &str) -> Result<Pattern, String> {
    let malformed = || format!("Malformed CIDR, one '/' required: {text}");
    let (network, length) = text.split_once('/').ok_or_else(malformed)?;
    let network: IpAddr = network.parse().map_err(|_| malformed())?;
    let most = if network.is_ipv4() { 32 } else { 128 };
    let length = length.parse().ok().filter(|length| *length <= most).ok_or_else(malformed)?;
    Ok(Pattern::Cidr(network, length))
}

fn in_network(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let same = |one: u128, other: u128, bits: u8| {
        let shift = u32::from(bits - length);
        one.checked_shr(shift).unwrap_or_default() == other.checked_shr(shift).unwrap_or_default()
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => same(u32::from(address).into(), u32::from(network).into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => same(address.into(), network.into(), 128),
        _ => false,
    }
}
