"""Compares what is seen of Office files with what is seen of their clean copies.

Usage: python rendering.py CLEAN SOFFICE WORK FOLDER… [--files N]

CLEAN is the built example `clean`, WORK a folder for copies and pages, of which those of the originals are used again.
LibreOffice makes PDF of each file and of its copy, and the pages and their text are compared; `pdftotext` and `pdfinfo`
are those of poppler-utils. A copy is without everything that nobody sees. Tracked changes stay: accepting them is meant
to be seen. Files that look different each time (random numbers, the time of day) are found by a second look at the
original and left out.

Of all files in the folders, the first N by the checksum of their content are taken, 300 unless said otherwise.
"""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

TOPICS = (
    "metadata", "comments", "speaker_notes", "custom_properties", "custom_xml", "revision_ids",
)
EXTENSIONS = {".docx", ".xlsx", ".pptx"}
# Files that LibreOffice gets at once, and the seconds that it may take for them.
BATCH, SECONDS = 12, 240


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def chosen(folders, count):
    """Files by their checksums, which say nothing of what is in them."""
    files = {checksum(path): path for folder in folders for path in folder.rglob("*")
             if path.suffix.lower() in EXTENSIONS and path.is_file()}
    return [(name, files[name]) for name in sorted(files)][:count]


def convert(soffice, files, folder):
    """PDF for all files; one that LibreOffice cannot make is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting = [file for file in files if not any((folder / f"{file.stem}.{end}").exists() for end in ("pdf", "none"))]
    batches = [waiting[at:at + BATCH] for at in range(0, len(waiting), BATCH)]
    while batches:
        batch = batches.pop(0)
        with tempfile.TemporaryDirectory() as profile:
            command = [soffice, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore",
                       "--convert-to", "pdf", "--outdir", folder, *batch]
            # In a session of its own, so that what it starts can be ended with it.
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                process.wait(SECONDS if len(batch) > 1 else SECONDS // 4)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        left = [file for file in batch if not (folder / f"{file.stem}.pdf").exists()]
        # One of them may have ended LibreOffice for all.
        if len(batch) > 1:
            batches[:0] = [[file] for file in left]
        else:
            for file in left:
                (folder / f"{file.stem}.none").touch()


def pages(pdf):
    """The number of pages and all words in the order in which they were drawn."""
    if not pdf.exists():
        return None
    text = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True).stdout.decode("utf-8", "replace")
    return text.count("\f"), text.split()


def difference(one, other):
    if one is None or other is None:
        return "no pages" if one != other else None
    if one[0] != other[0]:
        return f"{one[0]} pages, and {other[0]} of the copy"
    if one[1] != other[1]:
        pair = next((pair for pair in zip(one[1], other[1]) if pair[0] != pair[1]), ("", "more or less at the end"))
        return f"“{pair[0][:80]}” is “{pair[1][:80]}”"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("clean")
    parser.add_argument("soffice")
    parser.add_argument("work", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--files", type=int, default=300)
    arguments = parser.parse_args()
    originals, copies = arguments.work / "originals", arguments.work / "copies"
    for folder in (originals, copies):
        folder.mkdir(parents=True, exist_ok=True)
    for stale in copies.rglob("*"):
        if stale.is_file():
            stale.unlink()

    names = {}
    for name, path in chosen(arguments.folders, arguments.files):
        link = originals / f"{name[:16]}{path.suffix.lower()}"
        if not link.exists():
            os.symlink(path.resolve(), link)
        names[link.stem] = path
    files = [originals / f"{name}{path.suffix.lower()}" for name, path in names.items()]
    said = subprocess.run([arguments.clean, ",".join(TOPICS), copies, *files], capture_output=True, text=True, check=True)
    outcomes = {Path(line.rpartition(" ")[2]).stem: line.rpartition(" ")[0] for line in said.stdout.splitlines()}
    failed = {name: outcome for name, outcome in outcomes.items() if outcome.startswith("failed")}
    copied = [file for file in files if outcomes[file.stem].startswith("copied")]

    convert(arguments.soffice, copied, originals / "pdf")
    convert(arguments.soffice, [copies / file.name for file in copied], copies / "pdf")
    pdfs = [(file, originals / "pdf" / f"{file.stem}.pdf", copies / "pdf" / f"{file.stem}.pdf") for file in copied]
    differing = {file: said for file, one, other in pdfs if (said := difference(pages(one), pages(other)))}
    again = arguments.work / "again"
    convert(arguments.soffice, list(differing), again)
    unsteady = {file for file in differing
                if difference(pages(originals / "pdf" / f"{file.stem}.pdf"), pages(again / f"{file.stem}.pdf"))}

    counts = {word: sum(outcome.startswith(word) for outcome in outcomes.values()) for word in ("copied", "same", "refused")}
    shown = sum(one.exists() for _, one, _ in pdfs)
    print(f"{len(files)} files: {counts['copied']} copied, {counts['same']} with nothing to remove, {counts['refused']} "
          f"refused; {shown} copies compared, {len(unsteady)} look different each time")
    for name, outcome in failed.items():
        print(f"{names[name]}: {outcome}")
    for file, said in differing.items():
        if file not in unsteady:
            print(f"{names[file.stem]} ({file.name}): {said}")
    if failed or set(differing) - unsteady:
        sys.exit(1)


if __name__ == "__main__":
    main()
