//! The Python layers against whatever a learner's editor may hold.

use proptest::prelude::*;

use super::data::Data;
use super::effect::{Effect, End};
use super::{Call, PythonFile, Scenario};
use crate::diagnostic::Severity;

const HANDLER: &str = include_str!("../../assets/starter/wild-rydes/handlers/request_ride.py");

fn read(text: &str) -> Result<PythonFile, Box<crate::diagnostic::Diagnostic>> {
    PythonFile::parse("service/handlers/code.py", text)
}

/// The ways through `main()` of a module.
fn ways(text: &str) -> Vec<super::Path> {
    let file = read(text).unwrap();
    let call = Some(("main", Call::With(Vec::new())));
    Scenario { call, ..Scenario::import(&file, &|_| None) }.explore().paths
}

fn returned(text: &str) -> Data {
    match ways(text).into_iter().next().unwrap().end {
        End::Returned(value, _) => value,
        other => panic!("{text}\n{other:?}"),
    }
}

#[test]
fn broken_files_get_one_finding_at_the_exact_place() {
    let cases = [
        ("print 'hello'\n", 1, "Python 2"),
        ("def f():\n\tx = 1\n        y = 2\n", 3, "indent"),
        ("x = (1,\n", 1, "closed"),
        ("def f()\n    pass\n", 1, "colon"),
        ("x = 'abc\n", 1, "string"),
        ("def f():\nreturn 1\n", 2, "block"),
        ("x = \n", 1, "missing"),
        ("return 1\n", 1, "outside a function"),
        ("for x in y:\n    pass\nbreak\n", 3, "outside a loop"),
        ("try:\n    pass\nexcept Exception, e:\n    pass\n", 3, "Python 2"),
        ("<<<<<<< HEAD\nx = 1\n", 1, "merge conflict"),
        ("x = \u{201c}quoted\u{201d}\n", 1, "character"),
        ("if x = 1:\n    pass\n", 1, "=="),
        ("f(a=1,\n  a=2)\n", 2, "twice"),
        ("def f(a, a):\n    pass\n", 1, "same name"),
        ("import os\nfrom __future__ import annotations\n", 2, "__future__"),
    ];
    for (text, line, says) in cases {
        let finding = read(text).unwrap_err();
        assert!(matches!(finding.severity, Severity::Blocked(_)) && finding.code == "RY003");
        let place = crate::diagnostic::Place::of(finding.span.unwrap(), text);
        let words = format!("{} {}", finding.message, finding.help.unwrap_or_default());
        assert_eq!(place.line, line, "{text}: {words}");
        assert!(words.contains(says), "{text}: {words}");
    }
}

#[test]
fn odd_but_valid_files_are_read() {
    for text in
        ["", "\u{feff}x = 1\n", "x = 1\r\ny = 2\r\n", "größe = 'ü'  # é\n", "x = 1", "\n\n\n", "# only a comment"]
    {
        assert!(read(text).is_ok(), "{text:?}");
    }
}

#[test]
fn deep_nesting_is_refused_before_it_is_walked() {
    let deep = [
        format!("x = {}{}\n", "(".repeat(5_000), ")".repeat(5_000)),
        format!("x = {}1\n", "not ".repeat(50_000)),
        format!("x = 1{}\n", " + 1".repeat(100_000)),
        format!("x = a{}\n", ".b".repeat(100_000)),
        format!("x = a{}\n", "[0]".repeat(100_000)),
        format!("x = {}1\n", "lambda: ".repeat(20_000)),
        format!("x = {}1\n", "1 if 1 else ".repeat(20_000)),
        (0..400).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect(),
        format!("x = {}1\n", "[".repeat(100_000)),
        format!("x = f\"{}\"\n", "{f'".repeat(3_000)),
    ];
    for text in deep {
        assert!(read(&text).is_err());
    }
}

