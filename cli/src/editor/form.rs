//! One way to call a function, in the notation of the table of names (`(name: string, value?: number): boolean`) and of
//! LuaCATS.

/// One way to call a function.
pub(super) struct Form<'a> {
    /// Names and types; a parameter that may be left out has `?` behind its name.
    parameters: Vec<(&'a str, &'a str)>,
    gives: Option<&'a str>,
}

impl<'a> Form<'a> {
    /// Reads a form from the table of names.
    pub(super) fn of(text: &'a str) -> Self {
        let (inside, behind) = text.trim_start_matches('(').rsplit_once(')').unwrap_or((text, ""));
        // A name stands in front of each colon; a comma inside a type (`table<a, b>`) has no colon behind it.
        let mut parts: Vec<&str> = Vec::new();
        let mut start = 0;
        for (comma, _) in inside.match_indices(", ") {
            let next = inside.get(comma.saturating_add(2)..).unwrap_or_default();
            let name: &str = next
                .split(|letter: char| !letter.is_alphanumeric() && !"_?.".contains(letter))
                .next()
                .unwrap_or_default();
            if next.strip_prefix(name).is_some_and(|rest| rest.starts_with(": ")) {
                parts.push(inside.get(start..comma).unwrap_or_default());
                start = comma.saturating_add(2);
            }
        }
        parts.push(inside.get(start..).unwrap_or_default());
        let parameters = parts.into_iter().filter_map(|part| part.split_once(": ")).collect();
        Self { parameters, gives: behind.strip_prefix(": ") }
    }

    /// The names between the brackets of a definition.
    pub(super) fn names(&self) -> String {
        self.parameters.iter().map(|(name, _)| name.trim_end_matches('?')).collect::<Vec<_>>().join(", ")
    }

    /// The comments above a definition.
    pub(super) fn comments(&self) -> String {
        let parameters = self.parameters.iter().map(|(name, kind)| format!("---@param {name} {kind}\n"));
        parameters.chain(self.gives.map(|gives| format!("---@return {gives}\n"))).collect()
    }

    /// The comment for another way to call the function that is defined below; a method names the class of its `self`.
    pub(super) fn overload(&self, class: Option<&str>) -> String {
        let itself = class.map(|class| format!("self: {class}"));
        let parameters = self.parameters.iter().map(|(name, kind)| format!("{name}: {kind}"));
        let all: Vec<String> = itself.into_iter().chain(parameters).collect();
        let gives = self.gives.map(|gives| format!(": {gives}")).unwrap_or_default();
        format!("---@overload fun({}){gives}\n", all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_may_hold_commas() {
        let form = Form::of("(url: string, headers?: table<string, string|string[]>, ...: any): a, b");
        assert_eq!(form.names(), "url, headers, ...");
        let comments = "---@param url string\n---@param headers? table<string, string|string[]>\n---@param ... any\n---@return a, b\n";
        assert_eq!(form.comments(), comments);
        let overload =
            "---@overload fun(self: c, url: string, headers?: table<string, string|string[]>, ...: any): a, b\n";
        assert_eq!(form.overload(Some("c")), overload);
    }

    #[test]
    fn a_function_may_take_and_give_nothing() {
        let form = Form::of("()");
        assert_eq!(
            (form.names(), form.comments(), form.overload(None)),
            (String::new(), String::new(), "---@overload fun()\n".to_owned())
        );
    }
}
