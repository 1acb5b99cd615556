use std::sync::Arc;

use super::*;

fn tree(text: &str) -> Arc<Node> {
    read(&Arc::from("serverless.yml"), text).unwrap_or_else(|error| panic!("{error:?} in\n{text}"))
}

fn dump(node: &Node, text: &str, depth: usize, out: &mut String) {
    use std::fmt::Write;
    let span = node.location.span;
    let _ = writeln!(out, "{:depth$}{} {:?}", "", node.tag.unwrap_or(node.kind()), &text[span.start..span.end]);
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| dump(item, text, depth + 2, out)),
        Value::Map(map) => {
            for entry in &map.entries {
                let key = entry.key_location.span;
                let _ = writeln!(out, "{:depth$} .{} {:?}", "", entry.key, &text[key.start..key.end]);
                dump(&entry.value, text, depth + 2, out);
            }
        }
        _ => {}
    }
}

#[test]
fn explore() {
    for text in [
        "a: 1\nb:\n  - x # c\u{e9}\u{e9}\n  - !Ref  Y\n\n# end\nc: !GetAtt\n  - A\n  - B\nd: &n !Sub { a: [1, 2 ] , 'b' : \"q\" }\ne: |\n  text\n  more\n\nf: *n\ng:\nh: !Ref\n",
        "\u{feff}a: 1\r\nb:\r\n    c: 'it''s'\r\n    \"d\": >-\r\n      folded\r\n      text\r\n",
        "a:\n- b: 1\n  c: 2\n- !If\n  - x\n  - {}\n  - []\n",
    ] {
        let mut out = String::new();
        dump(&tree(text), text, 0, &mut out);
        println!("{out}");
    }
    for text in [
        "a:\n\tb: 1\n",
        "a:\n  b: 1\n\tc: 2\n",
        "a: 1\na: 2\n",
        "a: *\n",
        "a: b: c\n",
        "a\nb: 1\n",
        "a: [1\nb: 2\n",
        "",
        "# x\n",
        "a: 1\n---\nb: 2\n",
        "a: 'x\nb: 1\n",
        "a:\n  - b\n c: 1\n",
        "a: @x\n",
        "a: %x\n",
        "a: `x\n",
        "a: !ref X\n",
        "a: &a [*a]\n",
        "a: *b\n",
        "- a\nb: 1\n",
        "a:\n   b: 1\n  c: 2\n",
        "a: \"b\nc: d\n",
        "a: {b: 1\n",
        "a: *x\n",
        "? [a]\n: b\n",
        "a:\n  b:c\n  d: 1\n",
        "a:b\n",
        "a: 1\n...\nb\n",
        "a: [sns:Publish]\n",
        "Resource: {Ref: A\nb: 1",
        "a: - b\n",
        "a: b\n  c: d\n",
        "functions:\n  A:\n    handler: x\n   environment:\n      B: c\n",
    ] {
        match read(&Arc::from("f"), text) {
            Ok(tree) => println!("OK {text:?} {}", tree.kind()),
            Err(error) => println!(
                "{text:?} {:?} {} | {}",
                &text.get(error.span.start..error.span.end),
                error.message,
                error.help
            ),
        }
    }
}
