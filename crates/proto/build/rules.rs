//! Reads the rules of a field: those of `buf.validate` that the contracts use, and whose thing an
//! id may name. A rule that is not understood ends the build, so that none is ever passed over.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, Value};

/// What a value has to be.
#[derive(Debug, PartialEq)]
pub(crate) enum Rule {
    Uuid,
    MinLen(u64),
    MaxLen(u64),
    LeastBytes(u64),
    MostBytes(u64),
    Form { name: String, pattern: String, en: String, zh: String },
    AtLeast(i128),
    AtMost(i128),
    Defined,
}

/// The rules of one field.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Rules of the value, or of each value of a list.
    pub(crate) value: Vec<Rule>,
    /// How many values a list has.
    pub(crate) min_items: Option<u64>,
    pub(crate) max_items: Option<u64>,
    /// The rules do not hold for the empty value.
    pub(crate) unless_empty: bool,
    /// Whose id it is, if it is somebody's.
    pub(crate) scope: Option<Scope>,
}

/// Whose things an id may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Tenant,
    Company,
    /// Something that only its context knows.
    Thing,
}

/// Reads the options of a field.
pub(crate) fn of(field: &FieldDescriptor) -> Result<Rules, String> {
    let mut rules = Rules { scope: scope(field)?, ..Rules::default() };
    let extension = extension(field, "buf.validate.field")?;
    let options = field.options();
    if options.has_extension(&extension) {
        let told = options.get_extension(&extension);
        let told = told.as_message().ok_or("buf.validate.field is no message")?;
        read_field(told, &mut rules).map_err(|what| format!("{}: {what}", field.full_name()))?;
    }
    bounded(field, &rules)?;
    Ok(rules)
}

/// No request has a part without a limit: what a caller may send is known for every field.
fn bounded(field: &FieldDescriptor, rules: &Rules) -> Result<(), String> {
    let has = |limit: fn(&Rule) -> bool| rules.value.iter().any(limit);
    let fine = match field.kind() {
        Kind::String => {
            has(|rule| matches!(rule, Rule::MaxLen(_) | Rule::Form { .. } | Rule::Uuid))
        }
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => {
            has(|rule| matches!(rule, Rule::AtMost(_)))
        }
        Kind::Enum(_) => has(|rule| matches!(rule, Rule::Defined)),
        Kind::Bool | Kind::Message(_) => true,
        Kind::Bytes => has(|rule| matches!(rule, Rule::MostBytes(_))),
        // None of ours has one; whoever adds it says here what limits it.
        Kind::Double
        | Kind::Float
        | Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64 => false,
    };
    if !fine {
        return Err(format!("{} has no limit: add a rule of buf.validate", field.full_name()));
    }
    // A list without an end is a way to be kept busy.
    if field.is_list() && rules.max_items.is_none() {
        return Err(format!("{} has no end: add repeated.max_items", field.full_name()));
    }
    Ok(())
}

fn extension(
    field: &FieldDescriptor,
    name: &str,
) -> Result<prost_reflect::ExtensionDescriptor, String> {
    let found = field.parent_pool().get_extension_by_name(name);
    found.ok_or_else(|| format!("the contracts have no {name}"))
}

fn scope(field: &FieldDescriptor) -> Result<Option<Scope>, String> {
    let extension = extension(field, "qudao.access.v1.scope")?;
    match field.options().get_extension(&extension).as_enum_number() {
        Some(1) => Ok(Some(Scope::Tenant)),
        Some(2) => Ok(Some(Scope::Company)),
        Some(3 | 4) => Ok(Some(Scope::Thing)),
        None | Some(0) if field.name().ends_with("_id") => {
            Err(format!("{}: whose is it? Add qudao.access.v1.scope", field.full_name()))
        }
        _ => Ok(None),
    }
}

