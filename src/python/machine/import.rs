//! Imports: the learner's own modules are executed, from the service folder as Lambda does; the rest are libraries.

use std::rc::Rc;

use ruff_python_ast::{Stmt, StmtImport, StmtImportFrom};

use super::{Flow, Id, Loaded, Machine, Obj, Scope, Value, span};
use crate::diagnostic::Span;
use crate::python::PythonFile;
use crate::python::data::{Kind, Native};
use crate::python::library::known::{imported_by_star, is_missing_module, slip};

type Exec = Result<(), Flow>;

/// How deep modules of the learner's may import each other.
const MOST_MODULES: usize = 40;

impl<'a> Machine<'a, '_> {
    /// Executes a module. A statement that fails does not keep the rest from being understood: the failure is remembered.
    pub(super) fn load(&mut self, file: &'a PythonFile) -> Result<Id, Flow> {
        let path: Rc<str> = file.path().into();
        let scope = self.alloc_id(Obj::Scope(Scope::default()));
        let index = self.modules.len();
        self.modules.push(Loaded { file, path, scope });
        self.modules_by_path.insert(file.path().to_owned(), index);
        let name = module_name(file.path());
        self.bind_in(scope, "__name__", Value::str(&name));
        self.bind_in(scope, "__file__", Value::str(&format!("/var/task/{}.py", name.replace('.', "/"))));
        self.push_frame(scope, index, None);
        let mut result = Ok(());
        for statement in file.body() {
            match self.statement(statement) {
                Err(Flow::Raise(raised)) => {
                    let failure = self.failure(&raised);
                    self.import_failures.push(failure);
                    self.after_failure(statement)?;
                }
                Err(abandon @ Flow::Abandon(..)) => {
                    result = Err(abandon);
                    break;
                }
                _ => {}
            }
        }
        self.frames.pop();
        result.map(|()| scope)
    }

    /// Gives the names that a failed statement would have bound a value all the same.
    fn after_failure(&mut self, statement: &'a Stmt) -> Exec {
        match statement {
            Stmt::FunctionDef(node) => {
                let mut defaults = Vec::new();
                for parameter in node.parameters.iter_non_variadic_params() {
                    if let Some(default) = &parameter.default {
                        let value = match self.eval(default) {
                            Ok(value) => value,
                            Err(Flow::Raise(_)) => self.unknown("a default that could not be evaluated"),
                            Err(other) => return Err(other),
                        };
                        defaults.push((parameter.parameter.name.as_str().into(), value));
                    }
                }
                match self.bind_function(node, defaults) {
                    Err(Flow::Raise(_)) => Ok(()),
                    other => other,
                }
            }
            Stmt::Assign(node) => {
                for target in &node.targets {
                    let value = self.unknown("a value that could not be computed");
                    match self.assign(target, value) {
                        Ok(()) | Err(Flow::Raise(_)) => {}
                        Err(other) => return Err(other),
                    }
                }
                Ok(())
            }
            Stmt::ClassDef(node) => {
                let value = self.unknown("a class that could not be made");
                self.bind(node.name.as_str(), value);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn import(&mut self, node: &'a StmtImport) -> Exec {
        for alias in &node.names {
            let path = alias.name.as_str();
            let place = span(&alias.name);
            let found = self.module(path, place)?;
            if found.is_none() && is_missing_module(path) {
                return self.raise("ModuleNotFoundError", &format!("No module named '{path}'"), place);
            }
            match &alias.asname {
                Some(name) => {
                    let value = found.unwrap_or_else(|| library(path));
                    self.bind(name.as_str(), value);
                }
                None => {
                    let head = path.split('.').next().unwrap_or(path);
                    let value = match found {
                        Some(module) if head == path => module,
                        Some(module) => self.package(path, module),
                        None => library(head),
                    };
                    self.bind(head, value);
                }
            }
        }
        Ok(())
    }

    /// `import a.b.c` binds `a`: an object through which `a.b.c` is found.
    fn package(&mut self, path: &str, module: Value) -> Value {
        let mut value = module;
        let parts: Vec<&str> = path.split('.').skip(1).collect();
        for part in parts.into_iter().rev() {
            let scope = self.alloc_id(Obj::Scope(Scope::default()));
            self.bind_in(scope, part, value);
            let index = self.modules.len();
            if let Some(file) = self.modules.first().map(|module| module.file) {
                self.modules.push(Loaded { file, path: "".into(), scope });
            }
            value = self.alloc(Obj::Module(index));
        }
        value
    }

    pub(super) fn import_from(&mut self, node: &'a StmtImportFrom) -> Exec {
        let module = node.module.as_ref().map_or("", |module| module.as_str());
        let place = node.module.as_ref().map_or_else(|| span(node), span);
        let prefix = if node.level > 0 {
            let mut folders: Vec<String> = self.folder_of_module().split('/').map(ToOwned::to_owned).collect();
            folders.retain(|folder| !folder.is_empty());
            if folders.len() + 1 < node.level as usize + usize::from(folders.is_empty()) || folders.is_empty() {
                let message = "attempted relative import with no known parent package";
                return self.raise("ImportError", message, place);
            }
            folders.truncate(folders.len() + 1 - node.level as usize);
            if !module.is_empty() {
                folders.extend(module.split('.').map(ToOwned::to_owned));
            }
            folders.join(".")
        } else {
            module.to_owned()
        };
        let found = self.module(&prefix, place)?;
        self.hints_are_text |=
            prefix == "__future__" && node.names.iter().any(|alias| alias.name.as_str() == "annotations");
        let foreign = found.is_none() && node.level == 0;
        if foreign && is_missing_module(&prefix) {
            return self.raise("ModuleNotFoundError", &format!("No module named '{prefix}'"), place);
        }
        for alias in &node.names {
            let name = alias.name.as_str();
            let place = span(&alias.name);
            if name == "*" {
                self.import_star(found.as_ref(), &prefix);
                continue;
            }
            if let (true, Some(near)) = (foreign, slip(&prefix, name)) {
                let message = format!("cannot import name '{name}' from '{prefix}'{near}");
                return self.raise("ImportError", &message, place);
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            let value = match &found {
                Some(Value::Ref(id)) => {
                    let Obj::Module(index) = self.obj(*id) else { continue };
                    let index = *index;
                    self.imported_name(index, &prefix, name, place)?
                }
                _ => match self.module(&format!("{prefix}.{name}"), place)? {
                    Some(module) => module,
                    None if node.level > 0 => {
                        let message = format!("cannot import name '{name}' from '{prefix}'");
                        return self.raise("ImportError", &message, place);
                    }
                    None => library(&format!("{prefix}.{name}")),
                },
            };
            self.bind(bound, value);
        }
        Ok(())
    }

    /// `importlib.import_module(path)`.
    pub(in crate::python) fn import_by_name(&mut self, path: &str, place: Span) -> super::Eval {
        if let Some(module) = self.module(path, place)? {
            return Ok(module);
        }
        if is_missing_module(path) {
            return self.raise("ModuleNotFoundError", &format!("No module named '{path}'"), place);
        }
        Ok(library(path))
    }

    fn imported_name(&mut self, index: usize, prefix: &str, name: &str, place: Span) -> super::Eval {
        let scope = self.modules.get(index).map(|module| module.scope);
        if let Some(value) = scope.and_then(|scope| self.local(scope, name)) {
            return Ok(value);
        }
        match self.module(&format!("{prefix}.{name}"), place)? {
            Some(module) => Ok(module),
            None => self.raise("ImportError", &format!("cannot import name '{name}' from '{prefix}'"), place),
        }
    }

    fn import_star(&mut self, module: Option<&Value>, path: &str) {
        let Some(Value::Ref(id)) = module else {
            match imported_by_star(path) {
                Some(names) => names.for_each(|name| self.bind(name, library(&format!("{path}.{name}")))),
                // Any name that the file leaves undefined may come from there.
                None => self.starred = true,
            }
            return;
        };
        let Obj::Module(index) = self.obj(*id) else { return };
        let Some(scope) = self.modules.get(*index).map(|module| module.scope) else { return };
        let Obj::Scope(scope) = self.obj(scope) else { return };
        let names: Vec<_> = scope.names.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        for (name, value) in names {
            if !name.starts_with('_') {
                self.bind(&name, value);
            }
        }
    }

    /// The folder of the module that is executing, from the service folder: `handlers`.
    fn folder_of_module(&self) -> String {
        let module = self.frame().map_or(0, |frame| frame.module);
        let path = self.modules.get(module).map_or("", |module| &module.path);
        let inside = path.split_once('/').map_or("", |(_, inside)| inside);
        inside.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
    }

    /// A module of the learner's by its dotted name; none if it is not a file of theirs.
    fn module(&mut self, dotted: &str, place: Span) -> Result<Option<Value>, Flow> {
        let Some(root) =
            self.modules.first().and_then(|module| module.path.split_once('/')).map(|(root, _)| root.to_owned())
        else {
            return Ok(None);
        };
        let relative = dotted.replace('.', "/");
        let candidates = [format!("{root}/{relative}.py"), format!("{root}/{relative}/__init__.py")];
        for path in &candidates {
            if let Some(index) = self.modules_by_path.get(path) {
                let index = *index;
                return Ok(Some(self.alloc(Obj::Module(index))));
            }
            if let Some(file) = (self.scenario.loader)(path) {
                if self.modules.len() > MOST_MODULES {
                    let at = self.at(place);
                    return Err(Flow::Abandon("too many modules import each other".into(), Some(at)));
                }
                let index = self.modules.len();
                self.load(file)?;
                return Ok(Some(self.alloc(Obj::Module(index))));
            }
        }
        let folder = self.folder_of_module();
        let beside = format!("{root}/{folder}/{relative}.py");
        if !folder.is_empty() && (self.scenario.loader)(&beside).is_some() {
            let message = format!("No module named '{dotted}'");
            return self.raise("ModuleNotFoundError", &message, place);
        }
        Ok(None)
    }

    pub(super) fn module_attribute(&mut self, index: usize, name: &str, place: Span) -> super::Eval {
        let Some(module) = self.modules.get(index) else { return Ok(self.unknown(name)) };
        let (scope, path) = (module.scope, module.path.clone());
        match self.local(scope, name) {
            Some(value) => Ok(value),
            None if name.starts_with("__") => Ok(self.made(Kind::Any, name)),
            None => {
                let message = format!("module '{}' has no attribute '{name}'", module_name(&path));
                self.raise("AttributeError", &message, place)
            }
        }
    }
}

/// The dotted name under which Lambda imports a file of a service.
fn module_name(path: &str) -> String {
    let inside = path.split_once('/').map_or(path, |(_, inside)| inside);
    inside.strip_suffix(".py").unwrap_or(inside).replace('/', ".")
}

/// Something of a library, by its dotted name.
fn library(path: &str) -> Value {
    match path {
        "typing.TYPE_CHECKING" => Value::Bool(false),
        "os.environ" => Value::native(Native::Environ),
        _ => {
            let last = path.rsplit('.').next().unwrap_or(path);
            let error = last.ends_with("Error") || last.ends_with("Exception");
            if error && path.contains('.') {
                return Value::native(Native::ErrorType(last.into()));
            }
            Value::lib(path)
        }
    }
}
