"""Stands in for Thundra's tracing agent, which the original services import: everything passes through untraced."""
