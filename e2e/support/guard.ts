// Nothing may go wrong unseen: no message in the console, no exception, no failed request, none to elsewhere.
import { type BrowserContext, type ConsoleMessage, type Request, type Response, expect } from '@playwright/test';

export class Guard {
  private readonly complaints: string[] = [];
  private expected = /^$/;

  watch(context: BrowserContext): void {
    context.on('console', (message) => this.heard(message));
    context.on('weberror', (error) => this.complain(`exception: ${error.error().stack}`));
    context.on('request', (request) => this.asked(request));
    context.on('requestfailed', (request) => this.failed(request));
    context.on('response', (response) => this.answered(response));
  }

  /** From now on, complaints like this are what the test is about. */
  expect(complaint: RegExp): void {
    this.expected = complaint;
  }

  /** Fails the test if anything was noticed. */
  check(): void {
    expect(this.complaints, 'console, exceptions and requests').toEqual([]);
  }

  private heard(message: ConsoleMessage): void {
    if (!['error', 'warning', 'assert'].includes(message.type())) return;
    // The browser repeats the status of every answer; `answered` decides about those.
    if (message.text().startsWith('Failed to load resource: the server responded')) return;
    // Without JavaScript the module is never used; on a busy machine it is used late.
    if (message.text().includes('was preloaded using link preload but not used')) return;
    this.complain(`${message.type()} at ${message.location().url}: ${message.text()}`);
  }

  private complain(complaint: string): void {
    if (!this.expected.test(complaint)) this.complaints.push(complaint);
  }

  private asked(request: Request): void {
    const own = /^(http:\/\/127\.0\.0\.1:\d+\/|data:|blob:)/.test(request.url());
    if (!own) this.complain(`${request.method()} ${request.url()}: outside of the portal`);
  }

  private failed(request: Request): void {
    const reason = request.failure()?.errorText;
    // A navigation that turns out to be a download, and requests of a page that is being left; and scripts while
    // there is no JavaScript, for which Chromium gives this reason. A violated policy is an error in the console.
    if (reason === 'net::ERR_ABORTED' || reason === 'csp') return;
    this.complain(`${request.method()} ${request.url()}: ${reason}`);
  }

  private answered(response: Response): void {
    const request = response.request();
    if (response.status() < 400) return;
    // A page or a form may be refused: the test that asks for it looks at the answer itself.
    const asked = request.isNavigationRequest() || request.method() === 'POST';
    if (response.status() >= 500 || !asked) {
      this.complain(`${request.method()} ${response.url()}: ${response.status()}`);
    }
  }
}
