//! What a request says about who signed it: the `Authorization` header or the query of a presigned URL, read but not believed.

use super::encoding::pairs;
use crate::sandbox::service::RestRequest;

/// The algorithm of Signature Version 4.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A claim to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// `AKIA…`.
    pub key: String,
    /// `20260102`.
    pub date: String,
    /// `us-east-2`.
    pub region: String,
    /// The signing name: `sns`.
    pub service: String,
    /// Names in lower case, in the order in which they were signed.
    pub signed_headers: Vec<String>,
    /// Lower-case hexadecimal.
    pub signature: String,
    /// `20260102T030405Z`.
    pub time: String,
    /// The session token, for keys of roles.
    pub token: Option<String>,
    /// Seconds that a presigned URL holds; none for a signature in the header.
    pub expires: Option<u64>,
}

/// Why a claim cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// There is none.
    Missing,
    /// Something about it is wrong, in AWS's words.
    Incomplete(String),
}

impl Authorization {
    /// Reads the claim of a request, whose query is `raw_query` as sent.
    ///
    /// # Errors
    /// There is none, or it has not the form that it must have.
    pub fn read(request: &RestRequest, raw_query: &str) -> Result<Self, Unreadable> {
        if let Some(header) = request.header("authorization") {
            let mut read = Self::from_header(header)?;
            request.header("x-amz-date").unwrap_or_default().clone_into(&mut read.time);
            if read.time.is_empty() {
                return Err(incomplete(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
                ));
            }
            read.token = request.header("x-amz-security-token").map(str::to_owned);
            return read.checked();
        }
        if raw_query.contains("X-Amz-Algorithm=") {
            return Self::from_query(raw_query)?.checked();
        }
        Err(Unreadable::Missing)
    }

    /// Reads the header's text; `time` and `token` stand in other headers.
    ///
    /// # Errors
    /// As [`Authorization::read`].
    pub fn from_header(header: &str) -> Result<Self, Unreadable> {
        let (algorithm, rest) = header.trim().split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(incomplete(format!("Unsupported AWS 'algorithm': '{}'.", short(algorithm))));
        }
        let part = |name: &str| {
            let parts = rest.split(',').map(str::trim);
            let found = parts.filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name);
            found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()).ok_or_else(|| {
                incomplete(format!("Authorization header requires '{name}' parameter. Authorization={}", short(header)))
            })
        };
        let (credential, signature, headers) = (part("Credential")?, part("Signature")?, part("SignedHeaders")?);
        Self::from_parts(credential, signature, headers)
    }

    fn from_query(query: &str) -> Result<Self, Unreadable> {
        let pairs = pairs(query);
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let need = |name: &str| {
            value(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                incomplete(format!(
                    "AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
                ))
            })
        };
        if need("X-Amz-Algorithm")? != ALGORITHM {
            return Err(incomplete("Unsupported AWS 'algorithm'."));
        }
        let mut read =
            Self::from_parts(need("X-Amz-Credential")?, need("X-Amz-Signature")?, need("X-Amz-SignedHeaders")?)?;
        need("X-Amz-Date")?.clone_into(&mut read.time);
        read.token = value("X-Amz-Security-Token").map(str::to_owned);
        let expires = need("X-Amz-Expires")?.parse().ok().filter(|seconds| *seconds <= 604_800);
        read.expires =
            Some(expires.ok_or_else(|| incomplete("X-Amz-Expires must be a number of seconds up to a week."))?);
        Ok(read)
    }

    fn from_parts(credential: &str, signature: &str, headers: &str) -> Result<Self, Unreadable> {
        let scope: Vec<&str> = credential.split('/').collect();
        let [key, date, region, service, "aws4_request"] = scope.as_slice() else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };
        Ok(Self {
            key: (*key).to_owned(),
            date: (*date).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            signed_headers: headers.split(';').map(str::to_lowercase).collect(),
            signature: signature.to_owned(),
            time: String::new(),
            token: None,
            expires: None,
        })
    }

    /// What must hold before anything is computed.
    fn checked(self) -> Result<Self, Unreadable> {
        if !self.signed_headers.iter().any(|name| name == "host") {
            return Err(incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
        }
        let has_form = self.time.len() == 16
            && self.time.bytes().enumerate().all(|(at, byte)| match at {
                8 => byte == b'T',
                15 => byte == b'Z',
                _ => byte.is_ascii_digit(),
            });
        if !has_form {
            return Err(incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
                short(&self.time)
            )));
        }
        if self.date != self.time[..8] {
            return Err(incomplete(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', from '{}'.",
                short(&self.date),
                &self.time[..8],
                self.time
            )));
        }
        let is_name = |name: &str| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !is_name(&self.region) {
            return Err(incomplete("Credential should be scoped to a valid region."));
        }
        Ok(self)
    }
}

