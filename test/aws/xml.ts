import { parseXML } from '@aws-sdk/xml-builder';
import { ApiError } from './api-error.ts';

/** An element: its content is text, which is escaped, or other elements. */
export type XmlElement = readonly [name: string, content: XmlContent];
export type XmlContent = string | number | boolean | Date | readonly XmlElement[];

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
export const CLOUDFRONT_NAMESPACE = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';

/** A document with one root, in the namespace of a service, or in none as the errors of S3. */
export function toXml(root: string, children: readonly XmlElement[], namespace?: string): Buffer {
  const attribute = namespace ? ` xmlns="${namespace}"` : '';
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${render(children)}</${root}>`,
  );
}

function render(content: XmlContent): string {
  if (content instanceof Date) return content.toISOString();
  if (typeof content !== 'object') return escapeText(String(content));
  return content.map(([name, inner]) => `<${name}>${render(inner)}</${name}>`).join('');
}

/** For text between tags. A carriage return must be a reference, or a parser makes it a newline. */
function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#xD;');
}

/** An element as parsed: its text, or its children by name, which are a list where there are several. */
export type ParsedXml = string | { readonly [name: string]: ParsedXml | readonly ParsedXml[] };

/**
 * The children of a document's root.
 *
 * @throws ApiError MalformedXML where it is none, or has another root
 */
export function parseXml(body: Buffer, root: string): ParsedXml {
  let document: Record<string, ParsedXml>;
  try {
    document = parseXML(body.toString('utf8'));
  } catch {
    throw new ApiError('MalformedXML');
  }
  const content = document[root];
  if (content === undefined) throw new ApiError('MalformedXML');
  return content;
}

/** All children of a name. */
export function childrenOf(element: ParsedXml | undefined, name: string): readonly ParsedXml[] {
  if (element === undefined || typeof element === 'string') return [];
  const found = element[name];
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found as ParsedXml];
}

/** The text of the only child of a name, if there is one. */
export function textOf(element: ParsedXml | undefined, name: string): string | undefined {
  const [child, ...more] = childrenOf(element, name);
  return typeof child === 'string' && more.length === 0 ? child : undefined;
}
