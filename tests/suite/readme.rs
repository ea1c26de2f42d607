//! The README's promises that can be checked without reading minds.

use crate::node::Home;

const README: &str = include_str!("../../README.md");

/// The lines of its code blocks.
fn code() -> Vec<&'static str> {
    let blocks = README.split("```").skip(1).step_by(2);
    blocks.flat_map(|block| block.lines().skip(1)).collect()
}

#[test]
fn it_begins_with_the_two_commands() {
    let first: Vec<&str> = code().into_iter().take(2).map(|l| l.split('#').next().unwrap().trim()).collect();
    assert_eq!(first, ["cargo run --release", "./tests/run"]);
}

#[test]
fn its_commands_exist_with_their_options() {
    let home = Home::new();
    let lines: Vec<&str> = code().into_iter().filter(|l| l.starts_with("switchboard")).collect();
    assert!(lines.len() > 10);
    for line in lines {
        let mut args = words(line.split('#').next().unwrap());
        args.push("--help".to_owned());
        let args: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
        let (code, _, said) = home.run(&args);
        assert_eq!(code, 0, "{line}: {said}");
    }
}

/// Splits as a shell does, as far as double quotes go.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(i, piece)| match i % 2 {
            1 => vec![piece.to_owned()],
            _ => piece.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}