fn read_field(told: &DynamicMessage, rules: &mut Rules) -> Result<(), String> {
    for (part, value) in told.fields() {
        match (part.name(), value) {
            // IGNORE_IF_ZERO_VALUE
            ("ignore", Value::EnumNumber(1)) => rules.unless_empty = true,
            ("repeated", Value::Message(list)) => read_list(list, rules)?,
            (kind, Value::Message(of_kind)) => read_value(kind, of_kind, rules)?,
            (other, _) => return Err(format!("the rule `{other}` is not understood")),
        }
    }
    Ok(())
}

fn read_list(told: &DynamicMessage, rules: &mut Rules) -> Result<(), String> {
    for (part, value) in told.fields() {
        match (part.name(), value) {
            ("min_items", Value::U64(number)) => rules.min_items = Some(*number),
            ("max_items", Value::U64(number)) => rules.max_items = Some(*number),
            ("items", Value::Message(each)) => read_field(each, rules)?,
            (other, _) => return Err(format!("the rule `repeated.{other}` is not understood")),
        }
    }
    Ok(())
}

fn read_value(kind: &str, told: &DynamicMessage, rules: &mut Rules) -> Result<(), String> {
    for (part, value) in told.fields() {
        rules.value.push(match (kind, part.name(), value) {
            ("string", "min_len", Value::U64(number)) => Rule::MinLen(*number),
            ("string", "max_len", Value::U64(number)) => Rule::MaxLen(*number),
            ("string", "uuid", Value::Bool(true)) => Rule::Uuid,
            ("bytes", "min_len", Value::U64(number)) => Rule::LeastBytes(*number),
            ("bytes", "max_len", Value::U64(number)) => Rule::MostBytes(*number),
            ("enum", "defined_only", Value::Bool(true)) => Rule::Defined,
            (_, "gte", value) => Rule::AtLeast(number(value)?),
            (_, "lte", value) => Rule::AtMost(number(value)?),
            (kind, other, _) => return Err(format!("the rule `{kind}.{other}` is not understood")),
        });
    }
    for (form, value) in told.extensions() {
        if value.as_bool() == Some(true) {
            rules.value.push(predefined(&form)?);
        }
    }
    Ok(())
}

fn number(value: &Value) -> Result<i128, String> {
    let signed = value.as_i64().or_else(|| value.as_i32().map(i64::from)).map(i128::from);
    let unsigned = value.as_u64().or_else(|| value.as_u32().map(u64::from)).map(i128::from);
    signed.or(unsigned).ok_or_else(|| format!("{value:?} is no whole number"))
}

/// A form of proto/qudao/form: its pattern stands in the one expression that we understand.
fn predefined(form: &prost_reflect::ExtensionDescriptor) -> Result<Rule, String> {
    let pool = form.parent_pool();
    let options = form.options();
    let get = |name: &str| {
        let found = pool.get_extension_by_name(name);
        found.map(|extension| options.get_extension(&extension).into_owned())
    };
    let told = get("buf.validate.predefined").ok_or("there are no predefined rules")?;
    let told = told.as_message().and_then(|told| told.get_field_by_name("cel"));
    let told = told.as_ref().and_then(|told| told.as_list()).and_then(|list| list.first());
    let told = told.and_then(Value::as_message).ok_or("a form has no expression")?;
    let text = |name: &str| {
        let value = told.get_field_by_name(name);
        value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let expression = text("expression");
    let pattern = expression.strip_prefix("!rule || this.matches('");
    let pattern = pattern.and_then(|rest| rest.strip_suffix("')"));
    let pattern = pattern.ok_or_else(|| format!("`{expression}` is not understood"))?;
    let zh = get("qudao.form.v1.message_zh");
    Ok(Rule::Form {
        name: form.name().to_uppercase(),
        // The one escape of CEL's texts that patterns need.
        pattern: pattern.replace("\\\\", "\\"),
        en: text("message"),
        zh: zh.and_then(|zh| zh.as_str().map(str::to_owned)).unwrap_or_default(),
    })
}
