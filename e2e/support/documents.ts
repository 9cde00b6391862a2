// The files that documents/make.py has made.
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

/** Files with one thing wrong, and words from the reason that a person is given. */
export const REFUSED: ReadonlyArray<readonly [name: string, reason: string]> = [
  ['Macros.docx', 'carries macros'],
  ['Doctype.docx', 'document type declaration'],
  ['Bomb.docx', 'decompression bomb'],
  ['Truncated.docx', 'incomplete or damaged'],
  ['Protected.docx', 'protected by a password'],
  ['Text.docx', 'not an Office file'],
  ['Slides.docx', 'does not match the extension'],
  ['Notes.txt', '.docx, .xlsx and .pptx'],
  ['Empty.xlsx', 'empty'],
];
