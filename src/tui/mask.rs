//! Hides what does not belong on a projector: account ids, ARNs, addresses of people's machines.

/// `text` with them replaced by dots, as many as there were letters, so that nothing moves.
pub fn masked(text: &str, ascii: bool) -> String {
    let hide = if ascii { '*' } else { '•' };
    let bytes = text.as_bytes();
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let begins = at == 0 || !is_word(bytes[at - 1]);
        let hidden = if begins { arn(rest).or_else(|| account(rest)).or_else(|| address(rest)) } else { None };
        match hidden {
            Some((kept, end)) => {
                result.push_str(&rest[..kept]);
                result.extend(rest[kept..end].chars().map(|letter| if letter == ':' { ':' } else { hide }));
                at += end;
            }
            None => {
                let letter = rest.chars().next().unwrap_or(' ');
                result.push(letter);
                at += letter.len_utf8();
            }
        }
    }
    result
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How much of an ARN at the beginning of `text` may be seen, and where it ends: the service is no secret.
fn arn(text: &str) -> Option<(usize, usize)> {
    let rest = text.strip_prefix("arn:")?;
    let end = rest.find(|letter: char| letter.is_whitespace() || "\"'`,;)}]>\\".contains(letter)).unwrap_or(rest.len());
    let mut colons = rest[..end].match_indices(':').map(|(at, _)| at);
    let service = colons.nth(1)?;
    Some((4 + service + 1, 4 + end))
}

/// Twelve digits that stand alone.
fn account(text: &str) -> Option<(usize, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let ends = text.as_bytes().get(digits).is_none_or(|next| !is_word(*next));
    (digits == 12 && ends).then_some((0, 12))
}

/// An address of IPv4 or IPv6.
fn address(text: &str) -> Option<(usize, usize)> {
    let end = text.find(|letter: char| !(letter.is_ascii_hexdigit() || ".:".contains(letter))).unwrap_or(text.len());
    let word = text[..end].trim_end_matches(['.', ':']);
    let is_v4 = word.parse::<std::net::Ipv4Addr>().is_ok();
    // Times of day are made of the same characters.
    let is_v6 = word.matches(':').count() >= 3 && word.parse::<std::net::Ipv6Addr>().is_ok();
    if is_v4 || is_v6 {
        return Some((0, word.len()));
    }
    // With a port behind it.
    let (host, _) = word.split_once(':')?;
    host.parse::<std::net::Ipv4Addr>().ok().map(|_| (0, host.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_arns_and_addresses_are_hidden_and_nothing_else() {
        let cases = [
            ("account 123456789012.", "account ************."),
            ("1234567890123 and 12345678901", "1234567890123 and 12345678901"),
            ("a123456789012", "a123456789012"),
            (
                r#""TopicArn":"arn:aws:sns:us-east-2:123456789012:Rides""#,
                r#""TopicArn":"arn:aws:sns:*********:************:*****""#,
            ),
            (r#""sourceIp": "203.0.113.7","#, r#""sourceIp": "***********","#),
            ("127.0.0.1:4566/x", "*********:4566/x"),
            ("2001:db8::7:1", "****:***::*:*"),
            ("at 14:03:59.123 for 1.5 ms", "at 14:03:59.123 for 1.5 ms"),
            ("8f3c2a1b-0001-11f0-a5d2-0242ac120002", "8f3c2a1b-0001-11f0-a5d2-0242ac120002"),
            ("arn: no", "arn: no"),
            ("ü 203.0.113.7 ü", "ü *********** ü"),
        ];
        for (text, expected) in cases {
            assert_eq!(masked(text, true), expected, "{text}");
        }
        assert_eq!(masked("10.0.0.1", false), "••••••••");
    }
}
