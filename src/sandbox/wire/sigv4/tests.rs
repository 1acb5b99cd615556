//! Signatures that botocore and AWS's own published example made, and everything that must not pass for one.

use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::sandbox::keys::Role;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn arrived(method: &str, url: &str, headers: &[(&str, &str)], body: &'static str) -> Arrived {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Arrived::from_parts(method, path, query, headers, Bytes::from(body))
}

fn authorization(signed: &str, signature: &str) -> String {
    format!(
        "{ALGORITHM} Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}"
    )
}

/// Signed with [`SECRET`] on 2015-08-30.
fn examples() -> Vec<Arrived> {
    let (host, date) = (("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z"));
    let plain = authorization("host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    let path = authorization("host;x-amz-date", "50f947e7211475e6a0d7694a1b37b10eae2a723f5c322ab550c2a5f4f11ddbad");
    let body = authorization(
        "content-type;host;my-header;x-amz-date;x-amz-target",
        "e9df9bf1e68e541f2f7445b6fd6b338ec5ca95102fe66e59f14c33d32e2b0060",
    );
    let post = [
        ("host", "127.0.0.1:4566"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AmazonSSM.GetParameter"),
        ("my-header", "  a   b  "),
        ("user-agent", "not signed"),
        date,
        ("authorization", &body),
    ];
    let presigned = "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830\
        %2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=\
        0c5c45e4472b6fa30a235657c8f5ac0d8b0864f2dd92ac7dfe9f9ae61437410a";
    vec![
        arrived("GET", "/", &[host, date, ("authorization", &plain)], ""),
        arrived("GET", "/a%20b//c/../d%3Ae?b=2&a=1%2F2&a=1", &[host, date, ("authorization", &path)], ""),
        arrived("POST", "/", &post, r#"{"Name":"x"}"#),
        arrived("GET", presigned, &[host], ""),
    ]
}

fn is_signed(arrived: &Arrived, secret: &str) -> Result<bool, Refusal> {
    holds(arrived, &Authorization::read(&arrived.request, &arrived.raw_query).unwrap(), secret)
}

#[test]
fn signatures_of_other_programs_hold() {
    for example in examples() {
        assert_eq!(is_signed(&example, SECRET), Ok(true), "{example:?}");
        assert_eq!(is_signed(&example, "another secret"), Ok(false), "{example:?}");
    }
}

#[test]
fn whatever_is_changed_breaks_the_signature() {
    let changes: [fn(&mut Arrived); 6] = [
        |arrived| arrived.request.method = "PUT".to_owned(),
        |arrived| arrived.raw_path.push('x'),
        |arrived| arrived.raw_query.push_str("&x=1"),
        |arrived| arrived.request.body = Bytes::from("other"),
        |arrived| arrived.request.headers[0].1.push('x'),
        |arrived| arrived.request.headers.push(("host".to_owned(), "again".to_owned())),
    ];
    for change in changes {
        for mut example in examples() {
            change(&mut example);
            assert_ne!(is_signed(&example, SECRET), Ok(true), "{example:?}");
        }
    }
}

#[test]
fn a_hash_that_is_not_the_payloads_is_refused() {
    let headers = [("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")];
    assert!(payload_hash(&arrived("POST", "/", &headers, "")).is_ok());
    assert_eq!(payload_hash(&arrived("POST", "/", &headers, "x")), Err(mismatch()));
    let unsigned = [("x-amz-content-sha256", "UNSIGNED-PAYLOAD")];
    assert_eq!(payload_hash(&arrived("POST", "/", &unsigned, "x")), Ok("UNSIGNED-PAYLOAD".to_owned()));
}

fn moment(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, FORM).unwrap()
}

#[test]
fn time_passes() {
    let examples = examples();
    let check = |arrived: &Arrived, now: &str| {
        check_time(&Authorization::read(&arrived.request, &arrived.raw_query).unwrap(), moment(now))
    };
    let words = |outcome: Result<(), Refusal>| match outcome {
        Err(Refusal::Wrong(words)) => words,
        other => panic!("{other:?}"),
    };
    let (signed, presigned) = (&examples[0], &examples[3]);
    for now in ["20150830T123600Z", "20150830T125100Z", "20150830T122100Z"] {
        check(signed, now).unwrap();
    }
    assert_eq!(
        words(check(signed, "20150830T125101Z")),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)"
    );
    assert!(words(check(signed, "20150830T122059Z")).contains("not yet current"));
    check(presigned, "20150830T123700Z").unwrap();
    assert!(words(check(presigned, "20150830T123701Z")).contains("expired"));
}

#[test]
fn keys_must_be_known_and_carry_their_token() {
    let keys = Keys::default();
    let role = Role { name: "r".into(), session: "f".into(), policies: Vec::new(), service: String::new() };
    let issued = keys.issue(Arc::new(role));
    let attempt = |key: &str, token: Option<&str>| {
        let header = authorization("host", "00").replace("AKIDEXAMPLE", key);
        let mut headers = vec![("host", "127.0.0.1"), ("x-amz-date", "20150830T123600Z"), ("authorization", &header)];
        headers.extend(token.map(|token| ("x-amz-security-token", token)));
        verify(&arrived("GET", "/", &headers, ""), &keys, moment("20150830T123600Z")).unwrap_err()
    };
    assert_eq!(attempt("AKIDEXAMPLE", None), Refusal::UnknownKey);
    assert_eq!(attempt(&keys.learner().id, None), mismatch());
    assert_eq!(attempt(&keys.learner().id, Some("left over")), Refusal::UnknownKey);
    assert_eq!(attempt(&issued.id, None), Refusal::UnknownKey);
    assert_eq!(attempt(&issued.id, issued.token.as_deref()), mismatch());
    keys.revoke(&issued.id);
    assert_eq!(attempt(&issued.id, issued.token.as_deref()), Refusal::UnknownKey);
}
