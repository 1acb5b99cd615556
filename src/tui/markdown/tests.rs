//! Markdown as it looks on a page.

use super::*;
use crate::tui::highlight::Highlights;
use crate::tui::look::Look;
use crate::tui::theme::ThemeName;

fn plain(markdown: &str, width: usize, ascii: bool) -> String {
    let (look, highlights) = (Look::new(ThemeName::Terminal, ascii, true), Highlights::default());
    let mut writer = Writer::new(&look, &highlights, width);
    write(&mut writer, &Module::default(), markdown);
    writer.finish().plain()
}

const ALL: &str = "\
Rides are **slow** because `RequestRide` waits. See [the *guide*](https://example.com/guide).

## A heading

- one item that is long enough to be broken into two lines
- two
  1. first
  2. second

> **Note** A callout is a quotation that begins with strong words, and it may be long.

| what | why |
| --- | --- |
| topic | so that many may listen to what happens |
| queue | so that one may take its time |

```sh sandbox
rydes deploy wild-rydes
```

```yaml title=\"serverless.yml\"
Type: AWS::SNS::Topic # a comment that is much too long for the page
```
";

#[test]
fn everything_that_lessons_use() {
    insta::assert_snapshot!(plain(ALL, 44, false));
}

#[test]
fn in_ascii() {
    let text = plain(&format!("“Quoted” — it’s…\n\n{ALL}"), 44, true);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_a_fence_names_in_vain_is_said() {
    let text = plain("```diagram\nnope\n```\n\n```include\nnope.json\n```\n", 60, false);
    assert_eq!(text, "(the module has no diagram nope)\n\n(the module has no sample nope.json)\n");
}
