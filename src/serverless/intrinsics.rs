//! CloudFormation's intrinsic functions: one meaning for `!Ref X`, `Ref: X` and `{"Ref": "X"}`, and what they come to as [`Text`].

use std::sync::Arc;

use super::text::{Part, Symbol, Text};
use super::yaml::{Map, Node, Value};

/// A call of an intrinsic function.
#[derive(Clone, Debug, PartialEq)]
pub enum Intrinsic {
    /// `Ref`: a resource's main identifier, a parameter's value, or a pseudo parameter.
    Ref(Text),
    /// `Fn::GetAtt`: resource and attribute.
    GetAtt(Text, Text),
    /// `Fn::Join`: delimiter and items.
    Join(Text, Arc<Node>),
    /// `Fn::Sub`: template and bindings.
    Sub(Text, Option<Map>),
    /// `Fn::ImportValue`: name of the export.
    ImportValue(Arc<Node>),
    /// `Fn::If`: condition, value if it holds, value if not.
    If(Text, Arc<Node>, Arc<Node>),
    /// `Fn::Select`: index and list.
    Select(Text, Arc<Node>),
    /// `Fn::Split`: delimiter and text.
    Split(Text, Arc<Node>),
    /// `Fn::FindInMap`: map, top-level key, second-level key.
    FindInMap(Vec<Arc<Node>>),
    /// Any other, by its long name.
    Other(String, Arc<Node>),
    /// One that CloudFormation would refuse, and why.
    Malformed(String),
}

impl Intrinsic {
    /// The call that `node` is, if it is one.
    pub fn of(node: &Node) -> Option<Self> {
        let (name, argument) = if let Some(tag) = node.tag {
            (tag.to_owned(), Arc::new(Node { tag: None, ..node.clone() }))
        } else {
            let [entry] = node.as_map()?.entries.as_slice() else { return None };
            let key = match &*entry.key {
                "Ref" => "Ref",
                // The one function without the prefix: CloudFormation refuses it with.
                "Fn::Ref" => return Some(Self::Malformed("`Fn::Ref` does not exist: write `Ref`".to_owned())),
                key => key.strip_prefix("Fn::")?,
            };
            (key.to_owned(), Arc::clone(&entry.value))
        };
        Some(Self::call(&name, argument))
    }

    fn call(name: &str, argument: Arc<Node>) -> Self {
        let malformed = |wants: &str| Self::Malformed(format!("`{name}` takes {wants}"));
        let items = argument.as_list().unwrap_or_default();
        match (name, items) {
            ("Ref", _) => match argument.as_text() {
                Some(text) if text != Text::default() => Self::Ref(text),
                _ => malformed("the name of a resource or parameter"),
            },
            ("GetAtt", [resource, rest @ ..]) if !rest.is_empty() => {
                let mut attribute = Text::default();
                for (index, part) in rest.iter().enumerate() {
                    if index > 0 {
                        attribute.push_str(".");
                    }
                    attribute.append(&part.as_text().unwrap_or_default());
                }
                Self::GetAtt(resource.as_text().unwrap_or_default(), attribute)
            }
            ("GetAtt", _) => match argument.as_text().map(|text| text.split('.', 2)).as_deref() {
                Some([resource, attribute]) => Self::GetAtt(resource.clone(), attribute.clone()),
                _ => malformed("a resource and one of its attributes: `Resource.Attribute`"),
            },
            ("Join", [delimiter, list]) => match delimiter.as_text().or_else(|| empty(delimiter)) {
                Some(delimiter) => Self::Join(delimiter, Arc::clone(list)),
                None => malformed("a delimiter and a list"),
            },
            ("Join", _) => malformed("a delimiter and a list"),
            ("Sub", [template, bindings]) => match (template.as_text(), bindings.as_map()) {
                (Some(template), Some(bindings)) => Self::Sub(template, Some(bindings.clone())),
                _ => malformed("text, or a list of text and a mapping"),
            },
            ("Sub", [template]) if template.as_text().is_some() => {
                Self::Sub(template.as_text().unwrap_or_default(), None)
            }
            ("Sub", _) => match argument.as_text() {
                Some(template) => Self::Sub(template, None),
                None => malformed("text, or a list of text and a mapping"),
            },
            ("ImportValue", _) => Self::ImportValue(argument),
            ("If", [condition, yes, no]) => {
                Self::If(condition.as_text().unwrap_or_default(), Arc::clone(yes), Arc::clone(no))
            }
            ("If", _) => malformed("a condition and two values"),
            ("Select", [index, list]) => Self::Select(index.as_text().unwrap_or_default(), Arc::clone(list)),
            ("Split", [delimiter, source]) => Self::Split(delimiter.as_text().unwrap_or_default(), Arc::clone(source)),
            ("FindInMap", items) if items.len() >= 3 => Self::FindInMap(items.to_vec()),
            _ => Self::Other(format!("Fn::{name}"), argument),
        }
    }
}

