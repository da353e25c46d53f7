//! Requests made from the contracts alone: filled so that nothing is wrong with any field, and each
//! of their fields by itself. The rules are read here once more, from the options, and not by the
//! code that is attacked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _, Value,
};
use proto::access::v1::{Role, Scope};

/// What certain fields are filled with, by their name or by their message's and their own, such
/// as `RegisterUserRequest.roles`.
#[derive(Clone, Debug)]
pub struct Hints(BTreeMap<String, Value>);

impl Default for Hints {
    /// Values that no option tells of: the contract says in words what they may be.
    fn default() -> Self {
        let text = |text: &str| Value::String(text.to_owned());
        let rep = vec![Value::EnumNumber(Role::SalesRep.into())];
        Self(BTreeMap::from([
            ("time_zone".to_owned(), text("Asia/Shanghai")),
            ("RegisterUserRequest.roles".to_owned(), Value::List(rep.clone())),
            ("AddServiceAccountRequest.roles".to_owned(), Value::List(rep)),
        ]))
    }
}

impl Hints {
    /// One more.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), Value::String(value.to_owned()));
        self
    }

    fn of(&self, field: &FieldDescriptor) -> Option<&Value> {
        let full = format!("{}.{}", field.parent_message().name(), field.name());
        self.0.get(&full).or_else(|| self.0.get(field.name()))
    }
}

/// A request with all that it must have, and nothing else.
pub fn filled(message: &MessageDescriptor, hints: &Hints) -> DynamicMessage {
    let mut request = DynamicMessage::new(message.clone());
    for field in message.fields() {
        if let Some(value) = needed(&field, hints) {
            request.set_field(&field, value);
        }
    }
    request
}

/// What a field must have, if it must have something.
fn needed(field: &FieldDescriptor, hints: &Hints) -> Option<Value> {
    let rules = Rules::of(field);
    if field.is_list() {
        let least = rules.list("min_items").and_then(|least| least.as_u64()).unwrap_or(0);
        if least == 0 {
            return None;
        }
        if let Some(value @ Value::List(_)) = hints.of(field) {
            return Some(value.clone());
        }
        let entries = (0..least).map(|_| sample(field, &rules, hints));
        return Some(Value::List(entries.collect()));
    }
    if field.supports_presence() || rules.unless_empty() {
        return None;
    }
    rules.forbid_nothing().then(|| sample(field, &rules, hints))
}

/// A value that a field takes.
pub fn sample_of(field: &FieldDescriptor, hints: &Hints) -> Value {
    sample(field, &Rules::of(field), hints)
}

fn sample(field: &FieldDescriptor, rules: &Rules, hints: &Hints) -> Value {
    match hints.of(field) {
        Some(Value::List(list)) if !list.is_empty() => return list[0].clone(),
        Some(value) => return value.clone(),
        None => {}
    }
    let least = rules.least();
    match field.kind() {
        Kind::String => Value::String(rules.text()),
        Kind::Message(part) => Value::Message(filled(&part, hints)),
        Kind::Enum(kind) => {
            // The first value that means something, where there is one.
            let number = kind.values().nth(1).map_or(0, |value| value.number());
            Value::EnumNumber(number)
        }
        Kind::Uint32 => Value::U32(u32::try_from(least).unwrap()),
        Kind::Uint64 => Value::U64(least),
        Kind::Int64 => Value::I64(i64::try_from(least).unwrap()),
        Kind::Bool => Value::Bool(true),
        Kind::Bytes => Value::Bytes(
            vec![b'x'; usize::try_from(least.max(rules.number("min_len").unwrap_or(0))).unwrap()]
                .into(),
        ),
        other @ (Kind::Double
        | Kind::Float
        | Kind::Int32
        | Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64) => {
            panic!("{}: no request had a {other:?} before; fill it", field.full_name())
        }
    }
}

/// A number that no other sample has.
fn fresh() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// The rules of a field, or of each entry of its list.
struct Rules(Option<DynamicMessage>);

