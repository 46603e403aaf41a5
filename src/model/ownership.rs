//! The owner of a live resource, as its tags show.

/// The stack that a live resource belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// Resources of this type take no tags: an alias, for example, has the owner of its function.
    #[default]
    Untaggable,
    /// The tags were not read, because nothing depended on them.
    NotRead,
    /// The tags could not be read, so the resource may belong to anybody.
    Unknown,
    /// The resource does not bear the tag of any stack.
    Untagged,
    /// The resource bears the tag of the stack with this name.
    Stack(String),
}

impl Ownership {
    /// Returns the owner that the value of the stack tag names; `None` is a resource without that tag.
    pub fn of_tag(stack: Option<&str>) -> Ownership {
        stack.map_or(Ownership::Untagged, |stack| Ownership::Stack(stack.to_owned()))
    }

    /// Returns true if the resource bears the tag of this stack.
    pub fn is_stack(&self, stack: &str) -> bool {
        matches!(self, Ownership::Stack(owner) if owner == stack)
    }

    /// Returns the stack whose tag the resource bears, if it is another one than this.
    pub fn other_than(&self, stack: &str) -> Option<&str> {
        match self {
            Ownership::Stack(owner) if owner != stack => Some(owner),
            _ => None,
        }
    }

    /// Returns true if the tags show who owns the resource.
    pub fn is_known(&self) -> bool {
        matches!(self, Ownership::Untagged | Ownership::Stack(_))
    }
}
