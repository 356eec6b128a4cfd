import type { BenchCatalog } from '../benchmark.ts';
import type { Spread } from '../measure/spread.ts';

/**
 * What answers: nginx from plain files, asked for by their paths; nginx with the router; the embedded server; a server that
 * works out each answer.
 */
export const SERVERS = ['files', 'nginx', 'embedded', 'dynamic'] as const;

export type ServerName = (typeof SERVERS)[number];

/** One server under one load. */
export interface ServerFigures {
  readonly requestsPerSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Of the server's processes, a request. */
  readonly cpuMicroseconds: Spread;
  /** Of an answer with its head, on the wire, on average. */
  readonly bytes: number;
}

/** One server's figure to another's, taken one after the other. */
export interface ServerRatio {
  readonly server: ServerName;
  readonly to: ServerName;
  /** What it should be, at least. */
  readonly target: number;
  /** Requests a second to requests a second. */
  readonly throughput: Spread;
  /** How many requests one answers with the processor time that the other needs for one. */
  readonly requestsPerCpu: Spread;
}

/** All servers under one load. */
export interface LoadFigures {
  readonly acceptsGzip: boolean;
  readonly servers: Readonly<Record<ServerName, ServerFigures>>;
  readonly ratios: readonly ServerRatio[];
}

/** What was measured for a catalog. */
export interface ServeFigures {
  readonly catalog: BenchCatalog;
  readonly loads: readonly LoadFigures[];
}
