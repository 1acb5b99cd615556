"""The plugins of the agent."""
