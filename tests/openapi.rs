//! docs/openapi.json: what can be called over REST, made from the contracts and compared with them.
//! `make openapi` has it checked by a public linter.

use crate::schemas::{must_be, root};

#[test]
fn the_description_of_rest_is_the_one_checked_in() {
    let document = openapi::document().unwrap();
    let text = serde_json::to_string_pretty(&document).unwrap();
    must_be(&root().join("docs/openapi.json"), &(text + "\n"));
}
