//! Compares names with patterns that have `*` and `?`. Knows nothing else.

/// Does the whole name match the pattern?
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut retry = None; // after the last star: the next place in the pattern, and the end of the text that the star has taken
    while n < name.len() {
        if p < pattern.len() && (pattern[p] == '?' || (pattern[p] != '*' && pattern[p] == name[n])) {
            (p, n) = (p + 1, n + 1);
        } else if p < pattern.len() && pattern[p] == '*' {
            retry = Some((p + 1, n));
            p += 1;
        } else if let Some((star, eaten)) = retry {
            retry = Some((star, eaten + 1));
            (p, n) = (star, eaten + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_eats_as_much_as_it_must() {
        assert!(matches("*", ""));
        assert!(matches("list-*-len-?", "list-append-len-len-5"));
        assert!(matches("header:*", "header:x-lua"));
        assert!(!matches("header:*", "upstream:header:x-lua"));
        assert!(!matches("list", "lists"));
    }
}
