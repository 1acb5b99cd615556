//! # The file is YAML that Serverless reads
//!
//! ## What it asks
//! `serverless.yml` is one YAML document, a mapping, without tabs in its indentation, without a key that stands twice in one mapping, and with no other
//! tags than those of CloudFormation's intrinsic functions (`!Ref`, `!GetAtt`, `!Sub` …).
//!
//! ## Why
//! Serverless reads all of the file or nothing. A slip in one line blocks every task of the file until it is mended; the finding points at it.
//!
//! ## Passes
//! ```yaml
//! provider:
//!   name: aws
//!   runtime: python3.13
//! ```
//!
//! ## Fails
//! ```yaml
//! provider:
//!   name: aws
//!   name: aws            # the same key twice
//!   Resource: *          # a bare star is an alias in YAML: '*'
//! ```

use crate::check::rule::Rule;

/// No task asks for it: it is found on the way to what tasks ask for.
pub(super) static RULE: Rule =
    Rule { code: "RY002", name: "yaml-syntax", source: include_str!("yaml_syntax.rs"), judge: |_, _| Ok(Vec::new()) };
