//! `${file(./part.yml):key}`: which file that is, and what can be read of it.

use std::sync::Arc;

use crate::diagnostic::{Block, Diagnostic};
use crate::serverless::text::Text;
use crate::serverless::yaml::{Location, Node, Value, read};

/// What an included file turned out to be.
pub(super) enum Included {
    /// Its content.
    Tree(Arc<Node>),
    /// It is not there.
    Absent,
    /// It is a program: only running it tells.
    Program,
    /// It is not YAML.
    Unreadable(Box<Diagnostic>),
}

/// `path`, as written in the configuration in `folder`, from the workshop folder; none if it leaves that.
pub fn from_workshop(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!path.starts_with(['/', '~'])).then(|| parts.join("/"))
}

/// Reads the file at `path` from the workshop folder.
pub(super) fn include<'a>(path: &str, files: &dyn Fn(&str) -> Option<&'a str>) -> Included {
    let extension = path.rsplit('.').next().unwrap_or_default();
    let Some(text) = files(path) else { return Included::Absent };
    let file: Arc<str> = Arc::from(path);
    match extension {
        "yml" | "yaml" | "json" | "tfstate" => match read(&file, text) {
            Ok(tree) => Included::Tree(tree),
            Err(error) => Included::Unreadable(Box::new(
                Diagnostic::blocked("RY002", Block::File, path, error.message).at(error.span).help(error.help),
            )),
        },
        "js" | "cjs" | "mjs" | "ts" | "py" => Included::Program,
        _ => {
            let location = Location { file, span: crate::diagnostic::Span::new(0, text.len()) };
            Included::Tree(Arc::new(Node { location, tag: None, value: Value::Text(Text::literal(text)) }))
        }
    }
}
