//! What can be seen without running anything: checks exist, links are addresses, services and diagrams hold together.

use std::collections::BTreeSet;

use super::Proof;
use super::prose::address_fault;
use crate::check::Evidence;
use crate::diagnostic::Span;
use crate::workshop::{Diagram, Task};

impl Proof<'_> {
    pub(super) fn shape(&mut self) {
        let module = self.module;
        self.services();
        for (index, diagram) in module.diagrams.iter().enumerate() {
            self.diagram(index, diagram);
        }
        self.step_ids();
        self.groups();
        for task in module.tasks() {
            self.task(task);
        }
        for question in &module.questions {
            if !module.steps.iter().any(|step| step.id == question.step)
                && let Some((file, span)) = self.places.question(&question.id).cloned()
            {
                self.report(
                    &file,
                    Some(span),
                    format!("question {} names step {}, which is not there", question.id, question.step),
                );
            }
        }
    }

    fn services(&mut self) {
        let manifest = self.places.manifest.clone();
        for (index, service) in self.module.services.iter().enumerate() {
            let has = |name: &str| self.module.starter.contains_key(&format!("{service}/{name}"));
            if !has("serverless.yml") && !has("serverless.yaml") {
                let span = self.places.services.get(index).copied();
                self.report(&manifest, span, format!("the starter has no {service}/serverless.yml"));
            }
        }
    }

    fn diagram(&mut self, index: usize, diagram: &Diagram) {
        let manifest = self.places.manifest.clone();
        let (id, nodes, edges) = self
            .places
            .diagrams
            .get(index)
            .map_or_else(Default::default, |places| (Some(places.id), places.nodes.clone(), places.edges.clone()));
        let id: Option<Span> = id;
        if self.module.diagrams.iter().take(index).any(|other| other.id == diagram.id) {
            self.report(&manifest, id, format!("two diagrams have the id {}", diagram.id));
        }
        let (mut names, mut cells) = (BTreeSet::new(), BTreeSet::new());
        for (node, span) in diagram.nodes.iter().zip(nodes) {
            if !names.insert(node.id.as_str()) {
                self.report(
                    &manifest,
                    Some(span),
                    format!("two nodes of diagram {} have the id {}", diagram.id, node.id),
                );
            }
            if !cells.insert((node.row, node.column)) {
                let message =
                    format!("two nodes of diagram {} stand at row {}, column {}", diagram.id, node.row, node.column);
                self.report(&manifest, Some(span), message);
            }
        }
        for (edge, span) in diagram.edges.iter().zip(edges) {
            for end in [&edge.from, &edge.to] {
                if !names.contains(end.as_str()) {
                    let message = format!("an edge of diagram {} names the node {end}, which is not there", diagram.id);
                    self.report(&manifest, Some(span), message);
                }
            }
        }
    }

    fn step_ids(&mut self) {
        let mut seen = BTreeSet::new();
        for (id, span, file) in self.places.steps.clone() {
            if !seen.insert(id.clone()) {
                self.report(&file, Some(span), format!("two steps have the id {id}"));
            }
        }
    }

    /// Tasks of one group stand next to each other: in between, the order would matter again.
    fn groups(&mut self) {
        let mut closed = BTreeSet::new();
        let mut open: Option<&str> = None;
        for task in self.module.tasks() {
            let group = task.any_order.as_deref();
            if group != open {
                closed.extend(open);
                open = group;
                if let Some(name) = group.filter(|name| closed.contains(name)) {
                    self.report_task(
                        task,
                        format!("task {} belongs to the group {name}, but other tasks stand between", task.id),
                    );
                }
            }
        }
    }

    fn task(&mut self, task: &Task) {
        if let Some(service) = task.deploys.as_ref().filter(|service| !self.module.services.contains(service)) {
            self.report_task(
                task,
                format!("task {} deploys {service}, which is not among the services of module.toml", task.id),
            );
        }
        if task.checks.is_empty() && task.deploys.is_none() {
            self.report_task(
                task,
                format!("task {} has neither checks nor a deployment: nothing tells whether it is done", task.id),
            );
        }
        if !task.checks.is_empty() && task.hints.is_empty() {
            self.report_task(task, format!("task {} is graded and has no hint", task.id));
        }
        self.checks(task);
        for (index, link) in task.docs.iter().enumerate() {
            if let Some(fault) = address_fault(&link.url) {
                let message = format!("`{}` is no web address: {fault}", link.url);
                self.report_entry(task, |entry| entry.links.get(index).copied(), message);
            }
        }
    }

    /// Each check alone, so that the place of the wrong one can be told.
    fn checks(&mut self, task: &Task) {
        for (index, check) in task.checks.iter().enumerate() {
            let alone = Task { checks: vec![check.clone()], deploys: None, ..task.clone() };
            if let Err(error) = (self.grade)(&alone, &Evidence::default()) {
                self.report_entry(task, |entry| entry.checks.get(index).copied(), error.to_string());
            }
        }
    }
}
