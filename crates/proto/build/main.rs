//! Compiles the contracts in /proto, and writes what follows from them: every request with a
//! `request_id` is a `CommandRequest`, every response that holds only a `receipt` is made from it,
//! and every request is looked at as the rules of its fields say.

mod checks;
mod rules;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use prost_reflect::DescriptorPool;
use prost_types::{DescriptorProto, FileDescriptorSet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).open_files(contracts(&root)?)?;
    let set = compiler.file_descriptor_set();

    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    // The types of prost drop options that they do not know, and ours hold the access rules.
    let descriptors = compiler.encode_file_descriptor_set();
    std::fs::write(out.join("commands.rs"), command_impls(&set)?)?;
    std::fs::write(out.join("checks.rs"), checks::code(&DescriptorPool::decode(&*descriptors)?)?)?;
    std::fs::write(out.join("descriptors.bin"), descriptors)?;
    // Comments are half of it; only those who write documents ask for them.
    let mut commented = protox::Compiler::new([&root])?;
    commented.include_imports(true).include_source_info(true).open_files(contracts(&root)?)?;
    std::fs::write(out.join("commented.bin"), commented.encode_file_descriptor_set())?;
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .include_file("packages.rs")
        .compile_fds_with_config(without_rules(set), config)?;
    Ok(())
}

/// The rules of the fields are compiled into code; nobody needs them as types.
fn without_rules(mut set: FileDescriptorSet) -> FileDescriptorSet {
    set.file.retain(|file| !matches!(file.package(), "buf.validate" | "qudao.form.v1"));
    set
}

/// All `.proto` files below a folder, in a stable order.
fn contracts(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(contracts(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "proto") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn command_impls(set: &FileDescriptorSet) -> Result<String, std::fmt::Error> {
    let mut code = String::new();
    for file in set.file.iter().filter(|file| file.package().starts_with("qudao.")) {
        let module = file.package().replace('.', "::");
        for message in &file.message_type {
            let path = format!("{module}::{}", message.name());
            if has_field(message, "request_id") && has_field(message, "expected_version") {
                writeln!(
                    code,
                    "impl CommandRequest for {path} {{\n    \
                     fn request_id(&self) -> &str {{ &self.request_id }}\n    \
                     fn expected_version(&self) -> Option<u64> {{ self.expected_version }}\n}}"
                )?;
            }
            if message.field.len() == 1 && has_field(message, "receipt") {
                writeln!(
                    code,
                    "impl From<common::v1::Receipt> for {path} {{\n    \
                     fn from(receipt: common::v1::Receipt) -> Self {{ Self {{ receipt: Some(receipt) }} }}\n}}"
                )?;
            }
        }
    }
    Ok(code)
}

fn has_field(message: &DescriptorProto, name: &str) -> bool {
    message.field.iter().any(|field| field.name() == name)
}