impl Rules {
    fn of(field: &FieldDescriptor) -> Self {
        let extension = field.parent_pool().get_extension_by_name("buf.validate.field").unwrap();
        let options = field.options();
        let told = options.has_extension(&extension).then(|| options.get_extension(&extension));
        Self(told.and_then(|told| told.as_message().cloned()))
    }

    fn unless_empty(&self) -> bool {
        let told = self.0.as_ref().and_then(|told| told.get_field_by_name("ignore"));
        told.and_then(|told| told.as_enum_number()) == Some(1)
    }

    fn list(&self, name: &str) -> Option<Value> {
        let list = self.0.as_ref()?.get_field_by_name("repeated")?;
        let list = list.as_message()?;
        list.has_field_by_name(name).then(|| list.get_field_by_name(name).unwrap().into_owned())
    }

    /// The rules of the value itself, by the kind of the value: `string`, `uint32` and so on.
    fn value(&self) -> Option<DynamicMessage> {
        let of_kind = |told: &DynamicMessage| {
            let mut kinds = told.fields().filter(|(field, _)| field.name() != "repeated");
            kinds.find_map(|(_, value)| value.as_message().cloned())
        };
        match self.list("items") {
            Some(items) => of_kind(items.as_message()?),
            None => of_kind(self.0.as_ref()?),
        }
    }

    fn number(&self, name: &str) -> Option<u64> {
        let value = self.value()?;
        if value.descriptor().get_field_by_name(name).is_none() || !value.has_field_by_name(name) {
            return None;
        }
        let value = value.get_field_by_name(name)?.into_owned();
        let unsigned = value.as_u64().or_else(|| value.as_u32().map(u64::from));
        unsigned.or_else(|| value.as_i64().and_then(|number| u64::try_from(number).ok()))
    }

    /// Whether the value that is sent as nothing breaks them.
    fn forbid_nothing(&self) -> bool {
        let Some(value) = self.value() else { return false };
        let form = value
            .extensions()
            .any(|(form, value)| form.name() != "readable" && value.as_bool() == Some(true));
        let uuid = value.fields().any(|(field, _)| field.name() == "uuid");
        form || uuid || self.number("min_len").is_some_and(|least| least > 0) || self.least() > 0
    }

    fn least(&self) -> u64 {
        self.number("gte").unwrap_or(0)
    }

    /// A text that follows the rules.
    fn text(&self) -> String {
        let Some(rules) = self.value() else { return format!("文字 {}", fresh()) };
        let forms = rules.extensions().filter(|(_, value)| value.as_bool() == Some(true));
        let mut forms = forms.map(|(form, _)| form.name().to_owned());
        if let Some(form) = forms.find(|form| form != "readable") {
            return formed(&form);
        }
        if rules.fields().any(|(field, _)| field.name() == "uuid") {
            return uuid::Uuid::new_v4().to_string();
        }
        let text = format!("文字 {}", fresh());
        let least = usize::try_from(self.number("min_len").unwrap_or(0)).unwrap();
        let missing = least.saturating_sub(text.chars().count());
        format!("{text}{}", "x".repeat(missing))
    }

    /// How many characters a text may have.
    fn longest(&self) -> u64 {
        self.number("max_len").unwrap_or(64)
    }
}

/// A text of one of the forms of proto/qudao/form.
fn formed(form: &str) -> String {
    match form {
        "object_id" | "order_id" | "shipment_id" | "tenant_id" | "login" | "actor_id" => {
            format!("x{:07}", fresh())
        }
        "payment_id" => format!("X{:07}", fresh()),
        "term" => format!("Unknown{}", fresh()),
        "date" => "2026-01-15".to_owned(),
        "time" => "2026-01-15T08:00:00Z".to_owned(),
        "currency_code" => "CNY".to_owned(),
        "membership_id" => format!("dealer:x{:07}", fresh()),
        "sha256" => "0".repeat(64),
        // One with the digit that checks it, of those for use inside a company.
        "period" => "2026-01".to_owned(),
        "barcode" => "2000000000008".to_owned(),
        "colour" => "#1f5fd6".to_owned(),
        // Of a network that nobody is asked on, so that no answer waits for somebody else's.
        "web_address" => format!("https://127.0.0.1/{}", fresh()),
        // Nobody has such a name, so nothing is sent there.
        "url" => format!("https://hooks-{}.example.invalid/", fresh()),
        "event_pattern" => {
            format!("order.Unknown{}", "x".repeat(usize::try_from(fresh() % 50).unwrap()))
        }
        other => panic!("the form {other} is new: say here what has it"),
    }
}

