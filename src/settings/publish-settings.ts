import { z } from 'zod';
import { BUILD_SETTINGS } from './build-settings.ts';
import {
  onOrOff,
  section,
  text,
  texts,
  type ValuesOf,
  webAddress,
  wholeNumber,
} from './setting.ts';

/** A folder, here or on another machine. What is behind ssh:// is checked where it is used. */
const PLACE = /^(?:dir:|ssh:\/\/)[^\0\n]+$/;

/** The settings of publishing. Credentials are not among them: the AWS SDK finds them where it usually does. */
export const PUBLISH_SETTINGS = {
  dir: BUILD_SETTINGS.dir,
  siteUrl: BUILD_SETTINGS.siteUrl,
  ...section('Publishing', {
    to: text({
      valueName: 'place',
      takes: 'dir:FOLDER or ssh://USER@HOST/FOLDER',
      parse: (given) => (PLACE.test(given) ? given : null),
      schema: z
        .string()
        .refine(
          (given) => given === '' || PLACE.test(given),
          'is not dir:FOLDER or ssh://HOST/FOLDER',
        ),
      help: 'the folder that nginx or another host reads, here (`dir:FOLDER`) or by ssh (`ssh://HOST/FOLDER`), instead of a bucket',
    }),
    after: text({
      valueName: 'command',
      takes: 'a command of a shell',
      help: 'a command that makes the host read the new build, such as `systemctl reload nginx`; by ssh it runs there',
    }),
    bucket: text({
      valueName: 'name',
      takes: 'the name of an S3 bucket',
      help: 'the S3 bucket',
    }),
    endpoint: webAddress({
      help: "the address of an S3 server other than Amazon's, or of a bucket that other hosts than CloudFront read",
    }),
    function: text({
      valueName: 'name',
      takes: 'the name of a CloudFront Function',
      help: 'the CloudFront Function that is the router; without one, name the `endpoint`',
    }),
    snapshotKeys: texts({
      flag: 'snapshot-key',
      environment: 'MARKETPLACE_SNAPSHOT_KEYS',
      valueName: 'file',
      takes: 'files with OpenPGP public keys',
      help: 'files with public keys: a build goes live only if it is signed with one of them',
    }),
    distribution: text({
      valueName: 'id',
      takes: 'the id of a CloudFront distribution',
      help: 'the CloudFront distribution; its address counts where --site-url is not set',
    }),
    keyValueStore: text({
      valueName: 'arn',
      takes: 'the ARN of a CloudFront KeyValueStore',
      help: 'the CloudFront KeyValueStore that the router of a large catalog reads',
    }),
    region: text({
      valueName: 'region',
      takes: 'an AWS region',
      help: 'the region of the bucket, if not the one that the AWS SDK finds',
    }),
    pathStyle: onOrOff({
      fallback: false,
      help: "the bucket's name in the path, for S3 servers other than Amazon's",
    }),
    concurrency: wholeNumber('objects', {
      fallback: 64,
      help: 'objects to transfer at once',
    }),
    probeSeconds: wholeNumber('seconds', {
      fallback: 300,
      help: 'how long a deploy waits for the edges to switch over',
    }),
    edgeMinutes: wholeNumber('minutes', {
      fallback: 60,
      help: 'how long an edge may still ask for a snapshot that is no longer live',
    }),
    keep: wholeNumber('snapshots', {
      fallback: 10,
      help: 'snapshots that a prune keeps, the live one among them',
    }),
  }),
};

/** The complete settings for publishing a build. */
export type PublishSettings = ValuesOf<typeof PUBLISH_SETTINGS>;
