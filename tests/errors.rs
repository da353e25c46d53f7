//! Every way in which a call can fail: docs/errors.md, read out of the code that says it. The words
//! of a failure stand where it happens and nowhere else, so the catalogue can not differ from them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::visit::{self, Visit};

use crate::schemas::{must_be, root};

/// Words of a failure: Chinese, English.
type Words = (String, String);

/// Everything that the code says: reason, code, words.
#[derive(Default)]
struct Catalogue(BTreeSet<(String, String, Words)>);

/// Where calls are answered. What only benchmarks and simulations refuse no caller meets.
fn sources() -> Vec<PathBuf> {
    let services = std::fs::read_dir(root().join("services")).unwrap();
    let services = services.map(|entry| entry.unwrap().path().join("src"));
    let mut files = Vec::new();
    for folder in services.chain([root().join("crates/kernel/src")]) {
        rust_files(&folder, &mut files);
    }
    files.retain(|file| !file.to_string_lossy().contains("simulat"));
    files.sort();
    files
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn catalogue() -> Catalogue {
    let mut all = Catalogue::default();
    for path in sources() {
        let file = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut seen = Statuses { all: &mut all, words: None };
        seen.visit_file(&file);
        refusals(&file, &mut all);
    }
    all
}

/// The first text in some code.
fn text(tokens: TokenStream) -> Option<String> {
    texts(tokens).into_iter().next()
}

fn texts(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    found.push(text.value());
                }
            }
            TokenTree::Group(group) => found.append(&mut texts(group.stream())),
            TokenTree::Ident(_) | TokenTree::Punct(_) => (),
        }
    }
    found
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

fn is_reason(text: &str) -> bool {
    text.len() > 2 && text.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
}

fn last(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Failures that are said right where they happen: `status(Code::…, "REASON", &text)` and its kin.
struct Statuses<'a> {
    all: &'a mut Catalogue,
    /// The words that were put together last.
    words: Option<Words>,
}

impl<'ast> Visit<'ast> for Statuses<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        // Words among the arguments come first.
        visit::visit_expr_call(self, call);
        let syn::Expr::Path(function) = &*call.func else { return };
        let arguments: Vec<_> = call.args.iter().collect();
        let name = last(&function.path);
        if name == "new" && function.path.segments.iter().any(|part| part.ident == "Text") {
            let part = |at: usize| text(arguments.get(at)?.to_token_stream());
            self.words = part(0).zip(part(1));
        }
        if ["status", "exhausted", "with_details"].contains(&name.as_str()) {
            self.said(&name, &arguments);
        }
    }
}

impl Statuses<'_> {
    fn said(&mut self, function: &str, arguments: &[&syn::Expr]) {
        let literal = |at: usize| {
            let syn::Expr::Lit(expression) = arguments.get(at)? else { return None };
            let syn::Lit::Str(text) = &expression.lit else { return None };
            Some(text.value()).filter(|text| is_reason(text))
        };
        let (code, reason) = match function {
            "exhausted" => (Some("ResourceExhausted".to_owned()), literal(0)),
            _ => match arguments.first() {
                Some(syn::Expr::Path(code)) => (Some(last(&code.path)), literal(1)),
                _ => (None, None),
            },
        };
        let (Some(code), Some(reason)) = (code, reason) else { return };
        let words = self.words.clone().unwrap_or_default();
        self.all.0.insert((reason, code, words));
    }
}

/// Refusals of rules: an enum with its English words at each variant, and the Chinese ones and the
/// kinds in its `impl Refusal`.
fn refusals(file: &syn::File, all: &mut Catalogue) {
    for item in &file.items {
        let syn::Item::Impl(implementation) = item else { continue };
        let of = implementation.trait_.as_ref().map(|(_, path, _)| last(path));
        if of.as_deref() != Some("Refusal") {
            continue;
        }
        let syn::Type::Path(name) = &*implementation.self_ty else { continue };
        let name = last(&name.path);
        let kinds = arms(file, &name, kind);
        let chinese =
            arms(file, &name, |body| texts(body).into_iter().find(|text| is_chinese(text)));
        for variant in variants(file, &name) {
            let Some(english) = english(&variant) else { continue };
            let key = variant.ident.to_string();
            let kind = kinds.get(&key).cloned().unwrap_or_default();
            let words = (chinese.get(&key).cloned().unwrap_or_default(), english);
            all.0.insert((screaming(&key), kind, words));
        }
    }
}

fn variants(file: &syn::File, name: &str) -> Vec<syn::Variant> {
    let of = file.items.iter().find_map(|item| {
        let syn::Item::Enum(of) = item else { return None };
        (of.ident == name).then_some(of)
    });
    of.map(|of| of.variants.iter().cloned().collect()).unwrap_or_default()
}

