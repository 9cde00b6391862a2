// How fast the worker inspects a file: `node inspect.mjs URL FILE`. URL is a portal that runs; nobody has to sign in,
// because the worker is the same on every page. Prints one line of JSON: milliseconds until the first answer, with the
// module being loaded, and the median of the rounds that follow.
import { chromium } from '@playwright/test';

const ROUNDS = 9;

const [url, file] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.STRONGROOM_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const page = await browser.newPage();
  await page.goto(new URL('/login', url).href);
  await page.evaluate(() => {
    document.body.innerHTML = '<input type="file">';
  });
  await page.locator('input').setInputFiles(file);
  const [first, ...rounds] = await page.evaluate(measure, ROUNDS);
  const median = rounds.sort((one, other) => one - other)[ROUNDS >> 1];
  console.log(JSON.stringify({ first_ms: round(first), median_ms: round(median) }));
} finally {
  await browser.close();
}

/** Runs in the page: the milliseconds of each request, the first of which has to wait for the module. */
async function measure(rounds) {
  const [file] = document.querySelector('input').files;
  const worker = new Worker('/pkg/worker.js', { type: 'module' });
  const inspect = () =>
    new Promise((resolve, reject) => {
      const begin = performance.now();
      worker.onerror = () => reject(new Error('the worker does not start'));
      worker.onmessage = ({ data }) => {
        // Numbers are progress.
        if (typeof data === 'number') return;
        if (data.verdict) resolve(performance.now() - begin);
        else reject(new Error(data.broken ?? data.sentence));
      };
      worker.postMessage(['inspect', file, 'bench', '']);
    });
  const times = [];
  for (let round = 0; round <= rounds; round += 1) times.push(await inspect());
  return times;
}

function round(number) {
  return Math.round(number * 10) / 10;
}
