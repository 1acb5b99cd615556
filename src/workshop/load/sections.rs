//! Markdown cut at its headings, with fenced code left alone.

/// The prose of one task.
pub(super) struct Section {
    pub(super) id: String,
    /// Offset of the heading in the body.
    pub(super) start: usize,
    /// Markdown below the heading.
    pub(super) text: String,
}

/// The prose before the first `## ID …` heading of one of `ids`, and a section for each such heading.
pub(super) fn task_sections(body: &str, ids: &[&str]) -> (String, Vec<Section>) {
    let first_word = |heading: &str| heading.split_whitespace().next().unwrap_or_default().to_owned();
    let cuts = headings(body, "## ")
        .into_iter()
        .map(|heading| (first_word(&heading.title), heading))
        .filter(|(id, _)| ids.contains(&id.as_str()));
    let cuts: Vec<_> = cuts.collect();
    let prose = &body[..cuts.first().map_or(body.len(), |(_, heading)| heading.start)];
    let ends = cuts.iter().skip(1).map(|(_, heading)| heading.start).chain([body.len()]);
    let sections = cuts.iter().zip(ends).map(|((id, heading), end)| Section {
        id: id.clone(),
        start: heading.start,
        text: body[heading.end..end].trim().to_owned(),
    });
    (prose.trim().to_owned(), sections.collect())
}

/// The prose before the first `### …` heading that `wanted` accepts, and title and prose of each such heading.
pub(super) fn subsections(text: &str, wanted: impl Fn(&str) -> bool) -> (String, Vec<(String, String)>) {
    let cuts: Vec<_> = headings(text, "### ").into_iter().filter(|heading| wanted(&heading.title)).collect();
    let prose = &text[..cuts.first().map_or(text.len(), |heading| heading.start)];
    let ends = cuts.iter().skip(1).map(|heading| heading.start).chain([text.len()]);
    let parts =
        cuts.iter().zip(ends).map(|(heading, end)| (heading.title.clone(), text[heading.end..end].trim().to_owned()));
    (prose.trim().to_owned(), parts.collect())
}

struct Heading {
    title: String,
    start: usize,
    end: usize,
}

fn headings(text: &str, mark: &str) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let trimmed = line.trim_start();
        match fence {
            Some(open) if trimmed.starts_with(open) => fence = None,
            Some(_) => {}
            None => {
                fence = ["````", "```", "~~~"].into_iter().find(|open| trimmed.starts_with(open));
                if let Some(title) = line.strip_prefix(mark) {
                    found.push(Heading { title: title.trim().to_owned(), start, end });
                }
            }
        }
        start = end;
    }
    found
}
