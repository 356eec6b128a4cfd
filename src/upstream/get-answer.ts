import { UserError } from '../errors.ts';

/** The `fetch` of the platform, or whatever answers like it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface GetOptions {
  readonly fetch: Fetch;
  /** For the whole answer to arrive. */
  readonly timeoutMs: number;
  /** Of the answer, decompressed. */
  readonly maxBytes: number;
}

/** An answer of the API: its JSON text, or a refusal of what was asked. */
export type ApiAnswer = { readonly text: string } | { readonly isRefused: true };

/**
 * Asks for a web address once.
 *
 * @throws {UserError} where there is no answer, or one that is neither a 200 nor a 400
 */
export async function getAnswer(url: string, options: GetOptions): Promise<ApiAnswer> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await options.fetch(url, {
      redirect: 'manual',
      headers: { accept: 'application/json' },
      signal,
    });
    if (response.status === 200) return { text: await readText(response, url, options.maxBytes) };
    await response.body?.cancel();
    if (response.status === 400) return { isRefused: true };
    throw explainStatus(url, response);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw explainFailure(url, error, signal.aborted ? options.timeoutMs : undefined);
  }
}

async function readText(response: Response, url: string, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop by an error ends the download.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw upstreamError(url, `answers with more than ${maxBytes} bytes`, CHECK_ADDRESS);
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw upstreamError(url, 'answers with something that is not UTF-8', CHECK_ADDRESS);
  }
}

const CHECK_ADDRESS = 'check that it is the address of a plugin marketplace';

function explainStatus(url: string, { status, headers }: Response): UserError {
  if (status >= 300 && status < 400) {
    const target = headers.get('location');
    return upstreamError(url, `redirects to ${target}`, 'name the address that it leads to');
  }
  const remedy = status >= 500 ? 'it has trouble: try again later' : CHECK_ADDRESS;
  return upstreamError(url, `answers with status ${status}`, remedy);
}

function explainFailure(url: string, error: unknown, timeoutMs: number | undefined): UserError {
  if (timeoutMs !== undefined) {
    return upstreamError(
      url,
      `did not answer whole within ${timeoutMs / 1000} s`,
      'try again later',
    );
  }
  const { cause } = error instanceof Error ? error : {};
  const reason = cause instanceof Error ? cause.message : String(error);
  return upstreamError(url, `cannot be reached: ${reason}`, 'check the address and the network');
}

/** An error about what a marketplace answered to a request. */
export function upstreamError(url: string, message: string, remedy: string): UserError {
  return new UserError('the upstream marketplace cannot be read', [
    { level: 'error', file: url, message, remedy },
  ]);
}
