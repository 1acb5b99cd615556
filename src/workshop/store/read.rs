//! Reading the services for the grader: only what it looks at, bounded in size and number, and never hanging on what a folder may hold.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Folder, refusal};
use crate::serverless::variables::from_workshop;
use crate::workshop::{Module, Source};

/// A file larger than this is no handler and no `serverless.yml`: 1 MiB.
const LARGEST: u64 = 1 << 20;
const DEEPEST: usize = 8;
const MOST: usize = 2000;
/// Folders that hold other people's or generated code.
const PASSED_OVER: [&str; 6] = ["node_modules", "__pycache__", "venv", "env", "dist", "build"];

impl Folder {
    /// The files of the module's services that grading looks at (YAML, JSON and Python): path from the workshop folder, content.
    pub fn files(&self, module: &Module) -> Vec<(String, Source)> {
        let mut walk = Walk { files: Vec::new(), seen: BTreeSet::new() };
        for service in &module.services {
            let root = self.path(service);
            match fs::read_dir(&root) {
                Ok(_) => walk.folder(&root, service, 0),
                // A folder that is there and cannot be read must not look like one that is missing.
                Err(error) if fs::symlink_metadata(&root).is_ok() => {
                    let own = module.tasks().filter_map(|task| task.file.as_deref());
                    let own = own
                        .filter(|path| path.strip_prefix(service.as_str()).is_some_and(|rest| rest.starts_with('/')));
                    walk.files.extend(own.map(|path| (path.to_owned(), Source::Unreadable(refusal(&error)))));
                }
                Err(_) => {}
            }
        }
        for service in &module.services {
            self.included(service, &mut walk.files);
        }
        walk.files
    }

    /// Files that the configuration of `service` names by `${file(…)}`, wherever in the workshop folder they are.
    fn included(&self, service: &str, files: &mut Vec<(String, Source)>) {
        let mut seen: BTreeSet<String> = files.iter().map(|(path, _)| path.clone()).collect();
        let own = |path: &str| path.strip_prefix(service).is_some_and(|rest| rest.starts_with('/'));
        let mut texts: Vec<Arc<str>> = files.iter().filter(|(path, _)| own(path)).filter_map(configuration).collect();
        while let Some(text) = texts.pop() {
            for path in named_files(&text).flat_map(|name| self.candidates(service, name)) {
                if files.len() < MOST && is_of_interest(&path) && seen.insert(path.clone()) {
                    let Some(source) = self.read(&path) else { continue };
                    let file = (path, source);
                    texts.extend(configuration(&file));
                    files.push(file);
                }
            }
        }
    }

    /// Paths from the workshop folder that `name`, as written in the configuration of `service`, may mean.
    fn candidates(&self, service: &str, name: &str) -> Vec<String> {
        let (fixed, is_whole) = name.find("${").map_or((name, true), |start| (&name[..start], false));
        let folder = if is_whole { fixed } else { fixed.rsplit_once('/').map_or("", |(folder, _)| folder) };
        let Some(path) = from_workshop(service, folder) else { return Vec::new() };
        if is_whole {
            return vec![path];
        }
        // The name depends on a variable: any file beside it may be meant.
        let entries = fs::read_dir(self.path(&path)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.map(|name| if path.is_empty() { name } else { format!("{path}/{name}") }).collect()
    }

    /// The content of one file; none if it is not there.
    pub fn read(&self, path: &str) -> Option<Source> {
        let place = self.path(path);
        fs::symlink_metadata(&place).is_ok().then(|| read(&place))
    }
}

struct Walk {
    files: Vec<(String, Source)>,
    /// Folders already entered, by their real path: symbolic links may lead in circles.
    seen: BTreeSet<PathBuf>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, path: &str, depth: usize) {
        let is_new = fs::canonicalize(folder).is_ok_and(|real| self.seen.insert(real));
        let Ok(entries) = fs::read_dir(folder) else { return };
        if !is_new || depth > DEEPEST {
            return;
        }
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let (place, path) = (entry.path(), format!("{path}/{name}"));
            if fs::metadata(&place).is_ok_and(|found| found.is_dir()) {
                if !name.starts_with('.') && !PASSED_OVER.contains(&name.as_str()) {
                    self.folder(&place, &path, depth + 1);
                }
            } else if is_of_interest(&name) && self.files.len() < MOST {
                self.files.push((path, read(&place)));
            }
        }
    }
}

/// The text of a file that may hold variables.
fn configuration((path, source): &(String, Source)) -> Option<Arc<str>> {
    match source {
        Source::Text(text) if !path.to_ascii_lowercase().ends_with(".py") => Some(Arc::clone(text)),
        _ => None,
    }
}

/// What stands in the parentheses of each `file(…)`.
fn named_files(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("file(").map(|(index, found)| &text[index + found.len()..]);
    starts.filter_map(|rest| rest.split_once(')')).map(|(name, _)| name.trim().trim_matches(['\'', '"']))
}

fn is_of_interest(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_lock = name.ends_with("package-lock.json");
    matches!(extension, "py" | "yml" | "yaml" | "json") && !is_lock
}

fn read(path: &Path) -> Source {
    let unreadable = |reason: &str| Source::Unreadable(reason.to_owned());
    match fs::metadata(path) {
        Err(error) => return Source::Unreadable(refusal(&error)),
        // Opening a pipe would wait for a writer that never comes.
        Ok(found) if !found.is_file() => return unreadable("it is not an ordinary file."),
        Ok(found) if found.len() > LARGEST => {
            return Source::Unreadable(format!(
                "it is {} KiB large; the grader reads files up to 1 MiB.",
                found.len() / 1024
            ));
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)) {
        Err(error) => return Source::Unreadable(refusal(&error)),
        Ok(size) if size as u64 > LARGEST => return unreadable("it is larger than 1 MiB."),
        Ok(_) => {}
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return unreadable(
            "it is saved as UTF-16. Save it as UTF-8 (Python and the Serverless Framework want that too).",
        );
    }
    match String::from_utf8(bytes) {
        Ok(text) => Source::Text(text.into()),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            Source::Unreadable(format!("line {line} holds a byte that is not UTF-8. Save the file as UTF-8."))
        }
    }
}
