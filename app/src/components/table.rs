//! The rows of a list as a table. Its roles are spelled out, because on narrow screens the style sheet lays its rows out
//! as cards, and browsers then forget that it was a table.

use leptos::prelude::*;

/// The head of a column.
#[derive(Clone, Copy, Debug)]
pub enum Column {
    /// Over texts.
    Text(&'static str),
    /// Over numbers, which stand at the right.
    Number(&'static str),
    /// Over buttons, read out and not shown.
    Unseen(&'static str),
}

/// A table with a head, and rows of `tr`.
#[component]
pub fn Table(
    /// What it is a list of.
    label: &'static str,
    /// Its looks.
    class: &'static str,
    /// From left to right.
    columns: Vec<Column>,
    /// From top to bottom.
    rows: Vec<AnyView>,
) -> impl IntoView {
    let head: Vec<_> = columns.into_iter().map(head).collect();
    view! {
        <div class="table-frame">
            <table class=class role="table" aria-label=label>
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

fn head(column: Column) -> AnyView {
    match column {
        Column::Text(name) => view! { <th scope="col" role="columnheader">{name}</th> }.into_any(),
        Column::Number(name) => view! { <th scope="col" role="columnheader" class="number">{name}</th> }.into_any(),
        Column::Unseen(name) => {
            view! { <th scope="col" role="columnheader"><span class="sr">{name}</span></th> }.into_any()
        }
    }
}
