//! Deploys of real services.
