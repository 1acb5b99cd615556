//! Exact places, refusals in words, and limits.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn tree(text: &str) -> Arc<Node> {
    read(&Arc::from("serverless.yml"), text).unwrap_or_else(|error| panic!("{error:?} in\n{text}"))
}

/// Every node with its source, one a line.
fn dump(node: &Node, text: &str, depth: usize, out: &mut String) {
    let source = |span: crate::diagnostic::Span| &text[span.start..span.end];
    out.push_str(&format!("{:depth$}{} {:?}\n", "", node.tag.unwrap_or(node.kind()), source(node.location.span)));
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| dump(item, text, depth + 2, out)),
        Value::Map(map) => {
            for entry in &map.entries {
                out.push_str(&format!("{:depth$} .{} {:?}\n", "", entry.key, source(entry.key_location.span)));
                dump(&entry.value, text, depth + 2, out);
            }
        }
        _ => {}
    }
}

#[test]
fn spans_are_exact() {
    let texts = [
        "a: 1\nb:\n  - x # c\u{e9}\u{e9}\n  - !Ref  Y\n\n# end\nc: !GetAtt\n  - A\n  - B\nd: &n !Sub { a: [1, 2 ] , 'b' : \"q\" }\ne: |\n  text\n  more\n\nf: *n\ng:\nh: !Ref\n",
        "\u{feff}a: 1\r\nb:\r\n    c: 'it''s'\r\n    \"d\": >-\r\n      folded\r\n      text\r\n",
        "a:\n- b: 1\n  c: 2\n- !If\n  - x\n  - {}\n  - []\n",
    ];
    let mut out = String::new();
    for text in texts {
        dump(&tree(text), text, 0, &mut out);
        out.push('\n');
    }
    insta::assert_snapshot!(out);
}

#[test]
fn merge_keys_and_aliases() {
    let root = tree(
        "base: &base {a: 1, b: 2}\nmore: &more {c: 3}\nx:\n  b: 4\n  <<: [*base, *more]\ny: {<<: *base}\nkey: &k name\n*k : v\n",
    );
    let keys = |path: &str| {
        root.get(path).unwrap().as_map().unwrap().entries.iter().map(|entry| entry.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(keys("x"), ["b", "a", "c"]);
    assert_eq!(root.at(&["x", "b"]).unwrap().as_text(), Some(Text::literal("4")));
    assert_eq!(keys("y"), ["a", "b"]);
    assert!(root.get("name").is_some());
}

/// What is refused, the text that the finding points at, and a piece of the message.
#[test]
fn what_serverless_refuses() {
    let cases = [
        ("a:\n\tb: 1\n", "\t", "tab"),
        ("a:\n  b: 1\n\tc: 2\n", "\t", "tab"),
        ("a: 1\na: 2\n", "a", "stands twice"),
        ("x:\n  'a': 1\n  b: {a: 1}\n  a: 2\n", "a", "stands twice"),
        ("a: *\n", "*", "bare `*`"),
        ("Resource: [a, *]\n", "*", "bare `*`"),
        ("a: b: c\n", ":", "where none can stand"),
        ("a: 1\n---\nb: 2\n", "---", "second document"),
        ("a: 'x\nb: 1\n", "'", "closing quote"),
        ("a: \"x\nb: 1\n", "\"", "closing quote"),
        ("a:\n   b: 1\n  c: 2\n", "c: 2", "indentation"),
        ("a: @x\n", "@", "cannot start"),
        ("a: !ref X\n", "!ref", "no tag `!ref`"),
        ("a: !Foo [X]\n", "!Foo", "no tag `!Foo`"),
        ("a: &a [*a]\n", "*a", "inside what it names"),
        ("a: *b\n", "*", "not there"),
        ("a: {b: 1\n", "", "not written to its end"),
        ("? [a]\n: b\n", "[", "key must be text"),
        ("<<: 1\n", "1", "merge key"),
        ("a:\n  b:c\n  d: 1\n", ":", "space is missing"),
        ("a: - b\n", "-", "list cannot start"),
        ("", "", "empty"),
        ("# nothing\n", "", "empty"),
    ];
    for (text, place, message) in cases {
        let error = read(&Arc::from("f"), text).map(|_| ()).expect_err(text);
        assert_eq!(&text[error.span.start..error.span.end], place, "{text:?}: {error:?}");
        assert!(error.message.contains(message), "{text:?}: {error:?}");
    }
}

#[test]
fn bombs_are_refused_or_shared() {
    let nested = format!("a: {}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(read(&Arc::from("f"), &nested).is_err());
    let deep: String = (0..2000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert!(read(&Arc::from("f"), &deep).is_err());
    let laughs: String =
        (1..40).fold("a0: &a0 [x]\n".to_owned(), |text, n| format!("{text}a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1));
    assert!(read(&Arc::from("f"), &laughs).is_ok());
    let chain: String =
        (1..500).fold("a0: &a0 [x]\n".to_owned(), |text, n| format!("{text}a{n}: &a{n} [*a{}]\n", n - 1));
    assert!(read(&Arc::from("f"), &chain).is_err());
    let keys: String = (0..2000).map(|n| format!("  k{n}: 1\n")).collect();
    let merges: String = (0..2000).map(|n| format!("m{n}: {{<<: *base}}\n")).collect();
    assert!(read(&Arc::from("f"), &format!("base: &base\n{keys}{merges}")).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-c:\\-\\[\\]{}&*!|>'\"#%@`,?~ \\t\\r\\n\u{e9}\u{feff}]{0,80}") {
        match read(&Arc::from("f"), &text) {
            Ok(root) => { dump(&root, &text, 0, &mut String::new()); }
            Err(error) => { let _ = &text[error.span.start..error.span.end]; }
        }
    }

    #[test]
    fn any_bytes(text in "\\PC{0,60}(\\n\\PC{0,20}){0,4}") {
        let _ = read(&Arc::from("f"), &text);
    }

    /// Keys and plain values point at exactly their own characters, whatever stands around them.
    #[test]
    fn keys_point_at_themselves(
        lines in prop::collection::vec(("[a-z]{1,8}", "[a-z\u{e9}]{0,8}", "( # [\u{e9}\u{4e16}a-z ]{0,12})?"), 1..8),
        indent in 0usize..5,
        crlf: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("root:{end}");
        for (number, (key, value, comment)) in lines.iter().enumerate() {
            text.push_str(&format!("{} {key}{number}: {value}{comment}{end}", " ".repeat(indent)));
        }
        let root = tree(&text);
        let map = root.get("root").unwrap().as_map().unwrap();
        prop_assert_eq!(map.entries.len(), lines.len());
        for (entry, (key, value, _)) in map.entries.iter().zip(&lines) {
            let at = entry.key_location.span;
            prop_assert!(text[at.start..at.end].starts_with(key.as_str()));
            let at = entry.value.location.span;
            if !value.is_empty() {
                prop_assert_eq!(&text[at.start..at.end], value);
            }
        }
    }
}