fn incomplete(words: impl Into<String>) -> Unreadable {
    Unreadable::Incomplete(words.into())
}

/// What a client sent, short enough to be sent back.
fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "AWS4-HMAC-SHA256 Credential=AKIA1/20260102/us-east-2/sns/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=abc";

    fn request(authorization: &str, time: &str) -> RestRequest {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        RestRequest {
            headers: vec![pair("authorization", authorization), pair("x-amz-date", time)],
            ..RestRequest::default()
        }
    }

    #[test]
    fn a_header_is_read() {
        let read = Authorization::read(&request(HEADER, "20260102T030405Z"), "").unwrap();
        assert_eq!((read.key.as_str(), read.region.as_str(), read.service.as_str()), ("AKIA1", "us-east-2", "sns"));
        assert_eq!(read.signed_headers, ["content-type", "host", "x-amz-date"]);
        assert_eq!((read.signature.as_str(), read.expires), ("abc", None));
        let without_spaces = HEADER.replace(", ", ",");
        assert_eq!(Authorization::read(&request(&without_spaces, "20260102T030405Z"), "").unwrap(), read);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (header, time, words) in [
            ("Bearer x", "20260102T030405Z", "Unsupported AWS 'algorithm'"),
            ("", "20260102T030405Z", "Unsupported AWS 'algorithm'"),
            ("AWS4-HMAC-SHA256", "20260102T030405Z", "requires 'Credential'"),
            (&HEADER.replace("Signature", "Sign"), "20260102T030405Z", "requires 'Signature'"),
            (&HEADER.replace("/sns", ""), "20260102T030405Z", "exactly 5"),
            (&HEADER.replace("aws4_request", "aws5"), "20260102T030405Z", "exactly 5"),
            (&HEADER.replace("host;", ""), "20260102T030405Z", "'Host'"),
            (&HEADER.replace("us-east-2", "us_east"), "20260102T030405Z", "valid region"),
            (HEADER, "", "'X-Amz-Date'"),
            (HEADER, "2026-01-02T03:04", "ISO-8601"),
            (HEADER, "20260102T03040éZ", "ISO-8601"),
            (HEADER, "20260103T030405Z", "does not match"),
        ] {
            match Authorization::read(&request(header, time), "") {
                Err(Unreadable::Incomplete(said)) => assert!(said.contains(words), "{said}"),
                other => panic!("{header} {time}: {other:?}"),
            }
        }
        assert_eq!(Authorization::read(&RestRequest::default(), ""), Err(Unreadable::Missing));
    }

    #[test]
    fn a_presigned_url_is_read() {
        let query = "Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA1%2F20260102%2Fus-east-2%2Fsts%2Faws4_request\
                     &X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=abc";
        let read = Authorization::read(&RestRequest::default(), query).unwrap();
        assert_eq!((read.service.as_str(), read.expires), ("sts", Some(60)));
        let forever = query.replace("Expires=60", "Expires=604801");
        assert!(matches!(Authorization::read(&RestRequest::default(), &forever), Err(Unreadable::Incomplete(_))));
        let unsigned = query.replace("X-Amz-Signature", "Nothing");
        assert!(matches!(Authorization::read(&RestRequest::default(), &unsigned), Err(Unreadable::Incomplete(_))));
    }
    proptest! {
        #[test]
        fn any_text_is_read_or_refused(header in "(AWS4-HMAC-SHA256 )?((Credential|SignedHeaders|Signature|x)=[a-zA-Z0-9/;é,= -]{0,40},? ?){0,5}", time in "\\PC{0,20}|[0-9]{8}T[0-9]{6}Z") {
            if let Ok(read) = Authorization::read(&request(&header, &time), "") {
                prop_assert!(read.signed_headers.contains(&"host".to_owned()) && read.time.starts_with(&read.date));
            }
        }

        #[test]
        fn any_query_is_read_or_refused(query in "X-Amz-Algorithm=AWS4-HMAC-SHA256(&X-Amz-(Credential|Date|Expires|SignedHeaders|Signature)=[a-zA-Z0-9%/;-]{0,40}){0,6}") {
            let _ = Authorization::read(&RestRequest::default(), &query);
        }
    }
}
