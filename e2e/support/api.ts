// The JSON API, for what a test needs to be there and does not try itself.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { type Person, type Portal } from './portal';

export class Api {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Signs in as a program does. */
  static async signIn(portal: Portal, person: Person): Promise<Api> {
    const answer = await fetch(`${portal.url}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: person.email, password: person.password }),
    });
    const { token } = (await answer.json()) as { token: string };
    return new Api(portal.url, token);
  }

  /** Deposits a file, under its own name or another. */
  async deposit(path: string, name = basename(path)): Promise<void> {
    const form = new FormData();
    form.append('file', new Blob([readFileSync(path)]), name);
    const answer = await this.ask('POST', '/upload', form);
    if (answer.status !== 201) throw new Error(`${name} is not taken: ${await answer.text()}`);
  }

  /** Collects the newest document whose name contains the words. */
  async collect(words: string): Promise<void> {
    const list = await this.ask('GET', `/files?q=${encodeURIComponent(words)}`);
    const { files } = (await list.json()) as { files: Array<{ download_url: string }> };
    const answer = await fetch(files[0].download_url, { headers: this.headers() });
    await answer.arrayBuffer();
  }

  private ask(method: string, path: string, body?: FormData): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, { method, headers: this.headers(), body });
  }

  private headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }
}
