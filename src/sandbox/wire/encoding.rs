//! Percent encoding as signatures need it, and the decoding of paths and forms.

/// Percent-encodes everything but what RFC 3986 calls unreserved, and `/` where `keep_slash` says so, onto `target`.
pub(super) fn encode_onto(target: &mut String, text: &[u8], keep_slash: bool) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (byte == b'/' && keep_slash) {
            target.push(char::from(byte));
        } else {
            target.push('%');
            target.push(char::from(DIGITS[usize::from(byte >> 4)]));
            target.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// Undoes percent encoding; `+` is a space where `form` says so. What is no valid escape stays as it is.
pub(super) fn decode(text: &str, form: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| Some(digit(at + 1)? * 16 + digit(at + 2)?)).flatten();
        if let Some(value) = escape.and_then(|value| u8::try_from(value).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(if form && byte == b'+' { b' ' } else { byte });
            at += 1;
        }
    }
    decoded
}

/// As [`decode`], as text; bytes that are no UTF-8 become replacement characters.
pub(super) fn decode_text(text: &str, form: bool) -> String {
    String::from_utf8(decode(text, form)).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The pairs of a query string or form, decoded.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let pieces = text.split('&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            (decode_text(name, true), decode_text(value, true))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (text, form, expected) in [
            ("a%20b", false, "a b"),
            ("a+b", false, "a+b"),
            ("a+b", true, "a b"),
            ("%E2%82%ac", false, "€"),
            ("100%", false, "100%"),
            ("%zz%4", false, "%zz%4"),
            ("%+1", false, "%+1"),
            ("%ff", false, "\u{fffd}"),
        ] {
            assert_eq!(decode_text(text, form), expected, "{text}");
        }
        let mut encoded = String::new();
        encode_onto(&mut encoded, "a/b €~".as_bytes(), true);
        encode_onto(&mut encoded, b"/", false);
        assert_eq!(encoded, "a/b%20%E2%82%AC~%2F");
    }

    #[test]
    fn forms() {
        let expected = [("a", "1 2"), ("b", ""), ("c", "x=y"), ("", "z")];
        let expected: Vec<_> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(pairs("a=1+2&b&&c=x%3Dy&=z"), expected);
    }
}
