//! The evaluator: what would running this code do?
//!
//! It executes a module and then a function over values that are concrete where the code says so and symbols elsewhere. Where a
//! condition cannot be decided, or AWS may answer with a fault, it takes one side, and runs again for the other: every run is one
//! [`Path`]. Runs are bounded in steps, depth and number, so that any program ends.

mod assign;
mod builtins;
mod call;
mod classes;
mod collections;
mod compare;
mod comprehend;
mod define;
mod errors;
mod expression;
mod heap;
mod import;
mod iterators;
mod lookup;
mod matching;
mod methods;
mod operator;
mod parameters;
mod statement;
mod strings;
mod threads;
mod value;

use std::collections::BTreeMap;
use std::rc::Rc;

use ruff_python_ast::StmtWith;
use ruff_text_size::Ranged;

use super::PythonFile;
use super::data::{Data, Kind, Native, Symbol, What};
use super::effect::{At, Effect, End, Failure, Path};
use crate::diagnostic::Span;
pub(super) use call::Arguments;
pub(super) use errors::{Flow, Raised};
pub(super) use heap::{Class, Dict, Func, Id, Node, Obj, Scope};
pub(super) use value::Value;

/// What evaluating an expression gives.
pub(super) type Eval = Result<Value, Flow>;

/// The name of a lambda until it is bound to one.
const ANONYMOUS: &str = "<lambda>";
const MOST_STEPS: usize = 20_000;
const MOST_STEPS_IN_ALL: usize = 400_000;
const MOST_PATHS: usize = 160;
const MOST_DEPTH: usize = 60;
const MOST_OBJECTS: usize = 50_000;
/// Values held by objects and snapshots of one run, roughly: what keeps its memory small.
const MOST_CELLS: usize = 300_000;

/// Gives the parsed file at a path from the workshop folder.
pub type Loader<'a> = dyn Fn(&str) -> Option<&'a PythonFile> + 'a;

/// How the function under test is called.
#[derive(Clone, Debug)]
pub enum Call {
    /// With these positional arguments.
    With(Vec<Data>),
    /// With this first argument, and a symbol for every further parameter that has no default.
    First(Data),
}

