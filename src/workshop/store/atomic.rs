//! Writing a file so that a reader, or a crash, sees the old content or the new one and nothing between.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Replaces the content of `path` (followed through symbolic links), keeping its permissions; makes it, and its folders, if it is not there.
///
/// # Errors
/// The system refuses, or the file is read-only: then it is unchanged.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = prepare_folder(&target)?;
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(content)?;
    match fs::metadata(&target) {
        Ok(found) if found.permissions().readonly() => return Err(io::ErrorKind::PermissionDenied.into()),
        Ok(found) => temporary.as_file().set_permissions(found.permissions())?,
        Err(_) => set_default_permissions(temporary.as_file())?,
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&target).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Makes `path` with this content unless something is there already; tells whether it was made.
///
/// # Errors
/// The system refuses.
pub(super) fn create(path: &Path, content: &[u8]) -> io::Result<bool> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(false);
    }
    let folder = prepare_folder(path)?;
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(content)?;
    set_default_permissions(temporary.as_file())?;
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(path) {
        Ok(_) => sync_folder(folder).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

fn prepare_folder(path: &Path) -> io::Result<&Path> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    Ok(folder)
}

/// A temporary file is private; what it becomes should be readable as the files that an editor makes.
fn set_default_permissions(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// Makes a rename in `folder` last through a power cut. Windows neither needs nor allows it.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
