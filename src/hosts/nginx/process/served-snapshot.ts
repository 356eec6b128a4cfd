import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** The id of the snapshot that an nginx answers from; undefined where it does not answer, or from no snapshot. */
export async function servedSnapshot(url: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const options = { method: 'HEAD', agent: false, timeout: 1000 };
    const request = http.request(`${url}/api/v1/health`, options, (response) => {
      response.resume();
      const tag = /^W\/"([0-9a-f]+)"$/.exec(response.headers.etag ?? '');
      resolve(response.statusCode === 200 ? tag?.[1] : undefined);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.end();
  });
}

/** Waits until an nginx answers from a snapshot. False where it did not before the signal. */
export async function waitForSnapshot(
  url: string,
  id: string,
  limit: AbortSignal,
): Promise<boolean> {
  while ((await servedSnapshot(url)) !== id) {
    if (limit.aborted) return false;
    await sleep(POLL_MS);
  }
  return true;
}
