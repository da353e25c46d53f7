//! Rules read from a small contract of its own, with the options as protovalidate has them.

use prost_reflect::DescriptorPool;
use serde_json::{Value, json};

use crate::comments::Comments;
use crate::schema::Schemas;

const OPTIONS: &str = r#"
syntax = "proto2";
package buf.validate;
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { optional FieldRules field = 1159; }
enum Ignore { IGNORE_UNSPECIFIED = 0; IGNORE_IF_ZERO_VALUE = 1; IGNORE_ALWAYS = 3; }
message FieldRules {
  optional bool required = 25;
  optional Ignore ignore = 27;
  oneof type {
    Int64Rules int64 = 4;
    UInt32Rules uint32 = 5;
    StringRules string = 14;
    EnumRules enum = 16;
    RepeatedRules repeated = 18;
    MapRules map = 19;
  }
}
extend google.protobuf.FieldOptions { optional PredefinedRules predefined = 1160; }
message PredefinedRules { repeated Rule cel = 1; }
message Rule { optional string id = 1; optional string message = 2; optional string expression = 3; }
message Int64Rules { optional int64 lt = 2; optional int64 gte = 5; }
message UInt32Rules {
  optional uint32 lt = 2; optional uint32 lte = 3; optional uint32 gt = 4;
  optional uint32 gte = 5; repeated uint32 in = 6;
}
message StringRules {
  optional string const = 1; optional uint64 min_len = 2; optional uint64 max_len = 3;
  optional string pattern = 6; repeated string in = 10; optional uint64 len = 19;
  oneof well_known { bool email = 12; bool uuid = 22; }
  extensions 1000 to max;
}
message EnumRules { optional bool defined_only = 2; repeated int32 in = 3; repeated int32 not_in = 4; }
message RepeatedRules {
  optional uint64 min_items = 1; optional uint64 max_items = 2; optional bool unique = 3;
  optional FieldRules items = 4;
}
message MapRules { optional uint64 min_pairs = 1; optional uint64 max_pairs = 2; }
"#;

const FORMS: &str = r#"
syntax = "proto2";
package shop.form;
import "buf/validate/validate.proto";
extend buf.validate.StringRules {
  optional bool code = 50110 [(buf.validate.predefined).cel = {
    id: "string.code" message: "no" expression: "!rule || this.matches('^[a-z\\\\x2d]+$')"}];
  optional bool plain = 50111 [(buf.validate.predefined).cel = {
    id: "string.plain" message: "no" expression: "!rule || this.matches('^[^#]*$')"}];
}
"#;

const CONTRACT: &str = r#"
syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";
import "forms.proto";
enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; COLOUR_BLUE = 2; }
// What is bought.
message Basket {
  // Made by the caller.
  string id = 1 [(buf.validate.field).string.uuid = true];
  string code = 2 [(buf.validate.field).string = {min_len: 1, max_len: 64, pattern: "^[a-z]+$"}];
  optional string note = 3 [(buf.validate.field).string.min_len = 1];
  string maybe = 4 [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, string: {uuid: true}}];
  uint32 quantity = 5 [(buf.validate.field).uint32 = {gte: 1, lte: 1000000}];
  uint32 below = 6 [(buf.validate.field).uint32 = {gt: 2, lt: 9}];
  int64 price = 7 [(buf.validate.field).int64 = {gte: 0, lt: 100}];
  repeated string tags = 8 [(buf.validate.field).repeated = {
    min_items: 1, max_items: 5, unique: true, items: {string: {max_len: 8}}}];
  Colour colour = 9 [(buf.validate.field).enum = {defined_only: true, not_in: [0]}];
  repeated Colour colours = 10 [(buf.validate.field).repeated.items.enum = {in: [2]}];
  Part part = 11 [(buf.validate.field).required = true];
  map<string, string> labels = 12 [(buf.validate.field).map.max_pairs = 3];
  string free = 13;
  string formed = 14 [(buf.validate.field).string.(shop.form.code) = true];
  string may_be_formed = 15 [
    (buf.validate.field).string.(shop.form.code) = true,
    (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE];
  string both = 16 [
    (buf.validate.field).string.(shop.form.plain) = true,
    (buf.validate.field).string.pattern = "^x"];
}
message Part { oneof how { string name = 1; int64 number = 2; } }
"#;

