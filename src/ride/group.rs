//! The log groups, and what their functions do for a ride.

use std::collections::HashMap;

use super::topology::{Function, Role};

/// Most groups that are told apart; an application has a handful.
const MOST: usize = 1024;

/// The groups that were met.
#[derive(Debug, Default)]
pub(super) struct Groups {
    numbers: HashMap<Box<str>, u16>,
    roles: Vec<Role>,
    functions: HashMap<Box<str>, Role>,
}

impl Groups {
    /// The number of a group; the same for the same name.
    pub(super) fn number(&mut self, name: &str) -> u16 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let Ok(number) = u16::try_from(self.roles.len()) else { return u16::MAX };
        if self.roles.len() >= MOST {
            return u16::MAX;
        }
        self.numbers.insert(name.into(), number);
        self.roles.push(self.role_of_name(name));
        number
    }

    /// What the group's function does for a ride.
    pub(super) fn role(&self, number: u16) -> Role {
        self.roles.get(usize::from(number)).copied().unwrap_or(Role::Other)
    }

    /// Takes what is deployed now, and tells whether the role of a known group changed. Groups that are no longer deployed keep theirs: lines of
    /// a function that was renamed still come.
    pub(super) fn deployed(&mut self, functions: &[Function]) -> bool {
        let known = functions.iter().map(|function| (function.log_group.as_str().into(), function.role));
        self.functions.extend(known.take(MOST));
        let mut changed = false;
        for (name, number) in &self.numbers {
            let role = self.functions.get(name).copied();
            if let (Some(role), Some(current)) = (role, self.roles.get_mut(usize::from(*number))) {
                changed |= *current != role;
                *current = role;
            }
        }
        changed
    }

    fn role_of_name(&self, name: &str) -> Role {
        self.functions.get(name).copied().unwrap_or_else(|| role_by_convention(name))
    }
}

/// By the names that the module gives its functions, as long as what is deployed is not known.
fn role_by_convention(group: &str) -> Role {
    let function = group.rsplit(['/', '-']).next().unwrap_or_default();
    match function {
        "RequestRide" => Role::Requests,
        "GetUnicorn" | "RequestUnicorn" => Role::Fleet,
        "PutRideRecord" | "PutRideRecordHttp" => Role::RecordsHttp,
        "PutRideRecordSns" => Role::RecordsTopic,
        _ => Role::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deployed_goes_before_convention() {
        let mut groups = Groups::default();
        let number = groups.number("/aws/lambda/wild-rydes-ride-record-dev-PutRideRecordSns");
        assert_eq!(groups.role(number), Role::RecordsTopic);
        let function = |role| Function {
            name: "x".to_owned(),
            logical: "x".to_owned(),
            service: "x".to_owned(),
            role,
            log_group: "/aws/lambda/wild-rydes-ride-record-dev-PutRideRecordSns".to_owned(),
            memory: None,
        };
        assert!(!groups.deployed(&[function(Role::RecordsTopic)]));
        assert!(groups.deployed(&[function(Role::Other)]));
        assert_eq!(groups.role(number), Role::Other);
        assert_eq!(groups.role(u16::MAX), Role::Other);
    }

    #[test]
    fn names_without_end_do_not_fill_the_memory() {
        let mut groups = Groups::default();
        (0..2 * MOST).for_each(|n| assert_eq!(groups.number(&format!("g{n}")) == u16::MAX, n >= MOST));
    }
}
