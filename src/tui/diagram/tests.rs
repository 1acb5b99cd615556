//! Diagrams as they look.

use super::*;
use crate::tui::page::text_of;
use crate::tui::theme::ThemeName;

fn diagram(text: &str) -> Diagram {
    toml::from_str(text).unwrap()
}

const AFTER: &str = r#"
id = "after"
title = "Event-driven"
nodes = [
  { id = "user", label = "User", kind = "user", row = 0, column = 0 },
  { id = "api", label = "API Gateway", kind = "api", row = 0, column = 1 },
  { id = "ride", label = "RequestRide", kind = "function", row = 0, column = 2 },
  { id = "fleet", label = "Ride fleet", kind = "api", row = 0, column = 3 },
  { id = "topic", label = "RidesSnsTopic", kind = "topic", row = 1, column = 2 },
  { id = "record", label = "PutRideRecordSns", kind = "function", row = 1, column = 3 },
  { id = "table", label = "RideRecordTable", kind = "table", row = 2, column = 3 },
]
edges = [
  { from = "user", to = "api", label = "POST", style = "sync" },
  { from = "api", to = "ride", style = "sync" },
  { from = "ride", to = "fleet", label = "GET", style = "sync" },
  { from = "ride", to = "topic", label = "publish", style = "async" },
  { from = "topic", to = "record", style = "async" },
  { from = "record", to = "table", style = "sync" },
]
"#;

const FAN: &str = r#"
id = "fan"
title = "Fan-out"
nodes = [
  { id = "a", label = "RequestRide", kind = "function", row = 0, column = 0 },
  { id = "b", label = "Fleet", kind = "api", row = 0, column = 1 },
  { id = "c", label = "Record", kind = "api", row = 1, column = 1 },
]
edges = [
  { from = "a", to = "b", label = "GET /unicorn", style = "sync" },
  { from = "a", to = "c", label = "POST /record", style = "sync" },
]
"#;

fn drawn(text: &str, width: usize, ascii: bool) -> String {
    let look = Look::new(ThemeName::Terminal, ascii, true);
    let lines = draw(&diagram(text), &look, width);
    lines.iter().map(|line| text_of(line).trim_end().to_owned() + "\n").collect()
}

#[test]
fn pictures() {
    let all = [
        drawn(AFTER, 100, false),
        drawn(AFTER, 78, false),
        drawn(AFTER, 78, true),
        drawn(AFTER, 56, false),
        drawn(AFTER, 40, false),
        drawn(FAN, 60, false),
    ];
    insta::assert_snapshot!(all.join("\n=====\n"));
}

#[test]
fn no_width_is_exceeded_unless_told_in_words() {
    let look = Look::new(ThemeName::Terminal, false, true);
    for width in 0..120 {
        let lines = draw(&diagram(AFTER), &look, width);
        let told = lines.iter().any(|line| text_of(line).contains("User ──▶"));
        assert!(told || lines.iter().all(|line| text_of(line).chars().count() <= width.max(40)), "{width}");
    }
}

#[test]
fn both_architectures_are_drawn_on_the_smallest_usual_terminal() {
    // What is left for the lesson on 80 columns.
    const WIDTH: usize = 49;
    let module = crate::workshop::built_in().unwrap();
    let look = Look::new(ThemeName::Terminal, false, true);
    assert!(!module.diagrams.is_empty());
    for diagram in &module.diagrams {
        let lines: Vec<String> = draw(diagram, &look, WIDTH).iter().map(text_of).collect();
        assert!(lines.iter().any(|line| line.contains('╭')), "{}", lines.join("\n"));
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{}", lines.join("\n"));
    }
}
