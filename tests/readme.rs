//! The README's program prints what the README says it prints.

mod program {
    use std::cell::RefCell;

    thread_local! {
        pub(crate) static PRINTED: RefCell<String> = const { RefCell::new(String::new()) };
    }

    /// Keeps the lines instead of printing them.
    macro_rules! println {
        ($($part:tt)*) => {
            PRINTED.with_borrow_mut(|printed| *printed += &format!("{}\n", format_args!($($part)*)))
        };
    }

    // As in the README, word for word: the test below compares.
    use lowprec::{Chop, Format, Rounding, error::ParseError};

    pub(crate) fn main() -> Result<(), ParseError> {
        for name in ["binary16", "bfloat16", "e5m2", "e4m3fn", "e2m1fn"] {
            let nearest = Chop::new(name.parse()?, Rounding::NearestEven);
            println!("{name:8} {:?}", [0.1, 3.3, 448.0, 465.0].map(|x| nearest.chop(x)));
        }
        let nearest = Chop::new(Format::BFLOAT16, Rounding::NearestEven);
        let run = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
        let sum = |round: &dyn Fn(f64) -> f64| (0..10_000).fold(1.0, |sum, _| round(sum + 1e-4));
        println!(
            "sum to nearest {}, stochastic {}",
            sum(&|x| nearest.chop(x)),
            sum(&|x| run.chop(x))
        );
        Ok(())
    }
}

/// The lines of the README's fenced block of a language, the first one that holds `word`.
fn block(language: &str, word: &str) -> &'static str {
    let readme = include_str!("../README.md");
    let opening = format!("```{language}\n");
    let blocks = readme.split(&opening).skip(1).filter_map(|rest| rest.split("```").next());
    blocks.into_iter().find(|block| block.contains(word)).expect("the README has the block")
}

#[test]
fn the_program_prints_what_the_readme_says() {
    program::main().unwrap();
    assert_eq!(program::PRINTED.take(), block("text", "binary16"));
}

#[test]
fn the_program_above_is_that_of_the_readme() {
    let dense = |text: &str| text.replace("pub(crate) ", "").split_whitespace().collect::<String>();
    let here = dense(include_str!("readme.rs"));
    assert!(here.contains(&dense(block("rust", "fn main"))));
}

#[test]
fn pictures_and_licences_of_the_readme_exist() {
    let readme = include_str!("../README.md");
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in links.filter(|link| !link.starts_with("https://")) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
        assert!(path.exists(), "{link}");
    }
}
