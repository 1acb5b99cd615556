//! Which key does what: the table's own keys, or those of the settings file. Keys that clash are refused at the start.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::command::{Command, Scope, TABLE};

/// A key with its modifiers, spelt `n`, `A`, `ctrl-p`, `space`, `pagedown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
];

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        // Terminals differ in whether they report Shift beside a capital or beside BackTab: the code says it already.
        let shifted = matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab);
        let dropped = if shifted { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        let kept = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        Self { code: event.code, modifiers: event.modifiers.intersection(kept).difference(dropped) }
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let mut modifiers = KeyModifiers::NONE;
        for (prefix, modifier) in
            [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT), ("shift-", KeyModifiers::SHIFT)]
        {
            if rest.len() > prefix.len()
                && rest.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
            {
                modifiers |= modifier;
                rest = &rest[prefix.len()..];
            }
        }
        let mut characters = rest.chars();
        let code = match (characters.next(), characters.next()) {
            (Some(character), None) => KeyCode::Char(character),
            _ => named(rest)
                .ok_or_else(|| format!("{text:?} is no key: write n, A, ctrl-p, alt-x, space, enter, pagedown, f5"))?,
        };
        Ok(Self::from(KeyEvent::new(code, modifiers)))
    }
}

fn named(name: &str) -> Option<KeyCode> {
    let lower = name.to_ascii_lowercase();
    if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == lower) {
        return Some(*code);
    }
    let number: u8 = lower.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")]
        {
            if self.modifiers.contains(modifier) {
                formatter.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => formatter.write_str("Space"),
            KeyCode::Char(character) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(formatter, "{}", character.to_ascii_uppercase())
            }
            KeyCode::Char(character) => write!(formatter, "{character}"),
            KeyCode::F(number) => write!(formatter, "F{number}"),
            KeyCode::PageDown => formatter.write_str("PgDn"),
            KeyCode::PageUp => formatter.write_str("PgUp"),
            KeyCode::BackTab => formatter.write_str("Shift-Tab"),
            code => {
                let name = NAMED.iter().find(|(_, known)| *known == code).map_or("?", |(name, _)| name);
                let mut characters = name.chars();
                let first = characters.next().map(|first| first.to_ascii_uppercase());
                first.into_iter().chain(characters).try_for_each(|character| write!(formatter, "{character}"))
            }
        }
    }
}

/// Keys and what they do.
#[derive(Clone, Debug)]
pub struct Keymap {
    keys: Vec<(Key, Command)>,
    by_name: bool,
}

/// A `[keys]` table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("settings, [keys]: {0}")]
pub struct KeymapError(String);

impl Keymap {
    /// The table's keys, with those of `remapped` (name of a command → keys, separated by spaces) in their place.
    ///
    /// # Errors
    /// A command or key that does not exist, or a key that would do two things on one screen.
    pub fn new(remapped: &BTreeMap<String, String>) -> Result<Self, KeymapError> {
        if let Some(name) = remapped.keys().find(|name| Command::named(name).is_none()) {
            let near = TABLE
                .iter()
                .map(|entry| entry.name)
                .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
            let hint = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            return Err(KeymapError(format!("there is no command {name}{hint}")));
        }
        let mut keys: Vec<(Key, Command)> = Vec::new();
        for entry in TABLE {
            let own: Vec<&str> = match remapped.get(entry.name) {
                Some(text) => text.split_whitespace().collect(),
                None => entry.keys.to_vec(),
            };
            for text in own {
                let key: Key = text.parse().map_err(|error| KeymapError(format!("{}: {error}", entry.name)))?;
                let taken =
                    keys.iter().find(|(other, command)| *other == key && command.entry().scope.meets(entry.scope));
                if let Some((_, other)) = taken {
                    return Err(KeymapError(format!(
                        "{key} would mean both {} and {}: give one of them another key",
                        other.entry().name,
                        entry.name
                    )));
                }
                keys.push((key, entry.command));
            }
        }
        Ok(Self { keys, by_name: false })
    }

    /// What `key` does where commands of `scope` can be used.
    pub fn command(&self, key: Key, scope: Scope) -> Option<Command> {
        let found = self.keys.iter().find(|(other, command)| *other == key && command.entry().scope.meets(scope));
        found.map(|(_, command)| *command)
    }

    /// The keys of `command`, the first one being shown in the footer.
    pub fn keys(&self, command: Command) -> impl Iterator<Item = Key> {
        self.keys.iter().filter(move |(_, other)| *other == command).map(|(key, _)| *key)
    }

    /// The same keys, but commands are called by their names: for line mode, where names are typed.
    #[must_use]
    pub fn by_name(self) -> Self {
        Self { by_name: true, ..self }
    }

    /// The first key of `command` as text; its name where it has none.
    pub fn label(&self, command: Command) -> String {
        if self.by_name {
            return command.entry().name.to_owned();
        }
        self.keys(command).next().map_or_else(|| format!(":{}", command.entry().name), |key| key.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remapped(pairs: &[(&str, &str)]) -> Result<Keymap, KeymapError> {
        Keymap::new(&pairs.iter().map(|(name, key)| ((*name).to_owned(), (*key).to_owned())).collect())
    }

    #[test]
    fn keys_read_and_write() {
        let cases = [
            ("n", "n"),
            ("A", "A"),
            ("ctrl-p", "Ctrl-P"),
            ("space", "Space"),
            ("F5", "F5"),
            ("pagedown", "PgDn"),
            ("alt-x", "Alt-x"),
            ("-", "-"),
            ("backtab", "Shift-Tab"),
        ];
        for (text, shown) in cases {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), shown);
        }
        for text in ["", "ctrl-", "f99", "nothing"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn shift_beside_a_capital_makes_no_difference() {
        let key = Key::from(KeyEvent::new(KeyCode::Char('A'), KeyModifiers::SHIFT));
        assert_eq!(key, "A".parse().unwrap());
    }

    #[test]
    fn the_table_has_no_clash_and_settings_may_not_make_one() {
        let keymap = remapped(&[]).unwrap();
        assert_eq!(keymap.command("n".parse().unwrap(), Scope::Lesson), Some(Command::Next));
        assert_eq!(keymap.command("n".parse().unwrap(), Scope::Answer), Some(Command::NextHunk));
        let clash = remapped(&[("hint", "n")]).unwrap_err().to_string();
        assert!(clash.contains("next") && clash.contains("hint"), "{clash}");
        let unknown = remapped(&[("hnit", "x")]).unwrap_err().to_string();
        assert!(unknown.contains("hint"), "{unknown}");
        assert!(remapped(&[("hint", "banana")]).is_err());
    }

    #[test]
    fn a_remapped_key_replaces_the_old_ones() {
        let keymap = remapped(&[("next", "ctrl-n x")]).unwrap();
        assert_eq!(keymap.command("n".parse().unwrap(), Scope::Lesson), None);
        assert_eq!(keymap.command("x".parse().unwrap(), Scope::Lesson), Some(Command::Next));
        assert_eq!(keymap.label(Command::Next), "Ctrl-N");
        assert_eq!(keymap.label(Command::LayOut), ":lay-out");
        assert_eq!(keymap.by_name().label(Command::LayOut), "lay-out");
    }
}
