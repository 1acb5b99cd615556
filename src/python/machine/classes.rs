//! Classes of the learner's: definition, instances, attributes, `super()`.

use std::collections::BTreeMap;
use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt, StmtClassDef};

use super::assign::put;
use super::{Arguments, Class, Eval, Flow, Id, Machine, Obj, Scope, Value};
use crate::diagnostic::Span;
use crate::python::data::{Kind, Native};

impl<'a> Machine<'a, '_> {
    pub(super) fn define_class(&mut self, node: &'a StmtClassDef) -> Result<(), Flow> {
        let mut bases = Vec::new();
        if let Some(arguments) = &node.arguments {
            bases = self.arguments(arguments)?.positional;
        }
        let mut decorators = Vec::new();
        for decorator in &node.decorator_list {
            decorators.push(self.eval(&decorator.expression)?);
        }
        let library = |value: &Value, wanted: &str| matches!(value, Value::Native(native) if matches!(&**native, Native::Lib(path) if path.ends_with(wanted)));
        let dataclass = decorators
            .iter()
            .chain(&bases)
            .any(|value| library(value, "dataclass") || library(value, "NamedTuple") || library(value, "BaseModel"));
        let class = Class { name: node.name.as_str().into(), bases, ..Class::default() };
        let class_id = self.alloc_id(Obj::Class(class));
        let parent = self.scope();
        let scope = self.alloc_id(Obj::Scope(Scope { parent: Some(parent), class_body: true, ..Scope::default() }));
        let module = self.frame().map_or(0, |frame| frame.module);
        self.push_frame(scope, module, None);
        self.building.push(class_id);
        let result = self.block(&node.body);
        self.building.pop();
        self.frames.pop();
        result?;
        let names = match self.obj(scope) {
            Obj::Scope(scope) => scope.names.clone(),
            _ => return Ok(()),
        };
        let fields = dataclass.then(|| {
            let annotated = node.body.iter().filter_map(|statement| match statement {
                Stmt::AnnAssign(field) => match &*field.target {
                    Expr::Name(name) => Some(name.id.as_str()),
                    _ => None,
                },
                _ => None,
            });
            annotated.map(|name| (Rc::from(name), names.get(name).cloned())).collect()
        });
        let names = self.members(class_id, names);
        if let Obj::Class(class) = self.obj_mut(class_id) {
            class.attributes = names;
            class.fields = fields;
        }
        self.bind(node.name.as_str(), Value::Ref(class_id));
        Ok(())
    }

    /// The names of a class body as attributes: the values of an enumeration become its members. Those of texts and numbers stay what
    /// they are, because they are as good as their values.
    fn members(&mut self, class: Id, names: BTreeMap<Rc<str>, Value>) -> Vec<(Rc<str>, Value)> {
        let plain = match self.obj(class) {
            Obj::Class(class) => {
                let library = |wanted: &str| {
                    class.bases.iter().any(|base| {
                        matches!(base, Value::Native(native) if matches!(&**native, Native::Lib(path) if path.ends_with(wanted)))
                    })
                };
                !library(".Enum") || class.bases.len() > 1
            }
            _ => true,
        };
        let mut members = Vec::new();
        for (name, value) in names {
            let constant = !name.starts_with('_')
                && !matches!(self.value_obj(&value), Some(Obj::Func(_) | Obj::Descriptor { .. }));
            let value = if plain || !constant {
                value
            } else {
                let attributes = vec![("value".into(), value), ("name".into(), Value::Str(name.clone()))];
                self.alloc(Obj::Instance { class, attributes })
            };
            members.push((name, value));
        }
        members
    }

    /// The class and its bases, in the order in which attributes are looked up.
    pub(super) fn class_chain(&self, class: Id) -> Vec<Id> {
        let mut chain = vec![class];
        let mut at = 0;
        while let (Some(id), true) = (chain.get(at).copied(), chain.len() < 50) {
            if let Obj::Class(class) = self.obj(id) {
                for base in &class.bases {
                    match base {
                        Value::Ref(base) if !chain.contains(base) => chain.push(*base),
                        _ => {}
                    }
                }
            }
            at += 1;
        }
        chain
    }

    fn find_in_class(&self, chain: &[Id], name: &str) -> Option<Value> {
        chain.iter().find_map(|id| match self.obj(*id) {
            Obj::Class(class) => {
                class.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| value.clone())
            }
            _ => None,
        })
    }

    /// Whether a class has a base that cannot be read.
    fn has_foreign_base(&self, chain: &[Id]) -> bool {
        chain.iter().any(|id| match self.obj(*id) {
            Obj::Class(class) => class.bases.iter().any(|base| !matches!(base, Value::Ref(_))),
            _ => false,
        })
    }

    pub(super) fn class_attribute(&mut self, object: &Value, name: &str, place: Span) -> Eval {
        let Value::Ref(id) = object else { return Ok(Value::None) };
        let (chain, own, this) = match self.obj(*id) {
            Obj::Instance { class, attributes } => {
                let own = attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| value.clone());
                (self.class_chain(*class), own, Some(object.clone()))
            }
            Obj::Class(_) => (self.class_chain(*id), None, None),
            Obj::Super { this, class } => (self.class_chain(*class).split_off(1), None, Some(this.clone())),
            _ => return Ok(Value::None),
        };
        if let Some(value) = own {
            return Ok(value);
        }
        if name == "__dict__" && this.is_some() {
            return Ok(self.attributes_of(object));
        }
        let Some(found) = self.find_in_class(&chain, name) else {
            if self.has_foreign_base(&chain) || matches!(self.obj(*id), Obj::Super { .. }) || name.starts_with("__") {
                return Ok(self.made(Kind::Any, name));
            }
            let class = match chain.first().map(|id| self.obj(*id)) {
                Some(Obj::Class(class)) => class.name.clone(),
                _ => "the object".into(),
            };
            return self.raise("AttributeError", &format!("'{class}' object has no attribute '{name}'"), place);
        };
        let Value::Ref(found_id) = &found else { return Ok(found) };
        match (self.obj(*found_id), this) {
            (Obj::Func(_), Some(this)) => Ok(self.alloc(Obj::Bound { func: found, this })),
            (Obj::Descriptor { kind, func }, this) => {
                let (kind, func) = (*kind, func.clone());
                match (kind, this) {
                    ("property", Some(this)) => {
                        let bound = self.alloc(Obj::Bound { func, this });
                        self.call(&bound, Arguments::default(), place)
                    }
                    ("classmethod", this) => {
                        let class = match this.as_ref().and_then(|this| self.value_obj(this)) {
                            Some(Obj::Instance { class, .. }) => Value::Ref(*class),
                            _ => object.clone(),
                        };
                        Ok(self.alloc(Obj::Bound { func, this: class }))
                    }
                    _ => Ok(func),
                }
            }
            _ => Ok(found),
        }
    }

    /// A special method as its class defines it.
    pub(super) fn special_function(&self, class: Id, name: &str) -> Option<Value> {
        self.find_in_class(&self.class_chain(class), name)
    }

    /// A special method of an instance, bound; none if its class has none.
    pub(super) fn special(&mut self, object: &Value, name: &str) -> Option<Value> {
        let Some(Obj::Instance { class, .. }) = self.value_obj(object) else { return None };
        let chain = self.class_chain(*class);
        let func = self.find_in_class(&chain, name)?;
        Some(self.alloc(Obj::Bound { func, this: object.clone() }))
    }

    pub(super) fn instantiate(&mut self, class: Id, arguments: Arguments, place: Span) -> Eval {
        let instance = self.alloc(Obj::Instance { class, attributes: Vec::new() });
        if let Some(init) = self.special(&instance, "__init__") {
            self.call(&init, arguments, place)?;
            return Ok(instance);
        }
        let chain = self.class_chain(class);
        let fields: Vec<(Rc<str>, Option<Value>)> = chain
            .iter()
            .rev()
            .filter_map(|id| match self.obj(*id) {
                Obj::Class(class) => class.fields.clone(),
                _ => None,
            })
            .flatten()
            .collect();
        if fields.is_empty() && !self.has_foreign_base(&chain) && !arguments.all().is_empty() {
            let name = match self.obj(class) {
                Obj::Class(class) => class.name.clone(),
                _ => "the class".into(),
            };
            return self.raise("TypeError", &format!("{name}() takes no arguments"), place);
        }
        for (index, (name, default)) in fields.into_iter().enumerate() {
            let value = match arguments.get(index, &name).cloned().or(default) {
                Some(value) => value,
                None if arguments.open => self.unknown(&name),
                None => {
                    return self.raise("TypeError", &format!("missing the argument '{name}'"), place);
                }
            };
            self.set_attribute(&instance, &name, value, place)?;
        }
        if let Some(after) = self.special(&instance, "__post_init__") {
            self.call(&after, Arguments::default(), place)?;
        }
        Ok(instance)
    }

    /// The attributes of an instance as a dict: `vars(…)`.
    pub(super) fn attributes_of(&mut self, value: &Value) -> Value {
        let Some(Obj::Instance { attributes, .. }) = self.value_obj(value) else { return self.unknown("vars()") };
        let entries = attributes.iter().map(|(name, value)| (Value::Str(name.clone()), value.clone())).collect();
        self.new_dict(entries)
    }

    /// The fields of a dataclass instance as a dict.
    pub(in crate::python) fn as_dict(&mut self, value: &Value) -> Value {
        let Some(Obj::Instance { attributes, .. }) = self.value_obj(value) else { return self.copy_of(value) };
        let attributes = attributes.clone();
        let mut entries = Vec::new();
        for (name, value) in attributes {
            let value = self.as_dict(&value);
            entries.push((Value::Str(name), value));
        }
        self.new_dict(entries)
    }

    pub(super) fn super_object(&mut self) -> Value {
        match self.frame().and_then(|frame| frame.method.clone()) {
            Some((this, class)) => self.alloc(Obj::Super { this, class }),
            None => self.unknown("super()"),
        }
    }

    pub(in crate::python) fn namedtuple(&mut self, name: &str, fields: Vec<Rc<str>>) -> Value {
        let fields = fields.into_iter().map(|field| (field, None)).collect();
        let mut class = Class { name: name.into(), fields: Some(fields), ..Class::default() };
        put(&mut class.attributes, "__slots__", Value::None);
        self.alloc(Obj::Class(class))
    }
}
