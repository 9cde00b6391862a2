// A mail that the relay would not take: ops see it, and send it again.
import { codeIn } from '../../support/mail';
import { OPS } from '../../support/portal';
import { SmtpServer } from '../../support/smtp';
import { alive, arrive, enterCode, open, signIn, signUp } from '../../support/steps';
import { expect, test } from '../../support/test';

test('a mail to an address that the relay refused is shown as failed, and leaves when ops send it again', async ({ another, ownPortal, person }) => {
  const smtp = await SmtpServer.start();
  try {
    const portal = await ownPortal({ settings: { STRONGROOM_SMTP_URL: smtp.url } });
    const ben = person();
    smtp.forget(ben.email);
    const client = await another(portal);
    await signUp(client, ben);

    const ops = await another(portal);
    await signIn(ops, OPS);
    const failed = ops.getByRole('main').getByText('1 mail could not be delivered');
    await expect(async () => {
      await open(ops, '/ops');
      await expect(failed).toBeVisible({ timeout: 500 });
    }).toPass();
    await ops.getByRole('link', { name: 'See why, and send again' }).click();
    await arrive(ops, '/ops/mail');
    const row = ops.getByRole('row').filter({ hasText: ben.email });
    await expect(row).toContainText('Failed');
    await expect(row).toContainText('550 5.1.1 No such mailbox');
    expect(smtp.mailbox.to(ben.email)).toEqual([]);

    smtp.recover();
    await ops.getByRole('button', { name: `Send the mail to ${ben.email} again` }).click();
    await expect(ops.getByText('It leaves as soon as the mail server takes it.')).toBeVisible();
    const mail = await smtp.mailbox.next(ben.email, /code/);
    await expect(async () => {
      await open(ops, '/ops/mail');
      await expect(row).toContainText('Sent', { timeout: 500 });
    }).toPass();
    await expect(ops.getByRole('button', { name: /again/i })).toHaveCount(0);
    await open(ops, '/ops');
    await expect(failed).toHaveCount(0);

    await alive(client);
    await enterCode(client, codeIn(mail));
    await arrive(client, '/documents');
    expect(smtp.mailbox.to(ben.email)).toHaveLength(1);
  } finally {
    await smtp.stop();
  }
});
