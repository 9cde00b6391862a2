//! Digital signatures (ECMA-376 part 2, 12; \[MS-OFFCRYPTO\] 2.5): who signed, when, and with which remark.
//!
//! Nothing is verified: neither certificates nor digests. What can be said is that a signature is broken where a part that
//! it names is not there, or is of another type.

use std::{collections::HashMap, io};

use super::{
    Item, SIGNATURE_TYPE, Topic, certificate,
    gathered::{Clip, Gathered},
    parts::Parts,
};
use crate::{package::relationships, xml::Token, zip};

/// Longer than the text of any certificate.
const LONGEST: usize = 1 << 16;

/// What one signature says.
#[derive(Default)]
struct Signature {
    certificate: String,
    name: String,
    time: String,
    remark: String,
    /// What it signs.
    signed: Vec<String>,
}

/// Reads all signatures.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    let mut found = parts.of_type(SIGNATURE_TYPE);
    found.extend(parts.targets("signature"));
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Ok(());
    }
    let names: HashMap<String, usize> =
        parts.all().into_iter().map(|part| (zip::key(parts.name(part)), part)).collect();
    for part in found {
        let signature = signature(parts, part)?;
        let broken = signature.signed.iter().any(|reference| !is_there(parts, &names, reference));
        let mut who = certificate::subject(&certificate::decoded(&signature.certificate));
        if who.is_none() {
            for part in parts.related(Some(part), "certificate").collect::<Vec<_>>() {
                who = who.or(parts.bytes(part, LONGEST as u64)?.and_then(|bytes| certificate::subject(&bytes)));
            }
        }
        let who = who.unwrap_or(signature.name);
        let label = if broken { "broken_signature" } else { "signature" };
        let item = Item::new(&signature.remark).labelled(label).by(Some(&who)).at(Some(&Clip::of(&signature.time)));
        gathered.add(Topic::Signatures, item);
    }
    Ok(())
}

fn signature(parts: &mut Parts<'_>, part: usize) -> io::Result<Signature> {
    let (mut signature, mut open) = (Signature::default(), Vec::new());
    parts.walk(part, &mut |token| {
        match token {
            Token::Open(tag) => {
                open.push(tag.name().to_owned());
                if tag.name() == "Reference"
                    && let Some(target) = tag.attribute("URI")?
                    && target.starts_with('/')
                    && signature.signed.len() < 10_000
                {
                    signature.signed.push(target.into_owned());
                }
            }
            Token::Close(_) => {
                open.pop();
            }
            Token::Text(text) => {
                let parent = open.len().checked_sub(2).and_then(|at| open.get(at)).map_or("", String::as_str);
                let place = match (parent, open.last().map_or("", String::as_str)) {
                    (_, "X509Certificate") => &mut signature.certificate,
                    (_, "X509SubjectName" | "SignatureText") => &mut signature.name,
                    (_, "SigningTime") | ("SignatureTime", "Value") => &mut signature.time,
                    (_, "SignatureComments") => &mut signature.remark,
                    _ => return Ok(()),
                };
                // Of several, as of a chain of certificates, the first.
                if place.len() + text.len() <= LONGEST && !place.contains('=') {
                    place.push_str(text);
                }
            }
        }
        Ok(())
    })?;
    signature.time.truncate(20);
    Ok(signature)
}

/// Whether the part of a reference, `/word/document.xml?ContentType=…`, is there with that type.
fn is_there(parts: &Parts<'_>, names: &HashMap<String, usize>, reference: &str) -> bool {
    let (name, query) = reference.split_once('?').unwrap_or((reference, ""));
    let Some(&part) = names.get(&zip::key(name.trim_start_matches('/'))) else { return false };
    let declared = query.split('&').find_map(|pair| pair.strip_prefix("ContentType="));
    let of_package = relationships::is_part(name);
    declared.is_none_or(|declared| {
        let declared = zip::percent_decoded(declared).to_lowercase();
        of_package || declared.split(';').next().is_some_and(|declared| declared.trim() == parts.content_type(part))
    })
}
