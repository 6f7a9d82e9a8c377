//! Where a node stands, as a JSON Pointer: what a person reads.

use gatewright_policy::json::Document;

/// The pointer to a place of a document.
pub(super) fn pointer_to(document: &Document, place: usize) -> Option<String> {
    let mut pointer = String::new();
    let mut value = document.root();
    while value.place() != place {
        let members = value.members().map(|(name, it)| (member(&name), it));
        let elements = value.elements().enumerate();
        let elements = elements.map(|(index, it)| (element(index), it));
        let children = members.chain(elements);
        // A child and all that is in it stand before the next one.
        let within = children.take_while(|(_, child)| child.place() <= place);
        let (step, child) = within.last()?;
        pointer.push_str(&step);
        value = child;
    }
    Some(pointer)
}

/// The step to a member.
pub(super) fn member(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The step to an element.
pub(super) fn element(index: impl std::fmt::Display) -> String {
    format!("/{index}")
}

#[cfg(test)]
mod tests {
    use gatewright_policy::json::{Document, JsonLimits, Pointer};

    use super::pointer_to;

    #[test]
    fn every_place_has_its_pointer() {
        let text = r#"{"a":[1,{"b/c":[]},"x"],"~":null,"é\n":{"d":{"e":[[0]]}}}"#;
        let document = Document::parse(text, &JsonLimits::default()).unwrap();
        for pointer in [
            "",
            "/a",
            "/a/0",
            "/a/1",
            "/a/1/b~1c",
            "/a/2",
            "/~0",
            "/é\n",
            "/é\n/d/e/0/0",
        ] {
            let value = document.at(&Pointer::parse(pointer).unwrap()).unwrap();
            assert_eq!(
                pointer_to(&document, value.place()).as_deref(),
                Some(pointer)
            );
        }
        assert_eq!(pointer_to(&document, 1000), None);
    }
}
