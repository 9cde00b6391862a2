// A Strongroom of one's own: the real program over an empty data folder, on a free port of the loopback interface.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { fromEnvironment } from './environment';
import { Mailbox } from './mail';

export interface Options {
  /** Further settings, as `STRONGROOM_…` variables. */
  settings?: Record<string, string>;
  /** Whether the clock can be moved: the same server, from server/examples/clocked.rs. */
  clocked?: boolean;
  /** Whether to begin without ops, as on the first start. */
  empty?: boolean;
}

export interface Person {
  name: string;
  email: string;
  password: string;
}

/** The ops account of every portal that does not begin empty. */
export const OPS: Person = { name: 'Ana Example', email: 'ana@example.com', password: 'keys to the quiet vault' };

export class Portal {
  private constructor(
    readonly url: string,
    readonly data: string,
    private readonly server: ChildProcess,
    private readonly lines: string[],
  ) {
    this.mailbox = new Mailbox(join(data, 'mail'));
  }

  /** What was sent with the embedded default, a folder. */
  readonly mailbox: Mailbox;

  static async start(options: Options = {}): Promise<Portal> {
    const data = mkdtempSync(join(tmpdir(), 'strongroom-e2e-'));
    const listen = `127.0.0.1:${await freePort()}`;
    const env = { PATH: process.env.PATH, STRONGROOM_DATA: data, STRONGROOM_LISTEN: listen, ...options.settings };
    if (!options.empty) createOps(OPS, env);
    const server = spawn(program(options.clocked), ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => lines.push(String(chunk)));
    const portal = new Portal(`http://${listen}`, data, server, lines);
    await portal.ready();
    return portal;
  }

  /** What the server has written to the terminal. */
  get log(): string {
    return this.lines.join('');
  }

  /** Moves the server's clock; for clocked portals only. */
  async advance(seconds: number): Promise<void> {
    const answer = await fetch(`${this.url}/test/clock?advance=${seconds}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`the clock does not move: ${answer.status}`);
  }

  /** Ends the server as an administrator would, and removes its data. */
  async stop(): Promise<void> {
    if (this.server.exitCode === null && this.server.signalCode === null) {
      const ended = new Promise((resolve) => this.server.once('exit', resolve));
      this.server.kill('SIGTERM');
      const late = AbortSignal.timeout(15_000);
      late.addEventListener('abort', () => this.server.kill('SIGKILL'));
      await ended;
    }
    rmSync(this.data, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const answered = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (answered) return;
      if (this.server.exitCode !== null || Date.now() > deadline) {
        await this.stop();
        throw new Error(`the server does not start:\n${this.log}`);
      }
      await pause(50);
    }
  }
}

function program(clocked = false): string {
  const strongroom = fromEnvironment('STRONGROOM_BIN');
  if (!clocked) return strongroom;
  const example = join(dirname(strongroom), 'examples/clocked');
  if (!existsSync(example)) throw new Error('Build the test clock: cargo build -p strongroom --example clocked');
  return example;
}

/** Makes an ops account as an administrator does: on the command line, the password on standard input. */
function createOps(person: Person, env: NodeJS.ProcessEnv): void {
  const create = ['ops', 'create', '--email', person.email, '--name', person.name];
  execFileSync(fromEnvironment('STRONGROOM_BIN'), create, { env, input: `${person.password}\n`, stdio: 'pipe' });
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
