//! Connections to data, and the tables that show their results (ECMA-376 part 1, 18.13 and 18.15).

use std::io;

use crate::{
    xml::{Objection, Tag, Token},
    xray::{Item, Topic, element::attribute, gathered::Gathered, parts::Parts},
};

/// Reads the connections and the query tables of a workbook.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.of_type("spreadsheetml.connections+xml") {
        let mut open: Option<Connection> = None;
        parts.walk(part, &mut |token| {
            match (token, &mut open) {
                (Token::Open(tag), _) if tag.name() == "connection" => open = Some(Connection::read(tag)?),
                (Token::Open(tag), Some(connection)) => connection.source(tag)?,
                (Token::Close("connection"), Some(connection)) => {
                    gathered.add(Topic::Connections, connection.item());
                    open = None;
                }
                _ => {}
            }
            Ok(())
        })?;
    }
    query_tables(parts, gathered)
}

fn query_tables(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.of_type("spreadsheetml.querytable+xml") {
        let place = parts.place(part).map(str::to_owned);
        parts.walk(part, &mut |token| {
            if let Token::Open(tag) = token
                && tag.name() == "queryTable"
            {
                let name = attribute(tag, "name")?.unwrap_or_default();
                gathered.add(Topic::Connections, Item::new(&name).labelled("query_table").within(place.as_deref()));
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// A connection, and where it takes its data from.
struct Connection {
    name: String,
    label: &'static str,
    source: Option<String>,
}

impl Connection {
    /// The numbers of the kinds are those of 18.13.1.
    fn read(tag: Tag<'_>) -> Result<Self, Objection> {
        let label = match tag.attribute("type")?.as_deref() {
            Some("1" | "2" | "3" | "5" | "7") => "database",
            Some("4") => "web",
            Some("6") => "text_file",
            _ => "other",
        };
        let name = attribute(tag, "name")?.unwrap_or_default();
        Ok(Self { name, label, source: attribute(tag, "sourceFile")? })
    }

    fn source(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        let source = match tag.name() {
            "dbPr" => tag.attribute("connection")?.map(|text| without_password(&text)),
            "webPr" => tag.attribute("url")?.map(|url| url.into_owned()),
            "textPr" => tag.attribute("sourceFile")?.map(|path| path.into_owned()),
            _ => None,
        };
        self.source = source.or(self.source.take());
        Ok(())
    }

    fn item(&self) -> Item {
        let text = match &self.source {
            Some(source) => format!("{}: {source}", self.name),
            None => self.name.clone(),
        };
        Item::new(&text).labelled(self.label)
    }
}

/// A connection string without the settings that hold a password.
fn without_password(text: &str) -> String {
    let is_password = |setting: &&str| {
        let key = setting.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
        key.contains("password") || key == "pwd"
    };
    text.split(';').filter(|setting| !is_password(setting)).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_left_out() {
        let text =
            "Provider=SQLOLEDB;Data Source=db;User ID=ben;Password=secret;Jet OLEDB:Database Password=x; pwd = y";
        assert_eq!(without_password(text), "Provider=SQLOLEDB;Data Source=db;User ID=ben");
    }
}