#[test]
fn programs_without_end_are_left() {
    let endless = [
        "def main():\n    while True:\n        pass\n",
        "def main():\n    return main()\n",
        "x = [1]\nfor i in x:\n    x.append(i)\ndef main():\n    pass\n",
        "def main():\n    x = []\n    x.append(x)\n    return x\n",
        "def main():\n    d = {}\n    d['d'] = d\n    return str(d)\n",
        "def main():\n    x = 'a'\n    while True:\n        x = x + x\n",
        "def main():\n    return [a for a in range(100) for b in range(100) for c in range(100)]\n",
        "import random\ndef main():\n    while random.random() < 1:\n        if random.random() < 1:\n            pass\n",
        "class A:\n    def __getattr__(self, name):\n        return self.x\ndef main():\n    return A().y\n",
        "class A(A):\n    pass\ndef main():\n    pass\n",
        "def main():\n    x = [0]\n    while x:\n        x = x + x\n",
    ];
    for text in endless {
        ways(text);
    }
}

#[test]
fn values_are_computed_as_python_does() {
    let cases = [
        ("return 1 + 2 * 3", Data::Int(7)),
        ("return 'a' + 'b' * 2", Data::str("abb")),
        ("return f'{1}-{\"x\"!r}-{2}'", Data::str("1-'x'-2")),
        ("return '%s and %s' % ('a', 1)", Data::str("a and 1")),
        ("return '{} {name}'.format(1, name='n')", Data::str("1 n")),
        ("return [x for x in [1, 2, 3] if x > 1]", Data::List([Data::Int(2), Data::Int(3)].into())),
        ("a, *b = [1, 2, 3]\n    return b", Data::List([Data::Int(2), Data::Int(3)].into())),
        (
            "d = {'a': 1}\n    d.update(b=2)\n    return {**d, 'c': 3}",
            Data::dict([("a", Data::Int(1)), ("b", Data::Int(2)), ("c", Data::Int(3))]),
        ),
        ("seen = []\n    map(seen.append, [1])\n    return seen", Data::List([].into())),
        ("seen = []\n    (seen.append(x) for x in [1])\n    return seen", Data::List([].into())),
        ("seen = []\n    list(map(seen.append, [1]))\n    return seen", Data::List([Data::Int(1)].into())),
        ("seen = []\n    any(seen.append(x) for x in [1, 2])\n    return len(seen)", Data::Int(2)),
        ("it = iter([1, 2])\n    next(it)\n    return list(it)", Data::List([Data::Int(2)].into())),
        ("it = (x for x in [1])\n    list(it)\n    return list(it)", Data::List([].into())),
        ("return not ({1, 2} - {1, 2}) and 1 in {1, 2} - {2}", Data::Bool(true)),
        (
            "match [1, 2, 3]:\n        case [1, *rest]:\n            return rest",
            Data::List([Data::Int(2), Data::Int(3)].into()),
        ),
        (
            "match 'a':\n        case int():\n            return 1\n        case str():\n            return 2",
            Data::Int(2),
        ),
        (
            "from contextlib import contextmanager\n    seen = []\n    @contextmanager\n    def around():\n        seen.append(1)\n        try:\n            yield 2\n        except KeyError:\n            seen.append(4)\n    with around() as two:\n        seen.append(two)\n        {}['a']\n    return len(seen)",
            Data::Int(3),
        ),
        ("from enum import Enum\n    class E(Enum):\n        A = 1\n    return E.A.value", Data::Int(1)),
        ("return {'a': 1} | {'b': 2}", Data::dict([("a", Data::Int(1)), ("b", Data::Int(2))])),
        ("try:\n        return {}['a']\n    except KeyError:\n        return 'caught'", Data::str("caught")),
        ("try:\n        return 1\n    finally:\n        return 2", Data::Int(2)),
        (
            "for i in range(5):\n        if i == 3:\n            break\n    else:\n        return 'no'\n    return i",
            Data::Int(3),
        ),
        (
            "import json\n    return json.loads(json.dumps({'a': (1, 2)}))",
            Data::dict([("a", Data::List([Data::Int(1), Data::Int(2)].into()))]),
        ),
        (
            "import json\n    return json.loads('{\"a\": [true, null]}')",
            Data::dict([("a", Data::List([Data::Bool(true), Data::None].into()))]),
        ),
        ("f = lambda x, y=2: x + y\n    return f(1)", Data::Int(3)),
        ("def g(*a, **k):\n        return len(a) + len(k)\n    return g(1, 2, x=3)", Data::Int(3)),
        (
            "class A:\n        x = 1\n        def get(self):\n            return self.x\n    class B(A):\n        def get(self):\n            return super().get() + 1\n    return B().get()",
            Data::Int(2),
        ),
        ("x = 1\n    def inc():\n        nonlocal x\n        x += 1\n    inc()\n    return x", Data::Int(2)),
        ("return 'abc'[1:] + 'abc'[-1]", Data::str("bcc")),
        ("return sum if False else 3", Data::Int(3)),
        ("return not []", Data::Bool(true)),
        ("return None or 'x'", Data::str("x")),
        ("return 'a' in {'a': 1} and 2 not in [1]", Data::Bool(true)),
        (
            "def gen():\n        yield 1\n        yield 2\n    return list(gen())",
            Data::List([Data::Int(1), Data::Int(2)].into()),
        ),
        ("from functools import partial\n    return partial(lambda a, b: a - b, 5)(3)", Data::Int(2)),
        ("match {'k': 1}:\n        case {'k': v}:\n            return v", Data::Int(1)),
        ("import os\n    return os.environ['RIDES_SNS_TOPIC_ARN']", Data::env("RIDES_SNS_TOPIC_ARN")),
        ("return isinstance({}, dict)", Data::Bool(true)),
        ("return dict(zip(['a'], [1]))", Data::dict([("a", Data::Int(1))])),
        ("x = [1, 2]\n    y = x\n    y.append(3)\n    return len(x)", Data::Int(3)),
    ];
    for (body, expected) in cases {
        assert_eq!(returned(&format!("def main():\n    {body}\n")), expected, "{body}");
    }
}

