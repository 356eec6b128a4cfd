import pLimit from 'p-limit';

export interface PoliteOptions {
  /** How many requests a host gets at a time. */
  readonly perHost: number;
  /** How long a host is left alone after each, in milliseconds. */
  readonly pauseMs: number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** Asks every URL, each host at its own pace, so that a slow host delays no other. Results are in the order of the URLs. */
export async function eachPolitely<Result>(
  urls: readonly string[],
  { perHost, pauseMs, sleep }: PoliteOptions,
  ask: (url: string) => Promise<Result>,
): Promise<Result[]> {
  const limits = new Map<string, ReturnType<typeof pLimit>>();
  return await Promise.all(
    urls.map((url) => {
      const { host } = new URL(url);
      const limit = limits.get(host) ?? pLimit(perHost);
      limits.set(host, limit);
      return limit(async () => {
        const result = await ask(url);
        await sleep(pauseMs);
        return result;
      });
    }),
  );
}
