//! Shortens the text files that a visitor loads; www/ keeps its comments and long names. Refuses a script
//! that does not parse: a page that is broken is not built.

use std::{fs, path::Path};

use anyhow::{Context, Result, anyhow, ensure};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

use crate::workspace;

/// Every script, style sheet, page and picture in the folder and below it.
pub(crate) fn folder(folder: &Path) -> Result<()> {
    for path in workspace::files(folder)? {
        let Some(kind) = Kind::of(&path) else { continue };
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let short =
            kind.minify(&text).with_context(|| format!("cannot shorten {}", path.display()))?;
        fs::write(&path, short).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What there is a shorter form of.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Script,
    Style,
    Markup,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "js" => Some(Self::Script),
            "css" => Some(Self::Style),
            "html" | "svg" => Some(Self::Markup),
            _ => None,
        }
    }

    fn minify(self, text: &str) -> Result<String> {
        match self {
            Self::Script => script(text),
            Self::Style => {
                let short =
                    minifier::css::minify(text).map_err(|error| anyhow!(error))?.to_string();
                // It knows of blanks that mean something in `calc` alone.
                let sums = |text: &str| text.matches(" + ").count();
                ensure!(
                    sums(text) == sums(&short),
                    "it loses a blank around a +; put calc() around the sum"
                );
                Ok(short)
            }
            Self::Markup => markup(text),
        }
    }
}

/// Without comments and blanks, and with short names for what only the script itself can see.
fn script(text: &str) -> Result<String> {
    let memory = Allocator::default();
    let parsed = Parser::new(&memory, text, SourceType::mjs()).parse();
    ensure!(parsed.diagnostics.is_empty(), "it does not parse: {:?}", parsed.diagnostics);
    let mut program = parsed.program;
    let names = Minifier::new(MinifierOptions::default()).minify(&memory, &mut program);
    let short = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(names.scoping)
        .with_private_member_mappings(names.class_private_mappings);
    Ok(short.build(&program).code)
}

/// Without comments, and without blanks at the ends of lines: what is laid out there has no text between tags.
fn markup(text: &str) -> Result<String> {
    let mut short = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        short += before;
        rest = comment.split_once("-->").context("a comment does not end")?.1;
    }
    short += rest;
    short.lines().map(str::trim).filter(|line| !line.is_empty()).try_for_each(|line| {
        let whole = line.starts_with('<') && line.ends_with('>');
        ensure!(whole, "a line is not of whole tags, so that its ends may mean a blank: {line}");
        Ok(())
    })?;
    Ok(short.lines().map(str::trim).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_keep_their_meaning() {
        let check = |text, short: &str| assert_eq!(script(text).unwrap(), short);
        check(
            "// why\nexport const f = (long) => long /* so */ + +long;\n",
            "export const f=e=>e+ +e;",
        );
        check("f(`${a  ? `b  c` : d}  // e`);", "f(`${a?`b  c`:d}  // e`);");
        check(
            "export class A { #long = 1; c() { return this.#long ?? 2; } }",
            "export class A{#e=1;c(){return this.#e??2}}",
        );
        check("a.replace(/\"  \\//g, b)?.c();", "a.replace(/\"  \\//g,b)?.c();");
    }

    #[test]
    fn a_script_that_does_not_parse_is_refused() {
        assert!(script("const a = ;").is_err());
    }

    #[test]
    fn styles_keep_their_meaning() {
        let style = |text| Kind::Style.minify(text).unwrap();
        assert_eq!(
            style(
                "/* why */\n.a > b {\n  width: calc(100% - (1px + 2px));\n  color: light-dark(#fff, #000);\n}\n"
            ),
            " .a>b{width:calc(100% - (1px + 2px));color:light-dark(#fff,#000);}"
        );
        assert_eq!(
            style("@media (max-width: 9rem) { .a .b { gap: 0 1px } }"),
            "@media (max-width:9rem){.a .b{gap:0 1px}}"
        );
    }

    #[test]
    fn a_sum_that_would_lose_its_blanks_is_refused() {
        let style = |text| Kind::Style.minify(text);
        assert!(style("p { width: clamp(1rem, 2vw + 1rem, 3rem) }").is_err());
        assert!(style("p { width: clamp(1rem, calc(2vw + 1rem), 3rem) }").is_ok());
    }

    #[test]
    fn markup_keeps_its_meaning() {
        let markup = |text| Kind::Markup.minify(text);
        let text = "<!-- why\n -->\n<p>\n  <b>a  b</b> <i></i><!-- so -->\n\n</p>\n";
        assert_eq!(markup(text).unwrap(), "<p><b>a  b</b> <i></i></p>");
        assert!(markup("<p>a\nb</p>").is_err(), "lines that a blank joins");
        assert!(markup("<!-- <p></p>").is_err());
    }
}