#[test]
fn certain_mistakes_raise_what_python_raises() {
    let cases = [
        ("return nothing", "NameError"),
        ("return {}['a']", "KeyError"),
        ("import json\n    return json('a')", "TypeError"),
        ("import json\n    return json.load('a')", "AttributeError"),
        ("import json\n    return json.dump({})", "TypeError"),
        ("import boto3\n    return boto3.client()", "TypeError"),
        ("import boto3\n    return boto3.client('SNS')", "UnknownServiceError"),
        ("import boto3\n    return boto3.sns", "AttributeError"),
        ("import boto3.sns", "ModuleNotFoundError"),
        ("from boto3 import Client", "ImportError"),
        ("import boto3\n    boto3.client('sns').send()", "AttributeError"),
        ("import boto3\n    boto3.resource('dynamodb').Table('t').put_item(Item={'a': 1.5})", "TypeError"),
        ("import boto3\n    boto3.client('sns').publish(Message='m', MessageAttributes='a')", "ParamValidationError"),
        ("def f(a: Missing):\n        pass", "NameError"),
        ("return [][0]", "IndexError"),
        ("return 'a'.get('b')", "AttributeError"),
        ("return 'a'['b']", "TypeError"),
        ("return 1 + 'a'", "TypeError"),
        ("return None['a']", "TypeError"),
        ("import json\n    return json.dumps({1, 2})", "TypeError"),
        ("import json\n    return json.loads({})", "TypeError"),
        ("import json\n    return json.loads(str({'a': 1}))", "JSONDecodeError"),
        ("def f(a):\n        pass\n    return f()", "TypeError"),
        ("def f(a):\n        pass\n    return f(1, 2)", "TypeError"),
        ("def f(a):\n        pass\n    return f(b=1)", "TypeError"),
        ("raise ValueError('x')", "ValueError"),
        ("x = y\n    y = 1", "UnboundLocalError"),
        ("print(x)\n    x = 1", "UnboundLocalError"),
        ("import boto3\n    boto3.client('sns').publish('a')", "TypeError"),
        ("import boto3\n    boto3.client('sns').publish(topic='a')", "ParamValidationError"),
        ("import boto3\n    boto3.client('sns').publish(TopicArn='a', Message={})", "ParamValidationError"),
        ("import boto3\n    boto3.resource('dynamodb').Table('t').put_item(Item='x')", "ParamValidationError"),
    ];
    for (body, expected) in cases {
        let way = ways(&format!("def main():\n    {body}\n")).into_iter().next().unwrap();
        let End::Raised(failure) = way.end else { panic!("{body}: {:?}", way.end) };
        assert_eq!(&*failure.class, expected, "{body}");
    }
}

