/** The terminal to ask on, such as `process.stdin`. */
export interface SecretInput {
  readonly isTTY?: boolean | undefined;
  setRawMode?(isRaw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  off(event: 'data', listener: (text: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/**
 * Asks for a line without showing what is typed.
 *
 * @returns null if there is no terminal, or the user gave up with ^C or ^D
 */
export async function askSecret(
  question: string,
  input: SecretInput,
  output: { write(text: string): unknown },
): Promise<string | null> {
  if (!input.isTTY || !input.setRawMode) return null;
  output.write(question);
  input.setRawMode(true);
  input.setEncoding('utf8');
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

async function readLine(input: SecretInput): Promise<string | null> {
  return await new Promise((resolve) => {
    let line = '';
    const end = (answer: string | null) => {
      input.off('data', listen);
      resolve(answer);
    };
    const listen = (text: string) => {
      for (const key of text) {
        if (key === '\r' || key === '\n') return end(line);
        if (key === '\u0003' || key === '\u0004') return end(null);
        if (key === '\u007f' || key === '\b') line = [...line].slice(0, -1).join('');
        else line += key;
      }
    };
    input.on('data', listen);
    input.resume();
  });
}
