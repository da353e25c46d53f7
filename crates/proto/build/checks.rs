//! Writes, for every message that a request consists of, the code that looks at it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};

use crate::rules::{self, Rule, Rules, Scope};

type Failed = Box<dyn std::error::Error>;

/// The code for all requests of all services.
pub(crate) fn code(pool: &DescriptorPool) -> Result<String, Failed> {
    let mut code = String::new();
    let mut forms = BTreeMap::new();
    let methods: Vec<_> = pool
        .services()
        .filter(|service| service.full_name().starts_with("qudao."))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .collect();
    let mut parts = BTreeSet::new();
    for method in &methods {
        if method.is_client_streaming() {
            return Err(format!("{}: requests are not streamed", method.full_name()).into());
        }
        says_why(pool, method)?;
        collect(&method.input(), &mut parts);
    }
    for name in &parts {
        let message = pool.get_message_by_name(name).ok_or("a message is not there")?;
        write_message(&mut code, &message, &mut forms)?;
    }
    for (name, (pattern, zh, en)) in forms {
        regex::Regex::new(&pattern)?;
        writeln!(
            code,
            "static {name}: Form = Form {{\n    \
             pattern: LazyLock::new(|| Regex::new({pattern:?}).expect(\"tried by the build\")),\n    \
             zh: {zh:?},\n    en: {en:?},\n}};"
        )?;
    }
    code.push_str("/// How the request of an rpc is looked at, by the path of the rpc.\n");
    code.push_str("pub fn looking_at(rpc: &str) -> Option<Looker> {\n    Some(match rpc {\n");
    for method in &methods {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        writeln!(code, "        {path:?} => look::<{}>,", rust_type(&method.input()))?;
    }
    code.push_str("        _ => return None,\n    })\n}\n");
    write_sizes(&mut code, &methods)?;
    Ok(code)
}

/// An rpc that needs a reason has a place for one in its request, which can not stay empty.
fn says_why(pool: &DescriptorPool, method: &MethodDescriptor) -> Result<(), Failed> {
    let access = pool.get_extension_by_name("qudao.access.v1.access").ok_or("no access option")?;
    let options = method.options();
    let told = options.get_extension(&access);
    let needed = told.as_message().and_then(|told| told.get_field_by_name("reason_required"));
    if needed.and_then(|needed| needed.as_bool()) != Some(true) {
        return Ok(());
    }
    let place = method.input().get_field_by_name("reason").map(|place| rules::of(&place));
    let filled = |rule: &Rule| matches!(rule, Rule::MinLen(1..));
    match place.transpose()? {
        Some(rules) if rules.value.iter().any(filled) && !rules.unless_empty => Ok(()),
        _ => Err(format!("{} needs a field `reason` with min_len", method.full_name()).into()),
    }
}

/// How many bytes a request can have that breaks no rule: what is longer need not be read at all,
/// let alone kept in memory, where many small things take much more room than in the request.
fn write_sizes(code: &mut String, methods: &[MethodDescriptor]) -> Result<(), Failed> {
    code.push_str("/// Bytes that a request of an rpc can have when it breaks no rule.\n");
    code.push_str("pub fn most_bytes(rpc: &str) -> Option<usize> {\n    Some(match rpc {\n");
    for method in methods {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        writeln!(code, "        {path:?} => {},", largest(&method.input())?)?;
    }
    code.push_str("        _ => return None,\n    })\n}\n");
    Ok(())
}

/// What goes before the value of a field: its number and the length of the value.
const BEFORE: u64 = 8;
/// The longest form of a number.
const NUMBER: u64 = 10;

fn largest(message: &MessageDescriptor) -> Result<u64, Failed> {
    let mut sum = 0;
    for field in message.fields() {
        let rules = rules::of(&field)?;
        let value = match field.kind() {
            Kind::Message(part) => largest(&part)?,
            Kind::String | Kind::Bytes => longest(&rules)?
                .ok_or_else(|| format!("{} has no longest text", field.full_name()))?,
            Kind::Bool
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Sint32
            | Kind::Sint64
            | Kind::Fixed32
            | Kind::Fixed64
            | Kind::Sfixed32
            | Kind::Sfixed64
            | Kind::Float
            | Kind::Double
            | Kind::Enum(_) => NUMBER,
        };
        let entries = if field.is_list() { rules.max_items.unwrap_or(1) } else { 1 };
        sum += entries * (BEFORE + value);
    }
    Ok(sum)
}

/// Bytes of the longest text that the rules let pass.
fn longest(rules: &Rules) -> Result<Option<u64>, Failed> {
    let mut limits = Vec::new();
    for rule in &rules.value {
        limits.push(match rule {
            // A character has four bytes at most.
            Rule::MaxLen(most) => Some(most * 4),
            Rule::MostBytes(most) => Some(*most),
            Rule::Uuid => Some(36),
            Rule::Form { pattern, .. } => {
                let pattern = regex_syntax::parse(pattern)?;
                pattern.properties().maximum_len().map(|most| most as u64)
            }
            Rule::MinLen(_)
            | Rule::LeastBytes(_)
            | Rule::AtLeast(_)
            | Rule::AtMost(_)
            | Rule::Defined => None,
        });
    }
    Ok(limits.into_iter().flatten().min())
}

