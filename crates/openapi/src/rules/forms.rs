//! Forms of text that the contracts name once and use often: predefined rules of protovalidate, each
//! an expression with one pattern in it.

use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor};
use regex::Regex;
use serde_json::{Value, json};

/// The reader of forms; without the extension in the contracts there are none.
pub(super) struct Forms(Option<ExtensionDescriptor>);

impl Forms {
    pub(super) fn of(pool: &DescriptorPool) -> Self {
        Self(pool.get_extension_by_name("buf.validate.predefined"))
    }

    /// Writes the patterns into a schema; beside another one, all of them have to match.
    pub(super) fn apply(&self, rules: &DynamicMessage, schema: &mut Value) {
        for pattern in self.patterns(rules) {
            if schema.get("pattern").is_none() {
                schema["pattern"] = pattern.into();
            } else if let Some(all) = schema["allOf"].as_array_mut() {
                all.push(json!({"pattern": pattern}));
            } else {
                schema["allOf"] = json!([{"pattern": pattern}]);
            }
        }
    }

    /// Whether a text that is left out has not the form.
    pub(super) fn refuse_empty(&self, rules: &DynamicMessage) -> bool {
        let own = rules.get_field_by_name("pattern");
        let own = own.and_then(|pattern| pattern.as_str().map(str::to_owned));
        let own = own.filter(|pattern| !pattern.is_empty());
        let refuses =
            |pattern: String| Regex::new(&pattern).is_ok_and(|pattern| !pattern.is_match(""));
        self.patterns(rules).into_iter().chain(own).any(refuses)
    }

    fn patterns(&self, rules: &DynamicMessage) -> Vec<String> {
        let named = rules.extensions().filter(|(_, value)| value.as_bool() == Some(true));
        named.filter_map(|(form, _)| self.pattern(&form)).collect()
    }

    fn pattern(&self, form: &ExtensionDescriptor) -> Option<String> {
        let options = form.options();
        let told = options.get_extension(self.0.as_ref()?);
        let told = told.as_message()?.get_field_by_name("cel")?.into_owned();
        let told = told.as_list()?.first()?.as_message()?.get_field_by_name("expression")?;
        let pattern = told.as_str()?.strip_prefix("!rule || this.matches('")?.strip_suffix("')")?;
        // The one escape of CEL's texts that patterns need.
        Some(pattern.replace("\\\\", "\\"))
    }
}
