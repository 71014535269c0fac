/** Entry `qcloud-im-callback/testing`: signed queries, sample bodies and sample events for tests of handlers. */

export * from './testing/kit.js';
