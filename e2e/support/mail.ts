// Reading the mails that Strongroom wrote: just enough of RFC 5322 and MIME for a text and an HTML part.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Mail {
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** A folder of `.eml` files. */
export class Mailbox {
  private readonly read = new Set<string>();

  constructor(private readonly folder: string) {}

  /** Everything that was sent to one address, oldest first. */
  to(address: string): Mail[] {
    return this.entries().map(({ mail }) => mail).filter((mail) => mail.to === address);
  }

  /** Waits for a mail to `address` that was not asked for before and whose subject matches. */
  async next(address: string, subject: RegExp): Promise<Mail> {
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline) {
      const fitting = ({ name, mail }: Entry) =>
        !this.read.has(name) && mail.to === address && subject.test(mail.subject);
      const found = this.entries().find(fitting);
      if (found) {
        this.read.add(found.name);
        return found.mail;
      }
      await pause(50);
    }
    const subjects = this.to(address).map((mail) => mail.subject);
    throw new Error(`no mail to ${address} with ${subject}; there are ${JSON.stringify(subjects)}`);
  }

  private entries(): Entry[] {
    if (!existsSync(this.folder)) return [];
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.eml')).sort();
    return names.map((name) => ({ name, mail: parseMail(readFileSync(join(this.folder, name))) }));
  }
}

interface Entry {
  name: string;
  mail: Mail;
}

/** The first link in a mail that leads to a page of this kind, such as `confirm`. */
export function linkIn(mail: Mail, page: string): string {
  const found = mail.text.match(new RegExp(`https?://\\S+/${page}/\\S+`));
  if (!found) throw new Error(`no link to ${page} in: ${mail.text}`);
  return found[0];
}

/** The six digits of a verification mail. */
export function codeIn(mail: Mail): string {
  const found = mail.text.match(/^\s*(\d{6})\s*$/m);
  if (!found) throw new Error(`no code in: ${mail.text}`);
  return found[1];
}

/** Parses a whole message. */
export function parseMail(bytes: Buffer): Mail {
  const { headers, body } = split(bytes.toString('latin1').replaceAll('\r\n', '\n'));
  const parts = new Map(partsOf(headers, body).map((part) => [mediaType(part.headers), decoded(part)]));
  return {
    id: headers.get('message-id') ?? '',
    to: (headers.get('to') ?? '').replace(/^.*<|>.*$/g, ''),
    subject: words(headers.get('subject') ?? ''),
    text: parts.get('text/plain') ?? '',
    html: parts.get('text/html') ?? '',
  };
}

interface Part {
  headers: Map<string, string>;
  body: string;
}

function split(message: string): Part {
  const end = message.indexOf('\n\n');
  const lines = message.slice(0, end).replace(/\n[ \t]+/g, ' ').split('\n');
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(pairs), body: message.slice(end + 2) };
}

function partsOf(headers: Map<string, string>, body: string): Part[] {
  const boundary = headers.get('content-type')?.match(/boundary="?([^";]+)/)?.[1];
  if (!boundary) return [{ headers, body }];
  const pieces = body.split(`--${boundary}`).slice(1, -1);
  return pieces.map((piece) => split(piece.replace(/^\n/, ''))).flatMap((part) => partsOf(part.headers, part.body));
}

const mediaType = (headers: Map<string, string>): string =>
  (headers.get('content-type') ?? 'text/plain').split(';')[0].trim();

function decoded({ headers, body }: Part): string {
  switch (headers.get('content-transfer-encoding')?.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString();
    case 'quoted-printable':
      return quotedPrintable(body.replace(/=\n/g, ''));
    default:
      return Buffer.from(body, 'latin1').toString();
  }
}

const quotedPrintable = (text: string): string =>
  Buffer.from(text.replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();

/** Encoded words of a header (RFC 2047). */
function words(header: string): string {
  const joined = header.replace(/\?=\s+=\?/g, '?==?');
  return joined.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, encoding, text) =>
    encoding.toLowerCase() === 'b'
      ? Buffer.from(text, 'base64').toString()
      : quotedPrintable(text.replaceAll('_', ' ')),
  );
}