/// What is run, and under which suppositions.
pub struct Scenario<'a> {
    /// The module.
    pub file: &'a PythonFile,
    /// Other files of the workshop folder.
    pub loader: &'a Loader<'a>,
    /// The function that is called after the import, and how; none to import only.
    pub call: Option<(&'a str, Call)>,
    /// Names that count as defined where the module leaves them undefined, as a neighbouring task provides them.
    pub provided: Vec<(&'a str, Data)>,
    /// Functions of the learner's that are entered but not executed.
    pub stubs: Vec<&'a str>,
    /// Environment variables that are certainly not set.
    pub unset: Vec<&'a str>,
}

/// All ways through a scenario.
pub struct Paths {
    /// The ways, the most ordinary first.
    pub paths: Vec<Path>,
    /// Whether these are all.
    pub complete: bool,
}

impl<'a> Scenario<'a> {
    /// The import of `file`, without any call.
    pub fn import(file: &'a PythonFile, loader: &'a Loader<'a>) -> Self {
        Self { file, loader, call: None, provided: Vec::new(), stubs: Vec::new(), unset: Vec::new() }
    }

    /// Runs every way through.
    pub fn explore(&self) -> Paths {
        let mut choices: Vec<Choice> = Vec::new();
        let mut paths = Vec::new();
        let mut steps = 0;
        loop {
            let mut machine = Machine::new(self, choices);
            paths.push(machine.run());
            steps += machine.steps;
            choices = machine.choices;
            while choices.last().is_some_and(|choice| choice.taken + 1 >= choice.of) {
                choices.pop();
            }
            let Some(last) = choices.last_mut() else { return Paths { paths, complete: true } };
            last.taken += 1;
            if paths.len() >= MOST_PATHS || steps > MOST_STEPS_IN_ALL {
                return Paths { paths, complete: false };
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Choice {
    taken: usize,
    of: usize,
}

/// A module of the learner's service, loaded in this run.
struct Loaded<'a> {
    file: &'a PythonFile,
    path: Rc<str>,
    scope: Id,
}

/// One activation of a module, function or class body.
struct Frame<'a> {
    scope: Id,
    module: usize,
    /// The name of the function; none at module level.
    function: Option<Rc<str>>,
    /// What a generator has yielded so far.
    yielded: Vec<Value>,
    /// Exceptions being handled, innermost last, for a bare `raise`.
    handling: Vec<Raised>,
    /// `self` and the class of the method, for `super()`.
    method: Option<(Value, Id)>,
    /// Where the value that is being returned stands.
    returned_at: Option<At>,
    /// The `with` whose block runs at the next `yield`, with the item of it, and where its end is kept.
    managed: Option<(&'a StmtWith, usize, usize)>,
}

/// One run.
pub(super) struct Machine<'a, 's> {
    scenario: &'s Scenario<'a>,
    heap: Vec<Obj<'a>>,
    modules: Vec<Loaded<'a>>,
    frames: Vec<Frame<'a>>,
    choices: Vec<Choice>,
    cursor: usize,
    steps: usize,
    cells: std::cell::Cell<usize>,
    depth: usize,
    serial: u32,
    effects: Vec<Effect>,
    supposed: Vec<At>,
    decided: Vec<(Rc<Symbol>, bool)>,
    import_failures: Vec<Failure>,
    modules_by_path: BTreeMap<String, usize>,
    /// Classes whose body is executing.
    building: Vec<Id>,
    /// A module asks for hints that are not evaluated.
    hints_are_text: bool,
    /// The `with` that the generator called next manages.
    managed: Option<(&'a StmtWith, usize, usize)>,
    /// How blocks managed by generators were left, where by `return` or `break`.
    left_blocks: Vec<Option<Flow>>,
    /// Threads that were started and not waited for.
    running: Vec<Id>,
    /// Names were imported with `*` from a library whose names are not known.
    starred: bool,
    /// Batch writers that a `with` has entered.
    entered: Vec<Rc<Native>>,
}

impl<'a, 's> Machine<'a, 's> {
    fn new(scenario: &'s Scenario<'a>, choices: Vec<Choice>) -> Self {
        Self {
            scenario,
            heap: Vec::with_capacity(256),
            modules: Vec::new(),
            frames: Vec::new(),
            choices,
            cursor: 0,
            steps: 0,
            cells: std::cell::Cell::new(0),
            depth: 0,
            serial: 0,
            effects: Vec::new(),
            supposed: Vec::new(),
            decided: Vec::new(),
            import_failures: Vec::new(),
            modules_by_path: BTreeMap::new(),
            building: Vec::new(),
            hints_are_text: false,
            managed: None,
            left_blocks: Vec::new(),
            running: Vec::new(),
            starred: false,
            entered: Vec::new(),
        }
    }

    fn run(&mut self) -> Path {
        let scope = self.load(self.scenario.file);
        let imported = self.effects.len();
        let globals = scope.as_ref().map(|scope| self.globals_of(*scope)).unwrap_or_default();
        let end = match scope {
            Err(flow) => self.end_of(flow),
            Ok(scope) => match &self.scenario.call {
                None => End::Returned(Data::None, None),
                Some((name, call)) => self.call_entry(scope, name, call),
            },
        };
        Path {
            effects: std::mem::take(&mut self.effects),
            imported,
            end,
            supposed: std::mem::take(&mut self.supposed),
            import_failures: std::mem::take(&mut self.import_failures),
            globals,
        }
    }

    fn globals_of(&self, scope: Id) -> Vec<(Rc<str>, Data)> {
        let Obj::Scope(scope) = self.obj(scope) else { return Vec::new() };
        scope.names.iter().map(|(name, value)| (name.clone(), self.snapshot(value))).collect()
    }

    fn call_entry(&mut self, scope: Id, name: &str, call: &Call) -> End {
        let module = self.modules.first().map(|module| module.path.clone()).unwrap_or_else(|| "".into());
        let at = At { file: module, span: Span::default() };
        let Some(callee) = self.local(scope, name) else {
            return End::Abandoned(format!("there is no {name}").into(), Some(at));
        };
        self.push_frame(scope, 0, None);
        let arguments = self.entry_arguments(&callee, call);
        let result = self.call(&callee, arguments, Span::default());
        self.leave_threads();
        let returned_at = self.frames.pop().and_then(|frame| frame.returned_at);
        match result {
            Ok(value) => End::Returned(self.snapshot(&value), returned_at),
            Err(flow) => self.end_of(flow),
        }
    }

    fn entry_arguments(&mut self, callee: &Value, call: &Call) -> Arguments {
        let given = match call {
            Call::With(values) => values.clone(),
            Call::First(first) => {
                let mut values = vec![first.clone()];
                let required = self.required_parameters(callee);
                values.extend(required.iter().skip(1).map(|name| Data::input(Kind::Any, name)));
                if required.is_empty() && !self.takes_positional(callee) {
                    values.clear();
                }
                values
            }
        };
        let positional = given.iter().map(|data| self.import_data(data)).collect();
        Arguments { positional, ..Arguments::default() }
    }

    fn end_of(&mut self, flow: Flow) -> End {
        match flow {
            Flow::Raise(raised) => End::Raised(self.failure(&raised)),
            Flow::Abandon(reason, at) => End::Abandoned(reason, at),
            Flow::Return(_) | Flow::Break | Flow::Continue => End::Returned(Data::None, None),
        }
    }

    fn push_frame(&mut self, scope: Id, module: usize, function: Option<Rc<str>>) {
        self.frames.push(Frame {
            scope,
            module,
            function,
            yielded: Vec::new(),
            handling: Vec::new(),
            method: None,
            returned_at: None,
            managed: None,
        });
    }

    fn frame(&self) -> Option<&Frame<'a>> {
        self.frames.last()
    }

    /// The scope that names are bound in now.
    fn scope(&self) -> Id {
        self.frames.last().map_or(Id(0), |frame| frame.scope)
    }

    /// Whether a function of the learner's is executing.
    pub(super) fn is_in_call(&self) -> bool {
        self.in_function()
    }

    /// Whether a `with` has entered this batch writer.
    pub(super) fn is_entered(&self, batch: &Rc<Native>) -> bool {
        self.entered.iter().any(|entered| Rc::ptr_eq(entered, batch))
    }

    /// Whether the scenario says that an environment variable is not set.
    pub(super) fn is_unset(&self, name: &str) -> bool {
        self.scenario.unset.contains(&name)
    }

    fn in_function(&self) -> bool {
        self.frames.iter().any(|frame| frame.function.is_some())
    }

    /// The place of `span` in the file that is executing.
    pub(super) fn at(&self, span: Span) -> At {
        let module = self.frames.last().map_or(0, |frame| frame.module);
        let file = self.modules.get(module).map_or_else(|| Rc::from(""), |module| module.path.clone());
        At { file, span }
    }

    pub(super) fn emit(&mut self, effect: Effect) {
        if self.effects.len() < MOST_STEPS {
            self.effects.push(effect);
        }
    }

    /// Counts one step; ends a run that takes too many.
    fn step(&mut self, span: Span) -> Result<(), Flow> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.heap.len() > MOST_OBJECTS || self.cells.get() > MOST_CELLS {
            return Err(Flow::Abandon("the code runs for too long to be followed".into(), Some(self.at(span))));
        }
        Ok(())
    }

    /// Counts values that now take room.
    pub(super) fn spend(&self, cells: usize) {
        self.cells.set(self.cells.get().saturating_add(cells));
    }

    /// Takes one of `of` sides; later runs take the others.
    pub(super) fn choose(&mut self, of: usize) -> usize {
        if self.cursor == self.choices.len() {
            self.choices.push(Choice { taken: 0, of });
        }
        let taken = self.choices.get(self.cursor).map_or(0, |choice| choice.taken);
        self.cursor += 1;
        taken
    }

    /// A value of which only the origin is known.
    pub(super) fn made(&mut self, kind: Kind, label: &str) -> Value {
        self.serial += 1;
        Value::symbol(kind, What::Made(label.into(), self.serial))
    }

    /// A value that could not be followed.
    pub(super) fn unknown(&mut self, label: &str) -> Value {
        self.serial += 1;
        Value::symbol(Kind::Any, What::Unknown(label.into(), self.serial))
    }

    /// Remembers that code which cannot be followed was handed `values`, where those could matter.
    pub(super) fn opaque(&mut self, what: &str, values: &[&Value], span: Span) {
        let data: Vec<Data> = values.iter().map(|value| self.snapshot(value)).collect();
        let matters = |data: &Data| {
            data.any(&mut |part| matches!(part, Data::Native(_) | Data::Function(..) | Data::Object(_) | Data::Dict(_)))
        };
        if data.iter().any(matters) {
            let at = self.at(span);
            self.emit(Effect::Opaque(what.into(), data, at));
        }
    }
}

/// The bytes of a syntax node.
pub(super) fn span(node: &impl Ranged) -> Span {
    let range = node.range();
    Span::new(range.start().to_usize(), range.end().to_usize())
}
