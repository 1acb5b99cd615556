//! Verdicts on deployments, in every state in between.
