/** Entry `qcloud-im-callback/testing`: signed queries, sample bodies and sample events for tests of handlers. */

export { sampleBody, sampleEvent } from './testing/samples.js';
export { type SignedQueryOptions, signedQuery } from './testing/signing.js';