fn empty(node: &Node) -> Option<Text> {
    (node.is_null() && node.tag.is_none()).then(Text::default)
}

/// What `node` comes to as text; none for a list, a mapping or nothing at all.
///
/// `Ref` and `GetAtt` become [`Symbol::Ref`] and [`Symbol::Attribute`]; pseudo parameters the symbols of their own.
pub fn evaluate(node: &Node) -> Option<Text> {
    if let Some(text) = node.as_text() {
        return Some(dynamic_references(&text));
    }
    let text = match Intrinsic::of(node)? {
        Intrinsic::Ref(name) => reference(&name)?,
        Intrinsic::GetAtt(resource, attribute) => self::attribute(&resource, &attribute),
        Intrinsic::Join(delimiter, list) => join(&delimiter, &list),
        Intrinsic::Sub(template, bindings) => substitute(&template, bindings.as_ref()),
        Intrinsic::ImportValue(name) => Symbol::Import(evaluate(&name).unwrap_or_default()).into(),
        Intrinsic::If(condition, yes, no) => {
            let (yes, no) = (evaluate(&yes), evaluate(&no));
            if yes == no { yes? } else { Symbol::Unknown(format!("Fn::If {condition}")).into() }
        }
        Intrinsic::Select(index, list) => select(&index, &list),
        Intrinsic::Malformed(reason) => Symbol::Broken(reason).into(),
        Intrinsic::Split(..) => return None,
        Intrinsic::FindInMap(_) => Symbol::Unknown("Fn::FindInMap".to_owned()).into(),
        Intrinsic::Other(name, _) => Symbol::Unknown(name).into(),
    };
    Some(dynamic_references(&text))
}

/// What `Ref` returns; none for `AWS::NoValue`, which takes its place away.
fn reference(name: &Text) -> Option<Text> {
    match name.as_literal() {
        Some("AWS::NoValue") => None,
        Some(name) => Some(referred(name).into()),
        None if name.broken().is_some() => Some(Symbol::Broken(name.broken().unwrap_or_default().to_owned()).into()),
        None => Some(Symbol::Unknown(format!("Ref {name}")).into()),
    }
}

/// What `Ref` of this resource, parameter or pseudo parameter stands for.
pub(super) fn referred(name: &str) -> Symbol {
    match name {
        "AWS::Region" => Symbol::Region,
        "AWS::AccountId" => Symbol::AccountId,
        "AWS::Partition" => Symbol::Partition,
        "AWS::URLSuffix" => Symbol::UrlSuffix,
        "AWS::StackName" => Symbol::StackName,
        "AWS::StackId" => Symbol::StackId,
        name => Symbol::Ref(name.to_owned()),
    }
}

fn attribute(resource: &Text, attribute: &Text) -> Text {
    match (resource.as_literal(), attribute.as_literal()) {
        (Some(resource), Some(attribute)) => Symbol::Attribute(resource.to_owned(), attribute.to_owned()).into(),
        _ => match resource.broken().or_else(|| attribute.broken()) {
            Some(reason) => Symbol::Broken(reason.to_owned()).into(),
            None => Symbol::Unknown(format!("GetAtt {resource}.{attribute}")).into(),
        },
    }
}

fn join(delimiter: &Text, list: &Node) -> Text {
    let unknown = || Text::from(Symbol::Unknown("Fn::Join".to_owned()));
    let items = match list.as_list() {
        Some(items) => items.iter().map(|item| evaluate(item).unwrap_or_default()).collect(),
        None => match Intrinsic::of(list).map(|call| split(&call)) {
            Some(Some(items)) => items,
            _ => return unknown(),
        },
    };
    let mut text = Text::default();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.append(delimiter);
        }
        text.append(item);
    }
    text
}

