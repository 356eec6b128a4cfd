import { BUILD_SETTINGS } from './build-settings.ts';
import { onOrOff, section, text, type ValuesOf, wholeNumber } from './setting.ts';

/** The settings of publishing. Credentials are none of them: the AWS SDK finds them in its usual places. */
export const PUBLISH_SETTINGS = {
  dir: BUILD_SETTINGS.dir,
  siteUrl: BUILD_SETTINGS.siteUrl,
  ...section('Publish', {
    bucket: text({
      valueName: 'name',
      takes: 'the name of an S3 bucket',
      isRequired: true,
      help: 'the S3 bucket',
    }),
    function: text({
      valueName: 'name',
      takes: 'the name of a CloudFront Function',
      isRequired: true,
      help: 'the CloudFront Function that is the router',
    }),
    distribution: text({
      valueName: 'id',
      takes: 'the id of a CloudFront distribution',
      help: 'the CloudFront distribution, which knows the address of the site',
    }),
    region: text({
      valueName: 'region',
      takes: 'an AWS region',
      help: 'the region of the bucket, where the AWS SDK does not find it',
    }),
    pathStyle: onOrOff({
      fallback: false,
      help: "put the bucket's name into the path, for S3 servers other than Amazon's",
    }),
    concurrency: wholeNumber('objects', {
      fallback: 64,
      help: 'how many objects to transfer at once',
    }),
    probeSeconds: wholeNumber('seconds', {
      fallback: 300,
      help: 'how long a deploy waits for the site to answer from the new snapshot',
    }),
    edgeMinutes: wholeNumber('minutes', {
      fallback: 60,
      help: 'how long edges may ask for a snapshot that is no longer live',
    }),
    keep: wholeNumber('snapshots', { fallback: 10, help: 'how many snapshots a prune keeps' }),
  }),
};

/** Where and how a build is published, complete. */
export type PublishSettings = ValuesOf<typeof PUBLISH_SETTINGS>;
