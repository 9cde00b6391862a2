// Before all tests: the documents are made once, in a folder that goes again afterwards.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fromEnvironment } from './environment';

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-documents-'));
  execFileSync(fromEnvironment('STRONGROOM_PYTHON'), [join(import.meta.dirname, '../documents/make.py'), folder], {
    stdio: 'inherit',
  });
  process.env.STRONGROOM_TEST_DOCUMENTS = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
