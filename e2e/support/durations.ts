// Writes how long each test took, a line each, into the file that `cargo xtask` names.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

export default class Durations implements Reporter {
  private readonly lines: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    this.lines.push(`${result.duration}\t${test.titlePath().filter(Boolean).join(' › ')}\n`);
  }

  onEnd(): void {
    const file = process.env.STRONGROOM_DURATIONS;
    if (file) writeFileSync(file, this.lines.join(''));
  }

  printsToStdio(): boolean {
    return false;
  }
}
