//! Whatever stands in a handler: reading it and running it symbolically ends, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rydes::python::data::Data;
use rydes::python::{Call, PythonFile, Scenario};

fuzz_target!(|text: &str| {
    let Ok(file) = PythonFile::parse("service/handlers/code.py", text) else { return };
    file.names();
    file.imports();
    for function in file.functions() {
        let event = Data::dict([("body", Data::json(Data::dict([("a", Data::Int(1))])))]);
        let call = Some((function.name.as_str(), Call::First(event)));
        Scenario { call, ..Scenario::import(&file, &|_| None) }.explore();
    }
});
