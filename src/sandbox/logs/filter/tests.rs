//! What patterns select and which are refused; and for any text at all: no panic, and one spelling that reads back the same.

use proptest::prelude::*;

use super::Pattern;

const REPORT: &str = "REPORT RequestId: 6bc2-11 Duration: 12.30 ms Billed Duration: 13 ms";
const ACCESS: &str = r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html?a=b HTTP/1.0" 404 1534"#;
const RIDE: &str = r#"{"status": 503, "unicorn": {"Name": "Shadowfax", "Color": null}, "legs": [{"km": 1.5}, {"km": 12}],
    "cluster.name": "c", "ip": "192.0.2.17", "done": true, "retry": false, "code": "404"}"#;

#[test]
fn patterns_select() {
    let cases: &[(&str, &str, bool)] = &[
        // Terms: all of them, whatever the order; case counts; inside a word, too.
        ("", REPORT, true),
        ("   ", REPORT, true),
        ("", "", true),
        ("REPORT", REPORT, true),
        ("report", REPORT, false),
        ("PORT", REPORT, true),
        ("ms REPORT", REPORT, true),
        ("REPORT START", REPORT, false),
        ("\"Duration: 12\"", REPORT, true),
        ("\"Duration:  12\"", REPORT, false),
        ("REPORT -START", REPORT, true),
        ("REPORT -Billed", REPORT, false),
        ("REPORT -\"Billed Duration\"", REPORT, false),
        ("-START", REPORT, true),
        ("?START ?REPORT", REPORT, true),
        ("?START ?END", REPORT, false),
        ("?START ?\"6bc2-11\"", REPORT, true),
        // AWS ignores `?` terms beside others.
        ("?START REPORT", REPORT, true),
        ("?REPORT START", REPORT, false),
        ("?START -END", REPORT, true),
        ("%Duration: \\d+\\.\\d+ ms%", REPORT, true),
        ("%^Duration%", REPORT, false),
        ("-%Dur[a-z]+n%", REPORT, false),
        ("?%START|END% ?%ms$%", REPORT, true),
        ("%100\\%%", "done 100% of it", true),
        (r#""say \"hi\"""#, r#"they say "hi""#, true),
        (r#""C:\temp""#, r"in C:\temp", true),
        ("licorne_à_vol", "une licorne_à_vol", true),
        // JSON.
        ("{ $.status = 503 }", RIDE, true),
        ("{$.status=503}", RIDE, true),
        ("  { $.status = 503.0 }  ", RIDE, true),
        ("{ $.status = 5* }", RIDE, true),
        ("{ $.status = \"5*\" }", RIDE, true),
        ("{ $.status != 503 }", RIDE, false),
        ("{ $.status != 200 }", RIDE, true),
        ("{ $.status >= 500 && $.status < 600 }", RIDE, true),
        ("{ $.status > 503 || $.status < 503 }", RIDE, false),
        ("{ $.status <= 5.03e2 }", RIDE, true),
        ("{ $.code = 404 }", RIDE, true),
        ("{ $.code = \"404\" }", RIDE, true),
        ("{ $.missing = 1 }", RIDE, false),
        ("{ $.missing != 1 }", RIDE, false),
        ("{ $.missing NOT EXISTS }", RIDE, true),
        ("{ $.status NOT EXISTS }", RIDE, false),
        ("{ $.unicorn.Color IS NULL }", RIDE, true),
        ("{ $.unicorn.Name IS NULL }", RIDE, false),
        ("{ $.unicorn.Size IS NULL }", RIDE, false),
        ("{ $.unicorn = * }", RIDE, false),
        ("{ $.done IS TRUE }", RIDE, true),
        ("{ $.retry IS FALSE }", RIDE, true),
        ("{ $.retry IS TRUE }", RIDE, false),
        ("{ $.unicorn.Name = Shadow* }", RIDE, true),
        ("{ $.unicorn.Name = *fax }", RIDE, true),
        ("{ $.unicorn.Name = S*d*x }", RIDE, true),
        ("{ $.unicorn.Name = S*x*d }", RIDE, false),
        ("{ $.unicorn.Name = Shadow }", RIDE, false),
        ("{ $.unicorn.Name = %^Shadow% }", RIDE, true),
        ("{ $.unicorn.Name != %^Shadow% }", RIDE, false),
        ("{ $.ip = 192.0.2.* }", RIDE, true),
        ("{ $.ip != 10.* }", RIDE, true),
        ("{ $.legs[1].km = 12 }", RIDE, true),
        ("{ $.legs[0].km = 12 }", RIDE, false),
        ("{ $.legs[7].km NOT EXISTS }", RIDE, true),
        ("{ $.legs[*].km > 10 }", RIDE, true),
        ("{ $.unicorn.* = Shadowfax }", RIDE, true),
        ("{ $.['cluster.name'] = c }", RIDE, true),
        ("{ $['cluster.name'] = c }", RIDE, true),
        ("{ ($.status = 1 || $.done IS TRUE) && $.code = 404 }", RIDE, true),
        ("{ $.status = 1 || $.done IS TRUE && $.code = 405 }", RIDE, false),
        ("{ $.status = 503 || $.done IS FALSE && $.code = 405 }", RIDE, true),
        ("{ $[0] = 1 }", "[1, 2]", true),
        ("{ $.status = 503 }", REPORT, false),
        ("{ $.status = 503 }", "{ not json", false),
        ("{ $.a NOT EXISTS }", REPORT, false),
        // Fields.
        ("[ip, id, user, time, request, status, bytes]", ACCESS, true),
        ("[ip, user]", ACCESS, false),
        ("[..., status = 404, bytes]", ACCESS, true),
        ("[..., status = 4*, bytes]", ACCESS, true),
        ("[..., status = 5* || status = 4*, bytes > 1000]", ACCESS, true),
        ("[ip, ..., bytes < 1000]", ACCESS, false),
        ("[ip = 127.*, ...]", ACCESS, true),
        ("[ip != 127.*, ...]", ACCESS, false),
        ("[, , user = frank, ...]", ACCESS, true),
        ("[ip, id, user, time = *2000*, request = *.html*, ...]", ACCESS, true),
        ("[..., request = %HTTP/1\\.\\d%, a, b]", ACCESS, true),
        ("[word!=START&&word!=%^END%, ...]", REPORT, true),
        ("[(word = START || word = REPORT) && word = *T, ...]", REPORT, true),
        ("[a, ..., b, c]", "one two", false),
        ("[a, ..., c]", "one two", true),
        ("[a]", "", false),
        ("[...]", "", true),
        ("[a = \"\"]", "\"\"", true),
        ("[level, rest]", "[INFO and more] started", true),
        ("[level, rest]", "[INFO started", true),
    ];
    for (pattern, message, expected) in cases {
        let parsed = Pattern::parse(pattern).unwrap_or_else(|error| panic!("`{pattern}`: {error}"));
        assert_eq!(parsed.matches(message), *expected, "`{pattern}` on `{message}`");
        let spelt = parsed.to_string();
        assert_eq!(Pattern::parse(&spelt).as_ref(), Ok(&parsed), "`{pattern}` is spelt `{spelt}`");
    }
}

#[test]
fn what_is_no_pattern_is_refused_with_the_reason() {
    let cases = [
        ("a/b", "Invalid character(s) in term 'a/b'"),
        ("-", "Invalid character(s) in term ''"),
        ("\"open", "no closing quote"),
        ("\"open\\", "no closing quote"),
        ("%open", "no closing `%`"),
        ("%%", "empty"),
        ("%(%", "`%(%`"),
        ("{ $.a = 1", "`}` is missing at its end"),
        ("{ $.a }", "a comparison such as `=`"),
        ("{ $.a = }", "a value is missing"),
        ("{ $.a = 1 } more", "nothing may follow its end"),
        ("{ $ = 1 }", "a field such as"),
        ("{ a = 1 }", "`$` is missing before"),
        ("{ $. = 1 }", "the name of a field is missing"),
        ("{ $.a[x] = 1 }", "index of an item"),
        ("{ $.a[99999999999999999999999] = 1 }", "index of an item"),
        ("{ $.a > b }", "compare numbers only"),
        ("{ ($.a = 1 }", "`)` is missing before"),
        ("{ $.a = 1 && }", "`$` is missing"),
        ("{ $.a IS MAYBE }", "a comparison such as"),
        ("[a, b", "is missing at its end"),
        ("[]", "names no field"),
        ("[..., a, ...]", "may stand once"),
        ("[a = 1 && b = 2]", "`b` is compared where another field stands"),
        ("[= 1]", "name of a field is missing"),
    ];
    for (pattern, reason) in cases {
        let error = Pattern::parse(pattern).expect_err(pattern).to_string();
        assert!(error.contains(reason), "`{pattern}`: {error}");
    }
    assert!(Pattern::parse(&"a".repeat(1025)).is_err());
    assert!(Pattern::parse(&format!("{{ {}$.a = 1{} }}", "(".repeat(200), ")".repeat(200))).is_err());
}

#[test]
fn only_the_empty_pattern_is_everything() {
    let everything = |pattern| Pattern::parse(pattern).is_ok_and(|pattern| pattern.is_everything());
    assert!(everything("") && everything(" \t"));
    assert!(!everything("a") && !everything("[...]") && !everything("\"\""));
}

/// Texts made of what patterns are made of, so that many of them are patterns.
fn patternish() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "$",
        "$.a",
        ".b",
        "[0]",
        "[*]",
        "['x.y']",
        " = ",
        "!=",
        "<",
        ">=",
        "&&",
        "||",
        "IS NULL",
        "NOT EXISTS",
        "IS TRUE",
        "...",
        ",",
        "*",
        "1",
        "-2.5",
        "1e3",
        "word",
        "\"a b\"",
        "\\",
        "\"",
        "%",
        "%a.c%",
        "?",
        "-",
        " ",
        "é",
        "🦄",
        "{ $.a = ",
        " }",
        "[a, b = ",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_pattern_or_refused(text in prop_oneof![patternish(), any::<String>()], message in any::<String>()) {
        if let Ok(pattern) = Pattern::parse(&text) {
            for message in [message.as_str(), RIDE, ACCESS, REPORT, ""] {
                let _ = pattern.matches(message);
            }
            let spelt = pattern.to_string();
            // Quoting may lengthen a pattern past what AWS takes.
            if spelt.chars().count() <= super::LONGEST_PATTERN {
                prop_assert_eq!(Pattern::parse(&spelt), Ok(pattern), "`{}` is spelt `{}`", text, spelt);
            }
        }
    }

    #[test]
    fn a_message_holds_its_own_words_as_a_phrase(message in "\\PC{1,60}") {
        let phrase = format!("\"{}\"", message.replace('\\', "\\\\").replace('"', "\\\""));
        let without = format!("-{phrase}");
        prop_assert!(Pattern::parse(&phrase).unwrap().matches(&message));
        prop_assert!(!Pattern::parse(&without).unwrap().matches(&message));
    }
}
