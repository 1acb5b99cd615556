//! The promises of the store, tried on real folders.

use std::fs;

use super::*;
use crate::workshop::progress::Progress;
use crate::workshop::{Module, Source, Tree};

fn folder() -> (tempfile::TempDir, Folder) {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    (directory, folder)
}

fn module() -> Module {
    let starter = Tree::from([
        ("svc/serverless.yml".to_owned(), "service: svc\n".to_owned()),
        ("svc/handlers/a.py".to_owned(), "x = 1\n".to_owned()),
    ]);
    Module { id: "m".to_owned(), services: vec!["svc".to_owned()], starter, ..Module::default() }
}

fn change(path: &str, text: &str) -> Change {
    Change { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn laying_out_never_overwrites() {
    let (_keep, folder) = folder();
    fs::create_dir_all(folder.path("svc")).unwrap();
    fs::write(folder.path("svc/serverless.yml"), "mine").unwrap();
    let done = folder.lay_out(&module()).unwrap();
    assert_eq!(done.iter().filter(|file| file.outcome == Outcome::Written).count(), 1);
    assert_eq!(fs::read(folder.path("svc/serverless.yml")).unwrap(), b"mine");
    assert_eq!(fs::read(folder.path("svc/handlers/a.py")).unwrap(), b"x = 1\n");
}

#[test]
fn a_clone_is_left_alone() {
    let (_keep, folder) = folder();
    fs::create_dir_all(folder.path("svc/.git")).unwrap();
    fs::write(folder.path("svc/serverless.yml"), "mine").unwrap();
    let done = folder.lay_out(&module()).unwrap();
    assert_eq!(done, [LaidOut { path: "svc".to_owned(), outcome: Outcome::Clone }]);
    assert!(!folder.path("svc/handlers").exists());
}

#[test]
fn undo_gives_back_the_bytes_and_keeps_later_edits_as_copies() {
    let (_keep, folder) = folder();
    let old: &[u8] = b"\xef\xbb\xbfold \xff\r\n";
    fs::write(folder.path("a.yml"), old).unwrap();
    folder.change("answer 2.1", &[change("a.yml", "new\n"), change("made/b.py", "b\n")]).unwrap();
    assert_eq!(fs::read(folder.path("made/b.py")).unwrap(), b"b\n");
    fs::write(folder.path("a.yml"), "edited").unwrap();
    assert_eq!(folder.undo_preview().unwrap().unwrap().edited_since, ["a.yml"]);
    let undo = folder.undo().unwrap().unwrap();
    assert_eq!(undo.what, "answer 2.1");
    assert_eq!(fs::read(folder.path("a.yml")).unwrap(), old);
    assert!(!folder.path("made/b.py").exists());
    assert_eq!(fs::read(undo.copies.join("0.undone")).unwrap(), b"edited");
    assert_eq!(folder.undo().unwrap(), None);
}

#[test]
fn changes_are_undone_in_turn() {
    let (_keep, folder) = folder();
    fs::write(folder.path("a"), "0").unwrap();
    for text in ["1", "2"] {
        folder.change("c", &[change("a", text)]).unwrap();
    }
    for text in ["1", "0"] {
        folder.undo().unwrap().unwrap();
        assert_eq!(fs::read_to_string(folder.path("a")).unwrap(), text);
    }
    folder.change("again", &[change("a", "3")]).unwrap();
    assert_eq!(folder.undo().unwrap().unwrap().what, "again");
}

#[test]
fn an_undo_that_was_killed_half_way_goes_on() {
    let (_keep, folder) = folder();
    fs::write(folder.path("a"), "old a").unwrap();
    fs::write(folder.path("b"), "old b").unwrap();
    folder.change("c", &[change("a", "new a"), change("b", "new b")]).unwrap();
    // Killed after the first file was put back.
    fs::write(folder.path("a"), "old a").unwrap();
    assert!(folder.undo_preview().unwrap().unwrap().edited_since.is_empty());
    folder.undo().unwrap().unwrap();
    assert_eq!(
        (fs::read(folder.path("a")).unwrap(), fs::read(folder.path("b")).unwrap()),
        (b"old a".to_vec(), b"old b".to_vec())
    );
}

#[test]
fn a_snapshot_that_was_killed_half_way_is_no_snapshot() {
    let (_keep, folder) = folder();
    fs::create_dir_all(folder.path(".rydes/snapshots/half-made")).unwrap();
    fs::write(folder.path(".rydes/snapshots/half-made/0.before"), "x").unwrap();
    assert_eq!(folder.undo_preview().unwrap(), None);
    fs::write(folder.path("a"), "old").unwrap();
    folder.change("c", &[change("a", "new")]).unwrap();
    folder.undo().unwrap().unwrap();
    assert_eq!(fs::read(folder.path("a")).unwrap(), b"old");
}

#[test]
fn unusable_progress_is_set_aside_and_never_deleted() {
    for (text, words) in [
        ("{ half", "is damaged"),
        ("{\"format\": 99, \"module\": \"m\"}", "later version"),
        ("{\"format\": 1, \"module\": \"other\"}", "another module"),
        ("\u{0}\u{1}", "is damaged"),
    ] {
        let (_keep, folder) = folder();
        fs::create_dir(folder.path(".rydes")).unwrap();
        fs::write(folder.path(".rydes/progress.json"), text).unwrap();
        let (progress, trouble) = folder.load_progress("m");
        assert_eq!(progress, Progress::new("m"));
        assert!(trouble.as_ref().unwrap().contains(words), "{trouble:?}");
        assert_eq!(fs::read_to_string(folder.path(".rydes/progress.json.set-aside-1")).unwrap(), text);
    }
}

#[test]
fn progress_comes_back_with_keys_of_others() {
    let (_keep, folder) = folder();
    let mut progress = Progress::new("m");
    progress.answers.insert("retries".to_owned(), "zweimal – é".to_owned());
    progress.rest.insert("room".to_owned(), serde_json::json!("A1"));
    folder.save_progress(&progress).unwrap();
    assert_eq!(folder.load_progress("m"), (progress, None));
}

#[cfg(unix)]
#[test]
fn odd_files_are_said_and_never_wait_for() {
    use std::os::unix::fs::symlink;
    let (_keep, folder) = folder();
    fs::create_dir_all(folder.path("svc/handlers")).unwrap();
    symlink("..", folder.path("svc/handlers/up")).unwrap();
    symlink("loop.yml", folder.path("svc/loop.yml")).unwrap();
    fs::create_dir(folder.path("svc/folder.yml")).unwrap();
    fs::write(folder.path("svc/latin.py"), b"a = 1\n# caf\xe9\n").unwrap();
    fs::write(folder.path("svc/wide.py"), b"\xff\xfea\0").unwrap();
    fs::write(folder.path("svc/big.json"), vec![b' '; (1 << 20) + 1]).unwrap();
    let status = std::process::Command::new("mkfifo").arg(folder.path("svc/pipe.py")).status().unwrap();
    assert!(status.success());
    let files: std::collections::BTreeMap<_, _> = folder.files(&module()).into_iter().collect();
    let reason = |path: &str| match &files[path] {
        Source::Unreadable(reason) => reason.clone(),
        Source::Text(text) => panic!("{path}: {text}"),
    };
    assert!(reason("svc/loop.yml").contains("circle"), "{}", reason("svc/loop.yml"));
    assert!(reason("svc/latin.py").contains("line 2"));
    assert!(reason("svc/wide.py").contains("UTF-16"));
    assert!(reason("svc/big.json").contains("1 MiB"));
    assert!(reason("svc/pipe.py").contains("ordinary"));
    assert!(!files.keys().any(|path| path.contains("/up/")));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_the_progress_is_not_waited_for() {
    let (_keep, folder) = folder();
    fs::create_dir_all(folder.own("")).unwrap();
    let status = std::process::Command::new("mkfifo").arg(folder.own("progress.json")).status().unwrap();
    assert!(status.success());
    let (progress, trouble) = folder.load_progress("m");
    assert_eq!(progress, crate::workshop::progress::Progress::new("m"));
    assert!(trouble.unwrap().contains("ordinary"));
    let _ = folder.save_progress(&progress);
}

#[test]
fn files_that_the_configuration_names_are_read_wherever_they_are() {
    let (_keep, folder) = folder();
    for place in ["svc/env", "shared", "other", "svc/node_modules/x"] {
        fs::create_dir_all(folder.path(place)).unwrap();
    }
    fs::write(
        folder.path("svc/serverless.yml"),
        "a: ${file(./env/${self:provider.stage}.yml):x, 'y'}\nb: ${file( '../shared/a.yml' )}\nc: ${file(../../../out.yml)}\nd: ${file(/etc/hosts.json)}\n",
    )
    .unwrap();
    fs::write(folder.path("shared/a.yml"), "x: ${file(../shared/b.json):k}\n").unwrap();
    for path in ["svc/env/dev.yml", "svc/env/prod.yml", "shared/b.json", "shared/c.yml", "other/x.yml"] {
        fs::write(folder.path(path), "x: 1\n").unwrap();
    }
    let found: Vec<String> = folder.files(&module()).into_iter().map(|(path, _)| path).collect();
    let named = ["svc/env/dev.yml", "svc/env/prod.yml", "shared/a.yml", "shared/b.json"];
    assert!(named.iter().all(|path| found.iter().any(|other| other == path)), "{found:?}");
    assert!(!found.iter().any(|path| path.starts_with("other/") || path == "shared/c.yml"), "{found:?}");
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_refused_and_unchanged() {
    use std::os::unix::fs::PermissionsExt;
    let (_keep, folder) = folder();
    fs::write(folder.path("a"), "old").unwrap();
    fs::set_permissions(folder.path("a"), fs::Permissions::from_mode(0o444)).unwrap();
    let error = folder.change("c", &[change("a", "new")]).unwrap_err().to_string();
    assert!(error.contains("permission denied"), "{error}");
    assert_eq!(fs::read(folder.path("a")).unwrap(), b"old");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (_keep, folder) = folder();
    fs::write(folder.path("real"), "old").unwrap();
    fs::set_permissions(folder.path("real"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("real", folder.path("link")).unwrap();
    folder.change("c", &[change("link", "new")]).unwrap();
    assert!(fs::symlink_metadata(folder.path("link")).unwrap().is_symlink());
    assert_eq!(fs::read(folder.path("real")).unwrap(), b"new");
    assert_eq!(fs::metadata(folder.path("real")).unwrap().permissions().mode() & 0o777, 0o600);
}
