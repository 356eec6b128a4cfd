// Edge dialect: this file is part of the router.
import type { RoutingTable } from './routing-table.ts';

/** The routing table of the snapshot. The bundler (`hosts/bundle-router.ts`) puts the real one in the place of this file. */
export declare const TABLE: RoutingTable;
