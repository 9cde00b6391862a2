// A real SMTP server over loopback, which can be told to refuse.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fromEnvironment } from './environment';
import { Mailbox } from './mail';
import { freePort } from './portal';

export class SmtpServer {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly server: ChildProcess,
  ) {
    this.mailbox = new Mailbox(folder);
  }

  /** What arrived. */
  readonly mailbox: Mailbox;

  static async start(): Promise<SmtpServer> {
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-smtp-'));
    const port = await freePort();
    const script = join(import.meta.dirname, 'smtp_server.py');
    const server = spawn(fromEnvironment('STRONGROOM_PYTHON'), [script, String(port), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      server.stdout.once('data', () => resolve());
      server.once('exit', (code) => reject(new Error(`the SMTP server ended with ${code}`)));
    });
    return new SmtpServer(`smtp://127.0.0.1:${port}`, folder, server);
  }

  /** From now on, every message gets a temporary failure. */
  refuse(): void {
    writeFileSync(join(this.folder, 'refuse'), '');
  }

  /** From now on, nobody has this address, which is a permanent failure. */
  forget(address: string): void {
    writeFileSync(join(this.folder, 'unknown'), address);
  }

  /** From now on, everything is taken. */
  recover(): void {
    for (const name of ['refuse', 'unknown']) rmSync(join(this.folder, name), { force: true });
  }

  /** The Message-IDs of what was refused, one for each attempt. */
  refusals(): string[] {
    const refused = join(this.folder, 'refused');
    return existsSync(refused) ? readFileSync(refused, 'utf8').trim().split('\n') : [];
  }

  async stop(): Promise<void> {
    if (this.server.exitCode === null) {
      const ended = new Promise((resolve) => this.server.once('exit', resolve));
      this.server.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
