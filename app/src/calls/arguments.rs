//! What a server function is asked, as texts by their names: for a request, and for the URL of a page.

use domain::Cursor;
use leptos_router::params::ParamsMap;

use crate::paths::query_of;

/// Texts by the names of the fields that hold them.
pub type Pairs = Vec<(&'static str, String)>;

/// The struct of a server function whose fields are texts, as those of a form are. Implemented by
/// [`arguments!`](crate::arguments), which knows the fields from the struct itself.
pub trait Arguments: Sized {
    /// The fields.
    fn pairs(self) -> Pairs;

    /// A struct whose fields `text` gives.
    fn read(text: &dyn Fn(&'static str) -> String) -> Self;
}

/// A list that is read page by page, by a cursor among its arguments.
pub trait Paged: Arguments + Clone {
    /// The cursor: empty for the first page.
    fn cursor(&mut self) -> &mut String;
}

/// Tells the fields of a server function's struct. One that is forgotten, or is not there, does not compile.
#[macro_export]
macro_rules! arguments {
    ($($function:ident { $($field:ident),* })*) => {$(
        impl $crate::calls::Arguments for $function {
            fn pairs(self) -> $crate::calls::Pairs {
                let Self { $($field),* } = self;
                vec![$((stringify!($field), $field)),*]
            }

            fn read(text: &dyn Fn(&'static str) -> String) -> Self {
                _ = text;
                Self { $($field: text(stringify!($field))),* }
            }
        }
    )*};
}

/// The name of an input: that of a field of the server function's struct.
#[macro_export]
macro_rules! field {
    ($function:ident . $field:ident) => {{
        const _: fn(&$function) = |arguments| _ = &arguments.$field;
        stringify!($field)
    }};
}

/// The page at `path` that shows what is asked. What is empty does not stand in it.
pub fn url_of(path: &str, arguments: impl Arguments) -> String {
    format!("{path}{}", query_of(&arguments.pairs()))
}

/// What the query of a URL asks. What does not stand in it is empty.
#[must_use]
pub fn arguments_in<F: Arguments>(query: &ParamsMap) -> F {
    F::read(&|name| query.get_str(name).unwrap_or_default().to_owned())
}

/// The URLs of the first page, unless this is it, and of the next one, if there is one.
pub fn turns(path: &str, arguments: &impl Paged, next: Option<&Cursor>) -> (Option<String>, Option<String>) {
    let begun = !arguments.clone().cursor().is_empty();
    let at = |cursor: String| {
        let mut arguments = arguments.clone();
        *arguments.cursor() = cursor;
        url_of(path, arguments)
    };
    (begun.then(|| at(String::new())), next.map(|cursor| at(cursor.to_string())))
}
