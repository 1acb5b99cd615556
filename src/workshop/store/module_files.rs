//! Reading the files of a module that lies on disk.

use std::fs;
use std::path::Path;

use super::{StoreError, While};
use crate::workshop::load::{Files, content_folders};

/// More files than any module has: stops at a folder named by mistake.
const MOST: usize = 5000;
const DEEPEST: usize = 12;

/// The files of the module in `folder`, with `/` in their paths, and the folder's own path among them.
///
/// # Errors
/// The folder or its `module.toml` cannot be read.
pub fn read_module(folder: &Path) -> Result<(Files, String), StoreError> {
    let real = fs::canonicalize(folder).on("cannot open the module", folder)?;
    let root = real.to_string_lossy().replace('\\', "/");
    let manifest = real.join("module.toml");
    let text = fs::read_to_string(&manifest).on("cannot read", &manifest)?;
    let mut files = Files::new();
    for path in content_folders(&root, &text) {
        add(&mut files, &path, 0);
    }
    files.insert(format!("{root}/module.toml"), text);
    Ok((files, root))
}

/// Adds the text files below `folder`. What cannot be read is left out: whoever names it says that it is missing.
fn add(files: &mut Files, folder: &str, depth: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{folder}/{name}");
        let is_folder = entry.path().is_dir();
        if is_folder && depth < DEEPEST && name != ".git" && name != "node_modules" {
            add(files, &path, depth + 1);
        } else if fs::metadata(&path).is_ok_and(|found| found.is_file())
            && files.len() < MOST
            && let Ok(text) = fs::read_to_string(&path)
        {
            files.insert(path, text);
        }
    }
}
