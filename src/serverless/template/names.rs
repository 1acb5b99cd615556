//! Logical ids, as Serverless Framework v3 makes them.

/// The first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// A function's part of logical ids: `put-ride_record` → `PutDashrideUnderscorerecord`.
pub(super) fn function(name: &str) -> String {
    capital(&name.replace('-', "Dash").replace('_', "Underscore"))
}

/// Letters and digits, the first one in upper case: a topic's or bucket's part of logical ids.
pub(super) fn letters(text: &str) -> String {
    capital(&text.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
}

/// A path's part of logical ids: `ride/{id}` → `RideIdVar`.
pub(super) fn path(path: &str) -> String {
    path.split('/').map(path_part).collect()
}

fn path_part(part: &str) -> String {
    let mut text = part.to_lowercase().replace('-', "Dash");
    if let (Some(open), Some(close)) = (text.find('{'), text.rfind('}'))
        && open < close
    {
        text = format!("{}{}Var{}", &text[..open], &text[open + 1..close], &text[close + 1..]);
    }
    letters(&text)
}

/// `X` + `LambdaFunction`.
pub(super) fn lambda(name: &str) -> String {
    format!("{}LambdaFunction", function(name))
}

/// `X` + `LogGroup`.
pub(super) fn log_group(name: &str) -> String {
    format!("{}LogGroup", function(name))
}

/// The method of a path.
pub(super) fn method(resource: &str, method: &str) -> String {
    format!("ApiGatewayMethod{resource}{}", capital(&method.to_lowercase()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids() {
        assert_eq!(super::function("put-ride_record"), "PutDashrideUnderscorerecord");
        assert_eq!(super::letters("t-o_p.x"), "Topx");
        assert_eq!(super::path("a/b-c/{id}/x_y.z/{proxy+}"), "ABDashcIdVarXyzProxyVar");
        assert_eq!(super::path(""), "");
        assert_eq!(super::method("Ride", "POST"), "ApiGatewayMethodRidePost");
        assert_eq!(super::function(""), "");
    }
}
