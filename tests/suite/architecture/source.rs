//! Reads Rust source far enough to know which paths it names: comments, texts and character literals
//! are skipped, `use` trees are spread out, `self` and `super` are resolved, modules written inside a
//! file included.

/// A path that a source file names.
#[derive(Debug, PartialEq)]
pub struct Use {
    /// Counted from 1.
    pub line: usize,
    /// Its segments. What is ours begins with `crate`.
    pub path: Vec<String>,
}

/// Every path that is imported or written out in `text`, the file of `module`.
pub fn uses(text: &str, module: &[String]) -> Vec<Use> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let home = if matches!(module, [only] if only == "lib" || only == "main") { &[] } else { module };
    // One entry per open brace: the name of a module that it opened.
    let mut braces: Vec<Option<String>> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let here: Vec<&str> =
            home.iter().map(String::as_str).chain(braces.iter().flatten().map(String::as_str)).collect();
        match tokens[i].text {
            // `use<'a>` in a signature captures lifetimes and imports nothing.
            "use" if at(&tokens, i + 1) != "<" => {
                i = use_tree(&tokens, i + 1, &mut Vec::new(), &here, &mut found);
                continue;
            }
            "{" => {
                let named = i >= 2 && tokens[i - 2].text == "mod";
                braces.push(named.then(|| tokens[i - 1].text.to_owned()));
            }
            "}" => {
                braces.pop();
            }
            text if is_name(text) && at(&tokens, i + 1) == "::" && (i == 0 || tokens[i - 1].text != "::") => {
                let line = tokens[i].line;
                let mut path = vec![text];
                while at(&tokens, i + 1) == "::" && is_name(at(&tokens, i + 2)) {
                    path.push(tokens[i + 2].text);
                    i += 2;
                }
                found.push(Use { line, path: resolved(&path, &here) });
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// How many fields the struct of that name has; `None` when it is not in `text`.
pub fn fields_of_struct(text: &str, name: &str) -> Option<usize> {
    let tokens = tokens(text);
    let at_name = tokens.windows(2).position(|w| w[0].text == "struct" && w[1].text == name)?;
    let open = at_name + tokens[at_name..].iter().position(|t| ["{", ";", "("].contains(&t.text))?;
    let (mut depth, mut count) = (0, 0);
    for (i, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            ":" if depth == 1 && is_name(tokens[i - 1].text) => count += 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    Some(count)
}

/// Spreads out a `use` tree from token `i` on; answers the token behind it.
fn use_tree<'a>(
    tokens: &[Token<'a>],
    mut i: usize,
    prefix: &mut Vec<&'a str>,
    here: &[&str],
    found: &mut Vec<Use>,
) -> usize {
    let depth = prefix.len();
    let mut line = tokens.get(i).map_or(0, |t| t.line);
    let mut ended = false;
    while i < tokens.len() {
        match tokens[i].text {
            "{" => {
                i += 1;
                while i < tokens.len() && tokens[i].text != "}" {
                    let after = use_tree(tokens, i, prefix, here, found);
                    // A comma is passed over; so is what no `use` has, or it would be met for ever.
                    i = if after == i || at(tokens, after) == "," { after + 1 } else { after };
                }
                ended = true;
            }
            "," | "}" | ";" => break,
            // The new name after `as` is no segment.
            "as" => i += 1,
            text if is_name(text) || text == "*" => {
                line = tokens[i].line;
                // `a::{self}` is `a`.
                if text != "self" || prefix.is_empty() {
                    prefix.push(text);
                }
            }
            _ => {}
        }
        i += 1;
    }
    if !ended && prefix.len() >= depth && !prefix.is_empty() {
        found.push(Use { line, path: resolved(prefix, here) });
    }
    prefix.truncate(depth);
    if depth == 0 { i + 1 } else { i }
}

/// `self`, `super` and our own crate's name become a path from `crate`.
fn resolved(path: &[&str], here: &[&str]) -> Vec<String> {
    let own = |base: &[&str], rest: &[&str]| {
        ["crate"].iter().chain(base).chain(rest).map(|s| (*s).to_owned()).collect::<Vec<_>>()
    };
    match path[0] {
        "crate" | "switchboard" => own(&[], &path[1..]),
        "self" => own(here, &path[1..]),
        "super" => {
            let up = path.iter().take_while(|s| **s == "super").count();
            own(&here[..here.len().saturating_sub(up)], &path[up..])
        }
        _ => path.iter().map(|s| (*s).to_owned()).collect(),
    }
}

struct Token<'a> {
    text: &'a str,
    line: usize,
}

fn at<'a>(tokens: &[Token<'a>], i: usize) -> &'a str {
    tokens.get(i).map_or("", |t| t.text)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest, 0),
            '\'' => character_or_lifetime(rest),
            _ if c.is_alphabetic() || c == '_' => {
                let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                match (&rest[..word], rest[word..].chars().next()) {
                    ("r" | "br" | "cr", Some('"' | '#')) if raw_text(rest, word) > 0 => raw_text(rest, word),
                    ("b" | "c", Some('"')) => quoted(rest, word),
                    ("b", Some('\'')) => word + character_or_lifetime(&rest[word..]),
                    (name, _) => {
                        out.push(Token { text: name, line });
                        word
                    }
                }
            }
            _ => {
                let length = if rest.starts_with("::") { 2 } else { c.len_utf8() };
                if !c.is_whitespace() {
                    out.push(Token { text: &rest[..length], line });
                }
                length
            }
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    out
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut i) = (0, 0);
    while i < text.len() {
        if text[i..].starts_with("/*") {
            (depth, i) = (depth + 1, i + 2);
        } else if text[i..].starts_with("*/") {
            (depth, i) = (depth - 1, i + 2);
        } else {
            i += text[i..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    i
}

/// The length of a text in quotes that opens at `open`.
fn quoted(text: &str, open: usize) -> usize {
    let mut escaped = false;
    for (i, c) in text[open + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return open + 1 + i + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `r#"..."#`; 0 when it is a raw name such as `r#type`.
fn raw_text(text: &str, word: usize) -> usize {
    let hashes = text[word..].chars().take_while(|c| *c == '#').count();
    let open = word + hashes;
    if !text[open..].starts_with('"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    text[open + 1..].find(&close).map_or(text.len(), |i| open + 1 + i + close.len())
}

fn character_or_lifetime(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((after, escaped))) => {
            let from = after + escaped.len_utf8();
            text[from..].find('\'').map_or(text.len(), |i| from + i + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}
