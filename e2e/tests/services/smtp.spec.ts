// Mail over real SMTP: a server that refuses for a while loses nothing and sends nothing twice.
import { codeIn } from '../../support/mail';
import { SmtpServer } from '../../support/smtp';
import { alive, arrive, enterCode, signUp } from '../../support/steps';
import { expect, test } from '../../support/test';

test('a mail that was refused at first arrives once, and its code works', async ({ another, ownPortal, person }) => {
  const smtp = await SmtpServer.start();
  try {
    smtp.refuse();
    const portal = await ownPortal({ clocked: true, settings: { STRONGROOM_SMTP_URL: smtp.url } });
    const page = await another(portal);
    const ben = person();
    await signUp(page, ben);
    await expect.poll(() => smtp.refusals()).toHaveLength(1);
    // Its first wait is 15 seconds, the second 30.
    await portal.advance(20);
    await expect.poll(() => smtp.refusals()).toHaveLength(2);
    expect(smtp.mailbox.to(ben.email)).toEqual([]);

    smtp.recover();
    await portal.advance(40);
    const mail = await smtp.mailbox.next(ben.email, /code/);
    expect(mail.id).toMatch(/^<[^@]+@[^@]+>$/);
    expect(smtp.refusals()).toEqual([mail.id, mail.id]);
    expect(mail.html).toContain(codeIn(mail));
    await alive(page);
    await enterCode(page, codeIn(mail));
    await arrive(page, '/documents');

    // Nothing is sent again, however long one waits.
    await portal.advance(24 * 3600);
    const later = person();
    await signUp(await another(portal), later);
    await smtp.mailbox.next(later.email, /code/);
    expect(smtp.mailbox.to(ben.email)).toHaveLength(1);
  } finally {
    await smtp.stop();
  }
});
