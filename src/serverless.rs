//! `serverless.yml` understood: YAML with spans, variables, intrinsics, functions and events.
//!
//! [`yaml`] reads the text, [`variables`] resolves it, [`intrinsics`] gives CloudFormation's functions one meaning whatever their spelling, and
//! [`Service`] is what all that says. What only a deployment knows stays a [`text::Symbol`]; nothing is guessed.

pub mod intrinsics;
mod service;
pub mod template;
pub mod text;
pub mod variables;
pub mod yaml;

pub use service::{
    Answer, Coverage, Effect, Event, EventKind, Function, Functions, Grant, Key, Permissions, Resource, Resources,
    RoleSource, Service, Statement, TopicName, Variable,
};
