//! The learner's editor: which one, and how it is told the line.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use super::effect::Spot;

/// An editor to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    program: String,
    arguments: Vec<String>,
    /// Whether it draws on the terminal, which must be given to it.
    pub on_terminal: bool,
}

impl Editor {
    /// The editor that `$VISUAL` or `$EDITOR` names, else one that every system has.
    pub fn of_environment() -> Self {
        let named =
            ["VISUAL", "EDITOR"].iter().filter_map(|name| env::var(name).ok()).find(|value| !value.trim().is_empty());
        Self::parse(&named.unwrap_or_else(fallback))
    }

    fn parse(text: &str) -> Self {
        let mut words = words(text).into_iter();
        let program = words.next().unwrap_or_else(fallback);
        let arguments: Vec<String> = words.collect();
        let name = name(&program);
        let windowed = [
            "code",
            "code-insiders",
            "codium",
            "cursor",
            "windsurf",
            "zed",
            "subl",
            "sublime_text",
            "gvim",
            "gedit",
            "kate",
            "idea",
            "pycharm",
            "mate",
            "xed",
            "notepad",
        ];
        let on_terminal = !windowed.contains(&name.as_str());
        Self { program, arguments, on_terminal }
    }

    /// The arguments that open `file` at the line and column of `spot`.
    fn arguments(&self, file: &str, spot: &Spot) -> Vec<String> {
        let (line, column) = (spot.line, spot.column);
        let mut arguments = self.arguments.clone();
        arguments.extend(match name(&self.program).as_str() {
            "vi" | "vim" | "nvim" | "gvim" | "view" => vec![format!("+call cursor({line},{column})"), file.to_owned()],
            "nano" | "pico" => vec![format!("+{line},{column}"), file.to_owned()],
            "emacs" | "emacsclient" | "kak" | "jed" | "mg" | "zile" => {
                vec![format!("+{line}:{column}"), file.to_owned()]
            }
            "code" | "code-insiders" | "codium" | "cursor" | "windsurf" => {
                vec!["--goto".to_owned(), format!("{file}:{line}:{column}")]
            }
            "hx" | "helix" | "subl" | "sublime_text" | "zed" | "micro" => vec![format!("{file}:{line}:{column}")],
            "idea" | "pycharm" => vec!["--line".to_owned(), line.to_string(), file.to_owned()],
            "kate" | "mate" => vec!["--line".to_owned(), line.to_string(), file.to_owned()],
            "joe" | "ne" | "gedit" | "xed" | "mcedit" => vec![format!("+{line}"), file.to_owned()],
            _ => vec![file.to_owned()],
        });
        arguments
    }

    /// Opens `spot` of the workshop folder `root` and waits for the editor to be left; does not wait for one with a window of its own.
    ///
    /// # Errors
    /// In words: there is no such program, or it failed.
    pub fn open(&self, root: &Path, spot: &Spot) -> Result<(), String> {
        let file = spot.file.split('/').fold(root.to_owned(), |path, part| path.join(part));
        let arguments = self.arguments(&file.to_string_lossy(), spot);
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(root);
        let trouble = |error| {
            format!(
                "Cannot start your editor {}: {error}. Set VISUAL or EDITOR to one that is installed.",
                self.program
            )
        };
        if self.on_terminal {
            let status = command.status().map_err(trouble)?;
            return if status.success() {
                Ok(())
            } else {
                Err(format!("Your editor {} ended with {status}.", self.program))
            };
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(drop).map_err(trouble)
    }
}

fn name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    name.trim_end_matches(".exe").to_owned()
}

fn fallback() -> String {
    let folders: Vec<_> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let there = |name: &str| folders.iter().any(|folder| folder.join(name).is_file());
    ["nano", "vim", "vi"].into_iter().find(|name| there(name)).unwrap_or("vi").to_owned()
}

/// `text` in words, quotation marks holding words together.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote, mut any) = (String::new(), None, false);
    for character in text.chars() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => word.push(character),
            None if character == '"' || character == '\'' => (quote, any) = (Some(character), true),
            None if character.is_whitespace() => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            None => word.push(character),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_editor_is_told_the_line_in_its_own_way() {
        let spot = Spot { file: "f.py".to_owned(), line: 7, column: 3 };
        let cases: &[(&str, &[&str], bool)] = &[
            ("vim", &["+call cursor(7,3)", "f.py"], true),
            ("/usr/bin/nvim -n", &["-n", "+call cursor(7,3)", "f.py"], true),
            ("nano", &["+7,3", "f.py"], true),
            ("emacs -nw", &["-nw", "+7:3", "f.py"], true),
            ("code --wait", &["--wait", "--goto", "f.py:7:3"], false),
            ("hx", &["f.py:7:3"], true),
            ("subl", &["f.py:7:3"], false),
            ("'my editor' \"-a b\"", &["-a b", "f.py"], true),
        ];
        for (text, arguments, on_terminal) in cases {
            let editor = Editor::parse(text);
            assert_eq!(editor.arguments("f.py", &spot), *arguments, "{text}");
            assert_eq!(editor.on_terminal, *on_terminal, "{text}");
        }
    }
}