/// The message and all messages in it.
fn collect(message: &MessageDescriptor, parts: &mut BTreeSet<String>) {
    if !parts.insert(message.full_name().to_owned()) {
        return;
    }
    for field in message.fields() {
        if let Kind::Message(part) = field.kind() {
            collect(&part, parts);
        }
    }
}

fn rust_type(message: &MessageDescriptor) -> String {
    format!("{}::{}", module(message.package_name()), message.name())
}

/// The module of a package, seen from the root of the crate, where `qudao` is spread out.
fn module(package: &str) -> String {
    package.strip_prefix("qudao.").unwrap_or(package).replace('.', "::")
}

type Forms = BTreeMap<String, (String, String, String)>;

fn write_message(
    code: &mut String,
    message: &MessageDescriptor,
    forms: &mut Forms,
) -> Result<(), Failed> {
    let mut body = String::new();
    for field in message.fields() {
        let rules = rules::of(&field)?;
        write_field(&mut body, &field, &rules, forms)?;
    }
    let (at, found) = if body.is_empty() { ("_", "_") } else { ("at", "found") };
    writeln!(
        code,
        "impl Checked for {} {{\n    \
         fn look(&self, {at}: &At<'_>, {found}: &mut Findings<'_>) {{\n{body}    }}\n}}",
        rust_type(message)
    )?;
    Ok(())
}

fn write_field(
    body: &mut String,
    field: &FieldDescriptor,
    rules: &Rules,
    forms: &mut Forms,
) -> Result<(), Failed> {
    let looks = value_code(field, rules, forms);
    if looks.is_empty() && !field.is_list() {
        return Ok(());
    }
    let name = field.name();
    let place = format!("let at = at.field({name:?}); ");
    let own = format!("self.{name}");
    if field.is_list() {
        let (least, most) = (rules.min_items.unwrap_or(0), rules.max_items);
        let most = most.ok_or("a list has no end")?;
        let each = match looks.is_empty() {
            true => String::new(),
            false => format!(
                " && {{ for (index, value) in {own}.iter().enumerate() {{ \
                 let at = at.item(index); {looks}}} true }}"
            ),
        };
        writeln!(
            body,
            "        {{ {place}let _ = found.count(&at, {own}.len(), {least}, {most}){each}; }}"
        )?;
    } else if let Some(oneof) = field.containing_oneof().filter(|oneof| !is_optional(field, oneof))
    {
        let message = field.parent_message();
        let variant = format!(
            "{}::{}::{}::{}",
            module(message.package_name()),
            message.name().to_snake_case(),
            oneof.name().to_upper_camel_case(),
            name.to_upper_camel_case()
        );
        let own = oneof.name();
        writeln!(body, "        if let Some({variant}(value)) = &self.{own} {{ {place}{looks}}}")?;
    } else if field.supports_presence() {
        writeln!(body, "        if let Some(value) = &{own} {{ {place}{looks}}}")?;
    } else {
        writeln!(body, "        {{ {place}let value = &{own}; {looks}}}")?;
    }
    Ok(())
}

/// proto3's `optional` is a oneof of one field that nobody wrote.
fn is_optional(field: &FieldDescriptor, oneof: &prost_reflect::OneofDescriptor) -> bool {
    oneof.is_synthetic() || field.field_descriptor_proto().proto3_optional()
}

/// What is done with a `value` at `at`.
fn value_code(field: &FieldDescriptor, rules: &Rules, forms: &mut Forms) -> String {
    let mut looks = String::new();
    for rule in &rules.value {
        looks.push_str(&rule_code(field, rule, forms));
    }
    if rules.unless_empty && !looks.is_empty() {
        looks = format!("if !is_zero(value) {{ {looks}}} ");
    }
    match rules.scope {
        Some(Scope::Company) => looks.push_str("found.company(&at, value); "),
        Some(Scope::Tenant) => looks.push_str("found.tenant(&at, value); "),
        Some(Scope::Thing) => looks.push_str("found.name(&at, value); "),
        None => {}
    }
    if matches!(field.kind(), Kind::Message(_)) {
        looks.push_str("value.look(&at, found); ");
    }
    looks
}

fn rule_code(field: &FieldDescriptor, rule: &Rule, forms: &mut Forms) -> String {
    match rule {
        Rule::Uuid => "found.uuid(&at, value); ".to_owned(),
        Rule::MinLen(least) => format!("found.at_least_long(&at, value, {least}); "),
        Rule::MaxLen(most) => format!("found.at_most_long(&at, value, {most}); "),
        Rule::LeastBytes(least) => format!("found.at_least_bytes(&at, value, {least}); "),
        Rule::MostBytes(most) => format!("found.at_most_bytes(&at, value, {most}); "),
        Rule::AtLeast(least) => format!("found.at_least(&at, i128::from(*value), {least}); "),
        Rule::AtMost(most) => format!("found.at_most(&at, i128::from(*value), {most}); "),
        Rule::Defined => {
            let Kind::Enum(kind) = field.kind() else { return "compile_error!();".to_owned() };
            let kind = format!("{}::{}", module(kind.package_name()), kind.name());
            format!("found.defined(&at, {kind}::try_from(*value).is_ok()); ")
        }
        Rule::Form { name, pattern, en, zh } => {
            forms.insert(name.clone(), (pattern.clone(), zh.clone(), en.clone()));
            format!("found.form(&at, value, &{name}); ")
        }
    }
}
