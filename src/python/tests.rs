//! The layer on what learners write.
