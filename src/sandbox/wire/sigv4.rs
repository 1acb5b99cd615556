//! Signature Version 4, verified: the signature is computed again from what arrived and the secret of the key that the request names.

use chrono::{NaiveDateTime, TimeDelta};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::authorization::{ALGORITHM, Authorization, Unreadable};
use super::encoding::{decode, encode_onto};
use super::request::Arrived;
use crate::sandbox::keys::{Caller, Keys};

/// How far the clocks of client and sandbox may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(15);
const FORM: &str = "%Y%m%dT%H%M%SZ";

/// Why a request is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not signed.
    Missing,
    /// Its signature cannot be read.
    Incomplete(String),
    /// Nobody issued the key, or the session token is not the key's.
    UnknownKey,
    /// The signature is wrong, too old or from the future.
    Wrong(String),
}

/// A request whose signer is known.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) claim: Authorization,
    pub(super) caller: Caller,
}

/// Verifies who signed; `now` is the wall's UTC, for the signer has no other clock.
pub(super) fn verify(arrived: &Arrived, keys: &Keys, now: NaiveDateTime) -> Result<Verified, Refusal> {
    let claim = Authorization::read(&arrived.request, &arrived.raw_query).map_err(|error| match error {
        Unreadable::Missing => Refusal::Missing,
        Unreadable::Incomplete(words) => Refusal::Incomplete(words),
    })?;
    let (key, caller) = keys.find(&claim.key).ok_or(Refusal::UnknownKey)?;
    if claim.token != key.token {
        return Err(Refusal::UnknownKey);
    }
    check_time(&claim, now)?;
    if holds(arrived, &claim, &key.secret)? { Ok(Verified { claim, caller }) } else { Err(mismatch()) }
}

/// Whether the signature is the one that the holder of `secret` would have made.
fn holds(arrived: &Arrived, claim: &Authorization, secret: &str) -> Result<bool, Refusal> {
    let canonical = canonical_request(arrived, claim)?;
    let scope = format!("{}/{}/{}/aws4_request", claim.date, claim.region, claim.service);
    let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{}", claim.time, hex(&Sha256::digest(canonical)));
    let mut signing_key = format!("AWS4{secret}").into_bytes();
    for piece in [claim.date.as_str(), &claim.region, &claim.service, "aws4_request"] {
        signing_key = mac(&signing_key, piece).finalize().into_bytes().to_vec();
    }
    // Compared in constant time.
    Ok(unhex(&claim.signature).is_some_and(|signature| mac(&signing_key, &to_sign).verify_slice(&signature).is_ok()))
}

fn mismatch() -> Refusal {
    Refusal::Wrong(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing \
         method. Consult the service documentation for details."
            .to_owned(),
    )
}

fn check_time(claim: &Authorization, now: NaiveDateTime) -> Result<(), Refusal> {
    let signed = NaiveDateTime::parse_from_str(&claim.time, FORM)
        .map_err(|_| Refusal::Incomplete(format!("Date must be in ISO-8601 'basic format'. Got '{}'.", claim.time)))?;
    let (earliest, latest) = match claim.expires {
        None => (now - SKEW, now + SKEW),
        Some(seconds) => (now - TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1000)), now + SKEW),
    };
    let said = |time: NaiveDateTime| time.format(FORM).to_string();
    if signed < earliest {
        let span = claim.expires.map_or("15 min.".to_owned(), |seconds| format!("{seconds} s"));
        return Err(Refusal::Wrong(format!(
            "Signature expired: {} is now earlier than {} ({} - {span})",
            claim.time,
            said(earliest),
            said(now)
        )));
    }
    if signed > latest {
        return Err(Refusal::Wrong(format!(
            "Signature not yet current: {} is still later than {} ({} + 15 min.)",
            claim.time,
            said(latest),
            said(now)
        )));
    }
    Ok(())
}

fn canonical_request(arrived: &Arrived, claim: &Authorization) -> Result<String, Refusal> {
    let mut canonical = String::with_capacity(512);
    canonical.push_str(&arrived.request.method);
    canonical.push('\n');
    match claim.service.as_str() {
        // Signed as sent, so that its clients hear that there is no S3 here rather than that their secret is wrong.
        "s3" => canonical.push_str(&arrived.raw_path),
        _ => encode_onto(&mut canonical, normal_path(&arrived.raw_path).as_bytes(), true),
    }
    canonical.push('\n');
    canonical_query(&mut canonical, &arrived.raw_query);
    canonical.push('\n');
    for name in &claim.signed_headers {
        canonical.push_str(name);
        canonical.push(':');
        let values = arrived.request.headers.iter().filter(|(key, _)| key == name);
        for (at, (_, value)) in values.enumerate() {
            if at > 0 {
                canonical.push(',');
            }
            let mut words = value.split(' ').filter(|word| !word.is_empty());
            canonical.extend(words.next());
            words.for_each(|word| canonical.extend([" ", word]));
        }
        canonical.push('\n');
    }
    canonical.push('\n');
    canonical.push_str(&claim.signed_headers.join(";"));
    canonical.push('\n');
    canonical.push_str(&payload_hash(arrived)?);
    Ok(canonical)
}

/// The hash that was signed, which must be the one of what arrived unless the client left the payload unsigned.
fn payload_hash(arrived: &Arrived) -> Result<String, Refusal> {
    let computed = || hex(&Sha256::digest(&arrived.request.body));
    match arrived.request.header("x-amz-content-sha256") {
        // Payloads that are signed bit by bit, or not at all, are clients' of S3: they are to hear that there is none.
        Some(said) if said == "UNSIGNED-PAYLOAD" || said.starts_with("STREAMING-") => Ok(said.to_owned()),
        Some(said) => {
            let computed = computed();
            if computed == said { Ok(computed) } else { Err(mismatch()) }
        }
        None => Ok(computed()),
    }
}

/// Without empty, `.` and `..` segments, as clients of all services but S3 sign paths.
fn normal_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let end = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

fn canonical_query(canonical: &mut String, query: &str) {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for piece in query.split('&').filter(|piece| !piece.is_empty()) {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        if name == "X-Amz-Signature" {
            continue;
        }
        let again = |text: &str| {
            let mut encoded = String::with_capacity(text.len());
            encode_onto(&mut encoded, &decode(text, false), false);
            encoded
        };
        pairs.push((again(name), again(value)));
    }
    pairs.sort();
    for (at, (name, value)) in pairs.iter().enumerate() {
        let before = if at == 0 { "" } else { "&" };
        canonical.extend([before, name, "=", value]);
    }
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    // Keys of any length are taken: this cannot fail.
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(key).unwrap_or_else(|_| <Hmac<Sha256> as Mac>::new(&Default::default()));
    mac.update(text.as_bytes());
    mac
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    digits.map(char::from).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests;
