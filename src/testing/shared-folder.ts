import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** The real catalogs and the answers that the reference service gave for them, where they lie beside the project. */
export const SHARED_FOLDER = path.join(root, 'shared');

/** Why a test that needs them is skipped; false where they are there. CI does not let it be. */
export const skipWithoutShared =
  !existsSync(path.join(SHARED_FOLDER, 'parity')) && 'needs the folder shared/ beside the project';

/** The names of the real corpora. */
export const REAL_CORPORA = ['master-2021', 'production-2023-09', 'production-2024-10'];
