// The worker's entry. A message is a request: a task, and what it is about. A number in answer is progress in thousandths, an object is the outcome.
// Requests that come while the module is being fetched wait for it.
import start, { clean, inspect } from './inspector.js';

const tasks = { clean, inspect };
const ready = start({ module_or_path: new URL('inspector_bg.wasm', import.meta.url) });

onmessage = async ({ data: [task, ...of] }) => {
  try {
    await ready;
    postMessage(tasks[task](...of));
  } catch (error) {
    postMessage({ broken: String(error) });
  }
};
