//! What the authors of the contracts wrote above services, rpcs, messages and fields.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, EnumValueDescriptor, FieldDescriptor, FileDescriptor,
    MessageDescriptor, MethodDescriptor, ServiceDescriptor,
};

/// All comments, by file and place in it.
pub(crate) struct Comments(HashMap<(String, Vec<i32>), String>);

impl Comments {
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let mut all = HashMap::new();
        for file in pool.files() {
            let places = file.file_descriptor_proto().source_code_info.as_ref();
            for place in places.into_iter().flat_map(|info| &info.location) {
                let comment = paragraphs(place.leading_comments());
                if !comment.is_empty() {
                    all.insert((file.name().to_owned(), place.path.clone()), comment);
                }
            }
        }
        Self(all)
    }

    fn at(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        self.0.get(&(file.name().to_owned(), path.to_vec())).map_or("", String::as_str)
    }

    pub(crate) fn of_service(&self, service: &ServiceDescriptor) -> &str {
        self.at(&service.parent_file(), service.path())
    }

    pub(crate) fn of_method(&self, method: &MethodDescriptor) -> &str {
        self.at(&method.parent_service().parent_file(), method.path())
    }

    pub(crate) fn of_message(&self, message: &MessageDescriptor) -> &str {
        self.at(&message.parent_file(), message.path())
    }

    pub(crate) fn of_field(&self, field: &FieldDescriptor) -> &str {
        self.at(&field.parent_file(), field.path())
    }

    pub(crate) fn of_enum(&self, kind: &EnumDescriptor) -> &str {
        self.at(&kind.parent_file(), kind.path())
    }

    pub(crate) fn of_value(&self, value: &EnumValueDescriptor) -> &str {
        self.at(&value.parent_enum().parent_file(), value.path())
    }
}

/// Lines that belong together become one; empty lines stay between paragraphs.
fn paragraphs(comment: &str) -> String {
    let mut paragraphs: Vec<String> = vec![String::new()];
    for line in comment.lines().map(str::trim) {
        match (line.is_empty(), paragraphs.last_mut()) {
            (true, _) => paragraphs.push(String::new()),
            (false, Some(open)) if open.is_empty() => open.push_str(line),
            (false, Some(open)) => {
                open.push(' ');
                open.push_str(line);
            }
            (false, None) => {}
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_paragraphs_are_kept() {
        assert_eq!(paragraphs(" One\n line.\n\n\n Two.\n"), "One line.\n\nTwo.");
        assert_eq!(paragraphs(""), "");
    }
}
