//! What changes on a page, in few types.
//!
//! Every closure has a type of its own, and Leptos compiles its machinery for rendering and hydrating anew for each:
//! some 3 kB a piece in the browser's module. Here closures are boxed, so that it is there once.

use leptos::prelude::*;

/// A part of a page that comes, changes and goes.
pub type Part = Box<dyn FnMut() -> Option<AnyView> + Send>;

/// A part of a page that is drawn anew when what it reads has changed.
pub fn part<V: IntoView + 'static>(mut draw: impl FnMut() -> Option<V> + Send + 'static) -> Part {
    Box::new(move || draw().map(IntoAny::into_any))
}

/// The text of an element or attribute.
pub fn text(read: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(read)
}

/// Whether an attribute or a class is there.
pub fn flag(read: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(read)
}

/// The word `true` for an attribute of accessibility, which is absent otherwise.
pub fn mark(read: impl Fn() -> bool + Send + Sync + 'static) -> Signal<Option<&'static str>> {
    Signal::derive(move || read().then_some("true"))
}

/// What happens on an event.
pub fn on<E>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}

/// Views of many things, one after the other.
pub fn views<V: IntoView + 'static>(views: impl IntoIterator<Item = V>) -> Vec<AnyView> {
    views.into_iter().map(IntoAny::into_any).collect()
}
