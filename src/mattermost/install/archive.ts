/** An entry of a tar archive as its header has it. */
export interface ArchiveEntry {
  readonly name: string;
  /** `file`, `directory`, `symlink`, `link`…; null for kinds without a name, such as a sparse file of GNU tar. */
  readonly type: string | null;
  /** The permissions, such as 0o755. */
  readonly mode: number;
  readonly sizeBytes: number;
}

/** A file that a server has after unpacking. */
export interface UnpackedFile {
  readonly mode: number;
  readonly sizeBytes: number;
}

/** A note on a bundle; the message follows its name. */
export interface BundleFinding {
  /** `error`: a server does not install it, or cannot start it. `warning`: it does, but hardly as meant. */
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** The servers concerned, such as `5.18 and 5.19`; absent: all. */
  readonly lines?: string;
}

/** An archive as a server unpacks it. */
export interface UnpackedArchive {
  /** By their paths. */
  readonly files: ReadonlyMap<string, UnpackedFile>;
  /** The folder in which the plugin is looked for, with a slash; empty: the top. */
  readonly root: string;
  /** The names at the top. */
  readonly tops: readonly string[];
  readonly findings: readonly BundleFinding[];
}

/**
 * The path of an entry below the folder that it is unpacked into, such as `jira/server/dist/plugin-linux-amd64`; empty for
 * that folder itself. An absolute path counts as relative. Null if it leads out, on any system that servers run on.
 */
export function entryPath(name: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/^[A-Za-z]:|[\\\u0000-\u001f\u007f]/.test(name)) return null;
  const steps: string[] = [];
  for (const step of name.split('/')) {
    if (step === '..' && steps.pop() === undefined) return null;
    if (!['', '.', '..'].includes(step)) steps.push(step);
  }
  return steps.join('/');
}

/**
 * Unpacks the headers of an archive as servers do from 5.20 on (server/channels/app/extract_plugin_tar.go): folders and files
 * in their order, everything else passed over. Of two files with one path the later content stays, with the earlier mode.
 */
export function unpackEntries(entries: readonly ArchiveEntry[]): UnpackedArchive {
  const files = new Map<string, UnpackedFile>();
  const folders = new Set(['']);
  const findings: BundleFinding[] = [];
  const error = (message: string) => findings.push({ level: 'error', message });
  const warn = (message: string) => findings.push({ level: 'warning', message });
  for (const { name, type, mode, sizeBytes } of entries) {
    const shown = JSON.stringify(name);
    if (!isUsed(type)) {
      const kind = type === null ? 'of a kind that they do not know' : (KINDS[type] ?? type);
      warn(`holds ${shown}: servers pass over it, for it is ${kind}`);
      continue;
    }
    const path = entryPath(name);
    if (path === null) {
      error(`holds ${shown}, which leads out of its folder`);
      continue;
    }
    if (name.startsWith('/')) warn(`holds ${shown}, which servers take as relative`);
    const parents = parentsOf(path);
    const blocking = parents.find((parent) => files.has(parent));
    if (blocking !== undefined) error(`holds ${shown} inside of a file, "${blocking}"`);
    else if (type === 'directory') {
      const missing = parents.find((parent) => !folders.has(parent));
      if (missing !== undefined)
        error(`holds the folder ${shown} before "${missing}", in which it lies`);
      if (!files.has(path)) folders.add(path);
    } else if (folders.has(path)) error(`holds ${shown} as a file and as a folder`);
    else {
      const earlier = files.get(path);
      if (earlier) warn(`holds ${shown} twice: servers take the later one`);
      for (const parent of parents) folders.add(parent);
      files.set(path, { mode: earlier?.mode ?? mode, sizeBytes });
    }
  }
  if (entries.some(({ type }) => !isUsed(type))) findings.push(OLD_SERVERS);
  const tops = new Set([...folders, ...files.keys()].flatMap((path) => path.split('/')[0] || []));
  const [only] = tops.size === 1 ? tops : [];
  const root = only !== undefined && folders.has(only) ? `${only}/` : '';
  return { files, root, tops: [...tops], findings };
}

function isUsed(type: string | null): boolean {
  return type === 'file' || type === 'directory';
}

/** Servers from 5.20 on write a line into their log, and go on. */
const OLD_SERVERS: BundleFinding = {
  level: 'warning',
  message: 'holds entries that are neither files nor folders, and is not installed because of them',
  lines: '5.18 and 5.19',
};

const KINDS: Readonly<Record<string, string>> = {
  link: 'a hard link',
  symlink: 'a symbolic link',
  'character-device': 'a device',
  'block-device': 'a device',
  fifo: 'a pipe',
  'contiguous-file': 'a contiguous file',
  'pax-global-header': 'a header for all of the archive',
};

/** `a`, `a/b` for `a/b/c`. */
function parentsOf(path: string): string[] {
  const steps = path.split('/').slice(0, -1);
  return steps.map((_, index) => steps.slice(0, index + 1).join('/'));
}