fn split(call: &Intrinsic) -> Option<Vec<Text>> {
    let Intrinsic::Split(delimiter, source) = call else { return None };
    let mut letters = delimiter.as_literal()?.chars();
    let separator = letters.next().filter(|_| letters.next().is_none())?;
    let text = evaluate(source)?;
    // A symbol may hold the separator itself.
    text.as_literal()?;
    Some(text.split(separator, usize::MAX))
}

fn select(index: &Text, list: &Node) -> Text {
    let position = index.as_literal().and_then(|index| index.parse::<usize>().ok());
    let items = match list.as_list() {
        Some(items) => Some(items.iter().map(|item| evaluate(item).unwrap_or_default()).collect()),
        None => Intrinsic::of(list).and_then(|call| split(&call)),
    };
    let found: Option<Text> =
        position.zip(items).and_then(|(position, items): (usize, Vec<Text>)| items.get(position).cloned());
    found.unwrap_or_else(|| Symbol::Unknown("Fn::Select".to_owned()).into())
}

fn substitute(template: &Text, bindings: Option<&Map>) -> Text {
    let mut result = Text::default();
    for part in template.parts() {
        let Part::Literal(literal) = part else {
            if let Part::Symbol(symbol) = part {
                result.push(symbol.clone());
            }
            continue;
        };
        let mut rest = literal.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                result.push_str("${");
                continue;
            };
            rest = after;
            let name = name.trim();
            if let Some(verbatim) = name.strip_prefix('!') {
                result.push_str(&format!("${{{verbatim}}}"));
            } else if let Some(bound) = bindings.and_then(|bindings| bindings.get(name)) {
                result.append(&evaluate(bound).unwrap_or_default());
            } else if let Some((resource, name)) = name.split_once('.') {
                result.push(Symbol::Attribute(resource.to_owned(), name.to_owned()));
            } else {
                result.append(&reference(&Text::literal(name)).unwrap_or_default());
            }
        }
        result.push_str(rest);
    }
    result
}

/// Text with `{{resolve:ssm:/path}}` in it replaced by the parameter's value.
fn dynamic_references(text: &Text) -> Text {
    let opens = |part: &Part| matches!(part, Part::Literal(literal) if literal.contains("{{resolve:ssm"));
    if !text.parts().iter().any(opens) {
        return text.clone();
    }
    let mut result = Text::default();
    let mut path: Option<Text> = None;
    for part in text.parts() {
        let mut rest = match part {
            Part::Literal(literal) => literal.as_str(),
            Part::Symbol(symbol) => {
                path.as_mut().unwrap_or(&mut result).push(symbol.clone());
                continue;
            }
        };
        while !rest.is_empty() {
            if let Some(mut inside) = path.take() {
                match rest.split_once("}}") {
                    Some((end, after)) => {
                        inside.push_str(end);
                        // `:3` at the end asks for one version of the value.
                        let path = inside.split(':', 2).into_iter().next().unwrap_or_default();
                        result.push(Symbol::SsmParameter(path));
                        rest = after;
                    }
                    None => {
                        inside.push_str(rest);
                        path = Some(inside);
                        rest = "";
                    }
                }
            } else if let Some((before, after)) = rest.split_once("{{resolve:ssm") {
                result.push_str(before);
                path = Some(Text::default());
                rest = after.trim_start_matches("-secure").trim_start_matches(':');
            } else {
                result.push_str(rest);
                rest = "";
            }
        }
    }
    if path.is_some() {
        return Symbol::Broken("a `{{resolve:…` without its `}}`".to_owned()).into();
    }
    result
}

/// A text that was surely meant as an intrinsic: `"!Ref X"` in quotes, `Ref: X` in quotes, `Ref X`, `${X}` outside of `Fn::Sub`.
pub fn meant_as_intrinsic(node: &Node, resource: &str) -> bool {
    let Value::Text(text) = &node.value else { return false };
    let Some(text) = text.as_literal().filter(|_| node.tag.is_none()) else { return false };
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '"')).collect();
    let starts = ["!Ref", "Ref:", "Ref", "!GetAtt", "Fn::GetAtt:", "GetAtt", "${", "!Sub", "{Ref:", "Fn::Sub:"];
    squeezed.contains(resource) && squeezed != resource && starts.iter().any(|start| squeezed.starts_with(start))
}