/// A field of a request, however deep it stands.
#[derive(Clone, Debug)]
pub struct Place(Vec<FieldDescriptor>);

/// All fields of a request that are no messages themselves.
pub fn places(message: &MessageDescriptor) -> Vec<Place> {
    let mut all = Vec::new();
    for field in message.fields() {
        if let Kind::Message(part) = field.kind() {
            let below = places(&part).into_iter();
            all.extend(below.map(|Place(rest)| Place([vec![field.clone()], rest].concat())));
        } else {
            all.push(Place(vec![field]));
        }
    }
    all
}

impl Place {
    /// The field itself.
    pub fn field(&self) -> &FieldDescriptor {
        self.0.last().unwrap()
    }

    /// For example `lines.product_id`.
    pub fn name(&self) -> String {
        self.0.iter().map(FieldDescriptor::name).collect::<Vec<_>>().join(".")
    }

    /// Whose thing it names.
    pub fn scope(&self) -> Option<Scope> {
        let field = self.field();
        let extension = field.parent_pool().get_extension_by_name("qudao.access.v1.scope").unwrap();
        let told = field.options().get_extension(&extension).as_enum_number()?;
        Scope::try_from(told).ok().filter(|scope| *scope != Scope::Unspecified)
    }

    /// Whether it takes a text.
    pub fn is_text(&self) -> bool {
        matches!(self.field().kind(), Kind::String)
    }

    /// How many characters a text may have here.
    pub fn longest(&self) -> u64 {
        Rules::of(self.field()).longest()
    }

    /// Puts a value here; what is on the way and missing is filled.
    pub fn put(&self, request: &mut DynamicMessage, value: Value, hints: &Hints) {
        put(request, &self.0, value, hints);
    }

    /// Other values of the choices that stand beside the field, below the top: what a filter is
    /// about, for example.
    pub fn beside(&self) -> Vec<(Place, Value)> {
        let Some((last, way)) = self.0.split_last().filter(|(_, way)| !way.is_empty()) else {
            return Vec::new();
        };
        let siblings = last.parent_message().fields().collect::<Vec<_>>();
        let mut all = Vec::new();
        for sibling in siblings {
            if let Kind::Enum(kind) = sibling.kind() {
                let place = Place([way, std::slice::from_ref(&sibling)].concat());
                let numbers = kind.values().map(|value| value.number());
                all.extend(numbers.map(|number| (place.clone(), Value::EnumNumber(number))));
            }
        }
        all
    }
}

fn put(request: &mut DynamicMessage, way: &[FieldDescriptor], value: Value, hints: &Hints) {
    let [field, rest @ ..] = way else { return };
    if rest.is_empty() {
        let value = if field.is_list() { Value::List(vec![value]) } else { value };
        request.set_field(field, value);
        return;
    }
    let Kind::Message(part) = field.kind() else { panic!("{} is no message", field.full_name()) };
    let present = request.has_field(field).then(|| request.get_field(field).into_owned());
    let inner = match present {
        Some(Value::List(mut list)) if !list.is_empty() => list.swap_remove(0),
        Some(value @ Value::Message(_)) => value,
        _ => Value::Message(filled(&part, hints)),
    };
    let Value::Message(mut inner) = inner else { panic!("{} is no message", field.full_name()) };
    put(&mut inner, rest, value, hints);
    let inner = Value::Message(inner);
    request.set_field(field, if field.is_list() { Value::List(vec![inner]) } else { inner });
}

/// The bytes of a request with all that it must have.
pub fn plain(message: &MessageDescriptor, hints: &Hints) -> Vec<u8> {
    filled(message, hints).encode_to_vec()
}
