// The files that documents/make.py has made.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fromEnvironment } from './environment';

/** Where a genuine document lies. */
export const genuine = (name: string): string => join(fromEnvironment('STRONGROOM_TEST_DOCUMENTS'), 'genuine', name);

/** Where a file lies that must not be taken. */
export const refused = (name: string): string => join(fromEnvironment('STRONGROOM_TEST_DOCUMENTS'), 'refused', name);

/** SHA-256 of a file, in hexadecimal. */
export const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** One of each kind, with a name outside ASCII among them. */
export const REPORT = 'Quarterly report.docx';
export const FIGURES = 'Übersicht – Zahlen 2026.xlsx';
export const SLIDES = 'Présentation du conseil.pptx';

/** With comments, tracked changes and names; the same by an author whose name is markup. */
export const DRAFT = 'Draft agreement.docx';
export const HOSTILE = 'Hostile draft.docx';
/** It fetches text from another file, which is a remark. */
export const TERMS = 'Terms.docx';
/** With an embedded object, which a strict portal refuses. */
export const SKETCH = 'Sketch.pptx';

/** Makes a presentation of so many megabytes in the folder of the documents. */
export function large(megabytes: number): string {
  const path = genuine(`Large ${megabytes}.pptx`);
  const script = join(import.meta.dirname, '../documents/large.py');
  execFileSync(fromEnvironment('STRONGROOM_PYTHON'), [script, path, String(megabytes)], { stdio: 'inherit' });
  return path;
}

/** Files with one thing wrong, and words from the reason that a person is given. */
export const REFUSED: ReadonlyArray<readonly [name: string, reason: string]> = [
  ['Macros.docx', 'carries macros'],
  ['Doctype.docx', 'document type declaration'],
  ['Crowded.docx', 'more parts than are checked'],
  ['Truncated.docx', 'incomplete or damaged'],
  ['Protected.docx', 'protected by a password'],
  ['Text.docx', 'not an Office file'],
  ['Slides.docx', 'does not match the extension'],
  ['Notes.txt', '.docx, .xlsx and .pptx'],
  ['Empty.xlsx', 'empty'],
];
