import type { AwsState } from './aws-state.ts';
import type { XmlElement } from './xml.ts';

/** Enough of a distribution to see that it is deployed, runs the function and reads from the bucket. */
export function toDistributionXml(state: AwsState): XmlElement[] {
  const { id, bucket } = state.distribution;
  const association: XmlElement[] = [
    ['FunctionARN', arnOf(state)],
    ['EventType', 'viewer-request'],
  ];
  const behavior: XmlElement[] = [
    ['TargetOriginId', bucket],
    ['ViewerProtocolPolicy', 'redirect-to-https'],
    ['FunctionAssociations', list([['FunctionAssociation', association]])],
    ['Compress', true],
  ];
  const origin: XmlElement[] = [
    ['Id', bucket],
    ['DomainName', `${bucket}.s3.amazonaws.com`],
  ];
  const config: XmlElement[] = [
    ['CallerReference', id],
    ['Comment', ''],
    ['Enabled', true],
    ['Origins', list([['Origin', origin]])],
    ['DefaultCacheBehavior', behavior],
  ];
  return [
    ['Id', id],
    ['ARN', `arn:aws:cloudfront::123456789012:distribution/${id}`],
    ['Status', 'Deployed'],
    ['LastModifiedTime', state.function.createdTime],
    ['InProgressInvalidationBatches', 0],
    ['DomainName', `${id.toLowerCase()}.cloudfront.net`],
    ['DistributionConfig', config],
  ];
}

/** Of the function. */
export function arnOf(state: AwsState): string {
  return `arn:aws:cloudfront::123456789012:function/${state.function.name}`;
}

const list = (items: readonly XmlElement[]): XmlElement[] => [
  ['Quantity', items.length],
  ['Items', items],
];