fn schemas() -> serde_json::Map<String, Value> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("buf/validate")).expect("a folder in it");
    std::fs::write(folder.path().join("buf/validate/validate.proto"), OPTIONS).expect("written");
    std::fs::write(folder.path().join("forms.proto"), FORMS).expect("written");
    std::fs::write(folder.path().join("shop.proto"), CONTRACT).expect("written");
    let mut compiler = protox::Compiler::new([folder.path()]).expect("a compiler");
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file("shop.proto").expect("it compiles");
    let set = compiler.encode_file_descriptor_set();
    let pool = DescriptorPool::decode(set.as_slice()).expect("what was compiled");
    let comments = Comments::of(&pool);
    let mut schemas = Schemas::new(&pool, &comments);
    schemas.add_request(&pool.get_message_by_name("shop.v1.Basket").expect("the message"));
    schemas.into_map()
}

fn basket() -> Value {
    schemas()["shop.v1.Basket"].clone()
}

#[test]
fn rules_of_text_are_told() {
    let fields = &basket()["properties"];
    assert_eq!(fields["id"]["format"], "uuid");
    assert_eq!(fields["id"]["description"], "Made by the caller.");
    assert_eq!(
        fields["code"],
        json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z]+$"})
    );
    assert_eq!(fields["free"], json!({"type": "string"}));
}

#[test]
fn bounds_of_numbers_replace_those_of_their_type() {
    let fields = &basket()["properties"];
    let quantity = &fields["quantity"];
    assert_eq!((&quantity["minimum"], &quantity["maximum"]), (&json!(1), &json!(1_000_000)));
    let below = json!({"type": "integer", "format": "uint32",
        "exclusiveMinimum": 2, "exclusiveMaximum": 9});
    assert_eq!(fields["below"], below);
    let price = &fields["price"];
    assert_eq!((&price["type"], &price["minimum"]), (&json!("string"), &Value::Null));
    assert_eq!((&price["x-minimum"], &price["x-exclusiveMaximum"]), (&json!("0"), &json!("100")));
}

#[test]
fn rules_of_lists_are_told_and_those_of_their_items() {
    let fields = &basket()["properties"];
    let tags = json!({"type": "array", "minItems": 1, "maxItems": 5, "uniqueItems": true,
        "items": {"type": "string", "maxLength": 8}});
    assert_eq!(fields["tags"], tags);
    assert_eq!(fields["labels"]["maxProperties"], 3);
}

#[test]
fn names_that_are_left_of_an_enum_stand_beside_it() {
    let fields = &basket()["properties"];
    assert_eq!(fields["colour"]["enum"], json!(["COLOUR_RED", "COLOUR_BLUE"]));
    assert_eq!(fields["colour"]["$ref"], "#/components/schemas/shop.v1.Colour");
    assert_eq!(fields["colours"]["items"]["enum"], json!(["COLOUR_BLUE"]));
}

#[test]
fn what_may_not_be_left_out_is_required() {
    assert_eq!(basket()["required"], json!(["id", "code", "tags", "part", "formed", "both"]));
}

#[test]
fn of_a_choice_at_most_one_is_given() {
    let part = &schemas()["shop.v1.Part"];
    assert_eq!(part["not"], json!({"required": ["name", "number"]}));
    assert_eq!(part["additionalProperties"], false);
}

#[test]
fn forms_that_are_named_elsewhere_are_told_as_patterns() {
    let fields = &basket()["properties"];
    assert_eq!(fields["formed"]["pattern"], r"^[a-z\x2d]+$");
    assert_eq!(fields["mayBeFormed"]["pattern"], r"^$|^[a-z\x2d]+$");
    assert_eq!(
        fields["both"],
        json!({"type": "string", "pattern": "^x",
        "allOf": [{"pattern": "^[^#]*$"}]})
    );
}
