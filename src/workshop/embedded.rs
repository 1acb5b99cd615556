//! The module that the binary carries.

use rust_embed::RustEmbed;

use super::load::{ContentError, Files, load};
use super::module::Module;

#[derive(RustEmbed)]
#[folder = "lessons"]
#[prefix = "lessons/"]
struct Lessons;

#[derive(RustEmbed)]
#[folder = "answers"]
#[prefix = "answers/"]
struct Answers;

#[derive(RustEmbed)]
#[folder = "assets"]
#[prefix = "assets/"]
struct Assets;

/// The files of the built-in content: path from the repository's root → text.
pub fn files() -> Files {
    fn all<Folder: RustEmbed>() -> impl Iterator<Item = (String, String)> {
        let text = |path: &str| Some(String::from_utf8_lossy(&Folder::get(path)?.data).into_owned());
        Folder::iter().filter_map(move |path| Some((path.to_string(), text(&path)?)))
    }
    all::<Lessons>().chain(all::<Answers>()).chain(all::<Assets>()).collect()
}

/// The built-in module.
///
/// # Errors
/// Mistakes in the content; `rydes author check` in CI keeps them out of a release.
pub fn built_in() -> Result<Module, Vec<ContentError>> {
    load(&files(), BUILT_IN)
}

/// Folder of the built-in module.
pub const BUILT_IN: &str = "lessons/async-event-driven";
