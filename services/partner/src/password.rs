//! What a password must be like. There is no rule about kinds of signs: people answer it with
//! `Passw0rd!`. What counts is how many guesses it takes, knowing whose it is.

use kernel::Text;
use zxcvbn::{Score, zxcvbn};

/// Characters that a password must have.
pub(crate) const LEAST: usize = 10;
/// Characters that a password may have; hashing more is somebody else's work for nothing.
pub(crate) const MOST: usize = 200;
/// Characters that are looked at together. `zxcvbn` counts the ways to walk over a keyboard, to
/// the power of the turns, in 64 bits: a longer walk is too much for it.
const PIECE: usize = 24;

/// Whether a password will do for somebody of whom this is known: login, tenant, names.
///
/// # Errors
/// What is wrong with it, and what would be better.
pub(crate) fn acceptable(password: &str, known: &[&str]) -> Result<(), Text> {
    if !(LEAST..=MOST).contains(&password.chars().count()) {
        return Err(Text::new(
            format!("须有 {LEAST} 至 {MOST} 个字符"),
            format!("must have {LEAST} to {MOST} characters"),
        ));
    }
    // More than a million guesses, also of what is left without all that is known; signing in is
    // slowed down long before that.
    if weak(password, known) || weak(&without(password, known), known) {
        return Err(Text::new(
            "太容易猜到：请勿使用用户名、品牌名或常见密码，可用几个不相关的词",
            "is easy to guess: use neither the user name, the brand's name nor a common password; \
             some unrelated words will do",
        ));
    }
    Ok(())
}

/// A password is as hard to guess as the hardest of its pieces, at least.
fn weak(password: &str, known: &[&str]) -> bool {
    let signs: Vec<char> = password.chars().collect();
    let weak =
        |piece: &[char]| zxcvbn(&piece.iter().collect::<String>(), known).score() < Score::Two;
    signs.chunks(PIECE).all(weak)
}

/// A password without the words that somebody would try first.
fn without(password: &str, known: &[&str]) -> String {
    let words = known.iter().flat_map(|text| text.split_whitespace().chain([*text]));
    let words = words.filter(|word| word.len() >= 3).map(str::to_lowercase);
    words.fold(password.to_lowercase(), |rest, word| rest.replace(&word, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: [&str; 4] = ["zhang.wei.sh", "flywheel", "飞轮单车 Flywheel Bikes", "张伟"];

    #[test]
    fn what_is_easy_to_guess_is_refused() {
        for password in [
            "short",
            "password12",
            "1234567890",
            "qwertyuiop",
            "iloveyou123",
            "zhang.wei.sh",
            "zhang.wei.sh1",
            "flywheelflywheel",
            "flywheel2026",
            "zhang.wei.sh-1234",
            "飞轮单车飞轮单车飞轮单车",
            "aaaaaaaaaaaa",
            "Passw0rd!!",
        ] {
            assert!(acceptable(password, &KNOWN).is_err(), "{password}");
        }
        assert!(acceptable(&"ab ".repeat(70), &KNOWN).is_err(), "too long");
    }

    #[test]
    fn long_walks_over_the_keyboard_are_weak() {
        for walk in ["*/", "qwe", "1=1"] {
            let password: String = walk.chars().cycle().take(MOST).collect();
            assert!(acceptable(&password, &KNOWN).is_err(), "{walk}");
        }
    }

    proptest! {
        #[test]
        fn whatever_somebody_types_is_judged(password in "[-*/+0-9qweasd.=]{10,200}") {
            let _ = acceptable(&password, &KNOWN);
        }
    }

    #[test]
    fn some_unrelated_words_will_do() {
        for password in
            ["correct horse", "moon over water", "qudao-demo-admin", "李白乘舟将欲行忽闻岸上"]
        {
            assert_eq!(acceptable(password, &["admin", "bikes"]), Ok(()), "{password}");
        }
    }
}
