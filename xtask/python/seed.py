"""Fills the SQLite database of a stopped portal with rows of documents, for `cargo xtask bench`.

Usage: python seed.py DATABASE ROWS

Only rows: lists read nothing else, and there is nothing behind them to collect. Their keys count as destroyed: a portal
does not start without a key that a row needs. What names are searched and sorted by is worked out by the portal when it
starts.
"""

import random
import sqlite3
import sys
import uuid

KINDS = ["docx", "xlsx", "pptx"]
SUBJECTS = ["Quarterly report", "Budget", "Minutes of the board", "Offer", "Site survey", "Annual accounts", "Contract"]
PLACES = ["Aarhus", "Bergen", "Córdoba", "Dundee", "Évora", "Freiburg", "Ghent", "Haarlem", "Ioannina", "Jyväskylä"]
BEGINNING = 1_735_689_600_000  # 1 January 2025
MINUTE = 60_000


def identifier(noise, moment):
    """A UUIDv7 of that moment (RFC 9562, section 5.7)."""
    bits = (moment << 80) | (7 << 76) | (noise.getrandbits(12) << 64) | (2 << 62) | noise.getrandbits(62)
    return str(uuid.UUID(int=bits))


def rows(noise, count, sender):
    """A document, its version and its delivery to everyone, one after the other."""
    for number in range(count):
        at = BEGINNING + number * 7 * MINUTE
        kind = noise.choice(KINDS)
        # One in a hundred has a word in its name that a search finds.
        mark = " harbour" if number % 100 == 0 else ""
        name = f"{noise.choice(SUBJECTS)} {noise.choice(PLACES)}{mark} {number:06}.{kind}"
        size = int(noise.lognormvariate(13, 2)) + 4_000
        document, version = identifier(noise, at), identifier(noise, at)
        yield (
            (document, name, kind, size, version, at),
            (version, document, size, noise.randbytes(32).hex(), sender, at),
            (document, sender, at),
        )


def main():
    database, count = sys.argv[1], int(sys.argv[2])
    with sqlite3.connect(database) as db:
        # The folder is thrown away after the run, so nothing has to survive a power cut.
        db.execute("PRAGMA synchronous = OFF")
        (sender,) = db.execute("SELECT id FROM accounts WHERE role = 'ops'").fetchone()
        documents, versions, deliveries = zip(*rows(random.Random(7), count, sender))
        db.executemany(
            "INSERT INTO documents (id, name, name_folded, kind, size, current_version, uploaded_at) "
            "VALUES (?, ?, '', ?, ?, ?, ?)",
            documents,
        )
        db.execute("DELETE FROM backfills WHERE name = 'names'")
        db.executemany(
            "INSERT INTO document_versions "
            "(id, document_id, number, size, sha256, key_id, wrapped_key, uploaded_by, uploaded_at) "
            "VALUES (?, ?, 1, ?, ?, 'none', NULL, ?, ?)",
            versions,
        )
        # A delivery bears the id of its document.
        db.executemany("INSERT INTO deliveries (id, sender_id, sent_at) VALUES (?, ?, ?)", deliveries)
        ids = [(delivery,) for delivery, *_ in deliveries]
        db.executemany("INSERT INTO delivery_documents (delivery_id, document_id) VALUES (?1, ?1)", ids)
        db.executemany("INSERT INTO delivery_audiences (delivery_id, audience) VALUES (?, 'everyone')", ids)
        db.executemany("INSERT INTO grants (delivery_id, document_id, audience) VALUES (?1, ?1, 'everyone')", ids)
    db.close()


main()