#[test]
fn every_call_to_aws_may_fail_and_every_undecided_condition_goes_both_ways() {
    let text = "import boto3\nimport random\nC = boto3.client('sns')\ndef main():\n    if random.random() < 0.5:\n        return 'no'\n    try:\n        C.publish(TopicArn='t', Message='m')\n    except Exception:\n        return 'failed'\n    return 'done'\n";
    let ends: Vec<Data> = ways(text)
        .into_iter()
        .map(|way| match way.end {
            End::Returned(value, _) => value,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ends, [Data::str("no"), Data::str("done"), Data::str("failed")]);
}

#[test]
fn the_starter_runs_to_its_answer() {
    let file = read(HANDLER).unwrap();
    let event = Data::dict([("body", Data::json(Data::dict([("PickupLocation", Data::dict([]))])))]);
    let call = Some(("handler", Call::With(vec![event, Data::None])));
    let paths = Scenario { call, ..Scenario::import(&file, &|_| None) }.explore();
    assert_eq!(paths.paths.len(), 1);
    let way = &paths.paths[0];
    let End::Returned(answer, Some(at)) = &way.end else { panic!("{:?}", way.end) };
    assert_eq!(answer.get("statusCode"), Some(&Data::Int(201)));
    assert_eq!(&file.text()[at.span.start..at.span.end], "response");
    let methods = way.effects.iter().filter_map(|effect| match effect {
        Effect::Http(call) => Some(call.method.to_string()),
        _ => None,
    });
    assert_eq!(methods.collect::<Vec<_>>(), ["get", "post"]);
}

/// Pieces from which half-sensible programs are put together.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "def f(event, context):\n",
            "    ",
            "        ",
            "\t",
            "\n",
            "return ",
            "if ",
            "else:\n",
            "for x in ",
            "while ",
            ":\n",
            "try:\n",
            "except Exception as e:\n",
            "finally:\n",
            "raise\n",
            "import boto3\n",
            "import json, os\n",
            "json.dumps(",
            "json.loads(",
            "event['body']",
            "boto3.client('sns')",
            ".publish(",
            "TopicArn=",
            "Message=",
            ")",
            "(",
            "[",
            "]",
            "{",
            "}",
            "'",
            "\"",
            "\"\"\"",
            "f'{",
            "}'",
            "lambda x: ",
            "x",
            "y",
            "self",
            "class A:\n",
            "@",
            "async ",
            "await ",
            "yield ",
            "global x\n",
            "del x\n",
            "x = ",
            "x += ",
            "**",
            "*",
            ",",
            ".",
            "1",
            "None",
            "True",
            "#",
            "\\\n",
            "\u{feff}",
            "é",
            "\r\n",
            "match x:\n",
            "case {'a': 1}:\n",
            "with x as y:\n",
            "assert ",
            " if ",
            " else ",
            " for ",
            " in ",
            " is ",
            " not ",
            " and ",
            "%",
            "'%s' % ",
            ".format(",
            "[::-1]",
            "str(",
            "dict(",
            "range(10)",
            "print ",
            ";",
            "->",
            ":=",
            "...",
            "0x",
            "\0",
        ])
        .prop_map(ToOwned::to_owned),
        "[ -~\n\t]{0,12}",
    ]
}

/// Reads, imports and calls whatever the text defines.
fn try_everything(text: &str) {
    let Ok(file) = read(text) else { return };
    file.names();
    file.imports();
    let _ = Scenario::import(&file, &|_| None).explore();
    for function in file.functions() {
        let event = Data::dict([("body", Data::json(Data::dict([("a", Data::Int(1))])))]);
        let call = Some((function.name.as_str(), Call::First(event)));
        let _ = Scenario { call, ..Scenario::import(&file, &|_| None) }.explore();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}|[ -~\n\t\r]{0,400}") {
        try_everything(&text);
    }

    #[test]
    fn no_program_makes_the_evaluator_panic(pieces in proptest::collection::vec(piece(), 0..60)) {
        try_everything(&pieces.concat());
    }

    #[test]
    fn no_change_to_a_handler_makes_the_evaluator_panic(at in 0..HANDLER.len(), length in 0..80_usize, new in piece()) {
        let start = HANDLER.floor_char_boundary(at);
        let end = HANDLER.floor_char_boundary((at + length).min(HANDLER.len()));
        try_everything(&format!("{}{new}{}", &HANDLER[..start], &HANDLER[end..]));
    }
}
