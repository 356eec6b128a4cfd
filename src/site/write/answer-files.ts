import type { RenderedCatalog } from '../../query/render-catalog.ts';
import type { Answer } from '../plan/answers.ts';
import type { AnswerGzip } from './answer-gzip.ts';
import type { FileSource } from './write-files.ts';

/**
 * Answers as files of a snapshot. Each is put together when its turn comes.
 *
 * @param root what the paths of the answers begin with, outside the snapshot
 */
export function answerFiles(
  answers: readonly Answer[],
  { rendered, gzip }: { readonly rendered: RenderedCatalog; readonly gzip: AnswerGzip },
  root: string,
): FileSource[] {
  return answers.map((answer) => ({
    path: answer.path.slice(root.length),
    contentType: 'application/json',
    content: () => joinPieces(answer, rendered),
    gzip: () => gzip.compress(answer.releases, answer.form),
  }));
}

/** An answer as `renderAnswer` renders it, in bytes. */
export function joinPieces({ releases, form, size }: Answer, rendered: RenderedCatalog): Buffer {
  const content = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { position } of releases) {
    const piece = rendered.pieces[rendered.forms[position]?.[form] ?? -1] as Buffer;
    at += content.write(at === 0 ? '[' : ',', at);
    at += piece.copy(content, at);
  }
  content.write(']\n', at);
  return content;
}
