/** The module of CloudFront Functions, as far as it is used. */
declare module 'cloudfront' {
  const cf: { kvs(): { get(key: string): Promise<string> } };
  export default cf;
}
