//! The statements that open a public URL, in the policy of what has the URL.
//!
//! A URL of the same function with `auth_type: NONE` adds the two statements that open it. When the URL asks for authentication
//! again they go, if they are still exactly as added: left behind they would open the next URL unasked, and those that
//! another client has changed belong to it. Statements of a URL that left the spec are left alone, as everything unnamed is.

use super::Statement;
use super::spec::Permissions;
use crate::kinds::url::Url;
use crate::model::{Address, KindId};
use crate::resource::{Context, ResourceRef};

/// Adds the statements that open the URL, or removes them.
pub fn adjust(spec: &mut Permissions, at: &ResourceRef, cx: &dyn Context) {
    let live = cx.get_live::<Permissions>(&at.address);
    let url = cx.get::<Url>(&Address::new(KindId::Url, &at.address.keys)).and_then(Url::policy_wish);
    for (id, opening) in opening() {
        let said = spec.statements().any(|(_, statement)| *statement == opening) || spec.0.contains_key(id);
        match url {
            Some("NONE") if !said => drop(spec.0.insert(id.to_owned(), Some(opening))),
            Some("AWS_IAM") if !said && live.and_then(|live| live.get(id)) == Some(&opening) => {
                drop(spec.0.insert(id.to_owned(), None))
            }
            _ => {}
        }
    }
}

/// Tests for the statements of a URL that the same plan opens to everybody, which says so itself.
pub fn is_part_of_new_url(at: &ResourceRef, cx: &dyn Context) -> impl Fn(&Statement) -> bool {
    let url = Address::new(KindId::Url, &at.address.keys);
    let is_public = |url: Option<&Url>| url.and_then(Url::policy_wish) == Some("NONE");
    let is_opened = is_public(cx.get::<Url>(&url)) && !is_public(cx.get_live::<Url>(&url));
    move |statement| is_opened && opening().iter().any(|(_, opening)| opening == statement)
}

/// The two statements without which Lambda rejects everybody at a public URL, under the names that AWS's console gives them.
pub fn opening() -> [(&'static str, Statement); 2] {
    let anyone =
        |action: &str| Statement { action: action.to_owned(), principal: "*".to_owned(), ..Default::default() };
    let none = Some("NONE".to_owned());
    [
        (
            "FunctionURLAllowPublicAccess",
            Statement { function_url_auth_type: none, ..anyone("lambda:InvokeFunctionUrl") },
        ),
        (
            "FunctionURLInvokeAllowPublicAccess",
            Statement { invoked_via_function_url: true, ..anyone("lambda:InvokeFunction") },
        ),
    ]
}

/// Returns true if the declared permissions hold all statements that open a public URL.
pub fn opens_url(declared: Option<&Permissions>) -> bool {
    let has =
        |opening: &Statement| declared.is_some_and(|it| it.statements().any(|(_, statement)| statement == opening));
    opening().iter().all(|(_, opening)| has(opening))
}