/// What `#[error("…")]` says; nothing for a variant that only hands on another refusal.
fn english(variant: &syn::Variant) -> Option<String> {
    let error = variant.attrs.iter().find(|attribute| attribute.path().is_ident("error"))?;
    let syn::Meta::List(list) = &error.meta else { return None };
    text(list.tokens.clone())
}

/// The kind of refusal that some code names.
fn kind(body: TokenStream) -> Option<String> {
    let body = body.to_string();
    let (_, kind) = body.split_once("RefusalKind :: ")?;
    Some(kind.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned())
}

/// What the variants of an enum have in matches of its own functions, whatever is picked first.
fn arms(
    file: &syn::File,
    name: &str,
    pick: impl Fn(TokenStream) -> Option<String>,
) -> BTreeMap<String, String> {
    struct Arms<P>(P, BTreeMap<String, String>);
    impl<'ast, P: Fn(TokenStream) -> Option<String>> Visit<'ast> for Arms<P> {
        fn visit_arm(&mut self, arm: &'ast syn::Arm) {
            let Some(told) = (self.0)(arm.body.to_token_stream()) else { return };
            let pattern = arm.pat.to_token_stream().to_string();
            for part in pattern.split("Self :: ").skip(1) {
                let name = part.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                self.1.entry(name.to_owned()).or_insert_with(|| told.clone());
            }
        }
    }
    let mut arms = Arms(pick, BTreeMap::new());
    for item in &file.items {
        let syn::Item::Impl(of) = item else { continue };
        let own = matches!(&*of.self_ty, syn::Type::Path(path) if last(&path.path) == name);
        if own {
            arms.visit_item_impl(of);
        }
    }
    arms.1
}

/// `AccountNotOpen` is `ACCOUNT_NOT_OPEN`.
fn screaming(name: &str) -> String {
    let mut reason = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !reason.is_empty() {
            reason.push('_');
        }
        reason.push(letter.to_ascii_uppercase());
    }
    reason
}

/// A code as gRPC writes it.
fn code(name: &str) -> String {
    match name {
        "Unauthenticated" => "UNAUTHENTICATED".to_owned(),
        name => screaming(name),
    }
}

/// Placeholders without a name say nothing to a reader.
fn shown(words: &str) -> String {
    let mut shown = words.replace("{}", "…").replace('|', "\\|");
    for number in 0..4 {
        shown = shown.replace(&format!("{{{number}}}"), "…");
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn document(all: &Catalogue) -> String {
    let mut text = String::from(
        "# How calls fail\n\nMade from the code that says it; `make schemas` writes it anew.\n\n\
         A failed call answers with a `google.rpc.Status`: a code, and in its details an `ErrorInfo` \
         with the reason and the domain `qudao`, a `LocalizedMessage` each in `zh-CN` and `en`, and \
         where they apply a `BadRequest` with all fields that are wrong, or a `RetryInfo` with the \
         time to wait. Of each field, `description` is in English and `localized_message` in \
         Chinese; its `reason` is `NOT_UUID`, `TOO_SHORT`, `TOO_LONG`, `TOO_SMALL`, `TOO_LARGE`, \
         `TOO_FEW`, `TOO_MANY`, `FORM`, `UNDEFINED`, or `INVALID`. Programs go by the reason: it stays, while words may be put better. The words \
         say what happened and what would make the call pass. In braces or as … stands what the \
         call was about.\n\nOver REST the same comes as JSON, see [rest](rest.md).\n\n\
         | reason | code | 中文 | English |\n|---|---|---|---|\n",
    );
    for (reason, kind, (zh, en)) in &all.0 {
        let (zh, en) = (shown(zh), shown(en));
        writeln!(text, "| `{reason}` | {} | {zh} | {en} |", code(kind)).unwrap();
    }
    text
}

#[test]
fn the_catalogue_of_failures_is_the_one_checked_in() {
    must_be(&root().join("docs/errors.md"), &document(&catalogue()));
}

#[test]
fn every_failure_has_a_code_and_words_in_both_languages() {
    let all = catalogue();
    assert!(all.0.len() > 60, "the reader of the code has gone blind: {}", all.0.len());
    for (reason, code, (zh, en)) in &all.0 {
        assert!(!code.is_empty(), "{reason} has no code");
        // What lists the fields that are wrong is made of other words.
        if reason != "BAD_FIELDS" {
            assert!(is_chinese(zh), "{reason} has no Chinese words: {zh:?}");
            assert!(en.is_ascii() || !is_chinese(en), "{reason} has no English words: {en:?}");
            assert!(!en.is_empty(), "{reason} has no English words");
        }
    }
}

/// One reason is one thing: it has one code everywhere.
#[test]
fn a_reason_has_one_code() {
    let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (reason, code, _) in catalogue().0 {
        codes.entry(reason).or_default().insert(code);
    }
    let two: Vec<_> = codes.into_iter().filter(|(_, codes)| codes.len() > 1).collect();
    assert_eq!(two, [], "callers go by the reason");
}
